"""What changes customers or answers, and everybody matched anew, are one change or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Campaign, CustomerDomain
from services import customers, match_review
from services.access import SYSTEM
from services.campaigns import take_in
from services.uploads import rematch as module
from services.uploads.book import load_book
from services.uploads.rematch import rematching
from tests.services.campaigns.mail_world import SENDGRID, customer, frame, mail
from tests.services.uploads.world import (
    NOW,
    attendance,
    bring_in,
    line,
    load_customers,
    state,
    write_csv,
)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Engine:
    load_customers(engine)
    bring_in(engine, write_csv(tmp_path / "a.csv", [line("ann@newfirm.example")]))
    return engine


def add_domain(engine: Engine, customer: int, **options: Any) -> None:
    with transaction(engine) as session, rematching(session, now=NOW, **options):
        customers.add_domain(session, customer, "newfirm.example", by=SYSTEM, now=NOW)


def test_new_domain_brings_its_people_and_says_how_many(world: Engine):
    changed: list[int] = []
    add_domain(world, 3, changed=changed)
    assert changed == [1]
    assert attendance(world)["customer_id"].to_list() == [3]


def test_change_goes_with_the_matching_that_failed(world: Engine, monkeypatch: pytest.MonkeyPatch):
    before = state(world)

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(module, "rescore", die)
    with pytest.raises(RuntimeError):
        add_domain(world, 3)
    monkeypatch.undo()
    assert state(world) == before
    with transaction(world, read_only=True) as session:
        assert session.get(CustomerDomain, (3, "newfirm.example")) is None


def test_customer_book_of_a_change_that_was_taken_back_is_not_used(world: Engine):
    """Two changes may carry the same version when the first one was rolled back."""

    def look_and_die(session: Session) -> None:
        customers.add_domain(session, 3, "newfirm.example", by=SYSTEM, now=NOW)
        session.flush()
        load_book(session)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError), transaction(world) as session:
        look_and_die(session)
    add_domain(world, 1)
    assert attendance(world)["customer_id"].to_list() == [1]


def test_every_page_of_questions_tells_how_many_there_are(engine: Engine):
    with transaction(engine) as session:
        told = [one for n in range(5) for one in mail(f"a@nobody-{n}.example")]
        take_in(session, SENDGRID, frame(told), now=NOW)
        everything, total = match_review.questions(session, SYSTEM)
        assert (len(everything), total) == (5, 5)
        pages = [match_review.questions(session, SYSTEM, limit=2, offset=n) for n in (0, 2, 4, 6)]
    assert [total for _, total in pages] == [5, 5, 5, 5], "beyond the last one, too"
    assert [one for page, _ in pages for one in page] == everything


def test_recipients_nobody_is_sure_of_are_asked_about_with_everybody_else(engine: Engine):
    """One answer settles the whole domain, in campaigns too."""
    with transaction(engine) as session:
        dataflow = customer(session, "DataFlow", "dataflow.example", "maria")
        told = [one for n in "ab" for one in mail(f"{n}@flow-data.example")]
        told += mail("a@flow-data.example", campaign=2)
        number = take_in(session, SENDGRID, frame(told), now=NOW).campaigns[0]
    with transaction(engine) as session:
        found, total = match_review.questions(session, SYSTEM, search="flow-data")
        asked = [(one.kind, one.key, one.people, one.rows) for one in found]
        assert (asked, total) == ([("domain", "flow-data.example", 2, 3)], 1)
    with transaction(engine) as session, rematching(session, now=NOW):
        match_review.answer(
            session, by=SYSTEM, now=NOW, kind="domain", key="flow-data.example", verdict="is",
            customer_id=dataflow,
        )  # fmt: skip
    with transaction(engine) as session:
        assert session.get_one(Campaign, number).matched == 2
        assert match_review.questions(session, SYSTEM) == ([], 0)
