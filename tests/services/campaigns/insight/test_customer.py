"""What a customer's page says about mail."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Campaign, ledger
from services.access import SYSTEM, Viewer
from services.campaigns import take_in
from services.campaigns.insight.customer import customer_mail
from services.campaigns.insight.kept import keep_insight, load_insight, make_insight
from services.campaigns.report import listing
from services.scoring.risk.mail import mail_channel
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, event, frame, mail

ANA, BO = "ana@dataflow.example", "bo@dataflow.example"
LATER = NOW + timedelta(days=1)


def world(session: Session, campaigns: int = 4) -> int:
    """Ana clicks in every campaign, Bo in none."""
    number = customer(session, "DataFlow", "dataflow.example", "ana", "bo")
    told = []
    for one in range(1, campaigns + 1):
        told += [*mail(ANA, campaign=one), *mail(BO, campaign=one)]
        told.append(click(ANA, 3_600 * one, campaign=one))
    take_in(session, SENDGRID, frame(told), now=NOW)
    session.scalars(select(Campaign)).first().topics = ["pricing"]  # type: ignore[union-attr]
    session.flush()
    return number


def test_the_customer_is_as_whoever_takes_it_best(session: Session):
    number = world(session)
    found = customer_mail(session, SYSTEM, number, LATER)
    assert found.pattern == "engaged"
    assert found.people.select("email", "pattern").rows() == [(ANA, "engaged"), (BO, "quiet")]
    assert found.people["chance"][0] > found.people["chance"][1]
    assert (found.delivered, found.responses, found.campaigns.height) == (8, 4, 4)
    assert [one.what for one in found.topics] == ["pricing"]


def test_few_mails_are_not_enough_data(session: Session):
    number = world(session, campaigns=1)
    found = customer_mail(session, SYSTEM, number, LATER)
    assert found.people["level"].to_list() == [None, None]
    assert not found.people["best_own"].any()
    assert not found.kinds[0].enough


def test_what_is_kept_is_what_would_be_made_and_only_until_there_is_news(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    number = world(session)
    made = load_insight(session, LATER)
    keep_insight(session, now=LATER)
    found = load_insight(session, LATER)
    assert found.people.equals(made.people)
    assert found.counts.equals(made.counts)
    take_in(session, SENDGRID, frame(mail("new@dataflow.example", campaign=9)), now=NOW)
    assert load_insight(session, LATER).people.height == made.people.height + 1
    # With much mail it is worked out now and then; the customer's own mails are counted all the same.
    monkeypatch.setattr("services.campaigns.insight.kept.FEW", 0)
    soon, late = LATER + timedelta(minutes=59), LATER + timedelta(minutes=61)
    old = customer_mail(session, SYSTEM, number, soon)
    assert (old.as_of, old.people.height, old.delivered) == (LATER, 3, 9)
    assert customer_mail(session, SYSTEM, number, late).as_of == late


def test_other_peoples_customers_are_not_found(session: Session):
    number = world(session, campaigns=1)
    stranger = Viewer(None, "Kim", None, "csm", sees_all=False)
    with pytest.raises(NotFound):
        customer_mail(session, stranger, number, LATER)


def test_totals_without_times_are_nobodys_engagement(session: Session):
    """Nor does one reply among them make the others silent."""
    number = world(session)
    before = customer_mail(session, SYSTEM, number, LATER)
    soon = (NOW + timedelta(days=9)).date()
    alarm = mail_channel(session, soon).rows()
    totals = [
        *mail(ANA, campaign=9),
        *mail(BO, campaign=9),
        click(ANA, 60, campaign=9),
        event("open", ANA, 50, campaign=9),
    ]
    untimed = frame(totals).with_columns(timed=pl.lit(value=False))
    replied = untimed.filter(pl.col("kind") == ledger.CLICK).with_columns(
        kind=pl.lit(ledger.REPLY, pl.Int16), event_id=pl.lit("reply"), email=pl.lit(BO)
    )
    for told in (untimed, replied):
        take_in(session, SENDGRID, told, now=NOW)
        after = customer_mail(session, SYSTEM, number, LATER)
        assert after.people.equals(before.people)
        assert after.kinds == before.kinds
        assert mail_channel(session, soon).rows() == alarm
        assert after.campaigns.height == before.campaigns.height + 1
        (row,) = [one for one in listing(session, SYSTEM).rows if one.name == "News 9"]
        assert (row.unjudged, row.clicked, row.raw_clicks.share) == (True, 1, 0.5)
        assert (row.human_clicks.share, row.human_opens.share) == (None, None)


def test_a_privacy_open_beside_a_scanners_click_makes_no_mail_count_less(session: Session):
    customer(session, "DataFlow", "dataflow.example", "ana", "bo")
    told = [click(ANA, 9_000, campaign=1)]
    for campaign in (1, 2, 3):
        for who in (ANA, BO):
            told += mail(who, campaign=campaign)
            told.append(click(who, 7, campaign=campaign, useragent="python-requests/2.31"))
    take_in(session, SENDGRID, frame(told), now=NOW)
    before = make_insight(session, LATER)
    hidden = {"ip": "203.0.113.9", "useragent": "Mozilla/5.0", "sg_machine_open": True}
    opens = [event("open", BO, 600, campaign=campaign, **hidden) for campaign in (2, 3)]
    assert take_in(session, SENDGRID, frame(opens), now=NOW).new == 2
    after = make_insight(session, LATER)
    same = ["recipient_id", "sent", "clicked", "chance", "level"]
    assert after.people.select(same).equals(before.people.select(same))
    assert after.people["sent"].to_list() == [3, 3]
    assert {row.human_clicks.of for row in listing(session, SYSTEM).rows} == {2}


def test_who_clicked_says_nothing_where_nobody_says_who_was_written_to(session: Session):
    number = world(session)
    before = customer_mail(session, SYSTEM, number, LATER)
    take_in(session, SENDGRID, frame([click(ANA, 9_000, campaign=9)]), now=NOW)
    after = customer_mail(session, SYSTEM, number, LATER)
    assert after.people.equals(before.people)
    assert (after.delivered, after.kinds) == (before.delivered, before.kinds)
    (row,) = [one for one in listing(session, SYSTEM).rows if one.name == "News 9"]
    assert (row.unsent, row.delivered, row.clicked_human) == (True, 0, 1)
    rates = (row.human_clicks, row.raw_clicks, row.human_opens, row.raw_opens)
    assert [one.share for one in rates] == [None] * 4
    # Told late, it counts as any other.
    take_in(session, SENDGRID, frame(mail(ANA, campaign=9)), now=NOW)
    assert customer_mail(session, SYSTEM, number, LATER).delivered == before.delivered + 1
