"""What a customer's page says about mail."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Campaign
from services.access import SYSTEM, Viewer
from services.campaigns import take_in
from services.campaigns.insight.customer import customer_mail
from services.campaigns.insight.kept import keep_insight, load_insight
from services.campaigns.report import listing
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
    number = world(session)
    before = customer_mail(session, SYSTEM, number, LATER)
    totals = [
        *mail(ANA, campaign=9),
        click(ANA, 60, campaign=9),
        event("open", ANA, 50, campaign=9),
    ]
    untimed = frame(totals).with_columns(timed=pl.lit(value=False))
    take_in(session, SENDGRID, untimed, now=NOW)
    after = customer_mail(session, SYSTEM, number, LATER)
    assert after.people.equals(before.people)
    assert after.kinds == before.kinds
    assert after.campaigns.height == before.campaigns.height + 1
    (row,) = [one for one in listing(session, SYSTEM).rows if one.name == "News 9"]
    assert (row.unjudged, row.clicked, row.raw_clicks.share) == (True, 1, 1.0)
    assert (row.human_clicks.share, row.human_opens.share) == (None, None)
