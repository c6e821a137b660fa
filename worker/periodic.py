"""The table of periodic jobs, and the clock that asks for them.

The clock only adds rows under a key made of the kind and the time slot, so any number of workers may
tick, and a slot that passed while none was running is made up for once at the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.orm import Session

from data.db import Transact
from data.types import EPOCH
from services import drafts, jobs, retention, traces
from services.ask import history as conversations
from services.mailboxes import sender_of
from services.outbox import janitor
from services.responses import judging
from services.responses.polling import poll_mailboxes
from services.scoring import advocacy, backtest, board, risk
from services.tasks import calendar as task_calendar
from services.today.digest import send_digests
from worker import campaigns, follow_up, hooks, invitations, tickets
from worker.calendar import sync_task
from worker.jobs import Kind, Payload

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """`kind` is asked for `every` so often, `after` that much past midnight UTC."""

    kind: str
    every: timedelta
    after: timedelta = timedelta()

    def slot(self, now: datetime) -> datetime:
        """The start of the time slot that `now` lies in."""
        return now - (now - EPOCH - self.after) % self.every


def _tidy_jobs(session: Session, _payload: Payload, now: datetime) -> None:
    jobs.tidy(session, now=now)


def _refresh_board(session: Session, _payload: Payload, now: datetime) -> None:
    board.refresh(session, now=now)


def _detect_risk(session: Session, _payload: Payload, now: datetime) -> None:
    found = risk.detect(session, now=now)
    advocacy.settle(session, now)
    log.info("risk opened=%s closed=%s still=%s", found.opened, found.closed, found.still)


def _run_backtest(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    """The walk takes a while, so no transaction is open meanwhile."""
    now = clock()
    with transact() as session:
        found, version = backtest.material(session, now)
    walked = backtest.walked(found, now)
    with transact() as session:
        backtest.keep(session, walked, version, now=clock())
    log.info("backtest looks=%s kept=%s", len(walked.days), walked.looks.height)


def _send_digests(session: Session, _payload: Payload, now: datetime) -> None:
    send_digests(session, now)


def _tend_drafts(session: Session, _payload: Payload, now: datetime) -> None:
    drafts.tend(session, now=now)


def tidy_mailboxes(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    """Remove what killed workers left at the providers; one mailbox's trouble is no other's."""
    with transact() as session:
        boxes = janitor.mailboxes(session)
    for box in boxes:
        sender = sender_of(box)
        now = clock()
        found = sender.orphans(now - janitor.AGE)
        if found:
            with transact() as session:
                over = janitor.give_up(session, box.id, found, now=now)
            for number in over:
                sender.discard(number)
            log.info("tidied mailbox=%s found=%s removed=%s", box.id, len(found), len(over))


def _let_go(session: Session, _payload: Payload, now: datetime) -> None:
    gone = retention.apply(session, now=now)
    conversations.tidy(session, now=now)
    log.info("retention files=%s deliveries=%s mails=%s audit=%s", *vars(gone).values())


def _clear_traces(transact: Transact, _payload: Payload, _clock: Callable[[], datetime]) -> None:
    """What could not go from the disk at once, because somebody was reading or it takes a while."""
    with transact() as session:
        on = session.get_bind().engine
    traces.clear(on)


def _judge_responses(session: Session, _payload: Payload, now: datetime) -> None:
    if judging.waiting(session):
        judging.judge_recent(session, now)


def _judge_all_responses(session: Session, _payload: Payload, now: datetime) -> None:
    """Also where nothing new came in: what is learned later changes what was judged before."""
    judging.judge_recent(session, now)


KINDS = {
    "responses.poll": Kind(poll_mailboxes, apart=True),
    "responses.judge": Kind(_judge_responses),
    "responses.judge_all": Kind(_judge_all_responses),
    "drafts.tend": Kind(_tend_drafts),
    "jobs.tidy": Kind(_tidy_jobs),
    task_calendar.JOB: Kind(sync_task, apart=True),
    "board.refresh": Kind(_refresh_board),
    board.LOOK: Kind(_detect_risk),
    backtest.JOB: Kind(_run_backtest, apart=True),
    "digests.send": Kind(_send_digests),
    "retention.apply": Kind(_let_go),
    "traces.clear": Kind(_clear_traces, apart=True),
    "mailboxes.tidy": Kind(tidy_mailboxes, apart=True),
    **follow_up.KINDS,
    **hooks.KINDS,
    **invitations.KINDS,
    **campaigns.KINDS,
    **tickets.KINDS,
}
"""What the worker can do. A feature adds its line here, and below when the clock is to ask for it."""
PERIODIC = (
    Periodic("responses.poll", timedelta(minutes=2)),
    Periodic("responses.judge", timedelta(minutes=1)),
    Periodic("responses.judge_all", timedelta(hours=1), timedelta(minutes=40)),
    Periodic("drafts.tend", timedelta(minutes=10), timedelta(minutes=5)),
    Periodic("digests.send", timedelta(minutes=10)),
    Periodic("follow_up.reconcile", timedelta(minutes=2)),
    Periodic("follow_up.catch_up", timedelta(hours=1), timedelta(minutes=10)),
    Periodic(invitations.RECONCILE, timedelta(minutes=5), timedelta(minutes=2)),
    Periodic(invitations.REMIND, timedelta(minutes=10), timedelta(minutes=3)),
    Periodic(invitations.REFIT, timedelta(days=1), timedelta(hours=3, minutes=40)),
    Periodic(invitations.FOLLOW_UP, timedelta(days=1), timedelta(hours=5)),
    Periodic("traces.clear", timedelta(minutes=5), timedelta(minutes=4)),
    Periodic("mailboxes.tidy", timedelta(hours=1), timedelta(minutes=20)),
    Periodic("board.refresh", timedelta(hours=1), timedelta(minutes=1)),
    Periodic(backtest.JOB, timedelta(days=1), timedelta(hours=4)),
    Periodic(board.LOOK, timedelta(days=1), timedelta(hours=2, minutes=30)),
    Periodic("jobs.tidy", timedelta(days=1), timedelta(hours=3)),
    Periodic("retention.apply", timedelta(days=1), timedelta(hours=3, minutes=30)),
    Periodic(hooks.TIDY, timedelta(days=1), timedelta(hours=3, minutes=15)),
    *(Periodic(kind, every) for kind, every in campaigns.EVERY.items()),
    *(Periodic(kind, every) for kind, every in tickets.EVERY.items()),
)


def tick(transact: Transact, periodic: Periodic, now: datetime) -> bool:
    """Ask for the job of this time slot; False when it has been asked for."""
    slot = periodic.slot(now)
    with transact() as session:
        return jobs.add(
            session,
            periodic.kind,
            f"{periodic.kind}:{slot.astimezone(UTC).isoformat()}",
            {"slot": slot.isoformat()},
            now=now,
        )


def ticking(transact: Transact, clock: Callable[[], datetime]) -> BackgroundScheduler:
    """The clock, not started yet. Its first tick of each job is now: it makes up for what was missed."""
    scheduler = BackgroundScheduler(timezone=UTC)
    for one in PERIODIC:
        scheduler.add_job(
            lambda one=one: tick(transact, one, clock()),
            IntervalTrigger(
                seconds=int(one.every.total_seconds()), start_date=EPOCH + one.after, timezone=UTC
            ),
            next_run_time=clock(),
            id=one.kind,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler
