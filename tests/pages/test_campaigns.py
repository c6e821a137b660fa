"""Campaigns and one campaign through the router."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.tables import Campaign, CampaignRule, Customer, Draft, RuleFiring, Task, Touch
from services import tasks
from services.access import SYSTEM, Viewer
from services.campaigns import contacting, recommending, rules, take_in
from services.campaigns.recommending import recommendations
from services.clock import utc_now
from services.suppression import blocked, suppress
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, event, frame, mail
from tests.support.apptest import open_page, person, words

ROUGH = "A *bold* <b>name</b> [l](http://x)"


@pytest.fixture
def known(app_database: Engine) -> int:
    """A campaign to two people of a customer, one of whom clicked."""
    with transaction() as session:
        customer(session, "DataFlow", "dataflow.example", "ana", "bo")
        told = [*mail("ana@dataflow.example"), *mail("bo@dataflow.example")]
        told.append(click("ana@dataflow.example", 3_600))
        told.append(event("open", "bo@dataflow.example", 900, sg_machine_open=True))
        take_in(session, SENDGRID, frame(told), now=NOW)
        campaign = session.scalars(select(Campaign)).one()
        campaign.name = ROUGH
        return campaign.id


@pytest.mark.parametrize("role", ["csm", "admin"])
def test_an_empty_installation_is_told_how_campaigns_come_in(app_database: Engine, role: str):
    app = open_page("campaigns", as_=person("Ada", role))
    assert not app.exception
    assert "No campaigns yet" in words(app)


def test_the_list_shows_counts_and_coverage(known: int):
    app = open_page("campaigns", as_=person("Kim"))
    assert not app.exception
    assert "100.0%" in words(app)
    assert "Campaigns 1" in words(app)
    (table,) = app.dataframe
    row = table.value.iloc[0]
    assert (row["Campaign"], row["Opened by people"], row["Privacy-hidden"]) == (ROUGH, 1, 1)


def test_a_campaign_shows_both_rates_and_its_links(known: int):
    app = open_page("one_campaign", as_=person("Kim"), id=f"cmp_{known}")
    assert not app.exception
    said = words(app)
    assert "Opened by people 100.0%" in said
    assert "1 of 1" in [one.delta for one in app.metric]
    assert "[l](http" not in said
    assert "ours.example" in app.dataframe[0].value.to_string()


def test_people_are_only_of_ones_own_customers(known: int):
    mine = {"id": f"cmp_{known}", "campaign.view": "People"}
    assert "2 mails" in words(open_page("one_campaign", as_=person("Ada", "admin"), **mine))
    app = open_page("one_campaign", as_=person("Kim"), **mine)
    assert not app.exception
    assert "0 mails" in words(app)


@pytest.mark.parametrize("asked", ["cmp_999", "cus_1", "nonsense", ""])
def test_broken_links_lead_back_to_the_list(app_database: Engine, asked: str):
    app = open_page("one_campaign", as_=person("Kim"), id=asked)
    assert not app.exception
    assert app.warning


def test_a_manager_says_what_kind_it_is(known: int):
    seen = {"id": f"cmp_{known}", "campaign.view": "Edit"}
    assert not open_page("one_campaign", as_=person("Kim"), **seen).button
    app = open_page("one_campaign", as_=person("Mia", "manager"), **seen)
    app.selectbox[0].set_value("marketing")
    (save,) = [one for one in app.button if one.label == "Save kind"]
    save.click().run()
    assert not app.exception
    with transaction() as session:
        assert session.get_one(Campaign, known).kind_by == "person"


def test_the_customers_page_says_how_they_take_mail(known: int):
    with transaction() as session:
        number = session.scalars(select(Customer.id)).one()
    seen = {"id": f"cus_{number}", "customer.view": "Campaigns"}
    app = open_page("customer", as_=person("Ada", "admin"), **seen)
    assert not app.exception
    assert "Pattern" in words(app)
    assert app.dataframe[0].value["Response likelihood"].to_list() == ["Not enough data"] * 2
    assert app.dataframe[1].value["Campaign"].to_list() == [ROUGH]


def test_a_rule_is_tested_then_switched_on_in_the_page(known: int):
    with transaction() as session:
        rules.ensure_built_in(session, now=NOW)
    manager = person("Mia", "manager")
    app = open_page("campaigns", as_=manager, **{"campaigns.view": "Rules"})
    assert not app.exception
    for label in ("Test on history", "Switch on"):
        (button, *_) = [one for one in app.button if one.label == label and not one.disabled]
        button.click().run()
        assert not app.exception
    assert "Switched on" in words(app)
    seen = open_page("campaigns", as_=person("Kim"), **{"campaigns.view": "Rules"})
    assert not [one for one in seen.button if one.label in ("Switch off", "Switch on")]


@pytest.mark.parametrize("view", ["What works", "Whom to contact"])
def test_what_works_and_whom_to_contact_say_when_there_is_little(known: int, view: str):
    app = open_page("campaigns", as_=person("Ada", "admin"), **{"campaigns.view": view})
    assert not app.exception
    said = words(app) + str([table.value.iloc[0].to_list() for table in app.dataframe])
    assert "Nobody to recommend" in said or "50.0% (1 of 2" in said


def test_whom_to_contact_says_what_to_say_and_begins_the_mail(known: int):
    who = "ana@dataflow.example"
    with transaction() as session:
        told = [
            one for n in (5, 6) for one in (*mail(who, campaign=n), click(who, 90 + n, campaign=n))
        ]
        take_in(session, SENDGRID, frame(told), now=NOW)
        session.get_one(Campaign, known).topics = ["pricing"]
    ada = person("Ada", "admin")
    for press, made in (("Write to them", "waits under Drafts"), ("We were in contact", "Noted")):
        app = open_page("campaigns", as_=ada, **{"campaigns.view": "Whom to contact"})
        said = app.dataframe[0].value.to_string()
        assert "Clicked in 3 of the last 3 mails; 3 of 3 in all." in said
        key = app.dataframe[0].key or ""
        cell = {"rows": [], "columns": [], "cells": [(0, "Why")]}
        app.session_state[key] = {"selection": cell}
        app.run()
        assert "They followed links on pricing" in words(app)
        (button,) = [one for one in app.button if one.label == press]
        button.click().run()
        assert not app.exception
        assert made in words(app)
        at_the_draft = "shall we talk" in words(app)
        assert at_the_draft is (press == "Write to them")
    with transaction() as session:
        draft = session.scalars(select(Draft)).one()
        assert (draft.state, "pricing" in draft.text) == ("pending", True)
        spoke = session.scalars(select(Touch)).one()
        assert (spoke.channel, spoke.stakeholder_id) == ("call", draft.stakeholder_id)
    (back,) = [one for one in app.button if one.label == "Undo: nobody was in contact"]
    back.click().run()
    assert not app.exception
    with transaction() as session:
        assert session.scalars(select(Touch.released_at)).one() is not None
        recipient = session.scalars(select(Task.source_id)).one() or 0
        said = [
            contacting.say_contacted(session, recipient, by=SYSTEM, now=utc_now()) for _ in range(2)
        ]
        assert [closed.at is None for _, closed in said] == [False, True]
        assert [one.released_at is None for one in session.scalars(select(Touch))].count(True) == 1
        found = recommendations(session, SYSTEM, NOW)
        assert [row.contacted for row in found.rows] == [True]
        suppress(session, who, "relationship", "manual", now=NOW)
        assert not recommendations(session, SYSTEM, NOW).rows


def test_those_not_to_be_written_to_take_nobodys_place(known: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recommending, "MOST", 1)
    people = [f"p{n}@dataflow.example" for n in range(4)]
    with transaction() as session:
        for campaign in (1, 2, 3):
            told = [mail(who, campaign=campaign) for who in people]
            told += [[click(who, 5_000, campaign=campaign, ip=who)] for who in people]
            take_in(session, SENDGRID, frame([one for some in told for one in some]), now=NOW)
        for who in people[:3]:
            suppress(session, who, "relationship", "manual", now=NOW)
        found = recommendations(session, SYSTEM, NOW, limit=1)
        assert [row.email for row in found.rows] == people[3:]


def scanned(who: str) -> list[dict[str, object]]:
    """Three links and the one to leave, within seconds."""
    links = [click(who, 6 + n, f"https://ours.example/{n}", campaign=2) for n in range(3)]
    return [*mail(who, campaign=2), *links, event("unsubscribe", who, 8, campaign=2)]


@pytest.mark.parametrize(
    ("button", "blocks"), [("They did leave", True), ("It was a scanner", False)]
)
def test_a_person_says_what_an_unsubscribe_in_question_is(known: int, button: str, blocks: bool):
    who = "ana@dataflow.example"
    with transaction() as session:
        take_in(session, SENDGRID, frame(scanned(who)), now=NOW)
    stranger = open_page("campaigns", as_=person("Kim"))
    assert button not in [one.label for one in stranger.button]
    app = open_page("campaigns", as_=person("Ada", "admin"))
    next(one for one in app.button if one.label == button).click().run()
    assert not app.exception
    assert button not in [one.label for one in app.button]
    with transaction(read_only=True) as session:
        assert (blocked(session, who, "campaigns") is not None) is blocks
        assert (blocked(session, who, "support") is not None) is blocks  # they left everything


def test_what_a_rule_did_opens_on_a_click_and_leads_to_its_task(known: int):
    manager = person("Mia", "manager")
    app = firing_opened(manager)
    assert not app.exception
    with transaction(read_only=True) as session:
        task = session.scalars(select(Task)).one()
        whose, made = task.customer_id, task.id
    links = [one.proto.query_string for one in app.get("page_link")]
    assert f"id=cus_{whose}&customer.view=Plan&task=tsk_{made}" in links
    leads = {"id": f"cus_{whose}", "customer.view": "Plan", "task": f"tsk_{made}"}
    assert "1 mail in 30 days" in words(open_page("customer", as_=manager, **leads))
    with transaction() as session:
        session.get_one(Task, made).state = "done"
    assert "is done by now" in words(open_page("customer", as_=manager, **leads))


def test_contact_that_a_colleague_noted_first_is_not_taken_back_with_ones_own(
    known: int, monkeypatch: pytest.MonkeyPatch
):
    manager = person("Mia", "manager")
    app = firing_opened(manager)
    really = rules.mark_contacted

    def after_a_colleague(session: Session, firing_id: int, by: Viewer) -> tasks.Closing:
        really(session, firing_id, by=SYSTEM, now=utc_now())
        return really(session, firing_id, by=by, now=utc_now())

    monkeypatch.setattr(rules, "mark_contacted", after_a_colleague)
    (press,) = [one for one in app.button if one.label == "We were in contact"]
    press.click().run()
    assert not app.exception
    assert "It was noted already that somebody was in contact" in words(app)
    assert "Somebody was in contact" in words(app)
    assert "Undo: nobody was in contact" not in [one.label for one in app.button]


def firing_opened(manager: int) -> AppTest:
    """The page of rules, with what one of them did opened."""
    with transaction() as session:
        number = rules.add(session, OPENED, by=SYSTEM, now=NOW)
        looked_at(session, number)
        rules.switch_on(session, number, 1, by=SYSTEM, now=NOW)
        rules.fire_all(session, now=NOW)
    app = open_page("campaigns", as_=manager, **{"campaigns.view": "Rules"})
    return click_on(app, "Customer")


def engager_opened(ada: int) -> AppTest:
    """The page of high engagers, with one of them opened."""
    with transaction() as session:
        who = "ana@dataflow.example"
        told = [
            one for n in (5, 6) for one in (*mail(who, campaign=n), click(who, 90 + n, campaign=n))
        ]
        take_in(session, SENDGRID, frame(told), now=NOW)
    app = open_page("campaigns", as_=ada, **{"campaigns.view": "Whom to contact"})
    return click_on(app, "Why")


def click_on(app: AppTest, column: str) -> AppTest:
    cell = {"rows": [], "columns": [], "cells": [(0, column)]}
    app.session_state[app.dataframe[0].key or ""] = {"selection": cell}
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def said_by(who: Viewer, opened: Callable[..., AppTest]) -> None:
    """That somebody was in contact with the customer that is opened."""
    with transaction() as session:
        if opened is firing_opened:
            rules.mark_contacted(session, rules.firings(session, who)[0].id, by=who, now=utc_now())
        else:
            (found,) = recommendations(session, who, utc_now()).rows
            contacting.say_contacted(session, found.recipient_id, by=who, now=utc_now())


EITHER = pytest.mark.parametrize("opened", [firing_opened, engager_opened])


@EITHER
def test_late_press_on_contact_is_told(known: int, opened: Callable[..., AppTest]):
    kim = Viewer(person("Kim", "admin"), "Kim", None, "admin", sees_all=True)
    app = opened(person("Mia", "manager"))
    said_by(kim, opened)
    app = press(app, "We were in contact")
    assert not app.exception
    by = "" if opened is firing_opened else " by Kim"
    assert f"It was noted already{by} that somebody was in contact" in words(app)
    assert "Undo: nobody was in contact" not in [one.label for one in app.button]


@EITHER
def test_undo_leaves_the_contact_that_a_colleague_has_noted_since(
    known: int, opened: Callable[..., AppTest]
):
    kim = Viewer(person("Kim", "admin"), "Kim", None, "admin", sees_all=True)
    app = press(opened(person("Mia", "manager")), "We were in contact")
    with transaction() as session:
        if opened is firing_opened:
            (row,) = rules.firings(session, kim)
            at = session.get_one(RuleFiring, row.id).contacted_at or NOW
            rules.unmark_contacted(session, row.id, at, by=kim, now=utc_now())
        else:
            task = session.scalars(select(Task)).one()
            contacting.unsay_contacted(session, task.id, task.updated_at, by=kim, now=utc_now())
    said_by(kim, opened)
    app = press(app, "Undo: nobody was in contact")
    assert not app.exception
    assert "Somebody has changed this since" in words(app)
    with transaction(read_only=True) as session:
        assert [one.released_at is None for one in session.scalars(select(Touch))].count(True) == 1


SAVE = "Save; it stays off until tested"
OPENED = rules.NewRule("Clicks", rules.Condition("clicked"), 30, "task")
CHANGED = rules.NewRule("Replies", rules.Condition("replied"), 30, "draft")


def looked_at(session: Session, number: int) -> None:
    """Test the rule as it stands, so that it can be switched on."""
    found = rules.tried(session, number, by=SYSTEM, now=NOW)
    rules.keep(session, number, found, by=SYSTEM, now=NOW)


@pytest.fixture
def own_rule(known: int) -> int:
    """A person's rule, tested and off."""
    with transaction() as session:
        number = rules.add(session, OPENED, by=SYSTEM, now=NOW)
        looked_at(session, number)
    return number


def press_for(app: AppTest, label: str) -> None:
    """The last of its name: a new rule's form stands above that of the rule."""
    [one for one in app.button if one.label == label and not one.disabled][-1].click().run()
    assert not app.exception


@pytest.mark.parametrize("tested", [True, False])
@pytest.mark.parametrize("label", ["Switch on", "Remove", SAVE])
def test_a_rule_that_a_colleague_changed_meanwhile_stays_as_they_left_it(
    own_rule: int, label: str, *, tested: bool
):
    app = open_page("campaigns", as_=person("Mia", "manager"), **{"campaigns.view": "Rules"})
    if label == SAVE:
        [one for one in app.number_input if one.label == "At most a week"][-1].set_value(7)
    with transaction() as session:
        rules.change(session, own_rule, 1, CHANGED, by=SYSTEM, now=NOW)
        if tested:
            looked_at(session, own_rule)
    press_for(app, label)
    assert "Somebody has changed this rule meanwhile" in words(app)
    theirs = ("Replies", "draft", 2, 20)
    with transaction(read_only=True) as session:
        rule = session.get_one(CampaignRule, own_rule)
        assert (rule.name, rule.state, rule.revision, rule.cap) == theirs
    press_for(
        app, SAVE
    )  # what the form shows now is theirs alone, nothing of what was entered before
    with transaction(read_only=True) as session:
        rule = session.get_one(CampaignRule, own_rule)
        assert (rule.name, rule.state, rule.revision, rule.cap) == ("Replies", "draft", 3, 20)
        assert (rule.condition["sign"], rule.window_days) == ("replied", 30)


@pytest.mark.parametrize("label", ["Switch on", "Remove", SAVE])
def test_pressing_for_a_rule_that_a_colleague_removed_says_that_it_is_gone(
    own_rule: int, label: str
):
    app = open_page("campaigns", as_=person("Mia", "manager"), **{"campaigns.view": "Rules"})
    with transaction() as session:
        rules.remove(session, own_rule, 1, by=SYSTEM, now=NOW)
    press_for(app, label)
    assert "There is no such rule any more" in words(app)
    with transaction(read_only=True) as session:
        rule = session.get_one(CampaignRule, own_rule)
        assert (rule.name, rule.state, rule.revision) == ("Clicks", "removed", 1)


@pytest.mark.parametrize(
    ("label", "said", "state", "revision"),
    [
        ("Switch on", "Switched on", "on", 1),
        ("Remove", "Removed", "removed", 1),
        (SAVE, "It is off until", "draft", 2),
    ],
)
def test_a_rule_that_nobody_changed_does_as_it_is_told(
    own_rule: int, label: str, said: str, state: str, revision: int
):
    app = open_page("campaigns", as_=person("Mia", "manager"), **{"campaigns.view": "Rules"})
    press_for(app, label)
    assert said in words(app)
    with transaction(read_only=True) as session:
        rule = session.get_one(CampaignRule, own_rule)
        assert (rule.state, rule.revision) == (state, revision)
