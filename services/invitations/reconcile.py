"""Invitations brought in line with what happened: mails that went out, answers, attendance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, update_frame
from data.tables import (
    Draft,
    Event,
    Invitation,
    InvitationEvent,
    MailEvent,
    OutboxMail,
    Registration,
)
from services.drafts.wholes import standing, wholes
from services.invitations.catalogue.records import ended
from services.invitations.records import NUDGE, SOURCE, invitation_of
from services.invitations.registrations.platforms import AFTERWARDS
from services.invitations.states import FACTS, derived

MOMENT = pl.Datetime("us", "UTC")
PIECE = 5_000


def recent(session: Session, now: datetime) -> list[int]:
    """The events that have invitations and are to come or were not long ago."""
    rows = session.scalars(
        select(Event.id)
        .where(
            Event.starts_at > now - AFTERWARDS,
            select(Invitation.id).where(Invitation.event_id == Event.id).exists(),
        )
        .order_by(Event.id)
    )
    return list(rows)


def reconcile(session: Session, event_ids: Collection[int], now: datetime) -> int:
    """Set the state of these events' invitations, each change with a row of its history; how many changed."""
    changed = 0
    for event_id in sorted(event_ids):
        event = session.get(Event, event_id)
        if event is not None:
            changed += _of_event(session, event, now)
    return changed


def _of_event(session: Session, event: Event, now: datetime) -> int:
    over = ended(event.starts_at, event.ends_at, event.duration_minutes) <= now
    facts = facts_of(session, event.id, over=over)
    found = facts.with_columns(to_state=derived(facts, pl.lit(now, MOMENT)))
    moved = found.filter(pl.col("state") != pl.col("to_state"))
    if moved.is_empty():
        return 0
    stamp = now.replace(tzinfo=None)
    table = Invitation.__table__
    assert isinstance(table, Table)
    update_frame(
        session,
        table,
        moved.select("id", state="to_state", updated_at=pl.lit(stamp, pl.Datetime("us"))),
        ["id"],
    )
    rows = [
        {"invitation_id": number, "at": now, "from_state": was, "to_state": state}
        for number, was, state in moved.select("id", "state", "to_state").iter_rows()
    ]
    session.execute(insert(InvitationEvent), rows)
    session.expire_all()
    return moved.height


def facts_of(session: Session, event_id: int, *, over: bool) -> pl.DataFrame:
    """What is known of an event's invitations, as FACTS."""
    i, d = Invitation, Draft
    rows = (
        select(i.id, i.state, i.draft_id, standing(), i.declined_why.is_not(None))
        .outerjoin(d, d.id == i.draft_id)
        .where(i.event_id == event_id)
    )
    schema = {"id": pl.Int64, "state": pl.String, "draft_id": pl.Int64, "draft": pl.String,
              "declined": pl.Boolean}  # fmt: skip
    known = read_frame(session, rows, schema)
    drafts = _drafts(session, event_id, known)
    mails = _mails(session, drafts)
    return (
        known.join(mails, on="id", how="left")
        .join(_registrations(session, event_id), on="id", how="left")
        .with_columns(
            pl.col("opened", "clicked", "bounced").fill_null(value=False), over=pl.lit(over)
        )
        .select(*FACTS)
    )


def _drafts(session: Session, event_id: int, known: pl.DataFrame) -> pl.DataFrame:
    """`draft_id` and the invitation's `id`: its own mail, the one that asked again, and those they
    became a part of."""
    own = known.select("id", "draft_id").drop_nulls()
    nudges = session.execute(
        select(Draft.id, Draft.dedup_key).where(
            Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == NUDGE
        )
    )
    again = [(invitation_of(key), number) for number, key in nudges]
    more = pl.DataFrame(again, {"id": pl.Int64, "draft_id": pl.Int64}, orient="row")
    own = pl.concat([own, more])
    return pl.concat([own, _within(session, event_id, own)])


def _within(session: Session, event_id: int, own: pl.DataFrame) -> pl.DataFrame:
    """The mails that these drafts became a part of."""
    asked = select(Invitation.stakeholder_id).where(Invitation.event_id == event_id)
    return own.join(wholes(session, asked), on="draft_id").select("id", draft_id="whole")


def _mails(session: Session, drafts: pl.DataFrame) -> pl.DataFrame:
    """Per invitation: `mail` (state in the queue), when it went out first, and what people did with it."""
    o = OutboxMail
    schema = {"outbox_id": pl.Int64, "draft_id": pl.Int64, "mail": pl.String, "sent_at": MOMENT}
    rows = _pieced(
        session,
        drafts["draft_id"].to_list(),
        schema,
        lambda some: select(o.id, o.draft_id, o.state, o.sent_at).where(o.draft_id.in_(some)),
    )
    done = _deeds(session, rows["outbox_id"].to_list())
    return (
        rows.join(drafts, on="draft_id")
        .join(done, on="outbox_id", how="left")
        .with_columns(pl.col("opened", "clicked", "bounced").fill_null(value=False))
        .sort("outbox_id")
        .group_by("id")
        .agg(
            pl.col("mail").last(),
            pl.col("sent_at").min(),
            pl.col("opened", "clicked").any(),
            # One of several mails that arrived is enough.
            bounced=pl.col("bounced").filter(pl.col("sent_at").is_not_null()).all(),
        )
    )


def _deeds(session: Session, outbox_ids: Sequence[int]) -> pl.DataFrame:
    """Per mail whether people opened and clicked it, and whether it came back for good."""
    e = MailEvent
    schema = {"outbox_id": pl.Int64, "kind": pl.String, "verdict": pl.String, "count": pl.Int64}
    events = _pieced(
        session,
        outbox_ids,
        schema,
        lambda some: (
            select(e.outbox_id, e.kind, e.verdict, func.count())
            .where(e.outbox_id.in_(some), e.kind.in_(("open", "click", "reply", "bounce")))
            .group_by(e.outbox_id, e.kind, e.verdict)
        ),
    )
    human = pl.col("verdict") == "human"
    return events.group_by("outbox_id").agg(
        opened=(human & pl.col("kind").is_in(["open", "click", "reply"])).any(),
        clicked=(human & (pl.col("kind") == "click")).any(),
        bounced=(pl.col("kind") == "bounce").any(),
    )


def _registrations(session: Session, event_id: int) -> pl.DataFrame:
    """Per invitation the furthest of what is registered on it: one person may have two addresses."""
    r = Registration
    rows = read_frame(
        session,
        select(r.invitation_id, r.state).where(
            r.event_id == event_id, r.invitation_id.is_not(None)
        ),
        {"id": pl.Int64, "registration": pl.String},
    )
    order = pl.Enum(["cancelled", "no_show", "registered", "attended"])
    return (
        rows.with_columns(pl.col("registration").cast(order))
        .group_by("id")
        .agg(pl.col("registration").max().cast(pl.String))
    )


def _pieced(session: Session, ids: Sequence[int], schema: dict[str, Any], ask: Any) -> pl.DataFrame:
    """The rows of one question about many, asked for so many at a time."""
    frames = [
        read_frame(session, ask(ids[start : start + PIECE]), schema)
        for start in range(0, len(ids), PIECE)
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
