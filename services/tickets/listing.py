"""The list of tickets: bounded, and of those customers alone that one sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from data.pieces import pieces
from data.tables import Customer, Ticket, TicketFollowUp, TicketLevel, TicketRequester
from services.access import Viewer, visible
from services.tickets.records import MOST_ROWS, OVER, PAGE_ROWS, Filters, TicketPage, TicketRow

_LINE = (
    "id", "desk", "number", "url", "subject", "area", "state", "severity", "customer_id",
    "stakeholder_id", "opened_at", "solved_at", "updated_at", "reopens", "escalated_to", "people",
    "csat", "sentiment", "level", "points", "cluster_id",
)  # fmt: skip


def listing(
    session: Session,
    by: Viewer,
    now: datetime,  # noqa: ARG001 - as all reads have it
    *,
    filters: Filters | None = None,
    offset: int = 0,
    limit: int = PAGE_ROWS,
) -> TicketPage:
    """The last changed first; at most `limit` of them. Tickets of nobody known are for those who see all."""
    where = _conditions(by, filters or Filters())
    total = session.scalar(select(func.count()).select_from(Ticket).where(*where)) or 0
    wanted = (
        select(Ticket.id)
        .where(*where)
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .offset(offset)
        .limit(min(limit, MOST_ROWS))
    )
    rows = rows_of(session, Ticket.id.in_(select(wanted.subquery().c.id)))
    desks = session.scalars(select(Ticket.desk).distinct().order_by(Ticket.desk)).all()
    return TicketPage(rows, int(total), tuple(desks))


def rows_of(session: Session, where: ColumnElement[bool]) -> tuple[TicketRow, ...]:
    """Lines of the tickets that fit, whoever's they are: the caller has seen to that."""
    statement: Any = (
        select(*(getattr(Ticket, name) for name in _LINE), Customer.name, TicketRequester.name,
               TicketRequester.email)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(TicketRequester, TicketRequester.id == Ticket.requester_id)
        .where(where)
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
    )  # fmt: skip
    found: Sequence[Any] = session.execute(statement).all()
    states = _follow_ups(session, [row.cluster_id for row in found if row.cluster_id])
    overridden = _overridden(session, [row.id for row in found])
    return tuple(
        TicketRow(
            **dict(zip(_LINE, row[: len(_LINE)], strict=True)),
            customer=row[-3],
            requester=row[-2] or row[-1],
            overridden=row.id in overridden,
            follow_up=states.get(row.cluster_id, "none"),
        )
        for row in found
    )


def seen_by(by: Viewer) -> ColumnElement[bool]:
    """The condition on Ticket that every query for tickets carries."""
    if by.sees_all:
        return true()
    return Ticket.customer_id.in_(select(Customer.id).where(visible(by)))


def _follow_ups(session: Session, cluster_ids: Sequence[int]) -> dict[int, str]:
    """By root cause the state of the newest follow-up."""
    f = TicketFollowUp
    found: dict[int, str] = {}
    for some in pieces(cluster_ids):
        rows = session.execute(
            select(f.cluster_id, f.state).where(f.cluster_id.in_(some)).order_by(f.id)
        )
        found.update({cluster: state for cluster, state in rows})  # noqa: C416 - rows are no pairs to the type checker
    return found


def _overridden(session: Session, ids: Sequence[int]) -> set[int]:
    """Those among the tickets whose newest level is a person's."""
    t = TicketLevel
    found: set[int] = set()
    for some in pieces(ids):
        newest = select(func.max(t.id)).where(t.ticket_id.in_(some)).group_by(t.ticket_id)
        found.update(
            session.scalars(select(t.ticket_id).where(t.id.in_(newest), t.by_id.is_not(None)))
        )
    return found


def _conditions(by: Viewer, wanted: Filters) -> list[ColumnElement[bool]]:
    words = wanted.search.strip()
    optional: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (words or None, lambda: _named(words)),
        (wanted.state, lambda: _in_state(wanted.state or "")),
        (wanted.severity, lambda: Ticket.severity == wanted.severity),
        (wanted.level, lambda: Ticket.level == wanted.level),
        (wanted.desk, lambda: Ticket.desk == wanted.desk),
        (wanted.customer_id, lambda: Ticket.customer_id == wanted.customer_id),
        (wanted.follow_up, lambda: _followed(wanted.follow_up or "")),
        (wanted.mine or None, lambda: _mine(by)),
        (wanted.unmatched or None, lambda: Ticket.customer_id.is_(None)),
        (wanted.overridden or None, _by_a_person),
        (wanted.since, lambda: Ticket.updated_at >= wanted.since),
    )
    chosen = [condition() for value, condition in optional if value is not None]
    return [seen_by(by), *chosen]


def _named(words: str) -> ColumnElement[bool]:
    customers = select(Customer.id).where(Customer.name.icontains(words, autoescape=True))
    number = "".join(words.split()).replace("#", "").lower()
    return or_(
        Ticket.number_key.contains(number, autoescape=True) if number else Ticket.id.is_(None),
        Ticket.subject.icontains(words, autoescape=True),
        Ticket.customer_id.in_(customers),
    )


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "over":
        return Ticket.state.in_(OVER)
    if state == "unsolved":
        return Ticket.state.not_in((*OVER, "deleted"))
    return Ticket.state == state


def _followed(state: str) -> ColumnElement[bool]:
    f, newer = TicketFollowUp, aliased(TicketFollowUp)
    if state == "none":
        followed = select(f.cluster_id)
        return or_(Ticket.cluster_id.is_(None), Ticket.cluster_id.not_in(followed))
    later = exists().where(newer.cluster_id == f.cluster_id, newer.id > f.id)
    return Ticket.cluster_id.in_(select(f.cluster_id).where(f.state == state, ~later))


def _mine(by: Viewer) -> ColumnElement[bool]:
    return Ticket.customer_id.in_(select(Customer.id).where(Customer.csm_id == by.person_id))


def _by_a_person() -> ColumnElement[bool]:
    t, newer = TicketLevel, aliased(TicketLevel)
    later = exists().where(newer.ticket_id == t.ticket_id, newer.id > t.id)
    return Ticket.id.in_(select(t.ticket_id).where(t.by_id.is_not(None), ~later))
