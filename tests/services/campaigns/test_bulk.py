"""What platforms tell of beside bulk mail: receipts and password resets say nothing of how people take news."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Campaign
from services.access import SYSTEM
from services.campaigns import report, take_in
from services.campaigns.bulk import transactional
from services.campaigns.insight.kept import load_insight
from services.campaigns.rules.material import material
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, frame, mail

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
