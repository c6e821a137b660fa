"""A simulated log with the truth beside it, through the ledger to what is concluded from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Campaign, CampaignMail, CampaignRecipient, ledger
from integrations.formats.mail_exports import MAIL
from integrations.hooks.mail import MAIL_EVENTS
from services.access import SYSTEM
from services.campaigns import Source, judging, take_in
from services.campaigns.analysis import analysis
from services.campaigns.dictionaries import HIDDEN
from services.campaigns.exports import About, exported
from services.campaigns.fold import EVENT
from services.campaigns.insight.kept import make_insight
from services.campaigns.rules.conditions import Condition, holding
from services.campaigns.rules.material import material
from services.campaigns.verdicts import DELIVERY, SAID, judged
from services.scoring.risk.mail import mail_channel
from tests.services.campaigns.mail_world import (
    NOW,
    SENDGRID,
    click,
    customer,
    event,
    frame,
    mail,
    mail_of,
)
from tests.services.verdicts.simulated_log import START, Log, simulated_log

LATER = START + timedelta(days=40)
SOURCE = Source("sendgrid", "SendGrid", "webhook", 7)
COMPANIES = 60
KINDS = {"open": ledger.OPEN, "click": ledger.CLICK}


def told(log: Log) -> pl.DataFrame:
    """MAIL_EVENTS of the log: that each mail was delivered, and what happened to it."""
    person = pl.format("p{}@company{}.example", "recipient", "company")
    mails = log.deliveries.with_columns(
        email=person, campaign=pl.col("message").rank("ordinal").over("recipient").cast(pl.String)
    )
    arrived = mails.select(
        "email", "campaign", kind=pl.lit(ledger.DELIVERED), at="delivered_at",
        event_id=pl.format("d{}", "message"),
    )  # fmt: skip
    done = log.events.join(mails.select("message", "email", "campaign"), on="message").select(
        "email", "campaign", "at", "ip",
        kind=pl.col("kind").replace_strict(KINDS, return_dtype=pl.Int32),
        event_id=pl.format("e{}", "id"), agent="user_agent",
        url=pl.when("hidden").then(pl.lit(HIDDEN)).otherwise(pl.format("https://ours.example/{}", "link")),
        method=pl.col("method").replace_strict(
            {word: place for place, word in enumerate(ledger.METHODS)}, default=None, return_dtype=pl.Int16
        ),
    )  # fmt: skip
    whole = pl.concat([arrived, done], how="diagonal_relaxed").with_columns(
        pl.col("at").dt.replace_time_zone(None), timed=pl.lit(value=True), times=pl.lit(1)
    )
    lacking = [pl.lit(None).alias(name) for name in MAIL_EVENTS if name not in whole.columns]
    return whole.with_columns(lacking).select(pl.col(n).cast(k) for n, k in MAIL_EVENTS.items())


def inflated(events: pl.DataFrame) -> pl.DataFrame:
    """Nine more of each open by a privacy service."""
    hidden = events.filter(pl.col("agent") == "Mozilla/5.0")
    assert hidden.height > 100
    return pl.concat(
        hidden.with_columns(
            pl.format("{}x{}", "event_id", pl.lit(n)).alias("event_id"),
            pl.col("at") + timedelta(seconds=n),
        )
        for n in range(1, 10)
    )


def concluded(session: Session) -> dict[str, Any]:
    """Engagement, likelihood, best times, what rules find, and the channel of the alarm."""
    judging.judge_again(session, now=LATER)
    found = make_insight(session, LATER)
    mails = material(session, since=START - timedelta(days=1))
    fired = {
        sign: holding(mails, Condition(sign, 1), 90, LATER).sort("customer_id").rows()
        for sign in ("engaged", "clicked", "quiet")
    }
    human = (Campaign.id, Campaign.opened_human, Campaign.opened_hidden, Campaign.clicked_human)
    return {
        "people": found.people.rows(),
        "counts": found.counts.rows(),
        "analysis": analysis(session, SYSTEM, LATER),
        "rules": fired,
        "alarm": mail_channel(session, LATER.date())
        .sort("customer_id")
        .with_columns(pl.col("z_mail").round(9).fill_nan(None))
        .rows(),
        "campaigns": [tuple(row) for row in session.execute(select(*human).order_by(Campaign.id))],
    }


@pytest.mark.parametrize("seed", [401])
def test_tenfold_opens_by_privacy_services_change_nothing_that_is_concluded(
    session: Session, seed: int
):
    log = simulated_log(seed, recipients=1_000, companies=COMPANIES, mails=4)
    events = told(log)
    for company in range(COMPANIES):
        customer(session, f"Company {company}", f"company{company}.example")
    assert take_in(session, SOURCE, events, now=LATER).new == events.height
    before = concluded(session)
    assert any(row[-1] for row in before["campaigns"])
    assert before["rules"]["clicked"]
    assert before["alarm"]
    raw = session.scalar(select(func.sum(CampaignMail.opens))) or 0
    more = inflated(events)
    assert take_in(session, SOURCE, more, now=LATER).new == more.height
    assert concluded(session) == before
    assert session.scalar(select(func.sum(CampaignMail.opens))) == raw + more.height


def test_human_clicks_in_the_ledger_are_those_of_people(session: Session):
    """As services.verdicts finds them; here what is stored of each recipient and message, on a fresh seed."""
    log = simulated_log(402, recipients=6_000, companies=300)
    take_in(session, SOURCE, told(log), now=LATER)
    judging.judge_again(session, now=LATER)
    m, r = CampaignMail, CampaignRecipient
    asked = (
        select(r.email, Campaign.vendor_key, m.clicks_human > 0)
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .where(m.clicks > 0)
    )
    schema = {"email": pl.String, "campaign": pl.String, "said": pl.Boolean}
    stored = read_frame(session, asked, schema)
    clicks = told(log).filter(pl.col("kind") == ledger.CLICK)
    truth = (
        clicks.with_columns(id=pl.col("event_id").str.strip_prefix("e").cast(pl.Int64))
        .join(log.truth, on="id")
        .group_by("email", "campaign")
        .agg(true=pl.col("human").any())
    )
    found = stored.join(truth, on=["email", "campaign"])
    assert found.height == truth.height == stored.height
    right = found.filter("said", "true").height
    assert right / found["said"].sum() >= 0.93
    assert right / found["true"].sum() >= 0.97


def test_what_is_told_without_a_time_is_not_judged_by_it():
    """Totals stand at the campaign's midnight, before the mail was delivered."""
    midnight = START.replace(hour=0, minute=0, second=0)
    kinds = [ledger.OPEN, ledger.CLICK, ledger.UNSUBSCRIBE]
    told = [
        {"mail_id": mail, "key": kind, "kind": kind, "at": midnight, "timed": False, "times": 1}
        for mail in range(6)
        for kind in kinds
    ]
    events = pl.DataFrame(told, schema={**EVENT, **SAID})
    mails = [
        (n, n, 1, "scan.example", midnight + timedelta(hours=9)) for n in range(6)
    ]  # mail, recipient, customer
    deliveries = pl.DataFrame(mails, schema=DELIVERY, orient="row")
    for scanning in (None, pl.Series(["scan.example"])):
        found = judged(events, deliveries, scanning)
        verdicts = dict(found.select("kind", "verdict").unique().iter_rows())
        assert verdicts == dict(
            zip(kinds, [ledger.UNKNOWN, ledger.UNKNOWN, ledger.HUMAN], strict=True)
        )


@pytest.mark.parametrize(
    ("form", "words", "kinds"),
    [
        ("mail_events", ("Clicked", "Zapped", "Zipped"), [ledger.CLICK]),
        ("mail_events", ("Zapped", "Zoomed", "Zipped"), []),
        ("mail_events", ("Zapped", None, "Zipped"), []),
        ("mail_events", (None, None, None), [ledger.CLICK] * 3),
        ("mailchimp_clicks", ("Zapped", None, "Clicked"), [ledger.CLICK] * 2),
    ],
)
def test_a_word_nobody_knows_is_nobodys_click(form: str, words: tuple[str, ...], kinds: list[int]):
    rows = [
        {**dict.fromkeys(MAIL), "email": "a@b.example", "url": "https://ours.example/a", "event": word,
         "at": f"2026-11-02T09:0{line}:00Z", "line": line, "problem": None}
        for line, word in enumerate(words)
    ]  # fmt: skip
    schema = {**dict.fromkeys(MAIL, pl.String), "line": pl.Int64, "problem": pl.String}
    about = About(form, "News", START, "UTC", datetime(2027, 1, 1, tzinfo=UTC))
    found = exported(pl.DataFrame(rows, schema=schema), about)
    assert found.events["kind"].to_list() == kinds
    unknown = "The app does not know what happened here."
    assert found.rows["problem"].to_list().count(unknown) == len(words) - len(kinds)


def test_totals_beyond_what_was_heard_of_make_nobody_quiet(session: Session):
    """Until there is a sign of a person; totals of what is known already change nothing."""
    customer(session, "DataFlow", "dataflow.example", "maria")
    who = "maria@dataflow.example"
    opened = [event("open", who, 3_600 + n, sg_machine_open=True) for n in range(4)]
    totals = frame([event("open", who, 0, number="total")]).with_columns(
        timed=pl.lit(value=False), times=pl.lit(4, pl.Int32)
    )
    steps = [(frame(mail(who)), True), (totals, False), (frame(opened[:3]), False), (frame(opened), True),
             (totals.with_columns(kind=pl.lit(ledger.CLICK, pl.Int16)), False),
             (frame([click(who, 90_000)]), True)]  # fmt: skip
    for told, known in steps:
        take_in(session, SENDGRID, told, now=NOW)
        session.expire_all()
        assert mail_of(session, who).judged is known
    assert mail_of(session, who).human_click_at is not None


@pytest.mark.parametrize(
    ("left", "timed"),
    [("2026-11-18", False), ("18/11/2026 00:00", False), ("Yes", False), ("2026-11-18 10:00:00", True),
     ("1763460000", True), ("2026-11-18T10:00:00Z", True)],
)  # fmt: skip
def test_a_day_in_an_export_is_no_time(left: str, *, timed: bool):
    row = {
        **dict.fromkeys(MAIL),
        "email": "a@b.example",
        "unsubscribed": left,
        "line": 2,
        "problem": None,
    }
    schema = {**dict.fromkeys(MAIL, pl.String), "line": pl.Int64, "problem": pl.String}
    about = About("hubspot", "News", START, "UTC", datetime(2027, 1, 1, tzinfo=UTC), day_first=True)
    events = exported(pl.DataFrame([row], schema=schema), about).events
    assert events.filter(kind=ledger.UNSUBSCRIBE)["timed"].to_list() == [timed]
    past = replace(about, latest=START.replace(year=2020))
    refused = exported(pl.DataFrame([row | {"sent": "2026-11-17"}], schema=schema), past)
    assert refused.events.is_empty()
    assert refused.rows["problem"].to_list() == ["This time lies in the future."]
