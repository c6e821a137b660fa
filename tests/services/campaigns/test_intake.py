"""The ledger: each event once, in any order, and what it makes of mails and campaigns."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from alembic import command
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Campaign, CampaignEvent, CampaignMail, CampaignRecipient
from integrations.hooks import sendgrid
from services.campaigns import take_in
from services.campaigns.judging import judge_again
from tests.data.test_migrations import config as alembic
from tests.services.campaigns.mail_world import (
    NOW,
    SENDGRID,
    click,
    customer,
    event,
    frame,
    mail,
    mail_of,
    state,
)

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def test_sample_comes_to_what_it_says(engine: Engine):
    """33 objects, one of them twice; Priya and Wei opened, Priya alone clicked, Grace has a scanner."""
    told = sendgrid.read([(SAMPLES / "sendgrid_events.json").read_bytes()])
    with transaction(engine) as session:
        assert take_in(session, SENDGRID, told, now=NOW).new == 32
    with transaction(engine) as session:
        assert take_in(session, SENDGRID, told, now=NOW).new == 0
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.name, campaign.kind) == ("Fall Release: announcement", "newsletter")
        assert (campaign.mails, campaign.opened, campaign.clicked) == (10, 3, 2)
        assert (campaign.opened_human, campaign.opened_hidden, campaign.clicked_human) == (2, 1, 1)
        assert (campaign.bounced_hard, campaign.bounced_soft, campaign.complained) == (1, 1, 1)
        clicked = select(CampaignRecipient.address).join(
            CampaignMail, CampaignMail.recipient_id == CampaignRecipient.id
        )
        human = session.scalars(clicked.where(CampaignMail.clicks_human > 0)).all()
        assert human == ["priya.raman@bluefin-analytics.example"]
        assert mail_of(session, "grace.omalley@cobaltharbor.example").clicks == 4


def test_recipients_are_matched_as_participants_are(engine: Engine):
    with transaction(engine) as session:
        dataflow = customer(session, "DataFlow", "dataflow.example", "maria")
        who = ["Maria+news@DataFlow.example", "new.person@dataflow.example", "x@elsewhere.example"]
        told = frame([one for person in who for one in mail(person)])
        taken = take_in(session, SENDGRID, told, now=NOW)
        campaign = session.get_one(Campaign, taken.campaigns[0])
        assert (campaign.mails, campaign.matched, campaign.customers) == (3, 2, 1)
        maria = session.scalars(
            select(CampaignRecipient).where(CampaignRecipient.address == "maria@dataflow.example")
        ).one()
        assert (maria.customer_id, maria.band) == (dataflow, "automatic")
        assert maria.stakeholder_id is not None


def story() -> list[dict[str, object]]:
    """Some mails in two campaigns that are named, and one that has only a tag."""
    told: list[dict[str, object]] = []
    for number in range(12):
        who = f"p{number}@company-{number % 4}.example"
        for campaign in (1, 2):
            told += mail(who, campaign=campaign)
        told.append(
            event("open", who, 3 if number % 3 else 4_000, campaign=1, useragent="Mozilla/5.0")
        )
        told.append(click(who, 600 + number, campaign=2))
        tagged = {"campaign": None, "category": "tips"}
        told += mail(who, **tagged)
        # Nine days later: of the same mail, but of another week.
        told.append(click(who, 9 * 86_400, **tagged))
    scanner = "p1@company-1.example"
    told += [click(scanner, 7, f"https://ours.example/{n}", campaign=1) for n in range(4)]
    told.append(event("unsubscribe", scanner, 8, campaign=1))
    told.append(event("unsubscribe", "p2@company-2.example", 9_000, campaign=1))
    told.append(event("bounce", "p3@company-3.example", 5, campaign=2, type="bounce"))
    return told


@pytest.mark.parametrize("seed", range(3))
def test_order_and_repetition_make_no_difference(engine: Engine, seed: int):
    """In one go, and in small pieces out of order with repetitions: the same to the last figure."""
    chance = random.Random(seed)
    told = story()
    with transaction(engine) as session:
        for kind in (CampaignEvent, CampaignMail):
            assert session.scalar(select(func.count()).select_from(kind)) == 0
        take_in(session, SENDGRID, frame(told), now=NOW)
        judge_again(session, now=NOW)
    whole = state(engine)
    with transaction(engine) as session:
        for table in (CampaignEvent, CampaignMail, Campaign, CampaignRecipient):
            session.query(table).delete()
    scattered = [one for one in told for _ in range(chance.randint(1, 5))]
    chance.shuffle(scattered)
    while scattered:
        piece = [scattered.pop() for _ in range(min(chance.randint(1, 60), len(scattered)))]
        with transaction(engine) as session:
            take_in(session, SENDGRID, frame(piece), now=NOW)
    with transaction(engine) as session:
        judge_again(session, now=NOW)
    assert state(engine) == whole


def test_mails_from_before_a_migration_come_to_what_they_would_now(engine: Engine):
    told = frame([*story(), *mail("t@company-1.example"), click("x@company-2.example", 99)])
    who = pl.col("email") == "t@company-1.example"
    with transaction(engine) as session:
        take_in(session, SENDGRID, told.with_columns(timed=~who), now=NOW)
    made = state(engine)
    command.downgrade(alembic(engine), "0015")
    command.upgrade(alembic(engine), "head")
    assert state(engine) == made


def test_scanner_leaves_nobody_and_a_person_does(engine: Engine):
    with transaction(engine) as session:
        take_in(session, SENDGRID, frame(story()), now=NOW)
        of_first = select(CampaignMail).join(Campaign, Campaign.id == CampaignMail.campaign_id)
        rows = session.scalars(of_first.where(Campaign.vendor_key == "1")).all()
        assert sum(m.unsubscribed_at is not None for m in rows) == 1
        assert sum(m.quarantined_at is not None for m in rows) == 1


def test_what_a_person_set_is_not_changed(engine: Engine):
    with transaction(engine) as session:
        number = take_in(session, SENDGRID, frame(mail("a@b.example")), now=NOW).campaigns[0]
        campaign = session.get_one(Campaign, number)
        campaign.kind, campaign.kind_by, campaign.name = "announcement", "person", "Ours"
    with transaction(engine) as session:
        take_in(session, SENDGRID, frame([click("a@b.example", 99)]), now=NOW)
        campaign = session.get_one(Campaign, number)
        assert (campaign.kind, campaign.name, campaign.clicked) == ("announcement", "Ours", 1)


def test_what_lies_in_the_future_has_not_happened(engine: Engine):
    told = [*mail("a@b.example"), click("a@b.example", 400 * 86_400.0)]
    with transaction(engine) as session:
        assert take_in(session, SENDGRID, frame(told), now=NOW).new == 2
        assert session.scalars(select(Campaign.last_event_at)).one() < NOW
        later = NOW + timedelta(days=400)
        assert take_in(session, SENDGRID, frame(told), now=later).new == 1


def test_addresses_that_are_none_are_counted_and_left_out(engine: Engine):
    with transaction(engine) as session:
        taken = take_in(session, SENDGRID, frame(mail("nobody") + mail("a@b.example")), now=NOW)
        assert (taken.new, taken.without) == (2, 2)
