from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Person, Stakeholder, StakeholderEmail
from services.access import Viewer
from tests.services.customers.files import NOW, customer, load, load_people, notes, verdicts


@pytest.fixture(autouse=True)
def _two_customers(session: Session) -> None:
    load(
        session,
        {"external_id": "1", "name": "Acme", "domain": "acme.example"},
        {"external_id": "2", "name": "Umbra", "domain": "umbra.example"},
    )


def people(session: Session) -> list[Stakeholder]:
    session.expire_all()
    return list(session.scalars(select(Stakeholder).order_by(Stakeholder.id)))


def addresses(session: Session) -> dict[str, tuple[int, bool]]:
    rows = session.execute(
        select(StakeholderEmail.email, StakeholderEmail.stakeholder_id, StakeholderEmail.is_primary)
    )
    return {row.email: (row.stakeholder_id, row.is_primary) for row in rows}


def test_every_value_of_a_row_arrives(session: Session):
    load_people(
        session,
        {
            "external_id": "p1",
            "customer": "1",
            "name": "Ortiz, Dana Maria",
            "email": "Dana Ortiz <Dana+crm@Acme.example>; dana@home.example",
            "title": "VP  Operations",
            "champion": "yes",
            "unsubscribed": "1",
            "language": "es",
        },
    )
    dana = people(session)[0]
    assert (dana.first_name, dana.last_name, dana.role) == ("Dana Maria", "Ortiz", "champion")
    assert (dana.title, dana.unsubscribed, dana.language) == ("VP Operations", True, "es")
    assert dana.customer_id == customer(session, "Acme").id
    assert addresses(session) == {
        "dana@acme.example": (dana.id, True),
        "dana@home.example": (dana.id, False),
    }


def test_same_file_again_changes_nothing(session: Session):
    rows = (
        {
            "external_id": "p1",
            "customer": "Acme",
            "name": "Dana Ortiz",
            "email": "dana@acme.example",
        },
        {"customer": "umbra.example", "email": "ben@umbra.example"},
        {"customer": "Umbra", "name": "Cleo Nomail"},
    )
    assert verdicts(load_people(session, *rows)) == ["created"] * 3
    assert verdicts(load_people(session, *rows)) == ["unchanged"] * 3


@pytest.mark.parametrize("cell", ["1", "Acme", " acme ", "https://www.acme.example/"])
def test_customer_is_found_by_identifier_name_or_domain(session: Session, cell: str):
    load_people(session, {"customer": cell, "email": "a@x.example"})
    assert people(session)[0].customer_id == customer(session, "Acme").id


def test_blank_customer_is_taken_from_the_address(session: Session):
    result = load_people(session, {"email": "a@acme.example"}, {"email": "b@gmail.com"})
    assert verdicts(result) == ["created", "rejected"]
    assert people(session)[0].customer_id == customer(session, "Acme").id


def test_unknown_customer_rejects_the_row_with_its_name(session: Session):
    result = load_people(session, {"customer": "Nobody", "email": "a@x.example"})
    assert verdicts(result) == ["rejected"]
    assert "“Nobody”" in str(notes(result)[0])


def test_address_finds_the_stakeholder_and_blank_cells_never_erase(session: Session):
    load_people(
        session,
        {"customer": "1", "name": "Dana Ortiz", "email": "dana@acme.example", "title": "VP"},
    )
    result = load_people(
        session, {"customer": "1", "email": "DANA+x@acme.example", "role": "admin"}
    )
    assert (verdicts(result), result.rows["changes"].to_list()) == (["updated"], ["Role"])
    assert (people(session)[0].title, people(session)[0].last_name) == ("VP", "Ortiz")


def test_first_address_of_the_file_becomes_the_primary_one(session: Session):
    load_people(session, {"external_id": "p", "customer": "1", "email": "old@acme.example"})
    load_people(session, {"external_id": "p", "customer": "1", "email": "new@acme.example"})
    assert {e: p for e, (_, p) in addresses(session).items()} == {
        "old@acme.example": False,
        "new@acme.example": True,
    }


def test_address_of_somebody_else_is_left_out_and_told(session: Session):
    rows = (
        {"external_id": "p1", "customer": "1", "name": "Ann", "email": "info@acme.example"},
        {"external_id": "p2", "customer": "1", "name": "Bob", "email": "info@acme.example"},
    )
    result = load_people(session, *rows)
    assert verdicts(result) == ["created", "created"]
    assert "another stakeholder" in str(notes(result)[1])
    assert len(addresses(session)) == 1
    assert verdicts(load_people(session, *rows)) == ["unchanged", "unchanged"]


def test_person_who_changed_crm_is_recognised(session: Session):
    person = {"customer": "1", "name": "Ann Lee", "email": "ann@acme.example"}
    load_people(session, person | {"external_id": "old-1"})
    assert verdicts(load_people(session, person | {"external_id": "003NEW"})) == ["unchanged"]


def test_one_address_at_two_customers_counts_for_the_first(session: Session):
    rows = ({"customer": "1", "email": "a@x.example"}, {"customer": "2", "email": "a@x.example"})
    result = load_people(session, *rows)
    assert verdicts(result) == ["created", "rejected"]
    assert verdicts(load_people(session, *rows)) == ["unchanged", "rejected"]


def test_person_moves_to_another_customer(session: Session):
    load_people(session, {"external_id": "p", "customer": "1", "email": "a@x.example"})
    assert verdicts(load_people(session, {"external_id": "p", "customer": "2"})) == ["updated"]
    assert people(session)[0].customer_id == customer(session, "Umbra").id


@pytest.mark.parametrize(
    "record", [{"customer": "1"}, {"customer": "1", "title": "VP"}, {"external_id": "p"}]
)
def test_row_that_names_nobody_is_rejected(session: Session, record: dict[str, str | None]):
    assert verdicts(load_people(session, record)) == ["rejected"]


def test_bad_values_are_told_and_the_row_is_kept(session: Session):
    result = load_people(
        session, {"customer": "1", "name": "Ann Lee", "email": "ann at acme", "role": "boss"}
    )
    assert verdicts(result) == ["created"]
    assert "not a whole address" in str(notes(result)[0])
    assert "Role “boss” left out" in str(notes(result)[0])


def test_csm_may_not_write_into_a_colleagues_customer(session: Session):
    dana = Person(name="Dana", role="csm", created_at=NOW)
    session.add(dana)
    session.flush()
    customer(session, "Acme").csm_id = dana.id
    by = Viewer(dana.id, "Dana", None, "csm", sees_all=False)
    rows = (
        {"customer": "Acme", "email": "a@x.example"},
        {"customer": "Umbra", "email": "b@x.example"},
    )
    assert verdicts(load_people(session, *rows, by=by)) == ["created", "rejected"]


def test_large_file_takes_the_bulk_path_on_both_databases(session: Session):
    rows = [
        {
            "external_id": f"p{i}",
            "customer": str(1 + i % 2),
            "first_name": "A",
            "last_name": str(i),
            "email": f"p{i}@x.example; q{i}@x.example",
        }
        for i in range(3_000)
    ]
    assert load_people(session, *rows).counts["created"] == 3_000
    assert load_people(session, *rows).counts["unchanged"] == 3_000
    assert len(addresses(session)) == 6_000


def test_domain_of_the_address_decides_where_the_customer_cell_does_not(session: Session):
    load(
        session,
        {"external_id": "1", "name": "Delta", "domain": "delta.example"},
        {"external_id": "2", "name": "Delta", "domain": "delta.test; gmail.com"},
    )
    rows = (
        {"first_name": "Ann", "email": "ann@delta.example", "customer": "Delta"},
        {"first_name": "Bea", "email": "bea@delta.test", "customer": "Delta Holding"},
        {"first_name": "Cem", "email": "cem@gmail.com", "customer": "Delta"},
        {"first_name": "Dee", "email": "dee@elsewhere.example", "customer": "Delta"},
    )
    result = load_people(session, *rows)
    assert verdicts(result) == ["created", "created", "rejected", "rejected"]
    assert "the domain of the e-mail address decided" in str(notes(result)[1])
    again = load_people(session, *rows)
    assert verdicts(again) == ["unchanged", "unchanged", "rejected", "rejected"]


def test_name_beside_an_identifier_decides_where_that_leads_to_nobody(session: Session):
    umbra = {"customer_name": "Umbra", "email": "eu@acme.example"}
    result = load_people(
        session,
        {**umbra, "name": "By Number", "customer": "2", "email": "a@gmail.com"},
        {**umbra, "name": "By Name", "customer": "0015g00000ABCD8AAA"},
        {"name": "Blank Number", "customer_name": "Umbra", "email": "b@gmail.com"},
        {"name": "At Odds", "customer": "1", "customer_name": "Umbra", "email": "c@gmail.com"},
    )
    assert verdicts(result) == ["created"] * 4
    assert notes(result) == [
        None,
        "No single customer is called “0015g00000ABCD8AAA”: the name “Umbra” decided",
        None,
        "“1” decided: “Umbra” is another customer's name",
    ]
    acme, umbra_id = customer(session, "Acme").id, customer(session, "Umbra").id
    assert [p.customer_id for p in people(session)] == [umbra_id, umbra_id, umbra_id, acme]


def test_address_decides_only_where_neither_identifier_nor_name_does(session: Session):
    unknown = {"customer": "0015", "customer_name": "Nobody Ltd"}
    result = load_people(
        session, {**unknown, "email": "a@umbra.example"}, {**unknown, "email": "b@gmail.com"}
    )
    assert verdicts(result) == ["created", "rejected"]
    assert notes(result) == [
        "No single customer is called “0015” or “Nobody Ltd”: the domain of the e-mail address decided",
        "No single customer has the identifier, name or domain “0015” or “Nobody Ltd”. Load it first, or "
        "correct the cell.",
    ]
