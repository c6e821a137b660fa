"""What platforms tell of beside bulk mail: receipts and password resets say nothing of how people take news."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Campaign
from integrations.hooks import postmark
from services.access import SYSTEM
from services.campaigns import Source, report, take_in
from services.campaigns.bulk import burst, transactional
from services.campaigns.fold import MOMENT
from services.campaigns.insight.kept import load_insight
from services.campaigns.rules.material import material
from tests.services.campaigns.mail_world import (
    NOW,
    SENDGRID,
    SENT,
    click,
    customer,
    event,
    frame,
    mail,
)

POSTMARK = Source("postmark", "Postmark", "webhook", 3)
PEOPLE = [f"p{n}@dataflow.example" for n in range(6)]


def told(session: Session, tag: str, people: list[str]) -> None:
    """Mails of no campaign that the platform knows of, each of them clicked."""
    said = {"campaign": 0, "category": [tag]}
    events = [one for who in people for one in mail(f"{who}", **said)]
    events += [click(who, 9_000, ip=f"198.51.100.{n}", **said) for n, who in enumerate(people)]
    numbered = [{**one, "sg_message_id": f"{tag}-{one['email']}", "sg_event_id": f"{tag}-{n}"} for n, one in enumerate(events)]  # fmt: skip
    take_in(session, SENDGRID, frame(numbered), now=NOW)


def counted(session: Session) -> tuple[int, int, int]:
    """Campaigns in the list, people of whom something is concluded, mails that rules look at."""
    return (
        report.listing(session, SYSTEM).total,
        load_insight(session, NOW).people.height,
        material(session, since=NOW - timedelta(days=30)).height,
    )


@pytest.mark.parametrize(
    ("tag", "people", "bulk"),
    [("spring", 4, False), ("spring", 5, True), ("password-reset", 6, False)],
)
def test_mail_to_single_people_counts_for_nobodys_engagement(
    session: Session, tag: str, people: int, bulk: bool
):
    customer(session, "DataFlow", "dataflow.example", *(who.split("@")[0] for who in PEOPLE))
    told(session, tag, PEOPLE[:people])
    assert counted(session) == ((1, people, people) if bulk else (0, 0, 0))
    (row,) = report.listing(session, SYSTEM, filters=report.Filters(single=True)).rows
    assert (row.bulk, row.mails, row.clicked_human) == (bulk, people, people)


def test_a_person_says_what_is_bulk_mail(session: Session):
    customer(session, "DataFlow", "dataflow.example", *(who.split("@")[0] for who in PEOPLE))
    told(session, "board-letter", PEOPLE[:2])
    number = session.scalars(select(Campaign.id)).one()
    report.set_kind(session, number, "newsletter", bulk=True, by=SYSTEM, now=NOW)
    told(session, "board-letter", PEOPLE[2:3])
    assert counted(session) == (1, 3, 3)
    report.set_kind(session, number, "newsletter", bulk=False, by=SYSTEM, now=NOW)
    told(session, "board-letter", PEOPLE[3:])
    assert counted(session) == (0, 0, 0)


def sent(session: Session, tag: str, hours: Sequence[float]) -> None:
    """A mail to one person each, of no campaign that the platform knows of, hours after SENT."""
    said = {"campaign": 0, "category": [tag]}
    events = [
        event("processed", who, after * 3_600, **said, sg_message_id=f"{tag}-{after}-{who}")
        for who, after in (
            (f"{tag}{n}.{after:g}@x.example", after) for n, after in enumerate(hours)
        )
    ]
    take_in(session, SENDGRID, frame(events), now=NOW)


def said_of(session: Session) -> list[bool | None]:
    return list(session.scalars(select(Campaign.bulk).order_by(Campaign.vendor_key)))


@pytest.mark.parametrize(
    "words", ["Introducing the Verification API", "Two-factor authentication is here"]
)
def test_a_burst_is_bulk_mail_whatever_its_words(session: Session, words: str):
    assert transactional(words)
    sent(session, words.replace(" ", "-"), [n / 30 for n in range(60)])
    assert said_of(session) == [True]


def test_words_decide_where_few_are_written_to_at_once(session: Session):
    sent(session, "verification", [0.0] * 19)
    assert said_of(session) == [False]


def test_password_resets_that_trickle_are_mail_to_single_people(session: Session):
    # Ten a day, told of day by day through a week (it begins two days before that day of SENT), then at once.
    for days in (*((day,) for day in range(-23, -16)), range(-16, -9), range(-9, -2)):
        sent(session, "password-reset", [24 * day + n for day in days for n in range(10)])
        assert True not in said_of(session)
    assert said_of(session) == [False] * 3


def test_a_weeks_first_day_is_no_burst_of_what_went_on_before(session: Session):
    sent(session, "password-reset", [24 * day + n / 3 for day in range(-9, -2) for n in range(30)])
    sent(session, "password-reset", [-48 + n / 3 for n in range(30)])
    assert said_of(session) == [False, False]
    sent(session, "verification-api", [-48.0] * 30)
    assert said_of(session) == [False, False, True]


def test_a_burst_is_half_of_all_within_a_day():
    def at(*days: float) -> pl.Series:
        return pl.Series([SENT + timedelta(days=day) for day in days], dtype=MOMENT)

    day, later = [n / 24 for n in range(20)], [2.0 + n for n in range(21)]
    assert burst(at(*day, *later[:20]))
    assert not burst(at(*day, *later))
    assert burst(at(*day), before=20)
    assert not burst(at(*day), before=21)
    assert not burst(at(*day[:19], 1.0))
    assert not burst(at())


def streamed(
    session: Session, *streams: str | None, people: int = 6, tag: str | None = "update"
) -> list[bool | None]:
    """What is said of each campaign, told of through these streams one after the other."""
    for part, stream in enumerate(streams):
        bodies = [
            {"RecordType": "Delivery", "Recipient": f"p{n}@dataflow.example", "Tag": tag,
             "MessageID": f"{part}-{n}", "DeliveredAt": SENT.isoformat(), "MessageStream": stream}
            for n in range(people)
        ]  # fmt: skip
        take_in(
            session, POSTMARK, postmark.read([json.dumps(one).encode() for one in bodies]), now=NOW
        )
    session.expire_all()
    return list(session.scalars(select(Campaign.bulk).order_by(Campaign.bulk)))


@pytest.mark.parametrize("tag", ["update", None])
@pytest.mark.parametrize(
    ("streams", "people", "bulk"),
    [
        (["broadcast"], 2, [True]),
        (["outbound"], 30, [False]),
        (["outbound", "broadcast"], 6, [False, True]),
        (["broadcast", "outbound"], 6, [False, True]),
        (["outbound", "our-news"], 30, [False, True]),
        (["our-news"], 2, [False]),
        (["our-news"], 6, [True]),
        ([None], 6, [True]),
    ],
)
def test_postmarks_own_streams_say_what_is_bulk_mail_and_keep_it_apart(
    session: Session, streams: list[str | None], people: int, bulk: list[bool], tag: str | None
):
    assert streamed(session, *streams, people=people, tag=tag) == bulk
    names = sorted(session.scalars(select(Campaign.name)))
    assert sum("(to single people)" in name for name in names) == streams.count("outbound")
    assert tag or all(name.startswith("Other mail of Postmark") for name in names)


def test_a_persons_word_stands_above_the_vendors(session: Session):
    assert streamed(session, "outbound") == [False]
    number = session.scalars(select(Campaign.id)).one()
    report.set_kind(session, number, "other", bulk=True, by=SYSTEM, now=NOW)
    assert streamed(session, "outbound") == [True]


def test_correcting_the_kind_alone_leaves_bulk_to_be_detected(session: Session):
    told(session, "spring", PEOPLE[:4])
    number = session.scalars(select(Campaign.id)).one()
    for bulk in (None, False):  # not said, and said as it was
        report.set_kind(session, number, "marketing", bulk=bulk, by=SYSTEM, now=NOW)
    told(session, "spring", PEOPLE[4:])
    row = report.get_campaign(session, SYSTEM, number)
    assert (row.kind, row.kind_by, row.bulk) == ("marketing", "person", True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("password-reset", True),
        ("Your receipt #4711", True),
        ("Your sign-in code", True),
        ("Order #22 is on its way", True),
        ("Product news", False),
        ("In order to grow", False),
        ("November newsletter", False),
    ],
)
def test_mail_for_oneself_is_known_by_its_words(words: str, *, said: bool):
    assert transactional(None, words) is said
