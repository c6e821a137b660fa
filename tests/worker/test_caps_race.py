"""Eight workers at once, and people who unsubscribe meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import OutboxMail
from integrations.senders import Outcome, Outgoing
from services import outbox, suppression
from services.clock import utc_now
from services.outbox import policy
from tests.support import queued
from tests.support.fakes.memory import Provider
from worker.delivery import Delivery

WORKERS, PEOPLE, MAILS = 8, 40, 4


@dataclass
class Recording(Provider):
    """Notes to whom each message went."""

    recipients: list[str] = field(default_factory=list[str])

    def send(self, outgoing: Outgoing) -> Outcome:
        self.recipients.append(outgoing.recipient)
        return super().send(outgoing)


def fill(engine: Engine) -> None:
    now = utc_now()
    with transaction(engine) as session:
        admin = queued.colleague(session, "Ada", "admin")
        rules = outbox.SendPolicy(
            per_stakeholder=1,
            per_customer=9,
            quiet_until=policy.SendPolicy.quiet_from,
            weekends=True,
        )
        policy.save(session, rules, by=admin, now=now)
        box = queued.mailbox(session, per_minute=100_000, per_day=100_000)
        companies = [queued.customer(session, f"Acme {n}") for n in range(PEOPLE // 10)]
        mails: list[outbox.Approved] = []
        for n in range(PEOPLE):
            company = companies[n // 10]
            person = queued.stakeholder(session, company, f"p{n}@acme.example")
            mails += [
                queued.approved(
                    box, f"p{n}@acme.example", now, customer_id=company, stakeholder_id=person
                )
                for _ in range(MAILS)
            ]
        outbox.enqueue_many(session, mails, now=now)


def test_eight_workers_keep_the_caps_and_every_no(engine: Engine):
    fill(engine)
    provider = Recording("plain")
    delivery = Delivery(partial(transaction, engine), lambda _box: provider, utc_now)

    def send_all() -> None:
        while delivery.send_next():
            pass

    threads = [threading.Thread(target=send_all) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    said_no: dict[str, datetime] = {}
    for n in range(PEOPLE - 1, PEOPLE // 2, -2):
        address = f"p{n}@acme.example"
        with transaction(engine) as session:
            suppression.suppress(session, address, "", "unsubscribed", now=utc_now())
        said_no[address] = utc_now()
    for thread in threads:
        thread.join()

    reached = Counter(provider.recipients)
    assert max(reached.values()) == 1
    by_company = Counter(int(address[1:].partition("@")[0]) // 10 for address in reached)
    assert max(by_company.values()) <= 9
    with transaction(engine, read_only=True) as session:
        for row in session.scalars(select(OutboxMail).where(OutboxMail.state == "sent")):
            assert row.wire_at is not None
            assert row.recipient not in said_no or row.wire_at <= said_no[row.recipient]
