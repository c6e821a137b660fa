"""Further identifiers of a customer, added and removed by hand."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import AuditEntry, Person
from data.versions import FACTS, current
from services import customers
from services.access import SYSTEM, Viewer
from services.customers import former
from services.customers import identifiers as module
from services.timeline import timeline
from tests.services.customers.files import NOW, customer, load, notes, verdicts


@pytest.fixture
def dana(session: Session) -> Viewer:
    """A CSM with Acme, but not Umbra."""
    person = Person(name="Dana", role="csm", created_at=NOW)
    session.add(person)
    session.flush()
    load(
        session,
        {"external_id": "G1", "name": "Acme", "csm_name": "Dana", "other_id": "S1"},
        {"external_id": "G2", "name": "Umbra", "csm_name": "Ben", "other_id": "S2"},
    )
    return Viewer(person.id, "Dana", None, "csm", sees_all=False)


def further(session: Session, name: str = "Acme") -> tuple[str, ...]:
    number = customer(session, name).id
    return customers.get_customer(session, SYSTEM, number, now=NOW).further_ids


def add(session: Session, by: Viewer, identifier: str) -> str:
    return customers.add_identifier(
        session, customer(session, "Acme").id, identifier, by=by, now=NOW
    )


def remove(session: Session, by: Viewer, identifier: str, name: str = "Acme") -> None:
    number = customer(session, name).id
    customers.remove_identifier(session, number, identifier, by=by, now=NOW)


def test_one_that_is_added_leads_lists_to_the_customer(session: Session, dana: Viewer):
    assert add(session, dana, "  H\t7 ") == "H 7"
    assert further(session) == ("H 7", "S1")
    told = load(session, {"external_id": "H 7", "name": "Acme", "industry": "Energy"})
    assert (verdicts(told), customer(session, "Acme").industry) == (["updated"], "Energy")


def test_one_that_is_removed_leads_there_no_more(session: Session, dana: Viewer):
    remove(session, dana, "S1")
    assert further(session) == ()
    assert verdicts(load(session, {"external_id": "S1", "name": "Other"})) == ["created"]
    with pytest.raises(NotFound):
        remove(session, dana, "S1")


def test_both_are_in_the_audit_log_and_on_the_timeline(session: Session, dana: Viewer):
    before = current(session)[FACTS]
    add(session, dana, "H7")
    remove(session, dana, "H7")
    told = select(AuditEntry.action, AuditEntry.what, AuditEntry.person_id).order_by(AuditEntry.id)
    assert session.execute(told).all()[-2:] == [
        ("customer.identifier_added", "H7", dana.person_id),
        ("customer.identifier_removed", "H7", dana.person_id),
    ]
    shown = timeline(session, dana, customer(session, "Acme").id)
    assert {"Identifier added", "Identifier removed"} <= {one.title for one in shown}
    assert current(session)[FACTS] > before


@pytest.mark.parametrize("taken", ["G2", "S2"])
def test_each_leads_to_one_customer(session: Session, dana: Viewer, taken: str):
    with pytest.raises(AlreadyExists, match="Another customer has this identifier"):
        add(session, dana, taken)
    acme = customer(session, "Acme").id
    with pytest.raises(AlreadyExists):
        customers.edit_customer(session, acme, {"external_id": taken}, by=dana, now=NOW)
    assert (further(session), further(session, "Umbra")) == (("S1",), ("S2",))


def test_that_of_a_customer_that_was_merged_leads_to_where_it_went(session: Session, dana: Viewer):
    load(session, {"external_id": "G3", "name": "Umbra Labs"})
    kept, gone = customer(session, "Umbra").id, customer(session, "Umbra Labs").id
    customers.merge(session, kept, gone, by=SYSTEM, now=NOW)
    with pytest.raises(AlreadyExists):
        add(session, dana, "G3")


@pytest.mark.parametrize("known", ["G1", "S1"])
def test_what_leads_there_already_is_left_as_it_is(session: Session, dana: Viewer, known: str):
    assert add(session, dana, known) == known
    assert further(session) == ("S1",)
    assert not session.scalars(
        select(AuditEntry).where(AuditEntry.action == "customer.identifier_added")
    ).all()


def test_one_that_becomes_the_customers_own_is_told_once(session: Session, dana: Viewer):
    acme = customer(session, "Acme").id
    customers.edit_customer(session, acme, {"external_id": "S1"}, by=dana, now=NOW)
    assert (customer(session, "Acme").external_id, further(session)) == ("S1", ())


def test_only_who_may_edit_the_customer_adds_and_removes(session: Session, dana: Viewer):
    number = customer(session, "Umbra").id
    with pytest.raises(NotFound):
        customers.add_identifier(session, number, "H7", by=dana, now=NOW)
    with pytest.raises(NotFound):
        remove(session, dana, "S2", "Umbra")
    with pytest.raises(NotFound):
        remove(session, dana, "S2")
    assert further(session, "Umbra") == ("S2",)


@pytest.mark.parametrize(("theirs", "is_refused"), [("Umbra", True), ("Acme", False)])
def test_of_two_who_add_the_same_at_once_the_later_is_told(
    session: Session, dana: Viewer, monkeypatch: pytest.MonkeyPatch, theirs: str, is_refused: bool
):
    """Whose it is was looked up before the other one had it written."""
    number = customer(session, theirs).id
    assert customers.add_identifier(session, number, "H7", by=SYSTEM, now=NOW) == "H7"
    look, asked = module._leads_to, list[str]()

    def looked(session: Session, identifier: str) -> int | None:
        asked.append(identifier)
        return look(session, identifier) if len(asked) > 1 else None

    monkeypatch.setattr(module, "_leads_to", looked)
    with pytest.raises(AlreadyExists) if is_refused else nullcontext():
        assert add(session, dana, "H7") == "H7"


@pytest.mark.parametrize("typed", ["", " \t", "x" * 101])
def test_what_is_none_is_refused(session: Session, dana: Viewer, typed: str):
    with pytest.raises(BadInput, match="1 to 100"):
        add(session, dana, typed)


KEPT, GONE = "0015g00000ABCD0AAA", "0015g00000ABCD9AAA"
LEFT_OUT = "left out: another customer has it"


@pytest.fixture
def merged(session: Session) -> int:
    """Bluefin, into which another record of the same program was merged."""
    load(
        session,
        {"external_id": KEPT, "name": "Bluefin", "arr": "1000"},
        {"external_id": GONE, "name": "Bluefin Inc (old)", "arr": "50"},
    )
    kept, gone = customer(session, "Bluefin").id, customer(session, "Bluefin Inc (old)").id
    customers.merge(session, kept, gone, by=SYSTEM, now=NOW)
    return kept


def test_row_of_the_merged_one_takes_nothing_from_the_row_of_the_one_left(
    session: Session, merged: int
):
    rows = (
        {"external_id": "G1", "other_id": KEPT, "name": "Bluefin Holding", "arr": "1100"},
        {"external_id": "G2", "other_id": GONE, "name": "Bluefin Inc (old)", "arr": "60"},
    )
    told = load(session, *rows)
    assert notes(told) == [None, former.NOTE]
    bluefin = customer(session, "Bluefin Holding")
    assert (bluefin.id, bluefin.arr) == (merged, 1100)
    assert further(session, "Bluefin Holding") == ("G1",)
    assert verdicts(load(session, *rows[::-1])) == ["unchanged", "unchanged"]
    assert customer(session, "Bluefin Holding").arr == 1100


@pytest.mark.parametrize("way", [1, -1])
def test_row_of_the_one_left_that_has_its_name_alone_counts_as_well(
    session: Session, merged: int, way: int
):
    rows = (
        {"external_id": "G1", "name": "Bluefin", "arr": "1100"},
        {"external_id": "G2", "other_id": GONE, "name": "Bluefin Inc (old)", "arr": "60"},
        {"external_id": "G3", "name": "Cobalt", "parent": "G2"},
    )
    told = load(session, *rows[::way])
    assert former.NOTE in notes(told)
    assert (customer(session, "Bluefin").arr, further(session, "Bluefin")) == (1100, ())
    assert customer(session, "Cobalt").parent_id == merged
    assert set(verdicts(load(session, *rows[::way]))) == {"unchanged"}


@pytest.mark.parametrize("way", [1, -1])
def test_row_by_a_number_that_came_with_a_merge_takes_nothing_from_that_of_the_one_left(
    session: Session, way: int
):
    load(
        session,
        {"external_id": KEPT, "other_id": "G1", "name": "Bluefin", "arr": "1000"},
        {"external_id": GONE, "other_id": "G2", "name": "Bluefin Inc (old)", "arr": "50"},
    )
    kept, gone = customer(session, "Bluefin").id, customer(session, "Bluefin Inc (old)").id
    customers.merge(session, kept, gone, by=SYSTEM, now=NOW)
    rows = (
        {"external_id": "G1", "name": "Bluefin", "arr": "1100"},
        {"external_id": "G2", "name": "Bluefin Inc (old)", "arr": "60"},
    )
    assert former.NOTE in notes(load(session, *rows[::way]))
    assert customer(session, "Bluefin").arr == 1100
    load(session, rows[1])
    assert (customer(session, "Bluefin").arr, further(session, "Bluefin")) == (60, ("G1", "G2"))


def test_identifier_that_the_one_left_has_as_its_own_by_now_is_that_of_no_merged_one(
    session: Session, merged: int
):
    customers.edit_customer(session, merged, {"external_id": GONE}, by=SYSTEM, now=NOW)
    told = load(session, {"external_id": GONE, "name": "Bluefin", "arr": "2000"})
    assert (notes(told), customer(session, "Bluefin").arr) == ([None], 2000)


def test_merged_ones_identifier_alone_in_a_row_is_as_its_own(session: Session, merged: int):
    told = load(session, {"other_id": GONE, "name": "Bluefin Inc (old)", "arr": "60"})
    assert notes(told) == [former.NOTE]
    assert customer(session, "Bluefin").arr == 1000


@pytest.mark.parametrize("own", ["G1", GONE[:-1] + "B"])
def test_merged_ones_identifier_leads_nobody_else_there(session: Session, merged: int, own: str):
    load(session, {"external_id": "G1", "name": "Cobalt"})
    told = load(session, {"external_id": own, "other_id": GONE, "name": "Cobalt Inc", "arr": "5"})
    assert f"Identifier “{GONE}” {LEFT_OUT}" in (notes(told)[0] or "")
    assert (customer(session, "Cobalt Inc").id != merged, customer(session, "Bluefin").arr) == (
        True,
        1000,
    )


def test_merged_ones_identifier_of_several_rows_is_left_out(session: Session, merged: int):
    rows = [
        {"external_id": own, "other_id": GONE, "name": name}
        for own, name in (("G1", "Cobalt"), ("G2", "Cobalt Labs"))
    ]
    left_out = f"Identifier “{GONE}” left out: several customers here have it"
    assert notes(load(session, *rows)) == [left_out, left_out]
    assert further(session, "Bluefin") == ()


def test_that_of_a_merged_one_becomes_nobody_elses_own(session: Session, dana: Viewer, merged: int):
    acme = customer(session, "Acme").id
    with pytest.raises(AlreadyExists, match="merged into another one"):
        customers.edit_customer(session, acme, {"external_id": GONE}, by=dana, now=NOW)
    customers.edit_customer(session, merged, {"external_id": GONE}, by=SYSTEM, now=NOW)
    assert customer(session, "Bluefin").external_id == GONE


def test_merge_taken_back_leaves_an_identifier_with_whose_it_is_now(session: Session, dana: Viewer):
    load(session, {"name": "Bluefin"}, {"external_id": GONE, "name": "Bluefin Inc (old)"})
    kept, gone = customer(session, "Bluefin").id, customer(session, "Bluefin Inc (old)").id
    entry = customers.merge(session, kept, gone, by=SYSTEM, now=NOW)
    customers.edit_customer(session, kept, {"external_id": "K9"}, by=SYSTEM, now=NOW)
    add(session, dana, GONE)
    customers.unmerge(session, entry, by=SYSTEM, now=NOW)
    assert customer(session, "Bluefin Inc (old)").external_id is None
    told = load(session, {"external_id": GONE, "name": "Acme", "industry": "Energy"})
    assert (verdicts(told), customer(session, "Acme").industry) == (["updated"], "Energy")
