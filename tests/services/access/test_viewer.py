"""What each role may see. Ana leads Ben; Cara works alone; Dan administers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotAllowed, NotFound
from data.tables import AuditEntry, Customer, Person
from services.access import (
    SYSTEM,
    Viewer,
    audit,
    require_customer,
    require_role,
    visible,
)
from services.access.people import ensure_person, list_people, viewer_by_email, viewer_by_id
from services.access.viewer import viewer_of


@dataclass
class Team:
    viewers: dict[str, Viewer]
    customers: dict[str, int]


@pytest.fixture
def team(session: Session, now: datetime) -> Team:
    people: dict[str, Person] = {}
    for name, role, manager in (
        ("ana", "manager", None),
        ("ben", "csm", "ana"),
        ("cara", "csm", None),
        ("dan", "admin", None),
        ("eli", "manager", None),
    ):
        people[name] = Person(
            name=name,
            role=role,
            email=f"{name}@example.com",
            manager_id=people[manager].id if manager else None,
            created_at=now,
        )
        session.add(people[name])
        session.flush()
    customers = {}
    for name, csm in (("Acme", "ana"), ("Beta", "ben"), ("Corp", "cara"), ("Nobody's", None)):
        customer = Customer(
            name=name,
            csm_id=people[csm].id if csm else None,
            created_at=now,
            updated_at=now,
        )
        session.add(customer)
        session.flush()
        customers[name] = customer.id
    return Team({n: viewer_of(session, p, now) for n, p in people.items()}, customers)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ana", {"Acme", "Beta"}),
        ("ben", {"Beta"}),
        ("cara", {"Corp"}),
        ("dan", {"Acme", "Beta", "Corp", "Nobody's"}),
        ("eli", {"Acme", "Beta", "Corp", "Nobody's"}),
    ],
)
def test_portfolio_is_what_the_role_says(session: Session, team: Team, who: str, sees: set[str]):
    by = team.viewers[who]
    assert set(session.scalars(select(Customer.name).where(visible(by)))) == sees
    for name, number in team.customers.items():
        if name in sees:
            assert require_customer(session, by, number).name == name
        else:
            with pytest.raises(NotFound):
                require_customer(session, by, number)


def test_foreign_and_unknown_customers_look_alike(session: Session, team: Team):
    with pytest.raises(NotFound) as foreign:
        require_customer(session, team.viewers["ben"], team.customers["Corp"])
    with pytest.raises(NotFound) as unknown:
        require_customer(session, team.viewers["ben"], 999_999)
    assert foreign.value.message == unknown.value.message


def test_unknown_role_sees_nothing_of_others(session: Session, team: Team):
    stranger = Viewer(None, "x", None, "guest", sees_all=False)
    assert session.scalars(select(Customer).where(visible(stranger))).all() == []


def test_first_report_narrows_a_manager_to_the_team(session: Session, team: Team, now: datetime):
    assert team.viewers["eli"].sees_all
    ben = session.get_one(Person, team.viewers["ben"].person_id)
    ben.manager_id = team.viewers["eli"].person_id
    session.flush()
    eli = viewer_of(session, session.get_one(Person, team.viewers["eli"].person_id), now)
    assert not eli.sees_all
    assert set(session.scalars(select(Customer.name).where(visible(eli)))) == {"Beta"}


def test_inactive_people_are_nobody(session: Session, team: Team, now: datetime):
    number = team.viewers["ben"].person_id
    assert number is not None
    assert viewer_by_id(session, number, now) is not None
    session.get_one(Person, number).active = False
    session.flush()
    assert viewer_by_id(session, number, now) is None
    assert viewer_by_email(session, "BEN@example.com ", now) is None


def test_people_list_shows_one_s_own_team(session: Session, team: Team):
    assert [row.name for row in list_people(session, team.viewers["ana"])] == ["ana", "ben"]
    assert [row.name for row in list_people(session, team.viewers["cara"])] == ["cara"]
    whole = {row.name: row.customers for row in list_people(session, team.viewers["dan"])}
    assert whole == {"ana": 1, "ben": 1, "cara": 1, "dan": 0, "eli": 0}


def test_person_is_made_once_and_its_role_follows(session: Session, now: datetime):
    made = ensure_person(session, " Zoe@Example.com", "csm", now)
    again = ensure_person(session, "zoe@example.com", "manager", now)
    assert made.id == again.id
    assert again.role == "manager"
    session.flush()
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["person.added", "person.role"]


def test_only_admins_add_people(session: Session, team: Team, now: datetime):
    with pytest.raises(NotAllowed):
        ensure_person(session, "new@example.com", "admin", now, by=team.viewers["ben"])


def test_role_is_asked_for_in_words(team: Team):
    require_role(team.viewers["dan"], "admin")
    with pytest.raises(NotAllowed, match="Only an admin can do this"):
        require_role(team.viewers["ben"], "admin")


def test_audit_keeps_who_what_and_when(session: Session, team: Team, now: datetime):
    audit(
        session, team.viewers["ben"], "customer.edited", "customer", 7, "ARR", now, detail={"a": 1}
    )
    audit(session, SYSTEM, "scores.made", "customer_score", None, "", now)
    session.flush()
    first, second = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert (first.person_id, first.entity_id, first.at) == (team.viewers["ben"].person_id, 7, now)
    assert first.detail == {"a": 1}
    assert second.person_id is None
