"""The clock of what was promised: when people were told, drafts made, approved, sent and answered.

The times are read off the drafts, the send queue and the replies, many at a time, by a periodic job.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Table, case, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, update_frame
from data.tables import Draft, Event, FollowUp, InboundMail, OutboxMail
from data.tables.events import SELF_PACED
from services.attendance.follow_up.records import KIND, SOURCE
from services.drafts.wholes import carrier

LOOKED_AT = timedelta(days=120)
"""Follow-ups older than this stay as they are: replies that late are no reply to them."""
MOMENT = pl.Datetime("us", "UTC")
STAGES = ("drafted_at", "approved_at", "sent_at", "replied_at")
_SCHEMA = {"event_id": pl.Int64, "customer_id": pl.Int64, **dict.fromkeys(STAGES, MOMENT)}
_KNOWN = {"id": pl.Int64, **_SCHEMA}
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
    d, o, i, f = Draft, OutboxMail, InboundMail, FollowUp
    replied = (
        select(i.outbox_id, func.min(i.at).label("at"))
        .where(i.kind == "reply", i.outbox_id.is_not(None))
        .group_by(i.outbox_id)
        .subquery()
    )
    counts = o.state.not_in(_VOID)
    rows = (
        select(
            d.source_id,
            d.customer_id,
            func.min(d.created_at),
            func.min(case((counts, o.created_at))),
            func.min(case((o.state == "sent", o.sent_at))),
            func.min(replied.c.at),
        )
        .outerjoin(o, o.draft_id == carrier())
        .outerjoin(replied, replied.c.outbox_id == o.id)
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
        .group_by(d.source_id, d.customer_id)
    )
    return read_frame(session, rows, _SCHEMA)
