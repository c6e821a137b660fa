"""`python -m worker`: any number may run, on any number of machines with the same Postgres database.

SIGTERM or Ctrl-C: it finishes what it holds and ends. With `--child` it ends when its standard input is
closed too, which happens however the app that started it ends.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from functools import partial

from data.db import transaction
from data.memory import settle
from data.settings import settings
from services import logs
from services.clock import utc_now
from services.mailboxes import sender_of
from worker.alone import alone_on_this_machine
from worker.delivery import Delivery
from worker.jobs import Runner
from worker.loop import Worker
from worker.periodic import KINDS, ticking
from worker.schema import schema_is_current

log = logging.getLogger("worker")
WAIT_SECONDS = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m worker", description="Send mail and do jobs.")
    parser.add_argument("--child", action="store_true", help="end with the app that started it")
    options = parser.parse_args()
    logs.set_up(settings().log_level)
    worker = Worker(
        Delivery(transaction, sender_of, utc_now),
        Runner(transaction, utc_now, KINDS),
        partial(transaction, read_only=True),
        senders=settings().senders,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if options.child:
        threading.Thread(target=_until_closed, args=[worker], daemon=True).start()
        with alone_on_this_machine(settings().data_dir, worker.wait) as alone:
            return _run(worker) if alone else 0
    return _run(worker)


def _run(worker: Worker) -> int:
    while not schema_is_current():
        log.info("waiting for=schema")
        if worker.wait(WAIT_SECONDS):
            return 0
    clock = ticking(transaction, utc_now)
    settle()
    worker.start()
    clock.start()
    log.info("started senders=%s", settings().senders)
    worker.wait()
    clock.shutdown(wait=False)
    worker.join()
    log.info("stopped")
    return 0


def _until_closed(worker: Worker) -> None:
    # By its descriptor: a thread that reads from the buffer holds its lock for good, and the interpreter
    # aborts when it wants to close the buffer at its end.
    while os.read(0, 4096):
        pass
    worker.stop()


if __name__ == "__main__":
    sys.exit(main())
