"""One event: what is known of it, who came and who did not, and what each was written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.errors import NotFound
from data.tables import Attendance, Customer, Draft, Event, OutboxMail, Participant, Stakeholder
from data.tables.events import EVENT_TYPES, SELF_PACED
from services.access import Viewer, visible
from services.attendance.follow_up.detect import ended
from services.attendance.follow_up.loading import occasion, people_of, with_presence
from services.attendance.follow_up.records import KIND, RECENT, SOURCE, Occasion, Part, Resource
from services.attendance.levels import with_levels
from services.drafts.wholes import carrier, standing
from services.export import to_csv, to_xlsx
from services.planners import rights

PEOPLE_LABELS = {
    "customer": "Customer", "person": "Person", "presence": "Presence", "level": "Level",
    "minutes": "Minutes", "questions": "Questions", "polls": "Polls", "downloads": "Downloads",
    "spoke": "Spoke", "sessions": "Sessions", "draft": "Follow-up",
}  # fmt: skip
TYPES = list(EVENT_TYPES)
PRESENCE = {"attended": "Came", "no_show": "Did not come", "cancelled": "Cancelled"}
SENDING = {
    "queued": "In the send queue", "claimed": "Leaving now", "wire": "Leaving now",
    "sent": "Sent", "unknown": "Being looked up", "review": "Nobody knows", "failed": "Failed",
    "blocked": "Blocked",
}  # fmt: skip
MOST_NAMED = 1_000
"""Stakeholders whose drafts are asked for one by one; of more, all of the event's are read."""
DRAFTED = {
    "pending": "Waits for approval", "second_look": "Waits for a second approval",
    "held": "Waits its turn", "approved": "Approved", "rejected": "Rejected",
    "cancelled": "Cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class EventView:
    """`everybody` counts all who attended, also those who are nobody's people. `over`: it has been held.
    `by_itself`: it is recent enough to be followed up without anybody asking."""

    id: int
    name: str
    type: str
    topic: str | None
    starts_at: datetime
    held_on: date
    zone: str
    minutes: float | None
    status: str
    cost: Decimal | None
    parts: tuple[Part, ...]
    resources: tuple[Resource, ...]
    everybody: int
    over: bool
    by_itself: bool
    private: bool
    refusal: str
    """Why its details are not theirs to change, and whom to ask; empty when they are."""
    seen: str
    """Stands for what can be edited, as it was read: who saves names it."""


def fingerprint(event: Event, known: Occasion) -> str:
    """Another one as soon as anything that people enter of the event is another."""
    cost = None if event.cost is None else float(event.cost)
    said = (event.type, event.topic, cost, bool(event.private), known.parts, known.resources)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _refusal(session: Session, by: Viewer, event: Event) -> str:
    found = rights(session, by, event.id)
    return "" if event.status == "held" or found.changes else found.refusal


def view(session: Session, by: Viewer, event_id: int, now: datetime) -> EventView:
    """NotFound for an unknown one. Events are everybody's; the people at them are not."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotFound("There is no such event. Look it up on the Events page.")
    known = occasion(session, event)
    came = (
        select(func.count())
        .select_from(Attendance)
        .where(Attendance.event_id == event_id, Attendance.status == 4)
    )
    end = ended(event.starts_at, event.ends_at, event.duration_minutes)
    return EventView(
        event.id, event.name, event.type, event.topic, event.starts_at, event.held_on,
        event.time_zone, event.duration_minutes, event.status, event.cost, known.parts,
        known.resources, session.scalar(came) or 0,
        over=end <= now and event.status != "cancelled",
        by_itself=now - RECENT <= end,
        private=bool(event.private),
        refusal=_refusal(session, by, event),
        seen=fingerprint(event, known),
    )  # fmt: skip


def people(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    """Who was registered or came, of the customers that `by` sees, sorted by customer and name.

    customer_id, stakeholder_id and draft_id Int64, PEOPLE_LABELS' columns with presence, level and draft
    in words.
    """
    return with_drafts(session, event_id, attendees(session, by, event_id))


def attendees(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    """`people` without draft_id and draft: what changes with the facts alone, and so can be kept."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotFound("There is no such event. Look it up on the Events page.")
    course = event.source in SELF_PACED
    rows = with_presence(people_of(session, event_id), course=course)
    if rows.is_empty():
        rows = people_of(session, event_id).with_columns(presence=pl.lit("registered"))
    names = _names(session, by, event_id)
    rows = rows.join(names, on="participant_id").with_columns(
        scheduled_minutes=pl.lit(event.duration_minutes, pl.Float32),
        polls_asked=pl.lit(event.polls_asked, pl.Int32),
    )
    levels = with_levels(rows).with_columns(
        level=pl.when(pl.col("presence") == "attended").then("level")
    )
    known = [name for name in PEOPLE_LABELS if name != "draft"]
    return (
        levels.with_columns(
            presence=pl.col("presence").replace_strict(PRESENCE, default="Registered")
        )
        .sort(pl.col("customer").str.to_lowercase(), "presence", "person", "participant_id")
        .select("customer_id", "stakeholder_id", *known)
    )


def with_drafts(session: Session, event_id: int, found: pl.DataFrame) -> pl.DataFrame:
    """`attendees` with what became of each one's follow-up, as it is now: `people`."""
    whom = found["stakeholder_id"].drop_nulls().unique()
    drafted = _drafts(session, event_id, whom.to_list() if whom.len() <= MOST_NAMED else None)
    nobody = pl.when(pl.col("stakeholder_id").is_null()).then(pl.lit("No stakeholder on record"))
    return (
        found.join(drafted, on="stakeholder_id", how="left", maintain_order="left")
        .with_columns(draft=pl.coalesce("draft", nobody.otherwise(pl.lit(""))))
        .select("customer_id", "stakeholder_id", "draft_id", *PEOPLE_LABELS)
    )


def _names(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    p, s = Participant, Stakeholder
    full = func.trim(s.first_name + " " + s.last_name)
    rows = (
        select(
            p.id,
            Customer.name,
            func.coalesce(func.nullif(full, ""), func.nullif(p.name, ""), "Unknown"),
        )
        .join(Attendance, Attendance.participant_id == p.id)
        .join(Customer, Customer.id == p.customer_id)
        .outerjoin(s, s.id == p.stakeholder_id)
        .where(Attendance.event_id == event_id, visible(by))
    )
    return read_frame(
        session, rows, {"participant_id": pl.Int64, "customer": pl.String, "person": pl.String}
    )


def _drafts(session: Session, event_id: int, whom: list[int] | None) -> pl.DataFrame:
    """The newest draft per stakeholder, of `whom` or of all, and how far it got, by itself or within a merged one,
    in words."""
    schema: dict[str, Any] = {
        "stakeholder_id": pl.Int64, "draft_id": pl.Int64, "state": pl.String, "sending": pl.String,
    }  # fmt: skip
    rows = (
        select(Draft.stakeholder_id, Draft.id, standing(), OutboxMail.state)
        .outerjoin(
            OutboxMail, (OutboxMail.draft_id == carrier()) & (OutboxMail.state != "cancelled")
        )
        .where(Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == KIND)
        .where(true() if whom is None else Draft.stakeholder_id.in_(whom))
        .order_by(Draft.id)
    )
    return (
        read_large(session, rows, schema)
        .unique("stakeholder_id", keep="last")
        .select(
            "stakeholder_id",
            "draft_id",
            draft=pl.coalesce(
                pl.col("sending").replace_strict(SENDING, default=None, return_dtype=pl.String),
                pl.col("state").replace_strict(DRAFTED, default=None, return_dtype=pl.String),
            ),
        )
    )


def export_people(session: Session, by: Viewer, event_id: int, *, form: str) -> bytes:
    """Who came and who did not, as `csv` or `xlsx`."""
    rows = people(session, by, event_id).select(*PEOPLE_LABELS)
    if form == "csv":
        return to_csv(rows, PEOPLE_LABELS)
    return to_xlsx(rows, PEOPLE_LABELS, title="People")
