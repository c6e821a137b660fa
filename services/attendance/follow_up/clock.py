"""The clock of what was promised: when people were told, drafts made, approved, sent and answered.

The times are read off the drafts, the send queue and the replies, many at a time, by a periodic job.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, Subquery, Table, case, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, update_frame
from data.tables import Draft, Event, FollowUp, InboundMail, OutboxMail
from data.tables.events import SELF_PACED
from services.attendance.follow_up.records import KIND, SOURCE
from services.drafts.wholes import wholes

LOOKED_AT = timedelta(days=120)
"""Follow-ups older than this stay as they are: replies that late are no reply to them."""
MOMENT = pl.Datetime("us", "UTC")
STAGES = ("drafted_at", "approved_at", "sent_at", "replied_at")
_SCHEMA = {"event_id": pl.Int64, "customer_id": pl.Int64, **dict.fromkeys(STAGES, MOMENT)}
_KNOWN = {"id": pl.Int64, **_SCHEMA}
_PARTS = dict.fromkeys(("draft_id", "event_id", "customer_id"), pl.Int64)
_VOID = ("cancelled",)


def reconcile(session: Session, now: datetime, *, event_id: int | None = None) -> int:
    """Set the times of recent follow-ups, or of one event's, to what drafts, queue and replies say; how many
    changed.

    An approval taken back before the mail left is no approval any more.
    """
    f = FollowUp
    known = read_frame(
        session,
        select(f.id, f.event_id, f.customer_id, *(getattr(f, stage) for stage in STAGES)).where(
            f.detected_at > now - LOOKED_AT if event_id is None else f.event_id == event_id
        ),
        _KNOWN,
    )
    if known.is_empty():
        return 0
    keys = ["event_id", "customer_id"]
    true = known.select("id", *keys).join(
        times(session, known["event_id"].unique().to_list()), on=keys, how="left"
    )
    changed = true.join(known, on=["id", *STAGES], how="anti", nulls_equal=True)
    table = FollowUp.__table__
    assert isinstance(table, Table)
    stored = changed.select("id", *(pl.col(s).dt.replace_time_zone(None) for s in STAGES))
    update_frame(session, table, stored, ["id"])
    return changed.height


def times(session: Session, event_ids: list[int]) -> pl.DataFrame:
    """Per event and customer when the first mail was drafted, approved, sent and answered by a person, by itself
    or within a merged one; of a course the first since its clock began again."""
    d, answered = Draft, _answered()
    rows = (
        _follow_ups(
            event_ids, d.source_id, d.customer_id, func.min(d.created_at), *_mailed(answered)
        )
        .outerjoin(OutboxMail, OutboxMail.draft_id == d.id)
        .outerjoin(answered, answered.c.outbox_id == OutboxMail.id)
        .group_by(d.source_id, d.customer_id)
    )
    found = pl.concat([read_frame(session, rows, _SCHEMA), _within(session, event_ids)])
    return found.group_by("event_id", "customer_id").agg(pl.col(STAGES).min())


def _within(session: Session, event_ids: list[int]) -> pl.DataFrame:
    """As _SCHEMA, of the drafts that became a part of another mail, what came of that one."""
    d, o, answered = Draft, OutboxMail, _answered()
    people = select(d.stakeholder_id).where(d.source == SOURCE, d.source_id.in_(event_ids))
    parts = wholes(session, people)
    if parts.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    asked = _follow_ups(event_ids, d.id, d.source_id, d.customer_id)
    drafted = read_frame(session, asked.where(d.id.in_(parts["draft_id"].to_list())), _PARTS)
    mailed = (
        select(o.draft_id, *_mailed(answered))
        .outerjoin(answered, answered.c.outbox_id == o.id)
        .where(o.draft_id.in_(parts["whole"].to_list()))
        .group_by(o.draft_id)
    )
    mails = read_frame(session, mailed, {"whole": pl.Int64, **dict.fromkeys(STAGES[1:], MOMENT)})
    went = drafted.join(parts, on="draft_id").join(mails, on="whole")
    return went.with_columns(drafted_at=pl.lit(None, MOMENT)).select(*_SCHEMA)


def _follow_ups(event_ids: list[int], *columns: Any) -> Select[Any]:
    """`columns` of the drafts that count for these events."""
    d, f = Draft, FollowUp
    return (
        select(*columns)
        .join(Event, Event.id == d.source_id)
        .join(f, (f.event_id == d.source_id) & (f.customer_id == d.customer_id))
        .where(d.source == SOURCE, d.kind == KIND, d.source_id.in_(event_ids))
        .where(d.created_at >= Event.created_at)
        .where(
            or_(
                Event.source.is_(None),
                Event.source.not_in(SELF_PACED),
                d.created_at >= f.detected_at,
            )
        )
    )


def _answered() -> Subquery:
    i = InboundMail
    return (
        select(i.outbox_id, func.min(i.at).label("at"))
        .where(i.kind == "reply", i.outbox_id.is_not(None))
        .group_by(i.outbox_id)
        .subquery()
    )


def _mailed(answered: Subquery) -> tuple[ColumnElement[Any], ...]:
    """When it was approved, sent and answered first."""
    o = OutboxMail
    return (
        func.min(case((o.state.not_in(_VOID), o.created_at))),
        func.min(case((o.state == "sent", o.sent_at))),
        func.min(answered.c.at),
    )
