"""An event's invitations as people look at them: how many got how far, who, and who is registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Event, Invitation, Registration, Stakeholder
from services.access import Viewer, visible
from services.export import to_csv, to_xlsx
from services.invitations import strangers
from services.invitations.catalogue.book import required
from services.invitations.catalogue.records import STATES, state_of
from services.invitations.reaching import reached
from services.invitations.records import REGISTRATION_WORDS, STATE_WORDS
from services.invitations.registrations.book import free_seats, people_coming

MOMENT = pl.Datetime("us", "UTC")
STAGES = (
    ("Drafted", tuple(STATE_WORDS)),
    ("Sent", ("sent", "delivered", "opened", "clicked", "registered", "declined", "attended",
              "missed", "no_response")),
    ("Delivered", ("delivered", "opened", "clicked", "registered", "declined", "attended", "missed",
                   "no_response")),
    ("Looked at", ("opened", "clicked", "registered", "declined", "attended", "missed")),
    ("Registered", ("registered", "attended", "missed")),
    ("Attended", ("attended",)),
)  # fmt: skip
"""Each stage with the states that have reached it. Who answered has seen the mail, unless it never left: they
registered elsewhere."""
BY_MAIL = ("Sent", "Delivered", "Looked at")
PEOPLE_LABELS = {
    "person": "Person", "customer": "Customer", "state_words": "State", "seat": "Seat",
    "chance": "Chance", "chosen": "Chosen", "answered_at": "Answered", "why": "Why not",
    "invited_at": "Invited",
}  # fmt: skip
REGISTRATION_LABELS = {
    "person": "Person", "customer": "Customer", "state_words": "State", "seat": "Seat",
    "source": "Came by", "invited": "Was invited", "at": "Registered",
}  # fmt: skip
SOURCES = {
    "link": "Invitation", "webhook": "Platform", "file": "File", "api": "Program",
    "person": "Colleague",
}  # fmt: skip
ARMS = {
    "recommended": "Recommended", "explored": "Tried out", "chosen": "By hand",
    "holdout": "Comparison group",
}  # fmt: skip
SEATS = {"virtual": "Online", "in_person": "In person"}
MOST = 20_000


@dataclass(frozen=True)
class Funnel:
    """`stages`: (words, how many got so far), of the customers that one sees. `declined`, `undelivered`,
    `withdrawn` left it. `registered` counts everybody, invited or not; `free` seats, None without a limit.
    `state`: one of the catalogue's STATES."""

    stages: tuple[tuple[str, int], ...]
    declined: int
    undelivered: int
    withdrawn: int
    registered: int
    free: int | None
    state: str
    state_words: str
    cancelled_why: str | None
    strangers: int = 0
    """Registered people of customers that one sees who are no stakeholders, and so not reminded."""


def funnel(session: Session, by: Viewer, event_id: int, now: datetime) -> Funnel:
    """NotFound for an unknown event."""
    event: Event = required(session, event_id)
    mine = (
        select(Invitation.state, func.count())
        .join(Customer, Customer.id == Invitation.customer_id)
        .where(Invitation.event_id == event_id, visible(by))
        .group_by(Invitation.state)
    )
    counts, gone = _counted(session, mine), _counted(session, mine.where(reached()))
    state = state_of(event.status, event.starts_at, event.ends_at, event.duration_minutes, now)
    return Funnel(
        tuple(
            (words, sum((gone if words in BY_MAIL else counts).get(one, 0) for one in states))
            for words, states in STAGES
        ),
        counts.get("declined", 0),
        counts.get("undelivered", 0),
        counts.get("withdrawn", 0),
        people_coming(session, event_id),
        free_seats(session, event),
        state,
        STATES[state],
        event.cancelled_why,
        strangers.count(session, by, event_id),
    )


def _counted(session: Session, wanted: Select[str, int]) -> dict[str, int]:
    return {state: count for state, count in session.execute(wanted)}  # noqa: C416 - rows are no pairs to the checker


def people(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    """Who was invited, of customers that `by` sees: PEOPLE_LABELS with `customer_id`, `draft_id`,
    `invitation_id` and `state`."""
    i, s, c = Invitation, Stakeholder, Customer
    schema: dict[str, Any] = {
        "invitation_id": pl.Int64, "customer_id": pl.Int64, "draft_id": pl.Int64,
        "person": pl.String, "customer": pl.String, "state": pl.String, "seat": pl.String,
        "chance": pl.Float64, "arm": pl.String, "answered_at": MOMENT, "why": pl.String,
        "invited_at": MOMENT,
    }  # fmt: skip
    rows = (
        select(
            i.id, i.customer_id, i.draft_id, func.trim(s.first_name + " " + s.last_name), c.name,
            i.state, i.seat, i.chance, i.arm, i.answered_at, i.declined_why, i.created_at,
        )
        .join(s, s.id == i.stakeholder_id)
        .join(c, c.id == i.customer_id)
        .where(i.event_id == event_id, visible(by))
        .order_by(c.name, i.id)
        .limit(MOST)
    )  # fmt: skip
    return read_frame(session, rows, schema).with_columns(
        state_words=pl.col("state").replace_strict(STATE_WORDS, return_dtype=pl.String),
        seat=pl.col("seat").replace_strict(SEATS, return_dtype=pl.String),
        chosen=pl.col("arm").replace_strict(ARMS, return_dtype=pl.String),
    )


def registrations(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    """Who is registered: people of customers that `by` sees, and those who are nobody's for managers and
    admins. REGISTRATION_LABELS with `customer_id`."""
    r, c = Registration, Customer
    seen = visible(by)
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "person": pl.String, "customer": pl.String, "state": pl.String,
        "seat": pl.String, "source": pl.String, "invitation_id": pl.Int64, "at": MOMENT,
    }  # fmt: skip
    rows = (
        select(
            r.customer_id, func.coalesce(r.name, r.email), c.name, r.state, r.seat, r.source,
            r.invitation_id, r.at,
        )
        .outerjoin(c, c.id == r.customer_id)
        .where(r.event_id == event_id, or_(seen, c.id.is_(None)) if by.sees_all else seen)
        .order_by(r.at.desc(), r.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return read_frame(session, rows, schema).with_columns(
        state_words=pl.col("state").replace_strict(REGISTRATION_WORDS, return_dtype=pl.String),
        seat=pl.col("seat").replace_strict(SEATS, default=None, return_dtype=pl.String),
        source=pl.col("source").replace_strict(SOURCES, return_dtype=pl.String),
        invited=pl.col("invitation_id").is_not_null(),
    )


def export_people(session: Session, by: Viewer, event_id: int, *, form: str) -> bytes:
    """The invited people as `csv` or `xlsx`."""
    rows = people(session, by, event_id).select(*PEOPLE_LABELS)
    if form == "csv":
        return to_csv(rows, PEOPLE_LABELS)
    return to_xlsx(rows, PEOPLE_LABELS, title="Invitations")


def export_registrations(session: Session, by: Viewer, event_id: int, *, form: str) -> bytes:
    rows = registrations(session, by, event_id).select(*REGISTRATION_LABELS)
    if form == "csv":
        return to_csv(rows, REGISTRATION_LABELS)
    return to_xlsx(rows, REGISTRATION_LABELS, title="Registrations")
