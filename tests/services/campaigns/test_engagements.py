"""What each person did with each campaign, and whether somebody should follow up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Campaign, CampaignRule, RuleFiring
from services.access import SYSTEM, Viewer
from services.campaigns import take_in
from services.campaigns.engagements import engagements
from services.campaigns.following_up import follow_ups
from services.campaigns.insight.customer import customer_mail
from services.suppression import EVERYTHING, suppress
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, event, frame, mail

APPLE = {"ip": "203.0.113.9", "useragent": "Mozilla/5.0", "sg_machine_open": True}
ANA, BO, CY, DI, EM = (f"{who}@dataflow.example" for who in ("ana", "bo", "cy", "di", "em"))
LATER = NOW + timedelta(days=1)


def world(session: Session) -> int:
    """Ana follows two links, Bo reads behind a privacy service, Cy has a scanner, Di bounces, Em does nothing."""
    number = customer(session, "DataFlow", "dataflow.example", "ana", "bo", "cy", "di")
    told = [one for who in (ANA, BO, CY, EM) for one in mail(who)]
    told += [
        click(ANA, 3_600, "https://ours.example/b"),
        click(ANA, 3_700, "https://ours.example/a"),
        click(ANA, 3_800, "https://ours.example/b", number="again"),
        event("open", BO, 900, **APPLE),
        event("open", BO, 990, **APPLE),
        click(CY, 7, useragent="python-requests/2.31"),
        event("processed", DI, 0),
        event("bounce", DI, 3, type="bounce"),
    ]
    take_in(session, SENDGRID, frame(told), now=NOW)
    return number


def said(session: Session, number: int) -> dict[str, dict[str, Any]]:
    lines = engagements(session, SYSTEM, number).lines
    return {row["email"]: row for row in lines.iter_rows(named=True)}


def test_each_person_is_told_with_signs_of_people_and_of_programs_apart(session: Session):
    rows = said(session, world(session))
    assert {who: row["open_sign"] for who, row in rows.items()} == {
        ANA: "person", BO: "privacy_hidden", CY: "machine", DI: "none", EM: "none"
    }  # fmt: skip
    assert rows[ANA]["links"] == ["https://ours.example/b", "https://ours.example/a"]
    assert (rows[ANA]["clicks_human"], rows[CY]["clicks"], rows[CY]["clicks_human"]) == (3, 1, 0)
    assert (rows[CY]["links"], rows[BO]["opens"], rows[BO]["opens_human"]) == ([], 2, 0)
    assert [rows[who]["delivered"] for who in (BO, DI, EM)] == [True, False, True]
    assert (rows[DI]["bounce"], rows[EM]["stakeholder_id"]) == (2, None)


def test_counts_without_times_are_nobodys(session: Session):
    number = customer(session, "DataFlow", "dataflow.example", "ana")
    told = frame([*mail(ANA), event("open", ANA, 900)]).with_columns(timed=False)
    take_in(session, SENDGRID, told, now=NOW)
    assert said(session, number)[ANA]["open_sign"] == "totals"


def test_several_mails_of_one_campaign_are_one_row(session: Session):
    number = world(session)
    more = [event("processed", BO, 0, sg_message_id="other"), event("delivered", BO, 9, sg_message_id="other"),
            click(BO, 5_000, sg_message_id="other")]  # fmt: skip
    take_in(session, SENDGRID, frame(more), now=NOW)
    page = engagements(session, SYSTEM, number)
    (bo,) = page.lines.filter(pl.col("email") == BO).iter_rows(named=True)
    assert (page.total, bo["open_sign"], bo["opens"], bo["clicks_human"]) == (5, "person", 2, 1)


def test_pages_are_the_whole_newest_campaign_first(session: Session):
    number = world(session)
    newer = [{**one, "timestamp": one["timestamp"] + 60} for one in mail(ANA, campaign=2)]
    take_in(session, SENDGRID, frame(newer), now=NOW)
    whole = engagements(session, SYSTEM, number)
    pages = [engagements(session, SYSTEM, number, offset=n, limit=2) for n in (0, 2, 4, 6)]
    assert pl.concat(page.lines for page in pages).equals(whole.lines)
    assert {page.total for page in pages} == {6}
    assert whole.lines["campaign"][0] == "News 2"


def test_only_mails_of_ones_own_customers_that_are_bulk_mail(session: Session):
    number = world(session)
    stranger = Viewer(1, "Kim", None, "csm", sees_all=False)
    with pytest.raises(NotFound):
        engagements(session, stranger, number)
    session.scalars(select(Campaign)).one().bulk = False
    session.flush()
    assert engagements(session, SYSTEM, number).total == 0


def advised(session: Session, number: int) -> dict[tuple[str, str], tuple[str, bool]]:
    """Reason and whether it is done, by campaign and address."""
    lines = engagements(session, SYSTEM, number).lines
    high = customer_mail(session, SYSTEM, number, LATER).high
    found = follow_ups(session, number, lines, high, LATER)
    named = {
        (row["campaign_id"], row["recipient_id"]): (row["campaign"], row["email"])
        for row in lines.iter_rows(named=True)
    }
    return {named[pair]: (one.reason, one.completed) for pair, one in found.items()}


def test_a_high_engager_is_to_be_followed_up_on_what_they_answered_last(session: Session):
    number = world(session)
    told = [*mail(ANA, campaign=2), click(ANA, 900, campaign=2), *mail(ANA, campaign=3)]
    later = [
        {**one, "timestamp": one["timestamp"] + 60 * one["marketing_campaign_id"]} for one in told
    ]
    take_in(session, SENDGRID, frame(later), now=NOW)
    why = "Clicked in 2 of the last 3 mails; 2 of 3 in all."
    assert advised(session, number) == {("News 2", ANA): (why, False)}
    assert suppress(session, ANA, EVERYTHING, "unsubscribed", note="", now=NOW)
    assert advised(session, number) == {}


def test_a_rule_that_fired_is_a_reason_until_somebody_was_in_contact(session: Session):
    number = world(session)
    ana = said(session, number)[ANA]
    rule = CampaignRule(
        name="Clicked", condition={"sign": "clicked"}, window_days=7, cap=5, action="notify",
        state="on", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    session.add(rule)
    session.flush()
    firing = RuleFiring(
        rule_id=rule.id, customer_id=number, stakeholder_id=ana["stakeholder_id"], fired_at=NOW,
        campaign_id=ana["campaign_id"], occasion="c:1", evidence=[{"claim": "Ana did", "fact": "Once."}],
    )  # fmt: skip
    session.add(firing)
    session.flush()
    assert advised(session, number) == {("News 1", ANA): ("Clicked. Ana did. Once.", False)}
    firing.contacted_at = NOW
    session.flush()
    assert advised(session, number) == {("News 1", ANA): ("Clicked. Ana did. Once.", True)}
    firing.occasion = "w:1:c:1"
    session.flush()
    assert advised(session, number) == {}
