from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Approval, AskTurn, Draft, DraftEvent
from services import drafts
from services.ask import history
from services.clock import utc_now
from tests.services.drafts.world import new_draft
from tests.services.invitations.world import summit
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        summit(session, now + timedelta(days=20), made.dana, name="2026 **Summit** [x](http://y)")
    return made


def press(app, label: str):
    next(one for one in app.button if one.label.startswith(label)).click()
    return app.run()


def test_mail_is_asked_for_read_sent_and_taken_back_and_a_closed_tab_loses_nothing(
    known: Portfolio,
):
    app = open_page("ask", known.dana)
    assert not app.exception
    assert "Ask for what you need" in words(app)
    app.chat_input[0].set_value("Invite TechCorp to the summit").run()
    assert not app.exception
    assert "1 invitation drafted" in words(app)
    assert "**Summit**" not in "\n".join(str(one.value) for one in app.markdown)

    app = open_page("ask", known.dana)
    assert "1 invitation drafted" in words(app)
    app = press(app, "Send")
    assert not app.exception
    assert "waits in the Send queue" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Approval)).one().person_id == known.dana.person_id
    app = press(app, "Take it back")
    assert "Taken back: 1 approval" in words(app).replace("\\", "")


def test_mail_whose_words_are_not_drawn_was_not_read(known: Portfolio):
    """It is held while another to the same person is under way."""
    now = utc_now()
    with transaction() as session:
        for who in (known.maria, known.tom):
            drafts.create(session, new_draft(known, str(who), stakeholder_id=who), now=now)
    app = open_page("ask", known.dana)
    app.chat_input[0].set_value("Invite TechCorp to the summit").run()
    assert not open_page("ask", known.dana).exception
    with transaction(read_only=True) as session:
        one = session.scalars(select(Draft).where(Draft.kind.startswith("invitation"))).one()
        assert one.state == "held"
        read = select(DraftEvent.id).where(DraftEvent.draft_id == one.id, DraftEvent.move == "read")
        assert session.scalars(read).all() == []


def test_conversation_is_cleared_and_brought_back(known: Portfolio):
    app = press(open_page("ask", known.dana), "Help")
    assert "This is what can be asked here" in words(app)
    app = press(app, "Clear the conversation")
    assert "Ask for what you need" in words(app)
    assert "This is what can be asked here" not in words(app)
    app = press(app, "Undo: show the conversation again")
    assert not app.exception
    assert "This is what can be asked here" in words(app)
    with transaction(read_only=True) as session:
        assert [one.said for one in session.scalars(select(AskTurn))] == ["Help"]


def test_second_press_on_clear_leaves_the_way_back_of_the_first(known: Portfolio):
    app = press(open_page("ask", known.dana), "Help")
    with transaction() as session:
        at = history.clear(session, by=known.dana, now=utc_now())
    app.session_state["ask.undo"] = ("cleared", (at,))
    app = press(app, "Clear the conversation")
    assert "The conversation was cleared already" in words(app)
    app = press(app, "Undo: show the conversation again")
    assert "This is what can be asked here" in words(app)


def test_long_name_of_a_customer_leaves_room_for_the_other_columns(known: Portfolio):
    app = open_page("ask", known.dana)
    app.chat_input[0].set_value("Export report").run()
    assert not app.exception
    table = next(one for one in app.dataframe if "Customer" in one.value.columns)
    assert json.loads(table.proto.columns)["Customer"]["width"] == 136


def test_report_can_be_taken_as_a_file(known: Portfolio):
    app = open_page("ask", known.dana)
    app.chat_input[0].set_value("Export report").run()
    assert not app.exception
    assert "Whom to invite" in words(app)
    (file,) = app.get("download_button")
    assert file.proto.label == "Download Excel"
