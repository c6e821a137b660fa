"""Answering a risk signal: a mail to approve, and a task with a date, in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Customer, Person, RiskSignal, Task
from services import drafts, tasks
from services.access import Viewer, visible
from services.access.day import usable_zone
from services.ids import public_id
from services.mailboxes import OUR_TEAM, below_name
from services.plurals import plural
from services.scoring.champions import Contact, champions
from services.scoring.risk.events import Background
from services.scoring.risk.former import rounds, spoken_since, under_way
from services.scoring.risk.moves import record
from services.scoring.risk.occasion import reason_of, spoken_of
from services.scoring.risk.records import CHECK_IN, KIND, SOURCE

TEMPLATE = "scoring/check_in"
MOST_AT_ONCE = 200
CHANGED = "What it said of the customer is not so any more."
SATURDAY = 5
START = time(10)
CALL_MINUTES = 30


@dataclass(frozen=True)
class Planned:
    """`drafts` and `tasks` made. `unreachable`: customers without anybody to write to, who have the task
    alone; `before`: customers that had their outreach planned already; `signals`: those that nobody had in
    hand before."""

    drafts: tuple[int, ...] = ()
    tasks: tuple[int, ...] = ()
    unreachable: tuple[str, ...] = ()
    before: int = 0
    signals: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Case:
    """One customer: `signal` is what is spoken of, `also` what else was to be answered; `round` counts the
    outreach that the signal had before."""

    signal: RiskSignal
    customer: Customer
    csm: Person | None
    also: tuple[RiskSignal, ...] = ()
    round: int = 0

    @property
    def signals(self) -> tuple[RiskSignal, ...]:
        return (self.signal, *self.also)

    def key(self, occasion: str) -> str:
        """Of a mail or call, which its round makes once."""
        again = f":again:{self.round}" if self.round else ""
        return f"risk:{self.signal.id}:{occasion}{again}"


def plan_outreach(
    session: Session,
    signal_ids: tuple[int, ...],
    *,
    by: Viewer,
    now: datetime,
    at: datetime | None = None,
) -> Planned:
    """For each customer of these signals a draft to the champion, a task at `at` (else the next working day
    at ten on its owner's clock) that stands in the owner's calendar, and the signals acknowledged.

    However many signals a customer has, it is written to and called once, about the worst of them. Doing it
    again adds nothing while the outreach to the customer is still open, nor does another signal. Once all of it is
    closed it can be planned anew; among several customers those spoken with since then are passed over.
    InvalidMove for closed signals, BadInput for more than MOST_AT_ONCE.
    """
    _require_sound(signal_ids, at, now)
    every = _by_customer(session, _cases(session, signal_ids, by))
    waiting = under_way(session, [case.customer.id for case in every])
    if len(every) > 1:
        waiting |= spoken_since(session, [case.signal.id for case in every], now)
    for case in every:
        if case.customer.id in waiting:
            _acknowledge_new(session, case, by, now)
    cases = _to_plan(session, [case for case in every if case.customer.id not in waiting])
    contacts = champions(session, [case.customer.id for case in cases], as_of=now.date())
    mails = _mails(session, cases, contacts, now)
    calls = [_call(case, contacts.get(case.customer.id), at, by, now) for case in cases]
    made = drafts.create_many(session, mails, now=now)
    added = [tasks.add(session, call, now=now, by=by) for call in calls]
    done = [case for case, task in zip(cases, added, strict=True) if task is not None]
    answered = [signal for case in done for signal in case.signals]
    new = tuple(signal.id for signal in answered if signal.state == "open")
    for signal in answered:
        _acknowledged(session, signal, by, now)
    names = [case.customer.name for case in cases if case.customer.id not in contacts]
    fresh = tuple(task for task in added if task is not None)
    return Planned(tuple(made), fresh, tuple(names), len(every) - len(fresh), new)


def make_anew(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """Withdraw an outreach mail that says what is not so any more, and write it from what is known today;
    the new one's id.

    InvalidMove when its signal is closed, nobody is left to write to, or it has changed meanwhile.
    """
    shown = drafts.view(session, by, draft_id, now)
    if shown.kind != CHECK_IN or shown.source != SOURCE or shown.source_id is None:
        raise InvalidMove("Only mails that answer a risk signal are made anew here.")
    if shown.revision != revision:
        raise InvalidMove("Somebody has changed it meanwhile. Look at it as it is now.")
    (case,) = _cases(session, [shown.source_id], by)
    contacts = champions(session, [case.customer.id], as_of=now.date())
    drafts.cancel(session, draft_id, CHANGED, now=now)
    session.flush()
    mails = _mails(session, [case], contacts, now)
    fresh = [replace(one, dedup_key=f"{one.dedup_key}:{draft_id}") for one in mails]
    made = drafts.create_many(session, fresh, now=now)
    if not made:
        raise InvalidMove(
            "Nobody at this customer can be written to. Add a stakeholder with an address."
        )
    return made[0]


def _require_sound(signal_ids: Sequence[int], at: datetime | None, now: datetime) -> None:
    if not signal_ids:
        raise BadInput("Choose at least one signal.")
    if len(signal_ids) > MOST_AT_ONCE:
        raise BadInput(f"Plan {MOST_AT_ONCE} at once at most; filter the list first.")
    if at is not None and at <= now:
        raise BadInput("Choose a time that is still to come.")


def _cases(session: Session, signal_ids: Sequence[int], by: Viewer) -> list[_Case]:
    rows = session.execute(
        select(RiskSignal, Customer, Person)
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(RiskSignal.id.in_(signal_ids), visible(by))
        .order_by(RiskSignal.id)
        .with_for_update(of=RiskSignal)
    ).all()
    if len(rows) < len(set(signal_ids)):
        raise InvalidMove("Some of these signals are not in your portfolio. Reload the page.")
    if any(signal.state == "closed" for signal, _, _ in rows):
        raise InvalidMove("A closed signal needs no outreach. Reopen it first.")
    return [_Case(*row) for row in rows]


def _by_customer(session: Session, cases: Sequence[_Case]) -> list[_Case]:
    """One for each customer: of the signals that have had no outreach yet the worst, and fading before others."""
    ids = [case.signal.id for case in cases]
    had = set(
        session.scalars(
            select(Task.source_id).where(Task.source == SOURCE, Task.source_id.in_(ids))
        )
    )
    ordered = sorted(
        cases,
        key=lambda case: (
            case.signal.id in had,
            case.signal.level != "alert",
            case.signal.kind != KIND,
            case.signal.id,
        ),
    )
    together: dict[int, list[_Case]] = {}
    for case in ordered:
        together.setdefault(case.customer.id, []).append(case)
    folded = [
        replace(first, also=tuple(case.signal for case in others))
        for first, *others in together.values()
    ]
    return sorted(folded, key=lambda case: case.signal.id)


def _to_plan(session: Session, cases: Sequence[_Case]) -> list[_Case]:
    former = rounds(session, [case.signal.id for case in cases])
    return [replace(case, round=former.get(case.signal.id, 0)) for case in cases]


def _mails(
    session: Session, cases: Sequence[_Case], contacts: Mapping[int, Contact], now: datetime
) -> list[drafts.NewDraft]:
    signals = [case.signal for case in cases]
    known = spoken_of(session, signals, [case.customer for case in cases], now.date())
    owners = {case.csm.id: case.csm.name for case in cases if case.csm}
    signatures = {number: below_name(session, number, name) for number, name in owners.items()}
    return [
        _mail(case, contacts[case.customer.id], known[case.signal.id],
              signatures.get(case.csm.id, "") if case.csm else "")
        for case in cases
        if case.customer.id in contacts
    ]  # fmt: skip


def _mail(case: _Case, contact: Contact, known: Background, signature: str) -> drafts.NewDraft:
    name = case.csm.name if case.csm else OUR_TEAM
    return drafts.NewDraft(
        dedup_key=case.key("check_in"),
        kind=CHECK_IN,
        topic="relationship",
        customer_id=case.customer.id,
        stakeholder_id=contact.stakeholder_id,
        source=SOURCE,
        source_id=case.signal.id,
        template=TEMPLATE,
        values={
            "first_name": contact.first_name or "there",
            "customer": case.customer.name,
            "opening": known.opening,
            "ask": reason_of(case.signal).ask,
            "goal": known.goal,
            "upcoming": list(known.upcoming),
            "sender_name": name,
            "signature": signature,
        },
        evidence=_evidence(case, contact, known),
        severity="high" if case.signal.level == "alert" else "normal",
    )


def _evidence(case: _Case, contact: Contact, known: Background) -> list[dict[str, Any]]:
    customer = {"id": public_id("customer", case.customer.id)}
    lines: list[dict[str, Any]] = [
        {"claim": reason_of(signal).claim, "fact": signal.sentence,
         "screen": "risk", "query": {"signal": public_id("signal", signal.id)}}
        for signal in case.signals
    ]  # fmt: skip
    lines += [
        {"claim": known.opening, "fact": known.seen, "screen": "customer", "query": customer},
        {"claim": f"To {contact.name}", "screen": "customer", "query": customer,
         "fact": f"The champion, or who took part most: seen at {plural(contact.events, 'event')} in the year."
         if contact.events else "Nobody of theirs was recognised at an event; chosen by role."},
    ]  # fmt: skip
    if known.goal:
        lines.append({"claim": known.goal, "fact": "Listed under the customer's goals.",
                      "screen": "customer", "query": customer})  # fmt: skip
    lines += [
        {"claim": event, "fact": "Planned, and open to this customer.", "screen": None, "query": {}}
        for event in known.upcoming
    ]
    return lines


def _call(
    case: _Case, contact: Contact | None, at: datetime | None, by: Viewer, now: datetime
) -> tasks.NewTask:
    whom = contact.name if contact else case.customer.name
    return tasks.NewTask(
        dedup_key=case.key(f"outreach:{case.signal.opened_at.isoformat()}"),
        title=f"Call {whom} at {case.customer.name}: {reason_of(case.signal).call}",
        detail="\n".join(signal.sentence for signal in case.signals),
        due_at=at or _next_morning(now, case.csm.time_zone if case.csm else None),
        owner_id=case.customer.csm_id or by.person_id,
        customer_id=case.customer.id,
        stakeholder_id=contact.stakeholder_id if contact else None,
        whole_day=False,
        minutes=CALL_MINUTES,
        source=SOURCE,
        source_id=case.signal.id,
    )


def _acknowledge_new(session: Session, case: _Case, by: Viewer, now: datetime) -> None:
    """What has come up since the outreach was planned is answered by it, too."""
    for signal in case.signals:
        if signal.state == "open":
            _acknowledged(session, signal, by, now)


def _acknowledged(session: Session, signal: RiskSignal, by: Viewer, now: datetime) -> None:
    signal.state = "acknowledged"
    record(session, signal, "outreach planned", now, by=by)


def _next_morning(now: datetime, zone: str | None) -> datetime:
    """Ten o'clock of the next working day, in UTC."""
    clock = ZoneInfo(usable_zone(zone))
    day: date = now.astimezone(clock).date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, START, clock).astimezone(UTC)
