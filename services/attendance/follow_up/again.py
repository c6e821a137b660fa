"""The clock of a course's follow-up: it begins again when somebody else finishes, and no longer when that is
taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Draft, FollowUp, Notification, OutboxMail
from services import notifications
from services.attendance.follow_up.loading import is_self_paced, present_at
from services.attendance.follow_up.records import KIND, SOURCE
from services.attendance.follow_up.telling import dated_keys, key_of
from services.drafts.wholes import carrier


def begin_again(
    session: Session,
    event_id: int,
    people: pl.DataFrame,
    now: datetime,
    only: Collection[int] | None,
) -> int:
    """Start the clock anew where a course's follow-up was sent, and its drafts written, before somebody else
    of the customer finished it: what was promised for the one says nothing of the other. How many.

    people: those of `present_at`.
    """
    if not is_self_paced(session, event_id):
        return 0
    last = _last_finished(people, now)
    sent = session.scalars(
        select(FollowUp).where(
            FollowUp.event_id == event_id,
            FollowUp.sent_at.is_not(None),
            FollowUp.waived_at.is_(None),
        )
    ).all()
    written = dict(
        session.execute(
            select(Draft.customer_id, func.max(Draft.created_at))
            .where(Draft.source == SOURCE, Draft.kind == KIND, Draft.source_id == event_id)
            .group_by(Draft.customer_id)
        ).all()
    )
    later = [
        row
        for row in sent
        if (only is None or row.customer_id in only)
        and (at := last.get(row.customer_id))
        and at > max(row.detected_at, written.get(row.customer_id, row.detected_at))
    ]
    for row in later:
        row.detected_at, row.notified_at = now, None
        row.drafted_at = row.approved_at = row.sent_at = row.replied_at = None
    session.flush()
    return len(later)


def take_back_again(session: Session, event_id: int, now: datetime) -> int:
    """Where whoever finished later has gone with an upload, the clock is that of the mail that was sent
    before; the CSM is no longer told. How many notifications went.

    The times of drafts and mail are left to `clock.reconcile`.
    """
    if not is_self_paced(session, event_id):
        return 0
    last = _last_finished(present_at(session, event_id), now)
    keys: list[str] = []
    for row, before in _sent_before(session, event_id):
        finished = last.get(row.customer_id)
        if finished is None or finished > before:
            continue
        since = row.detected_at
        first = session.scalar(
            select(func.min(Notification.at)).where(
                Notification.customer_id == row.customer_id,
                Notification.dedup_key == key_of(event_id, row.customer_id),
            )
        )
        row.detected_at = min(before, first or before)
        row.notified_at = first
        keys += dated_keys(session, event_id, row.customer_id, since)
    session.flush()
    return notifications.withdraw(session, keys)


def _last_finished(people: pl.DataFrame, now: datetime) -> Mapping[int, datetime]:
    came = people.filter(pl.col("presence") == "attended", pl.col("joined_at") <= now)
    return dict(came.group_by("customer_id").agg(pl.col("joined_at").max()).iter_rows())


def _sent_before(session: Session, event_id: int) -> list[tuple[FollowUp, datetime]]:
    """Follow-ups whose clock began after mail about the event was written and sent, and when that was
    written."""
    written = func.max(Draft.created_at)
    rows = session.execute(
        select(FollowUp, written)
        .join(
            Draft,
            (Draft.source_id == FollowUp.event_id) & (Draft.customer_id == FollowUp.customer_id),
        )
        .join(OutboxMail, (OutboxMail.draft_id == carrier()) & (OutboxMail.state == "sent"))
        .where(
            FollowUp.event_id == event_id,
            FollowUp.waived_at.is_(None),
            Draft.source == SOURCE,
            Draft.kind == KIND,
            Draft.created_at < FollowUp.detected_at,
        )
        .group_by(FollowUp.id)
    )
    return [(row, at) for row, at in rows]
