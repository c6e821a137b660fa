"""Rules: when they hold, that they fire once, and that nobody switches on what was not looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotAllowed, NotFound
from data.tables import (
    CampaignRule,
    Draft,
    Mailbox,
    OutboxMail,
    RiskSignal,
    RiskSignalEvent,
    RuleFiring,
    Task,
    Touch,
    ledger,
)
from services import tasks, touches
from services.access import SYSTEM, Viewer
from services.campaigns import quarantine, rules, take_in
from services.campaigns.outcomes import outcomes
from services.campaigns.rules.acting import told_of
from services.campaigns.rules.conditions import MAIL, Condition, holding
from services.campaigns.rules.material import material
from services.customers.merging import merge, unmerge
from services.scoring import risk
from services.timeline import Entry, timeline
from services.touches import Caps, over_cap
from tests.services.campaigns.mail_world import (
    NOW,
    PERSON,
    SENDGRID,
    click,
    customer,
    event,
    frame,
    mail,
)

ANA, BO = "ana@dataflow.example", "bo@dataflow.example"
DAY = timedelta(days=1)
POST = {"method": "POST"}


def mails(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """MAIL, a week apart and the last one a day ago; what a row leaves out is a delivered newsletter."""
    filled = []
    for number, row in enumerate(rows):
        sent = NOW - DAY - timedelta(weeks=len(rows) - 1 - number)
        usual: dict[str, Any] = {
            **dict.fromkeys(MAIL), "mail_id": number, "campaign_id": number, "recipient_id": 1,
            "customer_id": 1, "kind": "newsletter", "words": "", "sent_at": sent, "delivered_at": sent,
        }  # fmt: skip
        filled.append(
            {**usual, **{k: sent + v if isinstance(v, timedelta) else v for k, v in row.items()}}
        )
    return pl.DataFrame(filled, schema=MAIL)


CLICK = {"human_click_at": timedelta(hours=1), "human_open_at": timedelta(hours=1)}
NONE: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("rows", "wanted", "holds"),
    [
        ([CLICK, NONE, CLICK], Condition("engaged", 2), True),
        ([CLICK, NONE, NONE, CLICK], Condition("engaged", 2), False),
        ([NONE, {"replied_at": timedelta(hours=2)}], Condition("engaged", 2), True),
        ([NONE, NONE, NONE], Condition("quiet", 3), True),
        ([NONE, NONE], Condition("quiet", 3), False),
        ([NONE, NONE, NONE, {"hidden_at": timedelta(hours=1)}], Condition("quiet", 3), False),
        ([NONE, {"unsubscribed_at": timedelta(hours=1)}], Condition("left"), True),
        ([{"gone_at": timedelta(), "role": "champion"}], Condition("left"), True),
        ([{"gone_at": timedelta(), "role": "user"}], Condition("left"), False),
        ([CLICK], Condition("clicked", 1, topic="pricing"), False),
        ([{**CLICK, "words": "new pricing"}], Condition("clicked", 1, topic="pricing"), True),
        ([CLICK], Condition("clicked", 1, kind="marketing"), False),
    ],
)  # fmt: skip
def test_a_condition_holds_for_what_people_did(
    rows: list[dict[str, Any]], wanted: Condition, *, holds: bool
):
    assert bool(holding(mails(rows), wanted, 60, NOW).height) == holds


def test_the_past_does_not_know_what_comes():
    rows = mails([{**CLICK, "human_click_at": timedelta(hours=30)}])
    assert holding(rows, Condition("clicked"), 60, NOW).is_empty()
    assert holding(rows, Condition("clicked"), 60, NOW + DAY).height == 1


def world(session: Session) -> None:
    """Ana clicks, Bo leaves."""
    customer(session, "DataFlow", "dataflow.example", "ana", "bo")
    told = [*mail(ANA), *mail(BO), click(ANA, 3_600), event("unsubscribe", BO, 7_200, **POST)]
    take_in(session, SENDGRID, frame(told), now=NOW)
    rules.ensure_built_in(session, now=NOW)


def rule_of(session: Session, key: str) -> int:
    return session.scalars(select(CampaignRule.id).where(CampaignRule.built_in == key)).one()


def tried(session: Session, number: int) -> rules.Tested:
    found = rules.tried(session, number, by=SYSTEM, now=NOW)
    rules.keep(session, number, found, by=SYSTEM, now=NOW)
    return found


def switch_on(session: Session, key: str) -> int:
    number = rule_of(session, key)
    found = tried(session, number)
    rules.switch_on(session, number, found.revision, by=SYSTEM, now=NOW)
    return number


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_nothing_fires_before_it_was_looked_at_and_switched_on(session: Session):
    world(session)
    assert rules.ensure_built_in(session, now=NOW) == 0
    assert rules.fire_all(session, now=NOW) == 0
    number = rule_of(session, "clicked")
    with pytest.raises(InvalidMove):
        rules.switch_on(session, number, 1, by=SYSTEM, now=NOW)
    assert tried(session, number).firings == 1


@pytest.mark.parametrize(("key", "made"), [("clicked", Draft), ("left", RiskSignal)])
def test_a_rule_that_is_on_does_it_once(session: Session, key: str, made: Any):
    world(session)
    switch_on(session, key)
    assert rules.fire_all(session, now=NOW) == 1
    assert count(session, made) == 1
    again: datetime = NOW + timedelta(minutes=15)
    assert rules.fire_all(session, now=again) == 0
    (row,) = rules.firings(session, SYSTEM)
    assert row.evidence[0]["claim"]
    assert count(session, made) == 1


def test_a_changed_rule_is_off_until_it_is_tested_again(session: Session):
    world(session)
    number = switch_on(session, "clicked")
    (was,) = [one for one in rules.listing(session, SYSTEM, NOW) if one.id == number]
    new = rules.NewRule("Tasks instead", was.condition, 7, "task", cap=1)
    late = rules.tried(session, number, by=SYSTEM, now=NOW)
    rules.change(session, number, was.revision, new, by=SYSTEM, now=NOW)
    with pytest.raises(InvalidMove, match="changed"):
        rules.keep(session, number, late, by=SYSTEM, now=NOW)
    assert rules.fire_all(session, now=NOW) == 0
    tried(session, number)
    for as_seen_before in (rules.switch_on, rules.remove):
        with pytest.raises(InvalidMove, match="changed"):
            as_seen_before(session, number, was.revision, by=SYSTEM, now=NOW)
    switch_on(session, "clicked")
    assert rules.fire_all(session, now=NOW) == 1
    assert (count(session, Task), count(session, Draft)) == (1, 0)
    assert session.scalars(select(RuleFiring.task_id)).one() is not None


def test_rules_of_ones_own_are_checked(session: Session):
    new = rules.NewRule("Pricing", Condition("clicked", 1, topic="pricing"), 14, "task")
    for wrong in (
        replace(new, name=" "), replace(new, window_days=0), replace(new, cap=0),
        replace(new, action="shout"), replace(new, condition=Condition("luck")),
        replace(new, condition=Condition("engaged", 4)), replace(new, owner_id=999),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            rules.add(session, wrong, by=SYSTEM, now=NOW)
    csm = Viewer(None, "Kim", None, "csm", sees_all=False)
    with pytest.raises(NotAllowed):
        rules.add(session, new, by=csm, now=NOW)
    number = rules.add(session, new, by=SYSTEM, now=NOW)
    rules.remove(session, number, 1, by=SYSTEM, now=NOW)
    assert rules.listing(session, SYSTEM, NOW) == []


def sent_mail(session: Session, draft: Draft, at: datetime) -> None:
    box = Mailbox(kind="eml", address="us@ours.example", created_at=NOW)
    session.add(box)
    session.flush()
    session.add(
        OutboxMail(
            dedup_key="one", draft_id=draft.id, kind=draft.kind, topic=draft.topic,
            customer_id=draft.customer_id, stakeholder_id=draft.stakeholder_id, mailbox_id=box.id,
            recipient=ANA, subject="Hello", raw=b"", approved_hash="", message_id="m", tracking="t",
            unsubscribe="u", state="sent", due_at=at, sent_at=at, created_at=at, updated_at=at,
        )
    )  # fmt: skip
    session.flush()


def test_a_firing_is_acted_on_when_its_mail_is_out_its_task_done_or_somebody_says_so(
    session: Session,
):
    world(session)
    for key in ("clicked", "left"):
        switch_on(session, key)
    assert rules.fire_all(session, now=NOW) == 2

    def contacted() -> dict[str, datetime | None]:
        return {row.rule.split(":")[0]: row.contacted_at for row in rules.firings(session, SYSTEM)}

    assert set(contacted().values()) == {None}
    sent_mail(session, session.scalars(select(Draft)).one(), NOW + DAY)
    assert contacted()["Clicked a topic"] == NOW + DAY
    (left,) = [row for row in rules.firings(session, SYSTEM) if row.signal_id]
    stranger = Viewer(None, "Kim", None, "csm", sees_all=False)
    with pytest.raises(NotFound):
        rules.mark_contacted(session, left.id, by=stranger, now=NOW)
    for later in (2 * DAY, 3 * DAY):
        rules.mark_contacted(session, left.id, by=SYSTEM, now=NOW + later)
    assert contacted()["Unsubscribed"] == NOW + 2 * DAY
    spoke = select(Touch.at).where(Touch.channel == "call")
    assert session.scalars(spoke).all() == [NOW + 2 * DAY]
    rules.unmark_contacted(session, left.id, NOW + 2 * DAY, by=SYSTEM, now=NOW + 4 * DAY)
    assert contacted()["Unsubscribed"] is None
    assert session.scalars(spoke.where(Touch.released_at.is_(None))).all() == []
    rules.mark_contacted(session, left.id, by=SYSTEM, now=NOW + 2 * DAY)
    found = outcomes(session, SYSTEM, NOW + 40 * DAY)
    assert (found.followed_up.hits, found.followed_up.of) == (1, 1)
    assert (found.contacted.of, found.others.of, found.gap.points) == (1, 0, None)
    assert outcomes(session, stranger, NOW + 40 * DAY).followed_up.of == 0


@pytest.mark.parametrize("said_first", [True, False])
def test_saying_so_and_the_call_that_was_planned_for_it_are_one_contact(
    session: Session, said_first: bool
):
    world(session)
    switch_on(session, "left")
    rules.fire_all(session, now=NOW)
    (firing,) = rules.firings(session, SYSTEM)
    (call,) = risk.plan_outreach(session, (firing.signal_id or 0,), by=SYSTEM, now=NOW).tasks
    first, second = NOW + DAY, NOW + 2 * DAY
    said_at, called_at = (first, second) if said_first else (second, first)
    rules.mark_contacted(session, firing.id, by=SYSTEM, now=said_at)
    assert [one.title for one in noted(session, firing.customer_id, "note")] == [
        "In contact after what a campaign rule found"
    ]

    def over(limit: int) -> bool:
        at, caps = NOW + 3 * DAY, Caps(0, limit)
        return bool(
            over_cap(session, stakeholder_id=None, customer_id=firing.customer_id, at=at, caps=caps)
        )

    assert (over(1), over(2)) == (True, False)
    tasks.move(session, call, "done", by=SYSTEM, now=called_at)
    assert (over(1), over(2)) == (True, False)
    tasks.move(session, call, "open", by=SYSTEM, now=NOW + 3 * DAY)
    assert (over(1), over(2)) == (True, False)
    tasks.move(session, call, "done", by=SYSTEM, now=called_at)
    rules.unmark_contacted(session, firing.id, said_at, by=SYSTEM, now=NOW + 3 * DAY)
    assert (over(1), over(2)) == (True, False)
    assert noted(session, firing.customer_id, "note") == []
    touches.spoke(session, firing.customer_id, None, "Another call", by=SYSTEM, now=NOW + DAY)
    assert (over(2), over(3)) == (True, False)


def noted(session: Session, customer_id: int, kind: str) -> list[Entry]:
    return timeline(session, SYSTEM, customer_id, kinds=(kind,))


def test_a_done_task_is_contact(session: Session):
    world(session)
    number = switch_on(session, "clicked")
    rule = session.get_one(CampaignRule, number)
    rule.action = "task"
    assert rules.fire_all(session, now=NOW) == 1
    task = session.scalars(select(Task)).one()
    task.state, task.done_at = "done", NOW + DAY
    session.flush()
    assert rules.firings(session, SYSTEM)[0].contacted_at == NOW + DAY


def later(session: Session, told: list[dict[str, Any]], days: int) -> datetime:
    """Take in events of mails sent so many days later; the day after that."""
    shift = days * 86_400
    moved = [{**one, "timestamp": one["timestamp"] + shift} for one in told]
    now = NOW + timedelta(days=days)
    take_in(session, SENDGRID, frame(moved), now=now)
    return now + DAY


def test_a_signal_closes_when_others_answer_or_who_left_comes_back(session: Session):
    world(session)
    switch_on(session, "left")
    assert rules.fire_all(session, now=NOW) == 1
    signal = session.scalars(select(RiskSignal)).one()
    once = later(session, [*mail(ANA, campaign=2), click(ANA, 900, campaign=2)], 5)
    rules.fire_all(session, now=once)
    assert signal.state == "open"
    twice = later(session, [*mail(ANA, campaign=3), click(ANA, 900, campaign=3)], 10)
    rules.fire_all(session, now=twice)
    assert (signal.state, signal.closed_at) == ("closed", twice)
    assert "answered 2 campaigns" in (signal.closed_why or "")
    assert session.scalars(select(RiskSignalEvent.move)).all() == ["opened", "closed"]
    assert rules.fire_all(session, now=twice + DAY) == 0

    signal.state, signal.closed_at, signal.opened_at = "open", None, twice
    again = frame([event("group_resubscribe", BO, 90_000)])
    take_in(session, SENDGRID, again, now=NOW)
    rules.fire_all(session, now=twice + DAY)
    assert "on the list again" in (signal.closed_why or "")


def scan(session: Session, domain: str, *people: int) -> None:
    """What a scanner did in the mails of these, heard of apart from the others': like people's."""
    told: list[dict[str, Any]] = []
    for n in people:
        who, said = f"p{n}@{domain}", {"ip": f"198.51.{n}.9", "useragent": PERSON}
        told += [*mail(who), click(who, 34 + 4 * n, ip=said["ip"])]
        told += [event("unsubscribe", who, 60 + 4 * n, **said)] if n == 4 else []
    take_in(session, SENDGRID, frame(told), now=NOW)


def test_nothing_comes_of_a_scanner_and_what_came_of_it_is_withdrawn(session: Session):
    world(session)
    for name in ("one", "two"):
        customer(session, name, f"{name}.example", "p4")
    for key in ("clicked", "left"):
        switch_on(session, key)
    # Six with a fast click are a company that scans its mail; five are not yet.
    scan(session, "one.example", 0, 1, 2, 3, 4)
    scan(session, "one.example", 5)
    scan(session, "two.example", 0, 1, 2, 3, 4)
    assert rules.fire_all(session, now=NOW) == 4
    theirs = {row.customer for row in rules.firings(session, SYSTEM)}
    assert theirs == {"DataFlow", "two"}
    scan(session, "two.example", 5)
    assert rules.fire_all(session, now=NOW + timedelta(minutes=15)) == 0
    drafts = {draft.state: draft.stakeholder_id for draft in session.scalars(select(Draft))}
    assert drafts["pending"] != drafts["cancelled"]
    signals = session.execute(select(RiskSignal.state, RiskSignal.closed_why))
    assert {row[0]: row[1] for row in signals} == {
        "open": None,
        "closed": "Nobody has left: it was a scanner that followed the link, as it turned out.",
    }
    # A person there clicks in the same campaign after all: once more, and once only.
    real = click("p4@two.example", 90_000, ip="203.0.113.77")
    take_in(session, SENDGRID, frame([real]), now=NOW + timedelta(hours=2))
    for hours in (3, 4):
        rules.fire_all(session, now=NOW + timedelta(hours=hours))
    states = sorted(session.scalars(select(Draft.state)))
    assert states == ["cancelled", "pending", "pending"]


def test_a_silence_fires_once_however_long_it_lasts(session: Session):
    customer(session, "DataFlow", "dataflow.example", "bo")
    rules.ensure_built_in(session, now=NOW)
    switch_on(session, "quiet")
    weeks = range(0, 92, 4)
    told = [(mail(BO, campaign=week + 1), week) for week in weeks]
    # A sign ends it: what follows is another silence.
    told.append(([click(BO, 900, campaign=69)], 68))
    moved = [
        {**one, "timestamp": one["timestamp"] + week * 604_800}
        for made, week in told
        for one in made
    ]
    take_in(session, SENDGRID, frame(moved), now=NOW + timedelta(weeks=92))
    fired = {week: rules.fire_all(session, now=NOW + timedelta(weeks=week)) for week in weeks}
    assert [week for week, times in fired.items() if times] == [8, 84]


@pytest.mark.parametrize("kind", [ledger.OPEN, ledger.CLICK])
def test_totals_of_opens_or_clicks_alone_keep_a_silence_from_being_said(
    session: Session, kind: int
):
    customer(session, "DataFlow", "dataflow.example", "ana")
    for number in (1, 2, 3):
        take_in(session, SENDGRID, frame(mail(ANA, campaign=number)), now=NOW)
    quiet = Condition("quiet", 3)
    assert holding(material(session, since=NOW - 9 * DAY), quiet, 9, NOW).height == 1
    for number in (1, 2, 3):
        total = frame([event("open", ANA, 0, campaign=number, number=f"total {number}")])
        of_kind = {"kind": pl.lit(kind, pl.Int16), "timed": pl.lit(value=False)}
        take_in(
            session, SENDGRID, total.with_columns(times=pl.lit(2, pl.Int32), **of_kind), now=NOW
        )
    assert holding(material(session, since=NOW - 9 * DAY), quiet, 9, NOW).is_empty()


def test_that_somebody_left_counts_from_when_a_person_said_so(session: Session):
    customer(session, "DataFlow", "dataflow.example", "bo")
    links = [click(BO, 6 + n, f"https://ours.example/{n}") for n in range(3)]
    take_in(session, SENDGRID, frame([*mail(BO), *links, event("unsubscribe", BO, 8)]), now=NOW)
    said = NOW + 20 * DAY
    (held,) = quarantine.held(session, SYSTEM)
    quarantine.confirm(session, held.mail_id, by=SYSTEM, now=said)
    left = material(session, since=NOW - 9 * DAY, wanted=Condition("left"))
    found = [holding(left, Condition("left"), 14, at).height for at in (said - DAY, said)]
    assert found == [0, 1]


def test_what_several_did_is_not_said_of_one(session: Session):
    customer(session, "DataFlow", "dataflow.example", "ana", "bo", "cy")
    who = [f"{name}@dataflow.example" for name in ("ana", "bo", "cy")]
    told = [one for n, w in enumerate(who) for one in (*mail(w), click(w, 5_000 + n))]
    take_in(session, SENDGRID, frame(told), now=NOW)
    rules.ensure_built_in(session, now=NOW)
    switch_on(session, "clicked")
    assert rules.fire_all(session, now=NOW) == 1
    (fact,) = session.scalars(select(RuleFiring)).one().evidence
    assert fact["claim"] == "Cy clicked in our mail"
    assert fact["fact"] == "Last in News 1 on 18 Nov 2026. 3 people there did so in 7 days."
    quiet = CampaignRule(name="Quiet", condition=Condition("quiet", 3).stored(), window_days=90)
    row = {"count": 4, "people": 2, "at": NOW}
    assert told_of(quiet, row, "Cy", "News 1") == {
        "claim": "Nobody there shows a sign of reading our mail",
        "fact": "Campaigns in 90 days: 4, people: 2. Last in News 1 on 20 Nov 2026.",
    }


def test_customers_of_others_are_not_named_with_a_rule(session: Session):
    world(session)
    switch_on(session, "clicked")
    csm = Viewer(None, "Kim", None, "csm", sees_all=False)
    for by, names in ((SYSTEM, ["DataFlow"]), (csm, [])):
        (tested,) = [one.tested for one in rules.listing(session, by, NOW) if one.tested]
        assert [one["customer"] for one in tested["examples"]] == names
        assert tested["firings"] == 1


def test_what_rules_did_goes_along_when_customers_are_merged(session: Session):
    world(session)
    for key in ("left", "clicked"):
        switch_on(session, key)
    rules.fire_all(session, now=NOW)
    was = session.scalars(select(RuleFiring.customer_id)).first()
    assert was is not None
    kept = customer(session, "DataFlow Inc", "dataflow-inc.example", "zoe")
    left = rule_of(session, "left")
    standing = {"rule_id": left, "customer_id": kept, "fired_at": NOW, "evidence": []}
    session.add(RuleFiring(**standing, occasion="m:99"))
    session.add(
        RiskSignal(
            customer_id=kept, kind="campaign_left", level="watch", state="open", sentence="Zoe left.",
            facts={}, as_of=NOW.date(), opened_at=NOW, seen_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    entry = merge(session, kept, was, by=SYSTEM, now=NOW)
    signals = session.execute(
        select(RiskSignal.state, RiskSignal.customer_id).order_by(RiskSignal.id)
    )
    assert [tuple(row) for row in signals] == [("closed", kept), ("open", kept)]
    assert {row.customer_id for row in rules.firings(session, SYSTEM)} == {kept}
    assert len(rules.firings(session, SYSTEM)) == 3
    assert rules.fire_all(session, now=NOW + DAY) == 0
    back = unmerge(session, entry, by=SYSTEM, now=NOW)
    found = {(row.customer_id, bool(row.signal_id)) for row in rules.firings(session, SYSTEM)}
    assert found == {(back, True), (back, False), (kept, False)}
    assert [s.state for s in session.scalars(select(RiskSignal).order_by(RiskSignal.id))] == [
        "open",
        "open",
    ]
