from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import (
    Attendance,
    AuditEntry,
    Customer,
    Event,
    Participant,
    Person,
    Stakeholder,
    Upload,
)
from data.tables.events import ATTENDED, NO_SHOW
from services import customers
from services.access import SYSTEM, Viewer
from services.customers.listing import export_customers
from services.timeline import timeline
from tests.services.customers.files import NOW, customer, load, load_people


@pytest.fixture
def dana(session: Session) -> Viewer:
    """A CSM with Acme and Ünlü in her portfolio, but not Umbra."""
    person = Person(name="Dana", role="csm", created_at=NOW)
    session.add(person)
    session.flush()
    load(
        session,
        {"external_id": "1", "name": "Acme 100%", "domain": "acme.example", "csm_name": "Dana", "arr": "5K", "segment": "SMB", "renews_on": "2026-12-01"},
        {"external_id": "2", "name": "Ünlü AŞ", "aliases": "Famous", "csm_name": "Dana", "parent": "1", "arr": "9K", "other_id": "S-77"},
        {"external_id": "3", "name": "Umbra", "csm_name": "Ben", "parent": "1", "segment": "Secret"},
    )  # fmt: skip
    return Viewer(person.id, "Dana", None, "csm", sees_all=False)


def listed(session: Session, by: Viewer, **filters: object) -> list[str]:
    return customers.list_customers(session, by, **filters).rows["name"].to_list()  # type: ignore[arg-type]


def test_list_shows_the_portfolio_alone(session: Session, dana: Viewer):
    page = customers.list_customers(session, dana)
    assert (page.total, page.everything, page.as_of) == (2, 2, None)
    assert page.rows["id"][0] == f"cus_{customer(session, 'Acme 100%').id}"
    assert customers.choices(session, dana).segments == ("SMB",)
    assert [name for _, name in customers.choices(session, dana).csms] == ["Dana"]
    assert customers.list_customers(session, SYSTEM).total == 3


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ACME", ["Acme 100%"]),
        ("acme.exam", ["Acme 100%"]),
        ("0%", ["Acme 100%"]),
        ("%", ["Acme 100%"]),
        ("_", []),
        ("famous", ["Ünlü AŞ"]),
        ("ünlü", ["Ünlü AŞ"]),
        ("umbra", []),
        ("s-77", ["Ünlü AŞ"]),
        ("q\x00", []),
    ],
)
def test_search_looks_into_names_domains_and_identifiers(
    session: Session, dana: Viewer, search: str, found: list[str]
):
    assert listed(session, dana, search=search) == found


def test_list_is_sorted_and_cut_into_pages(session: Session, dana: Viewer):
    assert listed(session, dana, sort="-arr") == ["Ünlü AŞ", "Acme 100%"]
    assert listed(session, dana, sort="renewal", limit=1) == ["Acme 100%"]
    assert listed(session, dana, sort="-arr", offset=1) == ["Acme 100%"]
    with pytest.raises(BadInput):
        listed(session, dana, sort="name; drop table customer")


def test_list_leaves_the_house_as_csv_and_excel(session: Session, dana: Viewer):
    text = export_customers(session, dana, form="csv", search="acme").decode("utf-8-sig")
    assert text.splitlines()[0].startswith("ID,Name,Segment")
    assert len(text.splitlines()) == 2
    assert export_customers(session, dana, form="xlsx")[:2] == b"PK"


def test_days_to_the_renewal_are_those_of_the_reader(session: Session, dana: Viewer):
    session.get_one(Person, dana.person_id).time_zone = "Asia/Tokyo"
    session.flush()
    late = NOW.replace(hour=22)
    acme = customers.get_customer(session, dana, customer(session, "Acme 100%").id, now=late)
    assert acme.renews_in == 9


def test_head_has_everything_and_hides_foreign_children(session: Session, dana: Viewer):
    acme = customers.get_customer(session, dana, customer(session, "Acme 100%").id, now=NOW)
    assert (acme.csm, acme.domains, acme.renews_in) == ("Dana", ("acme.example",), 10)
    assert [child.name for child in acme.children] == ["Ünlü AŞ"]
    child = customers.get_customer(session, dana, customer(session, "Ünlü AŞ").id, now=NOW)
    assert child.parent is not None
    assert child.parent.name == "Acme 100%"


def test_foreign_customer_is_as_unknown_as_one_that_is_not_there(session: Session, dana: Viewer):
    messages = set()
    for number in (customer(session, "Umbra").id, 999_999):
        for ask in (
            lambda n: customers.get_customer(session, dana, n, now=NOW),
            lambda n: customers.list_stakeholders(session, dana, n),
            lambda n: customers.edit_customer(session, n, {"name": "X"}, by=dana, now=NOW),
            lambda n: customers.add_domain(session, n, "x.example", by=dana, now=NOW),
            lambda n: customers.add_stakeholder(session, n, {"first_name": "X"}, by=dana, now=NOW),
            lambda n: timeline(session, dana, n),
        ):
            with pytest.raises(NotFound) as refusal:
                ask(number)
            messages.add(refusal.value.message)
    assert len(messages) == 1


def test_edit_changes_what_was_asked_and_is_in_the_log(session: Session, dana: Viewer):
    number = customer(session, "Acme 100%").id
    changed = customers.edit_customer(
        session,
        number,
        {"name": "Acme", "arr": "1.500,00", "segment": "", "goals": "A\nB"},
        by=dana,
        now=NOW,
    )
    assert changed == ["Name", "ARR", "Segment", "Goals"]
    acme = customers.get_customer(session, dana, number, now=NOW)
    assert (acme.other_names, acme.segment, acme.goals) == (("Acme 100%",), None, ("A", "B"))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.edited")).one()
    assert (entry.person_id, entry.what) == (dana.person_id, "Name, ARR, Segment, Goals")
    assert customers.edit_customer(session, number, {"name": "Acme"}, by=dana, now=NOW) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"arr": "lots"},
        {"reported_health": "101"},
        {"time_zone": "Mars"},
        {"parent": "cus_0"},
        {"external_id": "2"},
        {"segment": "x" * 101},
    ],
)
def test_edit_refuses_what_cannot_be_used(session: Session, dana: Viewer, changes: dict[str, str]):
    with pytest.raises((BadInput, NotFound, AlreadyExists)) as refusal:
        customers.edit_customer(
            session, customer(session, "Acme 100%").id, changes, by=dana, now=NOW
        )
    assert refusal.value.message


def test_customer_cannot_become_its_own_ancestor(session: Session, dana: Viewer):
    child = customer(session, "Ünlü AŞ").id
    with pytest.raises(BadInput):
        customers.edit_customer(
            session, customer(session, "Acme 100%").id, {"parent": f"cus_{child}"}, by=dana, now=NOW
        )


def test_domains_and_names_come_and_go(session: Session, dana: Viewer):
    number = customer(session, "Acme 100%").id
    assert (
        customers.add_domain(session, number, "https://WWW.New.example/", by=dana, now=NOW)
        == "new.example"
    )
    customers.remove_domain(session, number, "acme.example", by=dana, now=NOW)
    customers.add_name(session, number, "  ACME\tInc ", by=dana, now=NOW)
    head = customers.get_customer(session, dana, number, now=NOW)
    assert (head.domains, head.other_names) == (("new.example",), ("ACME Inc",))
    customers.remove_name(session, number, "ACME Inc", by=dana, now=NOW)
    assert customers.get_customer(session, dana, number, now=NOW).other_names == ()
    with pytest.raises(NotFound):
        customers.remove_domain(session, number, "acme.example", by=dana, now=NOW)


def test_stakeholder_is_added_and_edited_by_hand(session: Session, dana: Viewer):
    number = customer(session, "Acme 100%").id
    who = customers.add_stakeholder(
        session,
        number,
        {"first_name": "Ann", "emails": "Ann@acme.example, a@b.example"},
        by=dana,
        now=NOW,
    )
    assert customers.edit_stakeholder(
        session, who, {"emails": "a@b.example", "role": "champion"}, by=dana, now=NOW
    ) == ["Role", "E-mail"]
    row = customers.list_stakeholders(session, dana, number).row(0, named=True)
    assert (row["email"], row["other_emails"], row["role"]) == ("a@b.example", None, "champion")
    with pytest.raises(AlreadyExists):
        customers.add_stakeholder(session, number, {"emails": "A@B.example"}, by=dana, now=NOW)
    with pytest.raises(BadInput):
        customers.add_stakeholder(session, number, {"emails": "nonsense"}, by=dana, now=NOW)


def happenings(session: Session, customer_id: int) -> None:
    """Ann attended the webinar and Bob did not come, said a file that was counted two days ago."""
    load_people(session, {"customer": "1", "name": "Ann Lee", "email": "ann@acme.example"})
    ann = session.scalars(select(Stakeholder)).one()
    upload = Upload(
        file_name="zoom.csv",
        sha256="0",
        size=1,
        state="committed",
        uploaded_at=NOW,
        committed_at=NOW - timedelta(days=2),
    )
    event = Event(
        name="*Webinar*",
        name_key="webinar",
        type="webinar",
        starts_at=NOW - timedelta(days=9),
        held_on=date(2026, 11, 12),
        created_at=NOW,
    )
    session.add_all([upload, event])
    session.flush()
    for name, status, stakeholder in (("ann", ATTENDED, ann.id), ("bob", NO_SHOW, None)):
        seen = Participant(
            person_key=name,
            customer_id=customer_id,
            stakeholder_id=stakeholder,
            band="automatic",
            confidence=1.0,
            evidence="email",
        )
        session.add(seen)
        session.flush()
        session.add(
            Attendance(
                participant_id=seen.id,
                event_id=event.id,
                status=status,
                questions=2 if stakeholder else None,
                upload_id=upload.id,
            )
        )
    session.flush()


def test_stakeholders_say_what_they_attended(session: Session, dana: Viewer):
    number = customer(session, "Acme 100%").id
    happenings(session, number)
    row = customers.list_stakeholders(session, dana, number).row(0, named=True)
    assert (row["name"], row["events"], row["last_event"]) == ("Ann Lee", 1, date(2026, 11, 12))


def test_timeline_tells_everything_newest_first(session: Session, dana: Viewer):
    number = customer(session, "Acme 100%").id
    happenings(session, number)
    customers.edit_customer(session, number, {"city": "Oslo"}, by=dana, now=NOW)
    found = timeline(session, dana, number)
    assert [entry.title for entry in found] == [
        "Renewal",
        "Customer edited",
        "File counted: zoom.csv",
        "Attended *Webinar*",
    ]
    assert found[-1].detail == "1 attended, 1 did not come, 2 questions asked"
    assert found[1].detail == "City · Dana"
    assert [e.kind for e in timeline(session, dana, number, kinds=("event",))] == ["event"]
    assert [e.kind for e in timeline(session, dana, number, before=NOW - timedelta(days=2))] == [
        "event"
    ]
    assert len(timeline(session, dana, number, limit=2)) == 2


def test_customer_is_still_there_for_the_database(session: Session, dana: Viewer):
    """Bulk writes and the ORM agree on every column."""
    for row in session.scalars(select(Customer)):
        assert row.created_at == row.updated_at == NOW
        assert (row.currency, row.interests) == ("USD", [])
