"""Risk, Advocacy, Backtest and health through the router."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from components import risk_list
from components.text import day
from data.db import transaction
from data.tables import Customer, Draft, Opportunity, Person, RiskSignal, Task
from services import tasks
from services.access import SYSTEM
from services.clock import utc_now
from services.scoring import backtest, health, risk
from services.scoring.board import recompute
from tests.services.scoring.fading import FADING, STEADY, fading_world, record_fading
from tests.services.scoring.recorded import ADMIN, ANA, BEN, EVERYBODYS
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database


@pytest.fixture
def scored(app_database: Engine) -> Engine:
    now = utc_now()
    with transaction() as session:
        record_fading(session, fading_world(now.date()))
        session.get_one(Customer, FADING).name = "A *bold* <b>name</b> [l](http://x)"
        session.get_one(Customer, FADING).reported_health = 80
    with transaction() as session:
        recompute(session, now=now)
    return app_database


@pytest.fixture
def detected(scored: Engine) -> int:
    with transaction() as session:
        risk.detect(session, now=utc_now())
        return session.scalars(select(RiskSignal.id)).one()


def press(app, label: str):
    """The one button whose label begins so, forms' included."""
    (button,) = [one for one in app.button if one.label.startswith(label)]
    return button.click().run()


@pytest.mark.parametrize("key", ["risk", "advocacy", "backtest"])
def test_an_empty_installation_is_told_what_would_be_here(app_database: Engine, key: str):
    app = open_page(key, as_=person("Ada", "admin"))
    assert not app.exception
    assert any(
        start in words(app) for start in ("No risk signal", "No candidate", "Nothing to look")
    )


def test_looking_says_meanwhile_what_it_does(scored: Engine, monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []

    @contextmanager
    def spinner(words: str) -> Generator[None]:
        told.append(words)
        yield

    monkeypatch.setattr("streamlit.spinner", spinner)
    press(open_page("risk", as_=ANA), "Look for risk now")
    assert told == ["Comparing everybody with their own past …"]


def test_looking_now_opens_the_signal_and_says_so(scored: Engine):
    app = press(open_page("risk", as_=ANA), "Look for risk now")
    assert not app.exception
    assert "1 new" in words(app)
    assert "Signals 1" in words(app)


def test_the_list_is_ones_own(detected: int):
    assert "Signals 1" in words(open_page("risk", as_=ANA))
    assert "No risk signal" in words(open_page("risk", as_=BEN))


def test_a_signal_says_why_and_what_to_do(detected: int):
    app = open_page("risk", as_=ANA, signal=f"sig_{detected}")
    assert not app.exception
    said = words(app)
    assert "What to do" in said
    assert "Missed in a row 7" in said
    assert "[l](http" not in said


@pytest.mark.parametrize("asked", ["sig_999", "cus_1", "nonsense"])
def test_foreign_and_broken_links_tell_nothing(detected: int, asked: str):
    app = open_page("risk", as_=BEN, signal=asked)
    assert not app.exception
    assert "What to do" not in words(app)


def test_outreach_is_planned_from_the_signal(detected: int):
    app = open_page("risk", as_=ANA, signal=f"sig_{detected}")
    app = press(app, "Plan it")
    assert not app.exception
    assert "1 mail waiting under Drafts, 1 call planned" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft.state)).all() == ["pending"]
        assert session.scalars(select(Task.owner_id)).all() == [ANA]
    app = press(app, "The call is done")
    assert "The call is done" not in [button.label for button in app.button]
    with transaction(read_only=True) as session:
        assert session.scalars(select(Task.state)).all() == ["done"]


def test_outreach_that_was_planned_from_the_signal_is_taken_back(detected: int):
    app = press(open_page("risk", as_=ANA, signal=f"sig_{detected}"), "Plan it")
    app = press(app, "The call is done")
    assert "the task is done" in words(app)
    app = press(app, "Undo: the task is not done")
    assert not app.exception
    assert "The call is done" in [button.label for button in app.button]
    assert not [one.label for one in app.button if one.label.startswith("Undo")]


def test_late_press_on_the_call_is_told_who_made_it(detected: int):
    app = press(open_page("risk", as_=ANA, signal=f"sig_{detected}"), "Plan it")
    with transaction() as session:
        number = session.scalars(select(Task.id)).one()
        tasks.move(session, number, "done", by=EVERYBODYS, now=utc_now())
        name = session.get_one(Person, EVERYBODYS.person_id).name
    app = press(app, "The call is done")
    assert not app.exception
    assert f"It was done already by {name}" in words(app)


def test_outreach_is_planned_for_all_shown_at_once_and_taken_back(detected: int):
    app = press(open_page("risk", as_=ADMIN), "Plan outreach to 1 customer")
    assert "1 mail waiting under Drafts" in words(app)
    app = press(app, "Undo: neither mail nor call")
    assert not app.exception
    assert "mail and call are cancelled" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft.state)).all() == ["cancelled"]
        assert session.scalars(select(RiskSignal.state)).all() == ["open"]


def test_a_signal_is_closed_with_a_reason_and_opened_again(detected: int):
    app = open_page("risk", as_=ANA, signal=f"sig_{detected}")
    assert "Say in a few words" in words(press(app, "Close the signal"))
    app = open_page("risk", as_=ANA, signal=f"sig_{detected}")
    app.text_input(key="risk.why").input("Moved offices")
    app = press(app, "Close the signal")
    assert "Moved offices" in words(app)
    assert "It is open again" in words(press(app, "Open it again"))


def test_the_customers_page_shows_signal_health_and_cause(detected: int):
    app = open_page(
        "customer", as_=ANA, id=f"cus_{FADING}", **{"customer.view": "Score and events"}
    )
    assert not app.exception
    said = words(app)
    assert "Missed the last 7 events" in said
    assert "Reported by the CRM 80" in said
    causes = [frame.value["What caused it"].to_list() for frame in app.dataframe
              if "What caused it" in frame.value]  # fmt: skip
    assert causes[0][0].startswith("First figure: the CRM says 80")


def test_an_admin_tries_health_weights_and_puts_them_in_force(scored: Engine):
    app = open_page("scoring_settings", as_=ADMIN)
    app.slider(key="scoring_settings.health.30").set_value(60)
    app.run()
    assert "would have another health score" in words(app)
    app = press(app, "Put in force")
    assert "In force" in words(app)
    with transaction(read_only=True) as session:
        assert health.load(session).engagement == 60


def test_opportunities_are_created_and_moved(scored: Engine):
    app = open_page("advocacy", as_=ADMIN)
    assert not app.exception
    app = press(app, "Create opportunities for the top")
    assert "created, each with its first task" in words(app)
    with transaction(read_only=True) as session:
        number = session.scalars(
            select(Opportunity.id).where(Opportunity.customer_id == STEADY)
        ).one()
    app = open_page("advocacy", as_=ADMIN, opportunity=f"opp_{number}")
    told = words(app)
    assert "Ask to join the reference pool with" in told
    assert "Engagement score" in told
    assert "events in the year" in told
    app.text_area[0].set_value("Call in May")
    with transaction() as session:  # somebody else has it open too
        session.get_one(Opportunity, number).notes = "They need an NDA first"
    app = press(app, "Save")
    assert "They need an NDA first" in words(app)
    assert app.text_area[0].value == "Call in May"
    app = press(app, "Save")
    assert "Saved" in words(app)
    with transaction(read_only=True) as session:
        assert session.get_one(Opportunity, number).notes == "Call in May"
    assert app.text_area[0].value == "Call in May"
    app = press(open_page("advocacy", as_=ADMIN, opportunity=f"opp_{number}"), "We have asked")
    assert "Noted" in words(app)
    app = open_page("advocacy", as_=ADMIN, **{"advocacy.view": "Opportunities"})
    assert not app.exception
    assert "Conversion 0%" in words(app)
    assert "0 of 1" in words(app)


def test_the_backtest_says_what_is_missing_and_from_when_on_it_can_judge(scored: Engine):
    now = utc_now()
    with transaction() as session:
        found, version = backtest.material(session, now)
        backtest.keep(session, backtest.walked(found, now), version, now=now)
        made = backtest.result(session, SYSTEM)
        outlook = backtest.outlook(session, SYSTEM, made, today=now.date())
    assert made is not None
    assert outlook.settles_on == made.since + timedelta(days=365) > now.date()
    app = open_page("backtest", as_=ADMIN)
    assert not app.exception
    assert app.dataframe[0].value.columns.to_list() == ["Threshold z", "Alarms"]
    told = words(app)
    assert "What it still needs" in told
    assert f"The first of these years ends on {day(outlook.settles_on)}" in told
    assert "0 customers recorded so far" in told
    assert "The worker walks it now" in words(press(app, "Run it anew"))


def test_signals_beyond_the_first_page_are_a_press_away(app_database: Engine):
    now = utc_now()
    with transaction() as session:
        for n in range(risk_list.ROWS + 3):
            customer = Customer(
                name=f"Customer {n:03}", arr=1_000_000 - n, created_at=now, updated_at=now
            )
            session.add(customer)
            session.flush()
            session.add(
                RiskSignal(
                    customer_id=customer.id, kind="attendance", level="watch", state="open",
                    sentence="They came less.", facts={}, as_of=now.date(), opened_at=now, seen_at=now,
                )
            )  # fmt: skip
    ada = person("Ada", "admin")
    first = open_page("risk", as_=ada).dataframe[0].value
    assert list(first["Customer"]) == [f"Customer {n:03}" for n in range(risk_list.ROWS)]
    app = open_page("risk", as_=ada, **{"risk.page": "2"})
    assert not app.exception
    assert list(app.dataframe[0].value["Customer"]) == [
        f"Customer {n:03}" for n in range(risk_list.ROWS, risk_list.ROWS + 3)
    ]
