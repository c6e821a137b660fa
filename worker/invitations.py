"""Invitations: what the clock asks for, so that answers, reminders and silence are looked after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from data.db import Transact
from services.invitations import following_up, notices, reminders, strangers, waiting_list
from services.invitations.passing_on import pass_on
from services.invitations.ranking.models import JOB as REFIT
from services.invitations.ranking.models import refit_nightly
from services.invitations.reconcile import recent, reconcile
from services.invitations.registrations import platforms
from worker.jobs import Kind, Payload

log = logging.getLogger(__name__)
RECONCILE, REMIND, FOLLOW_UP = (
    "invitations.reconcile",
    "invitations.remind",
    "invitations.follow_up",
)


def each(
    events: Iterable[int],
    do: Callable[[Transact, int, datetime], None],
    transact: Transact,
    clock: Callable[[], datetime],
) -> None:
    """One after the other; what fails for one is told when all had their turn."""
    failed: Exception | None = None
    for number in events:
        try:
            do(transact, number, clock())
        except Exception as error:  # noqa: BLE001 - raised below
            log.warning("invitations_failed event=%s error=%s", number, type(error).__name__)
            failed = failed or error
    if failed:
        raise failed


def _reconcile(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    """Each event in a transaction of its own, so that nobody who writes waits long."""
    with transact() as session:
        events = sorted({*recent(session, clock()), *platforms.recent(session, clock())})
    each(events, _reconcile_one, transact, clock)


def _reconcile_one(transact: Transact, number: int, now: datetime) -> None:
    with transact() as session:
        taken = platforms.take_over(session, [number], now)
        platforms.link_late(session, number)
        moved = reconcile(session, [number], now)
    if taken or moved:
        log.info("invitations event=%s registrations=%s moved=%s", number, taken, moved)


def _remind(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    with transact() as session:
        events = reminders.upcoming(session, clock())
        changed, full = notices.due(session, clock()), waiting_list.waiting(session, clock())
    each(dict.fromkeys([*changed, *full, *events]), _remind_one, transact, clock)


def _remind_one(transact: Transact, number: int, now: datetime) -> None:
    told = notices.MOST
    while told == notices.MOST:
        with transact() as session:
            told = notices.tell(session, number, now).drafts
    with transact() as session:
        waiting_list.offer_seats(session, number, now)
        strangers.ask_to_add(session, number, now)
    made = reminders.MOST
    while made == reminders.MOST:
        with transact() as session:
            made = reminders.remind(session, number, now)
        if made:
            log.info("reminders event=%s drafts=%s", number, made)


def _follow_up(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    with transact() as session:
        events = following_up.waiting(session, clock())
    each(events, _follow_up_one, transact, clock)


def _follow_up_one(transact: Transact, number: int, now: datetime) -> None:
    after: int | None = 0
    while after is not None:
        with transact() as session:
            done = following_up.follow_up(session, number, now, after=after)
            passed, more = pass_on(session, number, done, now)
        after = done.last
        log.info(
            "followed_up_invitations event=%s again=%s colleagues=%s calls=%s",
            number, done.again, passed, done.calls + more,
        )  # fmt: skip


def _refit(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    refit_nightly(transact, clock)


KINDS = {
    REFIT: Kind(_refit, apart=True),
    RECONCILE: Kind(_reconcile, apart=True),
    REMIND: Kind(_remind, apart=True),
    FOLLOW_UP: Kind(_follow_up, apart=True),
}
