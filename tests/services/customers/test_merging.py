"""Two records of one customer made into one, and apart again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, UniqueConstraint, select, text
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotAllowed, NotFound
from data.tables import Customer, CustomerScore, MatchAnswer, Person, Stakeholder
from data.tables.base import Base
from services import customers, match_review
from services.access import SYSTEM, Viewer
from services.customers import merging as module
from services.timeline import timeline
from services.uploads.rematch import rematching
from tests.services.customers.files import load, load_people, verdicts
from tests.services.uploads.world import NOW, attendance, bring_in, line, write_csv

TABLES = (
    "customer",
    "customer_domain",
    "customer_identifier",
    "customer_name",
    "stakeholder",
    "stakeholder_email",
    "participant",
    "match_answer",
    "customer_score",
    "attendance",
    "app_setting",
)
MANAGER = Viewer(7, "Mia", None, "manager", sees_all=True)
CSM = Viewer(8, "Cem", None, "csm", sees_all=True)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Engine:
    """Acme twice, a subsidiary under the second one, and people of both at an event."""
    with transaction(engine) as session:
        session.add_all(
            Person(id=number, name=name, role=role, created_at=NOW)
            for number, name, role in ((7, "Mia", "manager"), (8, "Cem", "csm"))
        )
        load(
            session,
            {"external_id": "A1", "name": "Acme", "domain": "acme.example", "segment": "SMB", "arr": "100"},
            {
                "external_id": "A2", "name": "Acme Corporation", "domain": "acme.example; acme.co",
                "segment": "Enterprise", "arr": "900", "industry": "Energy", "city": "Oslo",
                "country": "Norway", "started_on": "2024-05-01", "aliases": "ACME Intl",
                "other_id": "S2",
            },
            {"external_id": "A3", "name": "Acme Nordics", "parent": "A2"},
        )  # fmt: skip
        load_people(
            session,
            {"customer": "A1", "name": "Ann Lee", "email": "ann@acme.example"},
            {"customer": "A2", "name": "Bo Ek", "email": "bo@acme.co"},
        )
    lines = [
        line("ann@acme.example"), line("bo@acme.co"), line("cy@acme.co"),
        line("", Name="Di", Customer="ACME Intl"), line("ed@acme-labs.example"),
    ]  # fmt: skip
    bring_in(engine, write_csv(tmp_path / "a.csv", lines))
    return engine


def ids(engine: Engine) -> dict[str, int]:
    with transaction(engine, read_only=True) as session:
        return dict(session.execute(select(Customer.name, Customer.id)).all())  # type: ignore[arg-type]


def merge(engine: Engine, kept: int, gone: int, by: Viewer = MANAGER) -> int:
    with transaction(engine) as session, rematching(session, now=NOW):
        return customers.merge(session, kept, gone, by=by, now=NOW)


def unmerge(engine: Engine, entry: int) -> int:
    with transaction(engine) as session, rematching(session, now=NOW):
        return customers.unmerge(session, entry, by=MANAGER, now=NOW)


def everything(engine: Engine) -> dict[str, list[Any]]:
    """All facts but when they were written."""
    found: dict[str, list[Any]] = {}
    with transaction(engine, read_only=True) as session:
        for name in TABLES:
            skip = {"updated_at", "changed_at", "changed_by"}
            columns = [c.name for c in Base.metadata.tables[name].columns if c.name not in skip]
            rows = session.execute(text(f"SELECT {', '.join(columns)} FROM {name}")).all()
            found[name] = sorted((tuple(map(str, row)) for row in rows), key=repr)
    found["app_setting"] = [row for row in found["app_setting"] if "{}" not in row]
    return found


def answer(engine: Engine, key: str, verdict: str, customer: int) -> None:
    with transaction(engine) as session, rematching(session, now=NOW):
        match_review.answer(
            session, by=MANAGER, now=NOW, kind="domain", key=key, verdict=verdict, customer_id=customer
        )  # fmt: skip


def test_everything_of_the_one_is_the_others_afterwards(world: Engine):
    known = ids(world)
    answer(world, "acme-labs.example", "is", known["Acme Corporation"])
    merge(world, known["Acme"], known["Acme Corporation"])
    assert ids(world) == {"Acme": known["Acme"], "Acme Nordics": known["Acme Nordics"]}
    assert set(attendance(world)["customer_id"]) == {known["Acme"]}
    with transaction(world, read_only=True) as session:
        head = customers.get_customer(session, MANAGER, known["Acme"], now=NOW)
        assert set(head.domains) == {"acme.example", "acme.co"}
        assert set(head.other_names) == {"Acme Corporation", "ACME Intl"}
        assert [child.name for child in head.children] == ["Acme Nordics"]
        assert customers.list_stakeholders(session, MANAGER, known["Acme"]).height == 2
        score = session.get_one(CustomerScore, known["Acme"])
        assert (score.attended, score.people) == (1, 5)


def test_gaps_are_filled_and_nothing_said_is_overwritten(world: Engine):
    known = ids(world)
    with transaction(world, read_only=True) as session:
        shown = customers.preview_merge(session, MANAGER, known["Acme"], known["Acme Corporation"])
    assert dict(shown.moves) == {
        "domains": 2, "other names": 1, "stakeholders": 1, "people seen at events": 3,
        "changes of health": 1, "further identifiers": 1,
        "customers below it": 1,
    }  # fmt: skip
    assert {label for label, _ in shown.fills} == {"Industry", "Country", "City", "Customer since"}
    assert set(shown.drops) == {
        ("Identifier", "A1", "A2"), ("Segment", "SMB", "Enterprise"), ("ARR", "100", "900"),
    }  # fmt: skip
    merge(world, known["Acme"], known["Acme Corporation"])
    with transaction(world, read_only=True) as session:
        kept = session.get_one(Customer, known["Acme"])
        said = (kept.segment, kept.arr, kept.city, kept.country, kept.started_on, kept.external_id)
        assert said == ("SMB", 100, "Oslo", "Norway", date(2024, 5, 1), "A1")


@pytest.mark.parametrize(("kept", "gone"), [("Acme", "Acme Corporation"), ("Acme Corporation", "Acme"), ("Acme Nordics", "Acme Corporation"), ("Acme Corporation", "Acme Nordics")])  # fmt: skip
def test_merge_taken_back_leaves_everything_as_it_was(world: Engine, kept: str, gone: str):
    known = ids(world)
    answer(world, "acme-labs.example", "is", known[gone])
    answer(world, "other.example", "never", known[kept])
    answer(world, "other.example", "never", known[gone])
    before = everything(world)
    entry = merge(world, known[kept], known[gone])
    assert everything(world) != before
    assert unmerge(world, entry) == known[gone]
    assert everything(world) == before


def test_answers_that_contradict_each_other_are_withdrawn(world: Engine):
    known = ids(world)
    answer(world, "acme-labs.example", "never", known["Acme"])
    answer(world, "acme-labs.example", "is", known["Acme Corporation"])
    merge(world, known["Acme"], known["Acme Corporation"])
    with transaction(world, read_only=True) as session:
        standing = select(MatchAnswer.verdict).where(MatchAnswer.withdrawn_at.is_(None))
        assert session.scalars(standing).all() == ["is"]


def test_crm_that_still_has_both_does_not_bring_the_duplicate_back(world: Engine):
    known = ids(world)
    merge(world, known["Acme"], known["Acme Corporation"])
    with transaction(world) as session:
        counts = load(
            session,
            {"external_id": "A2", "name": "Acme Corporation", "segment": "Other", "domain": "acme.new"},
            {"external_id": "A1", "name": "Acme", "segment": "SMB"},
            {"external_id": "A9", "name": "Acme Labs", "parent": "A2"},
        ).counts  # fmt: skip
        load_people(session, {"customer": "A2", "name": "Flo Ro", "email": "flo@acme.co"})
        assert counts["created"] == 1
        head = customers.get_customer(session, MANAGER, known["Acme"], now=NOW)
        assert (head.name, head.segment) == ("Acme", "SMB")
        assert "acme.new" in head.domains
        assert {child.name for child in head.children} == {"Acme Nordics", "Acme Labs"}
        flo = select(Stakeholder.customer_id).where(Stakeholder.first_name == "Flo")
        assert session.scalar(flo) == known["Acme"]


def test_identifier_is_taken_over_where_the_other_has_none(session: Session):
    load(session, {"name": "Acme"}, {"external_id": "A2", "name": "Acme Corporation"})
    kept, gone = session.scalars(select(Customer.id).order_by(Customer.name)).all()
    entry = customers.merge(session, kept, gone, by=MANAGER_OF_ALL, now=NOW)
    assert session.get_one(Customer, kept).external_id == "A2"
    customers.unmerge(session, entry, by=MANAGER_OF_ALL, now=NOW)
    assert session.get_one(Customer, kept).external_id is None
    assert session.get_one(Customer, gone).external_id == "A2"


MANAGER_OF_ALL = SYSTEM


def test_number_that_was_given_away_meanwhile_is_not_needed_to_come_back(world: Engine):
    known = ids(world)
    entry = merge(world, known["Acme"], known["Acme Nordics"])
    with transaction(world) as session:
        session.add(
            Customer(id=known["Acme Nordics"], name="Newcomer", created_at=NOW, updated_at=NOW)
        )
    back = unmerge(world, entry)
    assert back != known["Acme Nordics"]
    assert ids(world)["Acme Nordics"] == back


def test_history_of_the_one_is_seen_with_the_other(world: Engine):
    known = ids(world)
    with transaction(world) as session:
        edit = {"industry": "Mining"}
        customers.edit_customer(session, known["Acme Corporation"], edit, by=MANAGER, now=NOW)
    merge(world, known["Acme"], known["Acme Corporation"])
    with transaction(world, read_only=True) as session:
        seen = [
            (e.title, e.detail) for e in timeline(session, MANAGER, known["Acme"], kinds=("edit",))
        ]
    assert ("Customer edited", "Industry · Mia") in seen
    assert ("Merged with a duplicate", "Acme Corporation · Mia") in seen


def test_merge_is_taken_back_once(world: Engine):
    known = ids(world)
    entry = merge(world, known["Acme"], known["Acme Corporation"])
    with transaction(world, read_only=True) as session:
        listed = customers.merges(session, MANAGER, known["Acme"])
    assert [(one.id, one.name, one.by) for one in listed] == [(entry, "Acme Corporation", "Mia")]
    unmerge(world, entry)
    with pytest.raises(InvalidMove, match="taken back already"):
        unmerge(world, entry)


def test_only_managers_and_admins_merge(world: Engine):
    known = ids(world)
    with pytest.raises(NotAllowed):
        merge(world, known["Acme"], known["Acme Corporation"], by=CSM)
    with pytest.raises(BadInput):
        merge(world, known["Acme"], known["Acme"])
    narrow = Viewer(7, "Mia", None, "manager", sees_all=False)
    with pytest.raises(NotFound):
        merge(world, known["Acme"], known["Acme Corporation"], by=narrow)


def test_circle_of_parents_is_not_made(session: Session):
    load(
        session,
        {"external_id": "1", "name": "Top"},
        {"external_id": "2", "name": "Middle", "parent": "1"},
        {"external_id": "3", "name": "Bottom", "parent": "2"},
    )
    top, _, bottom = session.scalars(select(Customer.id).order_by(Customer.id)).all()
    entry = customers.merge(session, bottom, top, by=SYSTEM, now=NOW)
    parents = dict(session.execute(select(Customer.name, Customer.parent_id)).all())
    assert parents == {"Middle": bottom, "Bottom": None}
    customers.unmerge(session, entry, by=SYSTEM, now=NOW)
    parents = dict(session.execute(select(Customer.name, Customer.parent_id)).all())
    assert parents == {"Top": None, "Middle": top, "Bottom": 2 + top - 1}


def test_every_table_that_speaks_of_customers_can_be_moved():
    """A new one with a key of several columns, or unique per customer, needs a way of its own."""
    for column in module._movable():
        (key,) = column.table.primary_key.columns
        assert key is not column
        unique = [c for c in column.table.constraints if isinstance(c, UniqueConstraint)]
        assert not [c for c in unique if column.name in c.columns], column


def test_row_that_tells_a_merged_one_as_further_identifier_is_of_the_one_that_is_left(
    world: Engine,
):
    with transaction(world) as session:
        known = {one.name: one.id for one in session.scalars(select(Customer))}
        gone, left = known["Acme Corporation"], known["Acme"]
        former = session.get_one(Customer, gone).external_id
        customers.merge(session, left, gone, by=MANAGER, now=NOW)
        kept = session.get_one(Customer, left).external_id
    with transaction(world) as session:
        told = load(session, {"external_id": "NEW-1", "other_id": former, "name": "Acme"})
        assert verdicts(told) == ["updated"]
        assert session.get_one(Customer, left).external_id == kept
