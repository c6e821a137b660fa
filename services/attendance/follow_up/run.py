"""From an upload to notifications and drafts: what the worker does, in transactions of moderate length."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.db import Transact, transaction
from data.errors import InvalidMove, NotFound
from data.tables import Customer, Event, FollowUp
from services import notifications
from services.access import Viewer, audit, visible
from services.attendance.follow_up.again import take_back_again
from services.attendance.follow_up.clock import reconcile
from services.attendance.follow_up.detect import (
    detect,
    ended,
    events_of,
    finished_courses,
    recent_events,
)
from services.attendance.follow_up.drafting import make_drafts, waiting, withdraw_stale
from services.attendance.follow_up.loading import is_self_paced
from services.attendance.follow_up.records import RECENT, Only
from services.attendance.follow_up.telling import dated_keys, key_of, tell
from services.plurals import plural

log = logging.getLogger(__name__)
BATCH = 500
"""Drafts per transaction, so that nobody who writes has to wait for more than a second."""


def after_upload(transact: Transact, upload_id: int, clock: Callable[[], datetime]) -> int:
    """Follow up the recent events of an upload; how many drafts were made."""
    with transact() as session:
        told = events_of(session, upload_id)
        events = recent_events(session, clock(), among=told)
        courses = finished_courses(session, clock(), among=told)
    return follow_up(transact, events, clock) + _follow_up_courses(transact, courses, clock)


def catch_up(transact: Transact, clock: Callable[[], datetime]) -> int:
    """Follow up all recent events again: people matched since then, events that are over by now."""
    with transact() as session:
        events = recent_events(session, clock())
        courses = finished_courses(session, clock())
    return follow_up(transact, events, clock) + _follow_up_courses(transact, courses, clock)


def _follow_up_courses(
    transact: Transact, event_ids: Collection[int], clock: Callable[[], datetime]
) -> int:
    """Courses begin once and are finished by each on their own day: only those who did so lately."""
    return follow_up(transact, event_ids, clock, since=clock() - RECENT)


def follow_up(
    transact: Transact,
    event_ids: Collection[int],
    clock: Callable[[], datetime],
    *,
    only: Only = None,
    since: datetime | None = None,
) -> int:
    """Detect, tell and draft for these events, whatever their age; doing it again changes nothing.

    How many drafts were made; `only` for these customers, and for those who attended `since` then.
    """
    made = 0
    for event_id in event_ids:
        with transact() as session:
            found = detect(session, event_id, clock(), only=only, since=since)
            stale = withdraw_stale(session, event_id, clock())
            told = tell(session, event_id, clock(), only=only)
            people = waiting(session, event_id, only=only, since=since)
        for start in range(0, len(people), BATCH):
            with transact() as session:
                some = people[start : start + BATCH]
                made += len(make_drafts(session, event_id, some, clock()))
        with transact() as session:
            reconcile(session, clock(), event_id=event_id)
        log.info(
            "followed_up event=%s new=%s gone=%s stale=%s told=%s people=%s",
            event_id, found.new, found.gone, stale.withdrawn, told, len(people),
        )  # fmt: skip
    return made


def create_now(
    event_id: int, *, by: Viewer, now: datetime, transact: Transact = transaction
) -> int:
    """Follow up an event at a person's wish, also one that is too old to be followed up by itself: all
    customers that `by` sees. How many drafts were made.

    NotFound for an unknown event, InvalidMove before it is over.
    """
    with transact() as session:
        event = session.get(Event, event_id)
        if event is None:
            raise NotFound("There is no such event. Look it up on the Events page.")
        over = ended(event.starts_at, event.ends_at, event.duration_minutes)
        if event.status == "cancelled" or over > now:
            raise InvalidMove("This event is cancelled or not over yet. Nothing was made.")
        seen = None
        if not by.sees_all:
            seen = set(session.scalars(select(Customer.id).where(visible(by))))
    made = follow_up(transact, [event_id], lambda: now, only=seen)
    with transact() as session:
        audit(session, by, "event.followed_up", "event", event_id, plural(made, "draft"), now)
    return made


@dataclass(frozen=True)
class Withdrawn:
    """What went with an upload: follow-ups, their drafts and notifications. `kept`: drafts that were approved,
    and so stay on their way."""

    follow_ups: int = 0
    drafts: int = 0
    kept: int = 0
    notifications: int = 0


def withdraw(
    session: Session, event_ids: Collection[int], now: datetime, *, keep_approved: bool = False
) -> Withdrawn:
    """After an upload was taken back: follow-ups of whom nobody speaks any more go, with their drafts and
    notifications.

    Mail that has left stays on record; with `keep_approved` so does what a person has approved. In the
    transaction that took the upload back.
    """
    before = _followed(session, event_ids)
    withdrawn = kept = 0
    for event_id in sorted({event_id for event_id, _ in before}):
        detect(session, event_id, now)
        stale = withdraw_stale(session, event_id, now, keep_approved=keep_approved)
        withdrawn, kept = withdrawn + stale.withdrawn, kept + stale.kept
    gone = sorted(before - _followed(session, event_ids))
    again = [
        key
        for event_id, customer_id in gone
        if is_self_paced(session, event_id)
        for key in dated_keys(session, event_id, customer_id)
    ]
    told = notifications.withdraw(session, [key_of(*one) for one in gone] + again)
    for event_id in sorted({event_id for event_id, _ in before}):
        told += take_back_again(session, event_id, now)
        reconcile(session, now, event_id=event_id)
    return Withdrawn(len(gone), withdrawn, kept, told)


def _followed(session: Session, event_ids: Collection[int]) -> set[tuple[int, int]]:
    """The events, each with a customer, that are followed up."""
    rows = session.execute(
        select(FollowUp.event_id, FollowUp.customer_id).where(
            FollowUp.event_id.in_(list(event_ids))
        )
    )
    return {(event_id, customer_id) for event_id, customer_id in rows}
