"""Today: what waits, done with a click and taken back with another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.errors import InvalidMove
from data.tables import Draft, Person, RiskSignal, Task
from services import drafts, notifications, tasks
from services.access import Viewer
from services.clock import utc_now
from services.scoring import risk
from services.tasks import NewTask
from tests.services.impact.test_impact import signal
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def us(app_database: Engine) -> Portfolio:
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        assert made.dana.person_id is not None
        tasks.add(
            session,
            NewTask(
                dedup_key="call",
                title="Call <b>Maria</b>",
                due_at=now - timedelta(days=2),
                owner_id=made.dana.person_id,
                customer_id=made.techcorp,
            ),
            now=now,
        )
        notifications.notify(
            session, made.dana.person_id, "reply", "reply", "Maria replied", "Thanks!", now=now
        )
    return made


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def choose(app: AppTest, number: int, label: str) -> AppTest:
    return app.menu_button(key=f"today.later.{number}").click(label).run()


def test_what_is_due_is_done_and_taken_back(us: Portfolio):
    app = open_page("today", as_=us.dana)
    assert not app.exception
    assert r"Call \<b\>Maria\<\/b\>" in words(app)
    assert "late" in words(app)
    app = press(app, "Done")
    assert not app.exception
    assert "Nothing is due today." in words(app)
    app = press(app, "Undo: the task is not done")
    assert not app.exception
    assert "Nothing is due today." not in words(app)


def test_news_is_read_and_put_away(us: Portfolio):
    app = open_page("today", as_=us.dana)
    assert "**Maria replied**" in words(app)
    app = press(app, "Mark all as read")
    assert "**Maria replied**" not in words(app)
    app = press(app, "Undo: the news is unread")
    assert "**Maria replied**" in words(app)
    app = press(app, "Put away")
    assert "Maria replied" not in words(app)
    app = press(app, "Undo: show the news again")
    assert "Maria replied" in words(app)
    assert not app.exception


def test_own_task_is_added(us: Portfolio):
    app = open_page("today", as_=us.erik)
    app.text_input(key="today.task_title").set_value("Prepare the review")
    app.date_input(key="today.task_due").set_value(utc_now().date())
    app = press(app, "Add task")
    assert not app.exception
    assert "Prepare the review" in words(app)


def test_tasks_of_others_are_not_shown(us: Portfolio):
    said = words(open_page("today", as_=us.erik))
    assert "Maria" not in said


def test_manager_is_led_to_what_waits_with_the_team(us: Portfolio):
    app = open_page("today", as_=us.morgan)
    assert not app.exception
    assert "**Dana Example** · 1 task due" in words(app)


def test_zone_that_is_none_is_told_in_the_settings_and_breaks_nothing(us: Portfolio):
    with transaction() as session:
        session.get_one(Person, us.dana.person_id).time_zone = "Mars/Olympus"
    app = open_page("today", as_=us.dana)
    assert not app.exception
    assert "late" in words(app)
    app = open_page("settings", as_=us.dana)
    assert not app.exception
    assert r"Mars\/Olympus is not known here, so UTC holds" in words(app)


def test_task_for_later_is_found_taken_off_and_given_away(us: Portfolio):
    app = open_page("today", as_=us.erik)
    app.text_input(key="today.task_title").set_value("Prepare the review")
    app = press(app, "Add task")
    assert "Later or snoozed: 1" in [box.label for box in app.expander]
    assert "Prepare the review" in words(app)
    (number,) = [int(b.key.rpartition(".")[2]) for b in app.button if b.key and ".done." in b.key]
    app = choose(app, number, "Not needed any more")
    assert "Prepare the review" not in words(app)
    app = press(app, "Undo: the task is needed")
    assert "Prepare the review" in words(app)
    app = choose(app, number, "Give to a colleague")
    app.selectbox[-1].select(us.dana.person_id).run()
    app = press(app, "Give")
    assert "Prepare the review" not in words(app)
    assert "Prepare the review" in words(open_page("today", as_=us.dana))


def test_best_next_says_why_and_writes_with_one_press(us: Portfolio):
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = open_page("today", as_=us.dana)
    assert not app.exception
    assert r"**TechCorp** · \$250K a year" in words(app)
    assert "nobody has spoken with them" in words(app)
    app = press(app, "Write")
    assert not app.exception
    assert "1 mail waiting under Drafts, 1 call planned" in words(app)
    with transaction() as session:
        assert [one.customer_id for one in session.query(Draft)] == [us.techcorp]


def test_a_task_that_is_best_next_is_put_off_with_one_press(us: Portfolio):
    app = open_page("today", as_=us.dana)
    assert "To do by" in words(app)
    app = press(app, "Tomorrow")
    assert not app.exception
    assert "Best next" not in {one.value for one in app.subheader}
    app = press(app, "Undo: show the task again")
    assert not app.exception
    assert "Best next" in {one.value for one in app.subheader}


def test_a_snoozed_task_is_shown_again_from_its_menu(us: Portfolio):
    with transaction() as session:
        number = session.query(Task).one().id
        tasks.snooze(session, number, utc_now() + timedelta(days=3), by=us.dana, now=utc_now())
    app = open_page("today", as_=us.dana)
    assert "Nothing is due today." in words(app)
    app = choose(app, number, "Show it again")
    assert not app.exception
    assert "Nothing is due today." not in words(app)


def test_undo_of_a_second_snooze_leaves_the_first(us: Portfolio):
    now = utc_now()
    first = now + timedelta(days=3)
    with transaction() as session:
        number = session.query(Task).one().id
        tasks.snooze(session, number, first, by=us.dana, now=now)
    app = choose(open_page("today", as_=us.dana), number, "In a week")
    app = press(app, "Undo: snoozed as before")
    assert not app.exception
    assert "It is snoozed as before" in words(app)
    with transaction() as session:
        assert session.get_one(Task, number).snoozed_until == first


def test_undo_of_a_snooze_leaves_what_a_colleague_has_changed_since(us: Portfolio):
    with transaction() as session:
        number = session.query(Task).one().id
    app = choose(open_page("today", as_=us.dana), number, "Tomorrow")
    later = utc_now() + timedelta(days=9)
    with transaction() as session:
        tasks.snooze(session, number, later, by=us.morgan, now=utc_now())
    app = press(app, "Undo: show the task again")
    assert "Somebody has changed this since" in words(app)
    with transaction() as session:
        assert session.get_one(Task, number).snoozed_until == later


def test_written_with_one_press_and_taken_back_with_another(us: Portfolio):
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = open_page("today", as_=us.dana)
    for _ in range(2):
        app = press(app, "Write")
        app = press(app, "Undo: neither mail nor call")
        assert not app.exception
        assert "mail and call are cancelled" in words(app)
    with transaction() as session:
        assert {one.state for one in session.query(Draft)} == {"cancelled"}
        assert {one.state for one in session.query(Task)} == {"cancelled"}
        assert [one.state for one in session.query(RiskSignal)] == ["open"]


def written(us: Portfolio) -> tuple[AppTest, int, int]:
    """The page after a press on Write, the draft, and the call."""
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = press(open_page("today", as_=us.dana), "Write")
    with transaction() as session:
        return app, session.query(Draft).one().id, session.query(Task).one().id


@pytest.mark.parametrize("call_done", [False, True])
def test_undo_of_write_leaves_what_others_decided_on_and_says_so(us: Portfolio, call_done: bool):
    app, mail, call = written(us)
    with transaction() as session:
        drafts.note_read(session, mail, 1, by=us.morgan, now=utc_now())
        drafts.approve(session, mail, 1, by=us.morgan, now=utc_now())
        if call_done:
            tasks.move(session, call, "done", by=us.dana, now=utc_now())
    app = press(app, "Undo: neither mail nor call")
    assert not app.exception
    if call_done:
        assert "Nothing was taken back" in words(app)
        assert "mail and call stay as they are" in words(app)
    else:
        assert "the call is cancelled" in words(app)
        assert "the mail stays as it is" in words(app)
    with transaction() as session:
        assert session.get_one(Draft, mail).state in ("approved", "second_look")
        assert session.get_one(Task, call).state == ("done" if call_done else "cancelled")
        assert [one.state for one in session.query(RiskSignal)] == ["acknowledged"]


def test_undo_of_write_leaves_a_changed_mail_and_a_call_that_was_given_away(us: Portfolio):
    app, mail, call = written(us)
    with transaction() as session:
        draft = session.get_one(Draft, mail)
        drafts.edit(session, mail, 1, subject="Mine", text=draft.text, by=us.dana, now=utc_now())
        tasks.reassign(session, call, us.erik.person_id or 0, by=us.dana, now=utc_now())
    app = press(app, "Undo: neither mail nor call")
    assert "Nothing was taken back" in words(app)
    with transaction() as session:
        assert session.get_one(Draft, mail).state == "pending"
        assert session.get_one(Task, call).state == "open"
        assert [one.state for one in session.query(RiskSignal)] == ["acknowledged"]


def test_undo_of_write_opens_the_signal_when_the_mail_was_rejected(us: Portfolio):
    app, mail, _ = written(us)
    with transaction() as session:
        drafts.reject(session, mail, 1, "I call", by=us.morgan, now=utc_now())
    app = press(app, "Undo: neither mail nor call")
    assert "the call is cancelled" in words(app)
    with transaction() as session:
        assert [one.state for one in session.query(RiskSignal)] == ["open"]


def test_undo_of_write_leaves_a_mail_that_was_taken_up_again(us: Portfolio):
    app, mail, _ = written(us)
    with transaction() as session:
        drafts.reject(session, mail, 1, "I call", by=us.morgan, now=utc_now())
        drafts.reopen(session, mail, 1, by=us.morgan, now=utc_now())
    app = press(app, "Undo: neither mail nor call")
    assert "the mail stays as it is" in words(app)
    with transaction() as session:
        assert session.get_one(Draft, mail).state == "pending"
        assert [one.state for one in session.query(RiskSignal)] == ["acknowledged"]


def test_no_undo_is_offered_for_what_was_refused(us: Portfolio, monkeypatch: pytest.MonkeyPatch):
    def taken_off_just_now(session: Session, task_id: int, to: str) -> None:
        raise InvalidMove("It is cancelled")

    monkeypatch.setattr(tasks, "close", taken_off_just_now)
    app = press(open_page("today", as_=us.dana), "Done")
    assert not app.exception
    assert "It is cancelled" in words(app)
    assert [one.label for one in app.button if one.label.startswith("Undo")] == []


def colleague_is_quicker(us: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is closed from now on was closed by Morgan a moment before."""
    really = tasks.close

    def after_a_colleague(session: Session, task_id: int, to: str, by: Viewer) -> tasks.Closing:
        really(session, task_id, to, by=us.morgan, now=utc_now())
        return really(session, task_id, to, by=by, now=utc_now())

    monkeypatch.setattr(tasks, "close", after_a_colleague)


@pytest.mark.parametrize("offered", ["Done", "Not needed any more"])
def test_no_undo_is_offered_for_what_a_colleague_was_quicker_to_do(
    us: Portfolio, monkeypatch: pytest.MonkeyPatch, offered: str
):
    colleague_is_quicker(us, monkeypatch)
    app = open_page("today", as_=us.dana)
    with transaction() as session:
        number = session.query(Task).one().id
    app = press(app, offered) if offered == "Done" else choose(app, number, offered)
    assert not app.exception
    assert "already" in words(app)
    assert [one.label for one in app.button if one.label.startswith("Undo")] == []


def test_nobody_is_called_untouched_once_the_call_is_done(us: Portfolio):
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = press(open_page("today", as_=us.dana), "Write")
    with transaction() as session:
        draft = session.query(Draft).one()
        drafts.reject(session, draft.id, draft.revision, "I call", by=us.dana, now=utc_now())
        number = session.query(Task).one().id
        tasks.move(session, number, "done", by=us.dana, now=utc_now())
    assert "nobody has spoken" not in words(app.run())
    with transaction() as session:
        tasks.move(session, number, "open", by=us.dana, now=utc_now())
    assert "nobody has spoken" in words(app.run())


def test_write_says_what_is_so_when_it_is_planned_already(us: Portfolio):
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = open_page("today", as_=us.dana)
    with transaction() as session:
        number = session.query(RiskSignal).one().id
        risk.plan_outreach(session, (number,), by=us.dana, now=utc_now())
    app = press(app, "Write")
    assert "1 customer had outreach planned already" in words(app)
    assert "nobody to write to" not in words(app)


def test_first_news_are_shown_and_the_others_are_a_click_away(us: Portfolio):
    with transaction() as session:
        for number in range(7):
            notifications.notify(
                session, us.erik.person_id or 0, f"n{number}", "reply", f"News {number}", now=utc_now()
            )  # fmt: skip
    app = open_page("today", as_=us.erik)
    (more,) = [box for box in app.expander if box.label == "2 more"]
    assert len([one for one in more.button if one.label == "Put away"]) == 2
    more.button[0].click().run()
    assert not app.exception
    assert "1 more" in {box.label for box in app.expander}


def test_more_tasks_than_are_listed_are_said(us: Portfolio):
    with transaction() as session:
        for number in range(53):
            new = NewTask(f"t{number}", f"Do {number}", utc_now(), us.erik.person_id)
            tasks.add(session, new, now=utc_now())
    app = open_page("today", as_=us.erik)
    assert ("Tasks due", "53") in {(one.label, one.value) for one in app.metric}
    assert "The first 50; 3 more follow as these are done" in words(app)


def test_undo_of_the_task_before_goes_when_the_next_was_done_already(us: Portfolio, monkeypatch):
    with transaction() as session:
        first = session.query(Task).one()
        other = NewTask("other", "Call Tom", utc_now(), us.dana.person_id, customer_id=us.techcorp)
        tasks.add(session, other, now=utc_now())
        number = first.id
    app = press(open_page("today", as_=us.dana), "Done")
    colleague_is_quicker(us, monkeypatch)
    app = press(app, "Done")
    assert "It was done already" in words(app)
    assert not [button for button in app.button if button.label.startswith("Undo")]
    with transaction(read_only=True) as session:
        assert session.get_one(Task, number).state == "done"


@pytest.mark.parametrize(
    ("offered", "undo", "to"),
    [
        ("Done", "Undo: the task is not done", "done"),
        ("Not needed any more", "Undo: the task is needed", "cancelled"),
    ],
)
def test_undo_leaves_what_a_colleague_has_closed_since(
    us: Portfolio, offered: str, undo: str, to: str
):
    with transaction() as session:
        number = session.query(Task).one().id
    app = open_page("today", as_=us.dana)
    app = press(app, offered) if offered == "Done" else choose(app, number, offered)
    with transaction() as session:
        tasks.move(session, number, "open", by=us.morgan, now=utc_now())
        tasks.move(session, number, to, by=us.morgan, now=utc_now())
    app = press(app, undo)
    assert not app.exception
    assert "Somebody has changed this since" in words(app)
    with transaction(read_only=True) as session:
        assert session.get_one(Task, number).state == to


def test_late_press_is_told_who_was_quicker(us: Portfolio):
    app = open_page("today", as_=us.dana)
    with transaction() as session:
        number = session.query(Task).one().id
        tasks.move(session, number, "done", by=us.morgan, now=utc_now())
    app = press(app, "Done")
    assert not app.exception
    assert "It was done already by Morgan Example" in words(app)
    assert not [button for button in app.button if button.label.startswith("Undo")]


def test_late_choice_of_not_needed_is_told(us: Portfolio):
    app = open_page("today", as_=us.dana)
    with transaction() as session:
        number = session.query(Task).one().id
        tasks.move(session, number, "cancelled", by=us.morgan, now=utc_now())
    app = choose(app, number, "Not needed any more")
    assert not app.exception
    assert "It was off the list already" in words(app)


def test_late_press_on_write_is_told(us: Portfolio):
    with transaction() as session:
        session.query(Task).delete()
        session.add(signal(us.techcorp, utc_now() - timedelta(days=10)))
    app = open_page("today", as_=us.dana)
    with transaction() as session:
        number = session.query(RiskSignal).one().id
        risk.close(session, number, "They came", by=us.morgan, now=utc_now())
    app = press(app, "Write")
    assert not app.exception
    assert "A closed signal needs no outreach" in words(app)


def test_undo_of_a_snooze_leaves_a_task_that_a_colleague_has_done(us: Portfolio):
    with transaction() as session:
        number = session.query(Task).one().id
    app = choose(open_page("today", as_=us.dana), number, "Tomorrow")
    with transaction() as session:
        tasks.move(session, number, "done", by=us.morgan, now=utc_now())
    app = press(app, "Undo: show the task again")
    assert "Somebody has changed this since" in words(app)


def test_undo_of_put_away_leaves_what_a_stand_in_has_put_away_since(us: Portfolio):
    app = press(open_page("today", as_=us.dana), "Put away")
    stand_in = replace(us.erik, stands_in_for=frozenset({us.dana.person_id or 0}))
    with transaction() as session:
        (news,) = notifications.listing(session, stand_in, done=True)
        notifications.bring_back(session, news.id, news.done_at or utc_now(), by=stand_in)
        notifications.set_done(session, news.id, by=stand_in, now=utc_now())
    app = press(app, "Undo: show the news again")
    assert not app.exception
    assert "Somebody has changed this since" in words(app)
    assert "Maria replied" not in words(app)
