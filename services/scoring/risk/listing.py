"""Risk signals as people read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Person, RiskSignal, RiskSignalEvent, Task
from services.access import Viewer, require_customer, visible
from services.access.day import days_until, today, zone_of
from services.drafts.wholes import standing
from services.plurals import plural
from services.scoring.risk.moves import find_signal
from services.scoring.risk.records import SOURCE, Filters, Move, SignalPage, SignalRow
from services.tasks import day_of

PAGE_ROWS = 200
MOST_MOVES = 100
RENEWAL_SOON = 120
"""Days before the renewal from which on a call is due rather than a mail."""
NO_SEGMENT = "No segment"
Rows = Select[RiskSignal, Customer, str]


@dataclass(frozen=True)
class Answers:
    """What has been done about a signal."""

    outreach_on: date | None = None
    draft_id: int | None = None
    draft_state: str | None = None
    task_id: int | None = None


def listing(
    session: Session,
    by: Viewer,
    now: datetime,
    *,
    filters: Filters | None = None,
    offset: int = 0,
    limit: int = PAGE_ROWS,
) -> SignalPage:
    """Alerts first, then the largest customers, then the farthest below; at most `limit` of them."""
    wanted = filters or Filters()
    where = _conditions(by, wanted, now)
    counts = session.execute(
        select(RiskSignal.level, func.count())
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .where(*where)
        .group_by(RiskSignal.level)
    )
    levels: dict[str, int] = {row.level: row[1] for row in counts}
    concerned = select(RiskSignal.customer_id).join(
        Customer, Customer.id == RiskSignal.customer_id
    ).where(*where)  # fmt: skip
    worth = session.execute(
        select(Customer.currency, func.sum(Customer.arr))
        .where(Customer.id.in_(concerned), Customer.arr.is_not(None))
        .group_by(Customer.currency)
        .order_by(func.count().desc(), Customer.currency)
    )
    statement = _order(_rows(where)).offset(offset).limit(limit)
    return SignalPage(
        rows=_read(session, by, statement, now),
        total=sum(levels.values()),
        levels=levels,
        arr=tuple((currency, float(amount or 0)) for currency, amount in worth),
    )


def get_signal(session: Session, by: Viewer, signal_id: int, now: datetime) -> SignalRow:
    """One of them, in any state; NotFound when it is not of a customer that `by` sees."""
    find_signal(session, by, signal_id)
    return _read(session, by, _rows([RiskSignal.id == signal_id]), now)[0]


def signals_of(session: Session, by: Viewer, customer_id: int, now: datetime) -> list[SignalRow]:
    """A customer's signals, the newest first; NotFound for foreign customers."""
    require_customer(session, by, customer_id)
    statement = _rows([RiskSignal.customer_id == customer_id])
    return list(_read(session, by, statement.order_by(RiskSignal.opened_at.desc()).limit(20), now))


def history(session: Session, by: Viewer, signal_id: int) -> list[Move]:
    """What became of a signal, the newest first."""
    find_signal(session, by, signal_id)
    rows = session.execute(
        select(RiskSignalEvent, Person.name)
        .outerjoin(Person, Person.id == RiskSignalEvent.person_id)
        .where(RiskSignalEvent.signal_id == signal_id)
        .order_by(RiskSignalEvent.id.desc())
        .limit(MOST_MOVES)
    )
    return [Move(e.at, e.move, e.level, e.sentence, e.why, who) for e, who in rows]


def choices(session: Session, by: Viewer) -> tuple[list[str], dict[int, str]]:
    """Segments and CSMs of the customers with a signal, for the filters."""
    mine = select(RiskSignal.customer_id).join(
        Customer, Customer.id == RiskSignal.customer_id
    ).where(visible(by))  # fmt: skip
    segments = session.scalars(
        select(Customer.segment).where(Customer.id.in_(mine)).distinct().order_by(Customer.segment)
    ).all()
    people = session.execute(
        select(Person.id, Person.name)
        .where(Person.id.in_(select(Customer.csm_id).where(Customer.id.in_(mine))))
        .order_by(Person.name)
    )
    named = [segment for segment in segments if segment]
    return named + [NO_SEGMENT] * (None in segments), {row.id: row.name for row in people}


def _conditions(by: Viewer, wanted: Filters, now: datetime) -> list[ColumnElement[bool]]:
    words = wanted.search.strip()
    optional: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (wanted.states or None, lambda: RiskSignal.state.in_(wanted.states)),
        (wanted.level, lambda: RiskSignal.level == wanted.level),
        (wanted.segment, lambda: _in_segment(wanted.segment)),
        (wanted.csm_id, lambda: Customer.csm_id == wanted.csm_id),
        (wanted.customer_id, lambda: RiskSignal.customer_id == wanted.customer_id),
        (wanted.least_age, lambda: RiskSignal.opened_at <= _ago(now, wanted.least_age)),
        (wanted.most_age, lambda: RiskSignal.opened_at > _ago(now, wanted.most_age)),
        (words or None, lambda: Customer.name.icontains(words, autoescape=True)),
    )
    return [visible(by), *(condition() for value, condition in optional if value is not None)]


def _in_segment(segment: str | None) -> ColumnElement[bool]:
    return Customer.segment.is_(None) if segment == NO_SEGMENT else Customer.segment == segment


def _ago(now: datetime, days: int | None) -> datetime:
    return now - timedelta(days=days or 0)


def _rows(where: Sequence[ColumnElement[bool]]) -> Rows:
    return (
        select(RiskSignal, Customer, Person.name)
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(*where)
    )


def _order(statement: Rows) -> Rows:
    return statement.order_by(
        case((RiskSignal.level == "alert", 0), else_=1),
        func.coalesce(Customer.arr, 0).desc(),
        RiskSignal.opened_at.desc(),
        RiskSignal.id,
    )


def _read(session: Session, by: Viewer, statement: Rows, now: datetime) -> tuple[SignalRow, ...]:
    rows = session.execute(statement).all()
    answers = _answers(session, by, [signal for signal, _, _ in rows])
    day = today(session, by, now)
    return tuple(_row(s, c, csm, answers.get(s.id, Answers()), day) for s, c, csm in rows)


def _row(
    signal: RiskSignal, customer: Customer, csm: str | None, answers: Answers, day: date
) -> SignalRow:
    return SignalRow(
        id=signal.id,
        customer_id=customer.id,
        customer=customer.name,
        csm_id=customer.csm_id,
        csm=csm,
        segment=customer.segment,
        arr=None if customer.arr is None else float(customer.arr),
        currency=customer.currency,
        renews_on=customer.renews_on,
        level=signal.level,
        state=signal.state,
        sentence=signal.sentence,
        facts=signal.facts,
        as_of=signal.as_of,
        opened_at=signal.opened_at,
        seen_at=signal.seen_at,
        closed_at=signal.closed_at,
        closed_why=signal.closed_why,
        outreach_on=answers.outreach_on,
        draft_id=answers.draft_id,
        draft_state=answers.draft_state,
        advice=advice(signal.state, signal.facts, customer.renews_on, answers, day),
        task_id=answers.task_id,
    )


def _answers(session: Session, by: Viewer, signals: Sequence[RiskSignal]) -> dict[int, Answers]:
    """By signal. One outreach answers all that stand of a customer, though it names one of them."""
    standing = {one.customer_id for one in signals if one.state != "closed"}
    others: dict[int, list[int]] = defaultdict(list)
    for number, customer in session.execute(
        select(RiskSignal.id, RiskSignal.customer_id).where(
            RiskSignal.customer_id.in_(standing), RiskSignal.state != "closed"
        )
    ):
        others[customer].append(number)
    found = _named(session, by, {one.id for one in signals}.union(*others.values()))
    return {
        one.id: found.get(one.id)
        or next((found[n] for n in others[one.customer_id] if n in found), Answers())
        if one.state != "closed"
        else found.get(one.id, Answers())
        for one in signals
    }


def _named(session: Session, by: Viewer, signal_ids: Collection[int]) -> dict[int, Answers]:
    """What names these signals as its cause, on the days of `by`."""
    tasks = session.execute(
        select(Task.source_id, Task.due_at, Task.whole_day, Task.id)
        .where(Task.source == SOURCE, Task.source_id.in_(signal_ids), Task.state == "open")
        .order_by(Task.due_at.desc(), Task.id.desc())  # the first to be done comes last, and stays
    )
    zone = zone_of(session, by.person_id)
    due = {
        signal: (day_of(at, zone, whole_day=whole_day), task)
        for signal, at, whole_day, task in tasks
        if signal is not None
    }
    newest = select(func.max(Draft.id)).where(
        Draft.source == SOURCE, Draft.source_id.in_(signal_ids)
    ).group_by(Draft.source_id)  # fmt: skip
    drafts = {
        source: (number, state)
        for number, source, state in session.execute(
            select(Draft.id, Draft.source_id, standing()).where(Draft.id.in_(newest))
        )
        if source is not None
    }
    return {
        number: Answers(on, *drafts.get(number, (None, None)), task)
        for number in due.keys() | drafts.keys()
        for on, task in [due.get(number, (None, None))]
    }


def advice(
    state: str, facts: Mapping[str, Any], renews_on: date | None, answers: Answers, day: date
) -> str:
    """What to do about it on that day, in a sentence."""
    if state == "closed":
        return "Nothing to do: it is closed."
    if answers.outreach_on is not None:
        return f"Outreach is planned for {answers.outreach_on:%d %b %Y}."
    if answers.draft_state in ("pending", "second_look", "held"):
        return "A mail waits for approval. Read it and send it."
    ahead = days_until(renews_on, day)
    if ahead is not None and 0 <= ahead <= RENEWAL_SOON:
        when = "today" if ahead == 0 else f"in {plural(ahead, 'day')}"
        return f"Call them: the renewal is {when}."
    if "current" not in facts:
        return "Call them: ask what has changed, and what they would rather hear about."
    if facts.get("missed", 0) >= LONG_SILENCE:
        return "Ask what has changed: nobody came for a while."
    return "Check in, and offer the event that fits their goals."


LONG_SILENCE = 3
"""Events missed in a row."""
