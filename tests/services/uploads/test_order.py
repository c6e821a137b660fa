"""What is on record does not hang on what came first: customers, contacts, files or answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from data.tables import Stakeholder, StakeholderEmail
from data.versions import MATCHING, bump
from services import match_review
from services.access.viewer import SYSTEM
from services.uploads.rematch import rematching
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv
from tests.support import databases

TORN = ("ann", "ben", "cid", "dee", "eve")
"""Their company is blank in one row, and another customer's name in the next."""
FILES = {
    "first": [
        *[line(f"{who}@dataflow.io", Name=f"{who} Torn") for who in TORN],
        line("maria.lopez@dataflow.io", Name="M. Lopez"),
        line("x@dataflows.io", Name="Maria Lopez"),
        line("y@dataflows.io", Name="New Person"),
        line("", Name="Grace Hill", Customer="Cobalt Harbour"),
    ],
    "second": [
        *[line(f"{who}@dataflow.io", "User Group", Customer="Cobalt Harbor") for who in TORN],
        line("Maria.Lopez+zoom@dataflow.io", "User Group", Customer="Umbra Retail"),
        line("y@dataflows.io", "User Group", Customer="DataFlow Inc"),
        line("z@dataflows.io", "User Group", Name="Somebody Else"),
    ],
}


def _people(engine: Engine) -> list[tuple[Any, ...]]:
    columns = (
        "person_key, email, name, company, customer_id, band, confidence, evidence, stakeholder_id, "
        "question_kind, question_key, candidates, spellings"
    )
    with transaction(engine, read_only=True) as session:
        found = session.execute(text(f"SELECT {columns} FROM participant ORDER BY person_key"))
        return [(*row[:6], round(row[6], 4), *row[7:]) for row in found]


def _scores(engine: Engine) -> list[tuple[Any, ...]]:
    columns = "customer_id, as_of, score, frequency, recency, depth, diversity, consistency"
    with transaction(engine, read_only=True) as session:
        found = session.execute(text(f"SELECT {columns} FROM customer_score ORDER BY 1, 2"))
        return [tuple(row) for row in found]


def _state(engine: Engine) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    return _people(engine), _scores(engine)


def _answer(engine: Engine) -> None:
    with transaction(engine) as session, rematching(session, now=NOW):
        match_review.answer(
            session, by=SYSTEM, now=NOW, kind="domain", key="dataflow.io|cobalt harbor",
            verdict="is", customer_id=2,
        )  # fmt: skip


def _contact(engine: Engine) -> None:
    with transaction(engine) as session, rematching(session, now=NOW):
        one = Stakeholder(
            customer_id=3, first_name="Dee", last_name="Torn", created_at=NOW, updated_at=NOW
        )
        session.add(one)
        session.flush()
        session.add(
            StakeholderEmail(
                email="dee@dataflow.io", stakeholder_id=one.id, shown_as="dee@dataflow.io"
            )
        )
        bump(session, MATCHING)


def _customers(engine: Engine) -> None:
    load_customers(engine)
    _again(engine)


def _again(engine: Engine) -> None:
    """Everybody is matched anew, as after a change of customers."""
    with transaction(engine) as session, rematching(session, now=NOW):
        bump(session, MATCHING)


STEPS: dict[str, Callable[[Engine, Path], Any]] = {
    "customers": lambda engine, _folder: _customers(engine),
    "contact": lambda engine, _folder: _contact(engine),
    "answer": lambda engine, _folder: _answer(engine),
    "first": lambda engine, folder: bring_in(engine, write_csv(folder / "1.csv", FILES["first"])),
    "second": lambda engine, folder: bring_in(engine, write_csv(folder / "2.csv", FILES["second"])),
}
ORDERS = [
    order
    for order in permutations(STEPS)
    if order.index("customers") < min(order.index("contact"), order.index("answer"))
]


@pytest.fixture
def another(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    template = request.getfixturevalue(f"{dialect}_template")
    fresh = (
        databases.sqlite_database(template, tmp_path_factory.mktemp("another"))
        if dialect == "sqlite"
        else databases.postgres_database(template)
    )
    with fresh as made:
        yield made


@pytest.mark.parametrize("order", [*ORDERS[1::8], ORDERS[-1]])
def test_matches_and_scores_are_the_same_in_any_order(
    engine: Engine, another: Engine, tmp_path: Path, order: tuple[str, ...]
):
    """Whoever is spelled in two ways is matched by both, also where all files came before the customers."""
    for target, steps in ((engine, ORDERS[0]), (another, order)):
        for step in steps:
            STEPS[step](target, tmp_path)
        _again(target)
    assert _state(another) == _state(engine)


def test_files_before_the_customers_come_to_the_matches_of_customers_first(
    engine: Engine, tmp_path: Path
):
    for step in ("first", "second", "customers"):
        STEPS[step](engine, tmp_path)
    found = {row[0]: row[4:] for row in _people(engine)}
    torn = {found[f"{who}@dataflow.io"][1:4:2] for who in TORN}
    assert torn == {("review", "conflict")}, "not who the hash of a row happens to favour"


@pytest.mark.parametrize("taken", ["first", "second"])
def test_undo_takes_the_spellings_of_the_file_along(engine: Engine, tmp_path: Path, taken: str):
    STEPS["customers"](engine, tmp_path)
    (left,) = FILES.keys() - {taken}
    STEPS[left](engine, tmp_path)
    _again(engine)
    before = _state(engine)
    done = STEPS[taken](engine, tmp_path)
    _again(engine)
    assert _state(engine) != before
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    assert _state(engine) == before


def test_file_undone_after_another_that_told_more_leaves_none_of_its_spellings(
    engine: Engine, tmp_path: Path
):
    STEPS["customers"](engine, tmp_path)
    done = {name: STEPS[name](engine, tmp_path)["upload_id"] for name in FILES}
    third = write_csv(tmp_path / "3.csv", [line("ann@dataflow.io", "Third", Name="Ann")])
    bring_in(engine, third)
    for name in FILES:
        undo(done[name], by=SYSTEM, now=NOW, engine=engine)
    assert [(row[2], row[3], row[-1]) for row in _people(engine)] == [("Ann", None, None)]


def test_spelling_of_a_file_that_was_taken_back_is_no_longer_asked(engine: Engine, tmp_path: Path):
    """Gathered from the first file, outdone by the second, and gone with the first."""
    STEPS["customers"](engine, tmp_path)
    done = STEPS["second"](engine, tmp_path)
    _again(engine)
    STEPS["first"](engine, tmp_path)
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    _again(engine)
    found = {row[0]: row[4:8] for row in _people(engine)}
    assert found["ann@dataflow.io"] == (1, "automatic", 0.96, "domain")


def test_spellings_that_former_versions_did_not_keep_are_gathered_from_the_uploads(
    engine: Engine, tmp_path: Path
):
    for step in ("first", "second"):
        STEPS[step](engine, tmp_path)
    with transaction(engine) as session:
        session.execute(text("UPDATE participant SET spellings = NULL"))
        session.execute(text("UPDATE upload SET unspelled = true"))
    _customers(engine)
    found = {row[0]: row[5] for row in _people(engine)}
    assert {found[f"{who}@dataflow.io"] for who in TORN} == {"review"}
