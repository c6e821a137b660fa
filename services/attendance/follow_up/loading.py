"""Events, their people and their customers, from the tables into records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.pieces import pieces
from data.tables import (
    Attendance,
    AttendanceNote,
    Customer,
    Event,
    EventResource,
    EventSession,
    Participant,
    Person,
    Stakeholder,
    StakeholderEmail,
    Suppression,
)
from data.tables.events import ATTENDED, CANCELLED, SELF_PACED, STATUS_WORDS
from services.attendance.follow_up.records import (
    TOPIC,
    Deeds,
    Guest,
    House,
    Occasion,
    Part,
    Resource,
)
from services.mailboxes import below_name
from services.seats import COUNTED_BAND

PEOPLE: dict[str, Any] = {
    "participant_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "status": pl.Int32,
    "joined_at": pl.Datetime("us", "UTC"),
    "minutes": pl.Float64,
    "questions": pl.Int64,
    "polls": pl.Int64,
    "downloads": pl.Int64,
    "feedback": pl.Float64,
    "spoke": pl.Boolean,
    "completed": pl.Boolean,
    "passed": pl.Boolean,
    "sessions": pl.String,
}
_SUMS = ("questions", "polls", "downloads")


def occasion(session: Session, event: Event) -> Occasion:
    """The event with its sessions and what can be passed on."""
    parts = session.scalars(
        select(EventSession)
        .where(EventSession.event_id == event.id)
        .order_by(EventSession.position, EventSession.id)
    )
    things = session.scalars(
        select(EventResource).where(EventResource.event_id == event.id).order_by(EventResource.id)
    )
    return Occasion(
        event.id, event.name, event.type, event.topic, event.held_on,
        event.duration_minutes, event.polls_asked,
        tuple(
            Part(one.id, one.title, one.speaker, tuple(one.topics), tuple(one.takeaways))
            for one in parts
        ),
        tuple(Resource(one.title, one.url, one.session_id, tuple(one.topics)) for one in things),
        event.source in SELF_PACED,
        _tells_sessions(session, event.id),
    )  # fmt: skip


def _tells_sessions(session: Session, event_id: int) -> bool:
    told = select(Attendance.participant_id).where(
        Attendance.event_id == event_id, Attendance.sessions != ""
    )
    return session.scalar(told.limit(1)) is not None


def people_of(session: Session, event_id: int) -> pl.DataFrame:
    """Everybody of a customer who was registered or came, as PEOPLE: automatic matches only."""
    a, p = Attendance, Participant
    rows = (
        select(
            a.participant_id, p.customer_id, p.stakeholder_id, a.status, a.joined_at, a.minutes,
            a.questions, a.polls, a.downloads, a.feedback, a.spoke, a.completed, a.passed, a.sessions,
        )
        .join(p, p.id == a.participant_id)
        .where(a.event_id == event_id, p.band == COUNTED_BAND, p.customer_id.is_not(None))
    )  # fmt: skip
    return read_frame(session, rows, PEOPLE)


def present_at(session: Session, event_id: int) -> pl.DataFrame:
    """PEOPLE with `presence`, without those of whom there is no telling yet."""
    people = with_presence(people_of(session, event_id), course=is_self_paced(session, event_id))
    return people.filter(pl.col("presence") != "registered")


def with_presence(people: pl.DataFrame, *, course: bool = False) -> pl.DataFrame:
    """Adds `presence`: attended, no_show or cancelled. Who was only registered did not come, once others
    did: before that there is no telling, and they are left out. In a course there is no telling ever, as
    each takes their own time: they are `registered`."""
    if people.filter(pl.col("status") == ATTENDED).is_empty():
        return people.clear().with_columns(presence=pl.lit(None, pl.String))
    word = {number: STATUS_WORDS[number] for number in (ATTENDED, CANCELLED)}
    return people.with_columns(
        presence=pl.col("status").replace_strict(
            word, default="registered" if course else "no_show", return_dtype=pl.String
        )
    )


def guests(
    session: Session, event_id: int, people: pl.DataFrame, stakeholder_ids: Collection[int]
) -> list[Guest]:
    """The stakeholders among `people` (as `with_presence` gives them) that are asked for. One person may
    have come under two addresses: that is one guest."""
    known = people.filter(
        pl.col("stakeholder_id").is_in(list(stakeholder_ids)), pl.col("presence") != "cancelled"
    )
    asked = _questions(session, event_id, known)
    came = pl.col("presence") == "attended"
    folded = (
        known.sort("participant_id")
        .group_by("stakeholder_id", maintain_order=True)
        .agg(
            pl.col("customer_id").first(),
            came.any().alias("came"),
            pl.col("participant_id"),
            pl.col("joined_at").filter(came).max().dt.date().alias("on"),
            pl.col("minutes").filter(came).max(),
            *[pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()) for name in _SUMS],
            (pl.col("feedback") > 0).any().alias("feedback"),
            pl.col("spoke").any(),
            pl.col("completed").max(),
            pl.col("passed").max(),
            pl.col("sessions").drop_nulls().str.join("; "),
        )
    )
    if not is_self_paced(session, event_id):
        folded = folded.with_columns(on=pl.lit(None, pl.Date))
    names = _names(session, folded["stakeholder_id"].to_list())
    return [
        Guest(
            row["stakeholder_id"],
            names.get(row["stakeholder_id"], ""),
            row["customer_id"],
            _deeds(row, [text for one in row["participant_id"] for text in asked.get(one, ())]),
        )
        for row in folded.iter_rows(named=True)
    ]


def _deeds(row: dict[str, Any], asked: Iterable[str]) -> Deeds:
    if not row["came"]:
        return Deeds(came=False)
    sessions = (title.strip() for title in row["sessions"].split(";"))
    return Deeds(
        came=True,
        minutes=row["minutes"],
        questions=row["questions"],
        asked=tuple(dict.fromkeys(asked)),
        polls=row["polls"],
        downloads=row["downloads"],
        feedback=bool(row["feedback"]),
        spoke=bool(row["spoke"]),
        completed=row["completed"],
        passed=row["passed"],
        sessions=tuple(dict.fromkeys(title for title in sessions if title)),
        on=row["on"],
    )


def is_self_paced(session: Session, event_id: int) -> bool:
    event = session.get(Event, event_id)
    return event is not None and event.source in SELF_PACED


def finished_since(people: pl.DataFrame, since: datetime | None) -> pl.DataFrame:
    """Those among `people` (PEOPLE) who have attended since then; all without a moment."""
    return (
        people
        if since is None
        else people.filter(pl.col("status") == ATTENDED, pl.col("joined_at") >= since)
    )


def _questions(session: Session, event_id: int, known: pl.DataFrame) -> dict[int, list[str]]:
    """What people asked, by participant; polls' answers are no questions."""
    n = AttendanceNote
    rows = session.execute(
        select(n.participant_id, n.text)
        .where(n.event_id == event_id, n.kind == "qa")
        .order_by(n.participant_id, n.id)
    )
    wanted = set(known["participant_id"].to_list())
    found: dict[int, list[str]] = defaultdict(list)
    for participant, text in rows:
        if participant in wanted:
            found[participant].append(" ".join(text.split()))
    return found


def _names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in pieces(ids):
        rows = session.execute(
            select(Stakeholder.id, Stakeholder.first_name, Stakeholder.last_name).where(
                Stakeholder.id.in_(some)
            )
        )
        found |= {row.id: row.first_name or row.last_name or "there" for row in rows}
    return found


def houses(session: Session, customer_ids: Collection[int]) -> dict[int, House]:
    """Customers by id, with who looks after them."""
    found: dict[int, House] = {}
    signatures: dict[int, str] = {}
    for some in pieces(customer_ids):
        rows = session.execute(
            select(Customer, Person.name)
            .outerjoin(Person, Person.id == Customer.csm_id)
            .where(Customer.id.in_(some))
        )
        for row, csm in rows:
            if row.csm_id and row.csm_id not in signatures:
                signatures[row.csm_id] = below_name(session, row.csm_id, csm)
            found[row.id] = House(
                row.id, row.name, row.segment, row.csm_id, csm or "",
                signatures.get(row.csm_id or 0, ""),
                tuple(row.goals), tuple(row.interests), tuple(row.challenges),
            )  # fmt: skip
    return found


def not_to_contact(session: Session, stakeholder_ids: Collection[int]) -> set[int]:
    """Those among them who do not want mail about events, or any."""
    found: set[int] = set()
    for some in pieces(stakeholder_ids):
        found.update(
            session.scalars(
                select(Stakeholder.id).where(
                    Stakeholder.id.in_(some), Stakeholder.unsubscribed.is_(True)
                )
            )
        )
        found.update(
            session.scalars(
                select(StakeholderEmail.stakeholder_id)
                .join(Suppression, Suppression.email == StakeholderEmail.email)
                .where(
                    StakeholderEmail.stakeholder_id.in_(some),
                    StakeholderEmail.is_primary.is_(True),
                    Suppression.lifted_at.is_(None),
                    Suppression.topic.in_(("", TOPIC)),
                )
            )
        )
    return found
