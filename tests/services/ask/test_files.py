"""Files that come with a message: when they are imported, what is said of them, and how they are taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from data.db import transaction
from data.tables import Event, HealthChange, Task, Upload
from services.ask.answers import Choices, Link, Links
from services.ask.files import Attached
from services.ask.history import Turn
from services.clock import utc_now
from services.ids import public_id
from services.uploads import undo
from tests.services.ask.talk import kinds, words

OURS = "TechCorp,Maria Lopez,maria@techcorp.example"
HEAD = "Customer,Name,Email,Event,Event Type,Date,Status,Duration"


@pytest.fixture
def attach(tmp_path: Path) -> Callable[..., Attached]:
    """A file of the people given, who were at one webinar."""

    def made(*people: str, hour: str = "") -> Attached:
        held = f"{utc_now() - timedelta(days=9):%Y-%m-%d}{hour}"
        rows = [f"{one},Autumn Talk,Webinar,{held},Attended,45" for one in people]
        path = tmp_path / "file"
        path.write_text("\n".join([HEAD, *rows, ""]))
        return Attached(path, "talk.csv")

    return made


def screens(turn: Turn) -> list[Link]:
    return [link for block in kinds(turn, Links) for link in block.links]


def upload() -> Upload:
    with transaction(read_only=True) as session:
        return session.scalars(select(Upload).order_by(Upload.id.desc()).limit(1)).one()


def talks() -> int:
    with transaction(read_only=True) as session:
        return len(session.scalars(select(Event.id).where(Event.name == "Autumn Talk")).all())


def health_changes() -> int:
    with transaction(read_only=True) as session:
        return len(session.scalars(select(HealthChange.id)).all())


def test_file_no_row_of_which_can_count_is_not_imported_and_makes_no_event(world, ask, attach):
    turn = ask("score this", attached=attach(",,", ",,"))
    assert "no row of it can count" in words(turn)
    page = {"id": public_id("upload", upload().id)}
    assert [(one.screen, dict(one.query)) for one in screens(turn)] == [("upload", page)]
    assert (upload().state, talks()) == ("previewed", 0)


def test_file_of_nobody_who_is_known_is_asked_about(world, ask, attach):
    turn = ask("score this", attached=attach("Nobody Ltd,Bo Berg,bo@nobody.example"))
    assert "none of its rows is of a customer that is known" in words(turn)
    assert (upload().state, talks()) == ("previewed", 0)


def test_rows_that_wait_for_an_answer_lead_to_match_review(world, ask, attach):
    turn = ask("score this", attached=attach(OURS, "Techcorp Inc,Bo Berg,bo@other.example"))
    assert upload().summary["review"] == 1
    assert "match_review" in [one.screen for one in screens(turn)]


def test_report_says_that_health_follows_the_scores(world, ask, attach):
    before = health_changes()
    said = words(ask("score this", attached=attach(OURS)))
    assert "Customers' health is up to date with the new scores." in said
    assert health_changes() > before


def test_zone_that_is_supposed_of_a_file_is_said(world, ask, attach):
    said = words(ask("score this", attached=attach(OURS, hour=" 15:00")))
    assert "Its hours name no zone; they are read as UTC." in said
    ask("undo")
    assert "name no zone" not in words(ask("score this", attached=attach(OURS, hour="T15:00:00Z")))


def test_file_that_cannot_be_read_leads_to_its_upload(world, ask, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"PK\x03\x04 no workbook")
    turn = ask("score this", attached=Attached(path, "talk.xlsx"))
    assert upload().state == "failed"
    page = {"id": public_id("upload", upload().id)}
    assert [(one.screen, dict(one.query)) for one in screens(turn)] == [("upload", page)]


def test_what_is_refused_leads_to_the_page_of_its_kind(world, ask):
    assert [one.screen for one in screens(ask("edit drf_999999"))] == ["drafts"]


def test_import_undone_on_its_page_is_said_once_and_undo_goes_on(
    world: SimpleNamespace, ask, attach
):
    ask("Remind me to call Maria in 3 days")
    ask("score this", attached=attach(OURS))
    undo.undo(upload().id, by=world.dana, now=utc_now())
    said = ask("undo")
    assert "Not taken back: Only an imported upload can be undone." in words(said)
    assert "upload" in [one.screen for one in screens(said)]
    assert "Taken back: 1 task" in words(ask("undo"))


def test_import_that_is_taken_back_is_named_and_says_where_the_rest_stands(world, ask, attach):
    ask("score this", attached=attach(OURS))
    turn = ask("undo")
    assert "The import of talk.csv is taken back" in words(turn)
    assert "upload" in [one.screen for one in screens(turn)]


def test_it_is_a_customer_of_the_last_answer_alone(world, ask):
    def of() -> int | None:
        with transaction(read_only=True) as session:
            return session.scalars(select(Task.customer_id).order_by(Task.id.desc())).first()

    ask("Show customer TechCorp")
    ask("Remind me to call in 3 days")
    assert of() == world.techcorp
    ask("Show customer TechCorp")
    ask("Help")
    ask("Remind me to buy flowers in 3 days")
    assert of() is None


def test_help_is_offered_once_and_no_deed_to_who_says_not_to(world, ask):
    offered = [one.command for one in kinds(ask("help me out"), Choices)[0].choices]
    assert offered.count("Help") == 1
    offered = [one.command for one in kinds(ask("don't send"), Choices)[0].choices]
    assert not [one for one in offered if one.startswith("Send")]
