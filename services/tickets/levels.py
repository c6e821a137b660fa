"""How tickets were weighed: every point, and where a person saw it otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from data.errors import BadInput, InvalidMove
from data.tables import Customer, Person, Ticket, TicketLevel
from data.versions import TICKETS as VERSION
from data.versions import bump
from services.access import Viewer, audit
from services.tickets.follow_up.drafting import redraft
from services.tickets.listing import seen_by
from services.tickets.records import LEVEL_WORDS, LevelView, Point

BECAUSE = "because"
"""The code of the line, among the parts as stored, that says what set the rule's level."""
LONGEST_WHY = 500
MOST_OVERRIDES = 500


@dataclass(frozen=True)
class OverrideRow:
    """One level that a person set, as the report of overrides shows it."""

    ticket_id: int
    number: str
    subject: str
    customer: str | None
    points: int
    rule_level: str
    level: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class OverrideReport:
    """`moves` counts (the rule's level, the person's), the most frequent first: where the rubric and people
    differ. `weighed` tickets in all, of which `overridden`."""

    rows: tuple[OverrideRow, ...]
    moves: tuple[tuple[str, str, int], ...]
    weighed: int
    overridden: int


def levels_of(session: Session, ticket_id: int) -> tuple[LevelView, ...]:
    """All weighings, the one in force first."""
    rows = session.execute(
        select(TicketLevel, Person.name)
        .outerjoin(Person, Person.id == TicketLevel.by_id)
        .where(TicketLevel.ticket_id == ticket_id)
        .order_by(TicketLevel.id.desc())
    )
    return tuple(_view(row, name) for row, name in rows)


def _view(row: TicketLevel, by: str | None) -> LevelView:
    parts = [Point(one["code"], int(one["points"]), one["words"]) for one in row.parts]
    because = next((one.words for one in parts if one.code == BECAUSE), "")
    shown = tuple(one for one in parts if one.code != BECAUSE)
    who = (by or "A colleague") if row.by_id else None
    return LevelView(row.points, shown, because, row.rule_level, row.level, row.why, who, row.at)


def override(
    session: Session, by: Viewer, ticket_id: int, level: str, why: str, *, now: datetime
) -> None:
    """Set another level than the rubric's, with a reason. The rubric's own takes the override back. A draft
    that nobody has touched yet is written anew on that level.

    BadInput without a reason or for a level there is none of, InvalidMove before it is solved.
    """
    if level not in LEVEL_WORDS:
        raise BadInput(f"Choose one of the levels: {', '.join(LEVEL_WORDS.values())}.")
    told = " ".join(why.split())[:LONGEST_WHY]
    if not told:
        raise BadInput("Say why in a few words: the rubric is bettered from these reasons.")
    ticket = session.scalar(
        select(Ticket).where(Ticket.id == ticket_id, seen_by(by)).with_for_update()
    )
    newest = session.scalar(
        select(TicketLevel)
        .where(TicketLevel.ticket_id == ticket_id)
        .order_by(TicketLevel.id.desc())
        .limit(1)
    )
    if ticket is None or newest is None or ticket.level is None:
        raise InvalidMove("A ticket is weighed once it is solved. Until then there is no level.")
    if level == newest.level:
        raise InvalidMove("It has this level already.")
    back = level == newest.rule_level
    session.add(
        TicketLevel(
            ticket_id=ticket_id, at=now, points=newest.points, parts=newest.parts,
            rule_level=newest.rule_level, level=level, why=told,
            by_id=None if back else by.person_id,
        )
    )  # fmt: skip
    ticket.level = level
    session.flush()
    if ticket.customer_id is not None:
        redraft(session, ticket.customer_id, now)
    audit(session, by, "ticket.level", "ticket", ticket_id, f"{newest.level} -> {level}", now)
    bump(session, VERSION)


def overrides(
    session: Session,
    by: Viewer,
    now: datetime,  # noqa: ARG001 - as all reads have it
) -> OverrideReport:
    """Where people see it otherwise than the rubric, of the tickets that one sees."""
    t, newer = TicketLevel, aliased(TicketLevel)
    rows = session.execute(
        select(t, Ticket.number, Ticket.subject, Customer.name, Person.name)
        .join(Ticket, Ticket.id == t.ticket_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .join(Person, Person.id == t.by_id)
        .where(t.by_id.is_not(None), seen_by(by))
        .where(~exists().where(newer.ticket_id == t.ticket_id, newer.id > t.id))
        .order_by(t.at.desc(), t.id.desc())
        .limit(MOST_OVERRIDES)
    ).all()
    found = tuple(
        OverrideRow(
            one.ticket_id, number, subject, customer, one.points, one.rule_level, one.level,
            one.why or "", person, one.at,
        )
        for one, number, subject, customer, person in rows
    )  # fmt: skip
    moves = Counter((one.rule_level, one.level) for one in found)
    weighed = select(func.count()).select_from(Ticket).where(Ticket.level.is_not(None), seen_by(by))
    return OverrideReport(
        found,
        tuple((rule, level, count) for (rule, level), count in moves.most_common()),
        session.scalar(weighed) or 0,
        len(found),
    )


def as_parts(weighed_parts: Sequence[Mapping[str, Any]], because: str) -> list[dict[str, Any]]:
    """As TicketLevel stores them."""
    return [*map(dict, weighed_parts), {"code": BECAUSE, "points": 0, "words": because}]
