"""The Customer page's Plan and Mail views: what is agreed, what was said, what came back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.tables import MailEvent, TimelineEntry
from integrations.inbox import InboundMessage
from services import responses
from services.clock import utc_now
from services.ids import public_id
from services.timeline import note, withdraw
from tests.support import letters
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import mailbox, sent_mail


@pytest.fixture
def us(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


def view(us: Portfolio, name: str) -> AppTest:
    query = {"id": public_id("customer", us.techcorp), "customer.view": name}
    app = open_page("customer", us.dana, **query)
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    found = next(button for button in app.button if button.label == label).click().run()
    assert not found.exception
    return found


def test_task_is_planned_done_and_on_the_list(us: Portfolio):
    app = view(us, "Plan")
    assert "Nothing is planned" in words(app)
    app.text_input(key="customer.task_title").set_value("Check the API metrics")
    app = press(app, "Add task")
    assert "Check the API metrics" in words(app)
    app = press(app, "Done")
    assert "Check the API metrics" not in words(app)


def test_call_is_entered_and_stands_on_the_timeline(us: Portfolio):
    app = view(us, "Plan")
    app.text_input(key="customer.contact_what").set_value("Renewal, went well")
    app = press(app, "Enter")
    assert "Renewal, went well" in words(app)
    with transaction(read_only=True) as session:
        assert [e.title for e in session.query(TimelineEntry)] == ["Call: Renewal, went well"]


def test_what_was_taken_back_is_struck_through_when_asked_for(us: Portfolio):
    now = utc_now()
    with transaction() as session:
        note(session, us.techcorp, "reply", now, "Maria replied", dedup_key="inbound:1")
        withdraw(session, ["inbound:1"], now)
    app = view(us, "Timeline")
    assert "Maria replied" not in words(app)
    shown = app.button_group(key="customer.kinds").set_value(["withdrawn"]).run()
    assert not shown.exception
    assert "~~**Maria replied**~~" in words(shown)
    assert "taken back" in words(shown)


def test_what_came_back_is_told_with_its_kind(us: Portfolio):
    now = utc_now()
    with transaction() as session:
        mail = sent_mail(session, us, mailbox(session, now), now - timedelta(days=1))
        session.add(
            MailEvent(
                outbox_id=mail.outbox_id,
                kind="open",
                at=now,
                method="GET",
                verdict="human",
                reason="human",
            )
        )
    said = words(view(us, "Mail"))
    assert "Opened" in said
    assert "What came back" in said


def test_person_wrote_what_was_taken_for_automatic_and_it_may_be_taken_back(us: Portfolio):
    now, away = utc_now(), "I am on leave and will respond when I return."
    with transaction() as session:
        box = mailbox(session, now)
        mail = sent_mail(session, us, box, now - timedelta(days=1))
        message = InboundMessage("p1", letters.reply(mail.message_id, text=away), now)
        responses.take_in(session, box, [message], now=now)
    app = view(us, "Mail")
    assert away in words(app)
    assert "by its words alone" in words(app)
    app = press(app, "A person wrote this")
    assert "1 reply" in words(app)
    app = press(app, "Take back: a machine did")
    assert "1 reply" not in words(app)
    assert away in words(app)


def test_views_of_others_customers_stay_closed(us: Portfolio):
    for name in ("Plan", "Mail"):
        query = {"id": public_id("customer", us.techcorp), "customer.view": name}
        app = open_page("customer", us.erik, **query)
        assert "TechCorp" not in words(app)
        assert "no such customer" in words(app)
