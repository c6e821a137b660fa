"""The Match review page: a question, each kind of answer, and the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from components.review_card import EVIDENCE
from data.db import transaction
from services import match_review
from services.access import SYSTEM
from services.clock import utc_now
from services.matching.reasons import SENTENCES
from services.uploads.rematch import rematching
from tests.services.uploads.world import bring_in, line, load_customers, write_csv
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

CERTAIN = {
    "own_staff",
    "test_address",
    "notetaker",
    "answer",
    "answer_nobody",
    "conflict_nobody",
    "shared_domain_answer",
    "typo_domain_answer",
    "email",
    "domain",
    "domain_and_company",
    "none",
}
"""Evidence that leaves nothing to ask."""


@pytest.fixture
def asked(app_database: Engine, tmp_path: Path) -> Engine:
    """Two people at a domain one letter off DataFlow's, one at a domain nobody knows."""
    load_customers(app_database)
    lines = [
        line("ann@datafloww.io", Name="Ann Example"),
        line("bob@datafloww.io", Name="Bob Example"),
        line("cid@strangerworks.com", Name="Cid Example"),
    ]
    bring_in(app_database, write_csv(tmp_path / "a.csv", lines))
    return app_database


def matched(engine: Engine) -> dict[str, tuple[str, int | None]]:
    with transaction(engine, read_only=True) as session:
        rows = session.execute(text("SELECT email, band, customer_id FROM participant")).all()
    return {email: (band, customer) for email, band, customer in rows}


def page(**query: str) -> AppTest:
    return open_page("match_review", as_=person("Ana", "admin"), **query)


def press(app: AppTest, label: str) -> AppTest:
    found = [b for b in app.button if b.label.replace("\\", "").startswith(label)]
    assert found, [b.label for b in app.button]
    found[0].click()
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return words(app).replace("\\", "")


def test_without_questions_there_is_nothing_to_decide(app_database: Engine):
    assert "Nothing to decide" in said(page())


def test_question_says_what_speaks_for_it_and_how_much_it_settles(asked: Engine):
    shown = said(page())
    assert "Who are the other people at datafloww.io?" in shown
    assert "mistyped" in shown
    assert "2 people, 2 rows" in shown
    assert "Ann Example, Bob Example" in shown


def test_likely_customer_is_one_press_away(asked: Engine):
    app = press(page(), "DataFlow Inc")
    assert "2 rows of other people at datafloww.io now count for DataFlow Inc" in said(app)
    assert "Who are the other people at datafloww.io?" not in said(app)
    assert matched(asked)["ann@datafloww.io"] == ("automatic", 1)


def test_last_answer_can_be_undone_on_the_spot(asked: Engine):
    before = matched(asked)
    app = press(press(page(), "DataFlow Inc"), "Undo the last answer")
    assert "taken back" in said(app)
    assert matched(asked) == before
    assert "Who are the other people at datafloww.io?" in said(app)


@pytest.mark.parametrize("first", ["Kim", "Ana"])
def test_undo_leaves_the_answer_that_was_given_before(asked: Engine, first: str):
    app = page()
    whose = replace(SYSTEM, person_id=person(first, "admin"), name=first)
    of = {"kind": "domain", "key": "datafloww.io", "verdict": "is", "customer_id": 2}
    with transaction() as session, rematching(session, now=utc_now()):
        match_review.answer(session, by=whose, now=utc_now(), **of)
    with transaction() as session, rematching(session, now=utc_now()):
        ana = replace(SYSTEM, person_id=person("Ana", "admin"), name="Ana")
        number = match_review.answer(session, by=ana, now=utc_now(), **{**of, "customer_id": 1})
    app.session_state["match_review.last"] = number
    app = press(app.run(), "Undo the last answer")
    assert matched(asked)["ann@datafloww.io"] == ("automatic", 2)
    shown = said(page(**{"match_review.view": "Answers given"}))
    assert f"by {first}" in shown


def test_any_answer_can_be_taken_back_from_the_list(asked: Engine):
    before = matched(asked)
    press(page(), "DataFlow Inc")
    app = page(**{"match_review.view": "Answers given"})
    assert "Other people at datafloww.io are DataFlow Inc" in said(app).replace("*", "")
    assert "by Ana" in said(app)
    press(app, "Take back")
    assert matched(asked) == before
    assert "taken back" in said(page(**{"match_review.view": "Answers given"}))


def test_another_customer_is_found_by_name(asked: Engine):
    app = press(page(), "Something else")
    box = next(t for t in app.text_input if t.label == "Find another customer")
    app = box.set_value("cobalt").run()
    press(app, "Cobalt Harbor")
    assert matched(asked)["bob@datafloww.io"] == ("automatic", 2)


def test_never_takes_the_candidate_away(asked: Engine):
    app = press(press(page(), "Something else"), "Never DataFlow Inc")
    assert "never be matched to DataFlow Inc" in said(app)
    assert not [b for b in app.button if b.label.startswith("DataFlow")]
    assert matched(asked)["ann@datafloww.io"] == ("unmatched", None)


def test_nobody_is_not_asked_about_again(asked: Engine):
    app = press(page(**{"match_review.search": "stranger"}), "Not a customer")
    assert "strangerworks.com is no customer of yours" in said(app)
    app = page()
    assert "stranger" not in said(app)


def test_search_narrows_and_says_when_nothing_fits(asked: Engine):
    assert "datafloww" not in said(page(**{"match_review.search": "stranger"}))
    assert "No question fits" in said(page(**{"match_review.search": "zzz"}))


def test_candidate_of_a_colleague_is_not_named(asked: Engine):
    app = open_page("match_review", as_=person("Cara"))
    assert "Who are the other people at datafloww.io?" in said(app)
    assert "DataFlow" not in said(app)
    assert not [b for b in app.button if b.label.startswith("DataFlow")]


def test_every_doubtful_evidence_has_its_words():
    assert set(SENTENCES) - CERTAIN <= set(EVIDENCE)


def test_candidates_of_one_name_are_told_apart(asked: Engine):
    with transaction(asked) as session:
        session.execute(text("UPDATE customer SET name = 'DataFlow Inc'"))
        session.execute(
            text(
                "UPDATE participant SET candidates = '[[1, 0.8], [2, 0.7]]' WHERE email LIKE 'ann%'"
            )
        )
        domain = session.scalar(
            text("SELECT MIN(domain) FROM customer_domain WHERE customer_id = 1")
        )
    app = page()
    labels = [b.label.replace("\\", "") for b in app.button if b.label.startswith("DataFlow Inc")]
    assert len(labels) == 2
    assert len({label.split(" · ")[0] for label in labels}) == 2
    assert labels[0].startswith(f"DataFlow Inc ({domain})")


@pytest.fixture
def torn(app_database: Engine, tmp_path: Path) -> Engine:
    """One at DataFlow's domain who writes another customer's name, beside two who do not."""
    load_customers(app_database)
    lines = [
        line("emily@eu.dataflow.io", Name="Emily Park", Customer="Umbra Retail"),
        line("hans@dataflow.io", Name="Hans Vogel", Customer="DataFlow"),
        line("kwame@dataflow.io", Name="Kwame Mensah"),
    ]
    bring_in(app_database, write_csv(tmp_path / "torn.csv", lines))
    return app_database


@pytest.mark.parametrize(
    ("label", "told", "emily"),
    [
        (
            "Umbra Retail",
            "1 row of people at dataflow.io who write “umbra retail” now counts for",
            3,
        ),
        ("DataFlow", "1 row of people at dataflow.io who write “umbra retail” now counts for", 1),
        ("Not a customer", "dataflow.io who write “umbra retail” are no customer of yours", None),
    ],
)
def test_answer_where_domain_and_company_disagree_moves_whom_it_asks_about(
    torn: Engine, label: str, told: str, emily: int | None
):
    before = matched(torn)
    app = page()
    assert "Who are the people at dataflow.io who write “umbra retail”?" in said(app)
    assert "1 person, 1 row" in said(app)
    app = press(app, label)
    assert told in said(app)
    after = matched(torn)
    assert after.pop("emily@eu.dataflow.io")[1] == emily
    before.pop("emily@eu.dataflow.io")
    assert after == before
    assert "Nothing to decide" in said(page())
    app = page(**{"match_review.view": "Answers given"})
    assert "People at dataflow.io who write “umbra retail” are" in said(app).replace("*", "")
