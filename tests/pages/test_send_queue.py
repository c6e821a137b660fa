from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from components.send_queue import WIDTHS
from data.db import transaction
from data.tables import Mailbox, OutboxEvent, OutboxMail
from services import outbox
from services.clock import utc_now
from services.ids import public_id
from services.outbox import SendPolicy, policy
from tests.support import queued
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

ROOM = 849
"""Pixels that a table has beside the menu on a screen of 1280."""


def queue(owner: int | None, state: str = "queued", **values: object) -> int:
    now = utc_now()
    with transaction() as session:
        customer = queued.customer(session, "TechCorp", csm_id=owner)
        box = queued.mailbox(session)
        mail = queued.approved(
            box, "kim@acme.example", now + timedelta(hours=1), customer_id=customer, owner_id=owner
        )
        number = outbox.enqueue(session, mail, now=now)
        session.execute(update(OutboxMail).values(state=state, **values))
        return number


def state_of(number: int) -> str | None:
    with transaction(read_only=True) as session:
        return session.scalar(select(OutboxMail.state).where(OutboxMail.id == number))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_empty_queue_says_how_mail_gets_there(app_database: Engine):
    app = open_page("send_queue", person("Dana"))
    assert not app.exception
    assert "Nothing waits to be sent" in words(app)


def test_waiting_mail_is_listed_with_a_warning_when_nobody_sends(app_database: Engine):
    dana = person("Dana")
    queue(dana)
    app = open_page("send_queue", dana)
    assert not app.exception
    assert app.dataframe[0].value["Customer"].tolist() == ["TechCorp"]
    assert "not running" in words(app)


def test_when_and_why_stand_on_a_screen_of_1280_in_the_words_of_people(app_database: Engine):
    dana = person("Dana")
    queue(dana, reason="Quiet hours where they are.", due_at=utc_now() + timedelta(days=1))
    shown = open_page("send_queue", dana).dataframe[0].value
    assert list(shown.columns)[: len(WIDTHS)] == list(WIDTHS)
    assert sum(WIDTHS.values()) <= ROOM
    assert re.search(r", \d\d:\d\d$", shown["When"][0])
    assert re.fullmatch(r"Quiet hours where they are\. Until .* UTC\.", shown["Why"][0])


def test_opened_mail_behind_a_full_mailbox_says_until_when_with_the_zone(app_database: Engine):
    dana = person("Dana")
    number = queue(dana)
    now = utc_now()
    with transaction() as session:
        session.execute(update(OutboxMail).values(due_at=now))
        box, customer = session.execute(select(OutboxMail.mailbox_id, OutboxMail.customer_id)).one()
        session.execute(update(Mailbox).values(per_day=1))
        at_any_hour = SendPolicy(quiet_from=time(0), quiet_until=time(0), weekends=True)
        policy.save(session, at_any_hour, by=queued.colleague(session, "Ada", "admin"), now=now)
        sent = queued.approved(box, "lee@acme.example", now, customer_id=customer)
        other = outbox.enqueue(session, sent, now=now)
        called = {"outbox_id": other, "mailbox_id": box, "at": now}
        session.add(OutboxEvent(**called, from_state="claimed", to_state="wire"))
    app = open_page("send_queue", dana, id=public_id("outbox", number))
    assert re.search(r"1 a day at most.*Until.*UTC", words(app))


def test_colleague_sees_nothing_of_it(app_database: Engine):
    number = queue(person("Dana"))
    app = open_page("send_queue", person("Erik"), id=public_id("outbox", number))
    assert "no such message" in words(app)
    assert "TechCorp" not in words(app)


@pytest.mark.parametrize(
    ("state", "button", "then"),
    [
        ("review", "It went out", "sent"),
        ("review", "Send it again", "queued"),
        ("failed", "Try again", "queued"),
        ("blocked", "Cancel", "cancelled"),
        ("queued", "Cancel", "cancelled"),
    ],
)
def test_button_moves_the_message(app_database: Engine, state: str, button: str, then: str):
    dana = person("Dana")
    number = queue(dana, state, reason="550 <b>no such</b> user")
    app = open_page("send_queue", dana, id=public_id("outbox", number))
    assert "550" in words(app)
    press(app, button)
    assert state_of(number) == then


def test_admin_pauses_and_resumes_all_sending(app_database: Engine):
    ada = person("Ada", "admin")
    app = open_page("send_queue", ada)
    app.text_input(key="send_queue.why").set_value("Wrong list")
    press(app, "Pause everything")
    assert "Wrong list" in words(app)
    press(app, "Resume sending")
    with transaction(read_only=True) as session:
        assert not policy.load(session).paused


def test_admin_changes_the_rules(app_database: Engine):
    app = open_page("send_queue", person("Ada", "admin"))
    next(n for n in app.number_input if "one person" in n.label).set_value(5)
    press(app, "Save rules")
    with transaction(read_only=True) as session:
        assert policy.load(session).per_stakeholder == 5


def test_csm_is_not_offered_the_rules(app_database: Engine):
    labels = {button.label for button in open_page("send_queue", person("Dana")).button}
    assert not labels & {"Save rules", "Pause everything"}
