"""The conversations of PRD-039 and PRD-052, typed as they are written there, up to the mails that left."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Person
from services import jobs
from services.access import SYSTEM
from services.access.viewer import viewer_of
from services.clock import utc_now
from services.demo.tickets import enter_tickets
from services.invitations import catalogue
from services.invitations.catalogue import EventPlan, SessionPlan
from services.mailboxes.changes import save_signature
from tests.support.browser import settle
from tests.support.company import found_company
from tests.support.installation import WORKER, Installation, installed, text_of
from worker.tickets import FOLLOW_UP

pytestmark = pytest.mark.browser
LONG = 60_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Generator[Installation]:
    folder = tmp_path_factory.mktemp("conversations")

    def fill(engine: Engine) -> None:
        found_company(engine, folder, utc_now())
        with transaction(engine) as session:
            catalogue.create(session, _summit(utc_now()), by=SYSTEM, now=utc_now())
            enter_tickets(session, utc_now())
            maya = session.scalars(select(Person).where(Person.name == "Maya Torres")).one()
            by = viewer_of(session, maya, utc_now())
            save_signature(session, "Maya Torres\n+1 415 555 0103", by=by, now=utc_now())

    with installed(folder, browser, fill, WORKER) as it:
        yield it


def _summit(now: datetime) -> EventPlan:
    start = (now + timedelta(days=100)).replace(hour=17, minute=0, second=0, microsecond=0)
    sessions = (
        SessionPlan("Scaling CS with AI Agents", topics=("Scaling operations", "AI"), starts_at=start),
        SessionPlan("Building Executive Relationships", topics=("Executive engagement",),
                    starts_at=start + timedelta(days=1)),
    )  # fmt: skip
    return EventPlan(
        name="2026 Customer Success Summit", type="conference", topic="Strategy", starts_at=start,
        ends_at=start + timedelta(days=1, hours=8), zone="America/Los_Angeles", city="San Francisco",
        country="United States", virtual=True, sessions=sessions,
    )  # fmt: skip


def say(page: Page, words: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(words)
    box.press("Enter")
    settle(page, LONG)


def told(page: Page, *words: str) -> None:
    for part in words:
        expect(page.get_by_text(re.compile(part)).last).to_be_attached(timeout=LONG)


def mail_to(house: Installation, name: str) -> str:
    """The text of the mail to somebody of that name, once it has left."""
    for count in range(1, 3):
        for mail in house.wait_for_mails(count):
            if str(mail["To"]).startswith(name):
                return text_of(mail)
    raise AssertionError(f"no mail to {name} has left")


def test_invite_dataflow_to_the_customer_success_summit(house: Installation):
    page = house.page("Kwame Boateng", "ask")
    say(page, "Invite DataFlow to the Customer Success Summit")
    told(page, "San Francisco", "Maria Santos", "VP Customer Success", "Scaling operations", "Austin", "virtual",
         "Scaling CS with AI Agents", "Building Executive Relationships")  # fmt: skip
    say(page, "Send")
    told(page, "to Maria Santos at DataFlow is approved and waits in the Send queue")
    said = mail_to(house, "Maria Santos")
    for part in ("Hi Maria,", "Scaling CS with AI Agents", "San Francisco", "/r/"):
        assert part in said
    page.context.close()


def test_follow_up_with_techflow_on_their_resolved_api_ticket(house: Installation):
    page = house.page("Maya Torres", "ask")
    say(page, "Follow up with TechFlow on their resolved API ticket")
    told(
        page,
        "TF-2024-0847",
        "API rate limiting",
        "High",
        "4 days",
        "Rate limits increased",
        "6 points",
        "David Kim",
    )
    say(page, "Send")
    told(page, "to David Kim at TechFlow is approved and waits in the Send queue",
         "Reminder set once it has left: Check your API metrics in 7 days")  # fmt: skip
    said = mail_to(house, "David Kim")
    for part in (
        "Hi David",
        "TF-2024-0847",
        "Rate limits increased 3x",
        "next week",
        "Maya Torres",
        "+1 415 555",
    ):
        assert part in said
    with transaction(house.engine) as session:  # the worker looks now, not within two minutes
        jobs.add(session, FOLLOW_UP, "now", {}, now=utc_now())
    until(page, house.app.url, "API metrics")
    page.context.close()


def until(page: Page, url: str, text: str) -> None:
    """The reminder that the mail promises stands among the tasks."""
    deadline = time.monotonic() + LONG / 1_000
    page.goto(f"{url}/today?today.view=Tasks")
    settle(page, LONG)
    while not page.get_by_text(text).count() and time.monotonic() < deadline:
        page.reload()
        settle(page, LONG)
    expect(page.get_by_text(text).first).to_be_attached()
