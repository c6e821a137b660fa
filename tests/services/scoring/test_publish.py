"""New weights: tried out, published by whoever may, and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.errors import BadInput, NotAllowed, NotFound
from data.tables import AuditEntry
from services.scoring.board import recompute, standings
from services.scoring.publish import current, preview, publish, revert, versions
from services.scoring.store import Stamp, stamp
from services.scoring.weights import WeightBook, Weights
from tests.services.scoring.recorded import ADMIN, ANAS, EVERYBODYS, MIAS, busy_world, record

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FREQUENT = WeightBook(Weights(90, 10, 0, 0, 0))
SMALL_ONLY = WeightBook(by_segment={"small": Weights(0, 0, 0, 100, 0)})


@pytest.fixture
def scored(engine: Engine) -> Engine:
    with transaction(engine) as session:
        record(session, busy_world(TODAY))
    with transaction(engine) as session:
        recompute(session, now=NOW)
    return engine


def test_before_anything_is_published_the_built_in_weights_count(session) -> None:
    assert current(session) == (0, WeightBook())
    assert [row.version for row in versions(session)] == [0]


def test_publishing_scores_everybody_anew_and_is_written_down(scored) -> None:
    with transaction(scored) as session:
        before = standings(session, EVERYBODYS, as_of=TODAY).rows
        assert publish(session, by=EVERYBODYS, now=NOW, book=FREQUENT, note=" Come often ") == 1
    with transaction(scored) as session:
        after = standings(session, EVERYBODYS, as_of=TODAY).rows
        assert stamp(session) == Stamp(TODAY, 1)
        newest = versions(session)[0]
        entry = session.scalars(select(AuditEntry)).one()
    assert before["score"].to_list() != after["score"].to_list()
    assert (newest.book, newest.note, newest.published_by) == (FREQUENT, "Come often", "Ada Admin")
    assert (entry.action, entry.person_id, entry.what) == ("weights.published", ADMIN, "version 1")


@pytest.mark.parametrize("book", [FREQUENT, SMALL_ONLY])
def test_preview_is_what_publishing_then_does(scored, book) -> None:
    with transaction(scored) as session:
        foreseen = preview(session, EVERYBODYS, as_of=TODAY, book=book)
        publish(session, by=EVERYBODYS, now=NOW, book=book, note="")
        happened = standings(session, EVERYBODYS, as_of=TODAY).rows
    columns = ["customer_id", "score", "rank", "band"]
    assert (
        foreseen.rows.select(columns).sort("customer_id").rows()
        == happened.select(columns).sort("customer_id").rows()
    )
    moved = foreseen.rows.filter(foreseen.rows["band"].ne_missing(foreseen.rows["band_before"]))
    assert 0 < foreseen.band_changes == moved.height
    assert (
        foreseen.rows.head(moved.height)["customer_id"].to_list() == moved["customer_id"].to_list()
    )


def test_weights_of_a_segment_leave_the_others_alone(scored) -> None:
    with transaction(scored) as session:
        rows = preview(session, EVERYBODYS, as_of=TODAY, book=SMALL_ONLY).rows
    changed = rows.filter(rows["score"] != rows["score_before"])
    assert changed["segment"].unique().to_list() == ["small"]


def test_preview_changes_nothing(scored) -> None:
    with transaction(scored) as session:
        before = standings(session, MIAS, as_of=TODAY).rows
        preview(session, MIAS, as_of=TODAY, book=FREQUENT)
        assert standings(session, MIAS, as_of=TODAY).rows.equals(before)
        assert current(session)[0] == 0


def test_going_back_restores_the_scores_as_a_new_version(scored) -> None:
    with transaction(scored) as session:
        before = standings(session, EVERYBODYS, as_of=TODAY).rows
        publish(session, by=EVERYBODYS, now=NOW, book=FREQUENT, note="")
        assert revert(session, by=EVERYBODYS, now=NOW, version=0) == 2
        assert standings(session, EVERYBODYS, as_of=TODAY).rows.equals(before)
        assert [row.version for row in versions(session)] == [2, 1, 0]
        assert versions(session)[0].note == "Back to version 0"


@pytest.mark.parametrize("by", [ANAS, MIAS])
def test_only_an_admin_publishes(scored, by) -> None:
    with transaction(scored) as session, pytest.raises(NotAllowed, match="Only an admin"):
        publish(session, by=by, now=NOW, book=FREQUENT, note="")


def test_weights_in_force_are_not_published_again(session) -> None:
    with pytest.raises(BadInput, match="in force already"):
        publish(session, by=EVERYBODYS, now=NOW, book=WeightBook(), note="")


def test_an_unknown_version_cannot_be_gone_back_to(session) -> None:
    with pytest.raises(NotFound, match="no such version"):
        revert(session, by=EVERYBODYS, now=NOW, version=7)
