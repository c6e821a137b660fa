"""Worker processes for the soak, forked from one that has imported everything: killing them is cheap.

`python -m tests.soak.zygote '<plan as JSON>'` reads lines: `spawn` answers with the new worker's process
id. It ends, and its workers with it, when its input closes.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from data.db import make_engine, transaction
from data.tables import Mailbox, OutboxMail
from integrations.google_http import GoogleAccount, GoogleClient
from integrations.senders import Outgoing, Sender
from integrations.senders.eml import EmlSender
from integrations.senders.gmail import GmailSender
from integrations.senders.smtp import SmtpAccount, SmtpSender
from services.clock import utc_now
from services.outbox import Timing
from worker.delivery import Delivery
from worker.holding import Resting

_DIE_WITH_PARENT = 1


def sender_of(plan: dict[str, Any]) -> Sender:
    """The product's own sender, pointed at the fake, with less patience."""
    where = plan["where"]
    made: Any
    if plan["kind"] == "eml":
        made = EmlSender(Path(where["folder"]))
    elif plan["kind"] == "smtp":
        made = SmtpSender(
            SmtpAccount(where["host"], where["port"], "none"),
            until_the_dot=timedelta(seconds=0.5),
            after_it=timedelta(seconds=0.5),
        )
    else:
        client = GoogleClient(**where["client"])
        made = GmailSender(GoogleAccount(client, where["refresh_token"]))
    made.longest = timedelta(seconds=plan["longest"])
    return made


def work(plan: dict[str, Any]) -> None:
    """One worker, as many lanes as the plan says, until it is killed."""
    logging.disable(logging.CRITICAL)
    engine = make_engine(plan["url"])
    if plan["naive"]:
        naive(engine, plan)
        return
    sender = sender_of(plan)
    delivery = Delivery(
        transact=partial(transaction, engine),
        sender_of=lambda _mailbox: sender,
        clock=utc_now,
        timing=Timing(**plan["timing"]),
        resting=Resting(),
    )
    for _ in range(plan["lanes"] - 1):
        threading.Thread(target=_send, args=[delivery], daemon=True).start()
    last_look = 0.0
    while True:
        if time.monotonic() - last_look > plan["timing"]["look_every"]:
            last_look = time.monotonic()
            delivery.recover()
            while delivery.settle_next():
                pass
        if not delivery.send_next():
            time.sleep(0.05)


def _send(delivery: Delivery) -> None:
    while True:
        if not delivery.send_next():
            time.sleep(0.05)


def naive(engine: Engine, plan: dict[str, Any]) -> None:
    """The loop everybody writes first: take what is queued, send it, mark it as sent."""
    sender = sender_of(plan)
    while True:
        with transaction(engine) as session:
            found = session.execute(
                select(OutboxMail, Mailbox.address)
                .join(Mailbox, Mailbox.id == OutboxMail.mailbox_id)
                .where(OutboxMail.state == "queued")
                .order_by(OutboxMail.id)
                .limit(1)
            ).first()
        if found is None:
            time.sleep(0.05)
            continue
        row, address = found
        outcome = sender.send(Outgoing(row.raw, row.message_id, row.recipient, address))
        if outcome.kind == "sent":
            with transaction(engine) as session:
                session.execute(
                    update(OutboxMail).where(OutboxMail.id == row.id).values(state="sent")
                )


def main() -> None:
    plan = json.loads(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the killed ones
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            work(plan)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
