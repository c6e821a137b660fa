"""A customer with a support desk, and tickets at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    CustomerDomain,
    HealthChange,
    Person,
    Stakeholder,
    StakeholderEmail,
    Ticket,
)
from data.versions import MATCHING, bump
from integrations.ticket_records import change, told
from services.access.viewer import viewer_of
from services.tickets.intake import take_in
from services.tickets.source import Source

OPENED = datetime(2026, 1, 23, 8, tzinfo=UTC)
SOLVED = OPENED + timedelta(days=4, hours=2)
DESK = Source("zendesk", "webhook")
NUMBER = "TF-2024-0847"


def customer(session: Session, name: str = "TechFlow", csm: str = "Ana Souza") -> Customer:
    """With a CSM, a domain, and David who has an address at it."""
    person = session.scalar(select(Person).where(Person.name == csm))
    if person is None:
        person = Person(
            name=csm, email=f"{csm.split()[0].lower()}@cs.example", role="csm", active=True,
            created_at=OPENED,
        )  # fmt: skip
        session.add(person)
        session.flush()
    made = Customer(
        name=name, csm_id=person.id, health_score=66, created_at=OPENED, updated_at=OPENED
    )
    session.add(made)
    session.flush()
    domain = f"{name.lower()}.example"
    session.add(CustomerDomain(customer_id=made.id, domain=domain))
    for first, last in (("David", "Kim"), ("Erin", "Wolf"), ("Sam", "Ode")):
        one = Stakeholder(
            customer_id=made.id,
            first_name=first,
            last_name=last,
            created_at=OPENED,
            updated_at=OPENED,
        )
        session.add(one)
        session.flush()
        address = f"{first.lower()}@{domain}"
        session.add(StakeholderEmail(email=address, stakeholder_id=one.id, shown_as=address))
    bump(session, MATCHING)
    session.flush()
    return made


def health(session: Session, customer_id: int, *course: tuple[datetime, int]) -> None:
    before = None
    for at, value in course:
        session.add(
            HealthChange(
                customer_id=customer_id, at=at, before=before, health=value, parts={}, cause="test"
            )
        )
        before = value
    session.flush()


def csm_of(session: Session, one: Customer) -> Any:
    return viewer_of(session, session.get_one(Person, one.csm_id), OPENED)


def ticket(
    session: Session,
    number: str = NUMBER,
    *,
    opened: datetime = OPENED,
    solved: datetime | None = SOLVED,
    now: datetime,
    domain: str = "techflow.example",
    people: tuple[str, ...] = ("david",),
    said: str = "The sync stops after some minutes. Please have a look at our limits.",
    **more: Any,
) -> Ticket:
    """Taken in as a desk's hook tells it."""
    given = {
        "number": number, "subject": "API rate limiting causing sync failures", "severity": "high",
        "opened_at": _plain(opened), "updated_at": _plain(solved or opened),
        "requester_email": f"{people[0]}@{domain}", "requester_name": people[0].title(),
        "resolution": "Rate limits increased 3x, optimization guide provided.", "area": "API",
    } | more  # fmt: skip
    changes = [change("state", "open", _plain(opened), "new", f"{number}-open")]
    if solved is not None:
        changes.append(
            change("state", "solved", _plain(solved), "open", f"{number}-{solved:%d%H%M}")
        )
    messages = [
        {"key": f"{number}-{place}", "author": "customer", "text": said, "at": _plain(opened),
         "email": f"{who}@{domain}", "internal": False}
        for place, who in enumerate(people)
    ]  # fmt: skip
    take_in(session, DESK, told([(given, changes, messages)]), now=now)
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def reopen(session: Session, number: str, at: datetime) -> None:
    given = {"number": number, "updated_at": _plain(at)}
    changed = [change("state", "open", _plain(at), "solved", f"{number}-again-{at:%d%H%M}")]
    take_in(session, DESK, told([(given, changed, [])]), now=at)
    session.expire_all()


def reopen_and_solve(session: Session, number: str, back: datetime, over: datetime) -> None:
    """Both in one delivery, as after a time without one."""
    given = {"number": number, "updated_at": _plain(over)}
    changes = [
        change("state", "open", _plain(back), "solved", f"{number}-back"),
        change("state", "solved", _plain(over), "open", f"{number}-over"),
    ]
    take_in(session, DESK, told([(given, changes, [])]), now=over)
    session.expire_all()


def _plain(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
