"""From "Invite DataFlow to the summit" to the mail in the folder, as the CSM does it."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Customer, Event
from services.access import SYSTEM
from services.clock import utc_now
from services.ids import public_id
from services.invitations import catalogue
from services.invitations.catalogue import EventPlan, OfferPlan, SessionPlan
from tests.support.browser import settle
from tests.support.company import found_company
from tests.support.installation import WORKER, Installation, installed, text_of

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class There:
    it: Installation
    event: str
    customer: str


@pytest.fixture
def there(tmp_path: Path, browser: Browser) -> Generator[There]:
    def fill(engine: Engine) -> None:
        found_company(engine, tmp_path, utc_now())
        with transaction(engine) as session:
            catalogue.create(session, _summit(utc_now()), by=SYSTEM, now=utc_now())

    with installed(tmp_path, browser, fill, WORKER) as it:
        with transaction(it.engine, read_only=True) as session:
            customer = session.scalars(select(Customer.id).where(Customer.name == "DataFlow")).one()
            event = session.scalars(select(Event.id)).one()
        yield There(it, public_id("event", event), public_id("customer", customer))


def _summit(now: datetime) -> EventPlan:
    start = (now + timedelta(days=100)).replace(hour=17, minute=0, second=0, microsecond=0)
    sessions = (
        SessionPlan("Opening: the year ahead", topics=("Strategy",), starts_at=start),
        SessionPlan(
            "Scaling CS with AI Agents", topics=("Scaling operations", "AI"),
            starts_at=start + timedelta(hours=5), description="Automate without losing the human touch.",
        ),
        SessionPlan(
            "Building Executive Relationships", topics=("Executive engagement",),
            starts_at=start + timedelta(days=1, hours=1),
        ),
        SessionPlan(
            "SaaS Customer Success Leaders", kind="roundtable", topics=("Software",),
            starts_at=start + timedelta(days=1, hours=2),
        ),
    )  # fmt: skip
    return EventPlan(
        name="Customer Success Summit", type="conference", topic="Strategy", starts_at=start,
        ends_at=start + timedelta(days=1, hours=8), zone="America/Los_Angeles",
        city="San Francisco", country="United States", virtual=True, sessions=sessions,
        offers=(OfferPlan("20 % CS partner discount", code="CS20", deadline=(start - timedelta(days=28)).date()),),
    )  # fmt: skip


def test_dataflow_is_invited_to_the_summit(there: There):
    page = there.it.page("Kwame Boateng", f"event?id={there.event}")
    page.get_by_text("Invitations", exact=True).last.click()
    settle(page)
    page.get_by_role("link", name="Invite customers").click()
    settle(page)
    page.goto(f"{there.it.app.url}/invitations?id={there.event}&customer={there.customer}")
    settle(page)
    expect(page.get_by_text("To: Maria Santos (VP Customer Success)")).to_be_visible()
    expect(page.get_by_text(re.compile("Austin is .* km from San Francisco"))).to_be_visible()
    expect(page.get_by_text("a virtual seat is the better fit")).to_be_visible()
    expect(page.get_by_text("Focus: ")).to_contain_text("Scaling operations")
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("heading", name="You're invited")).to_be_visible(timeout=20_000)
    settle(page)
    page.keyboard.press("a")
    mail = there.it.wait_for_mails(1)[0]
    assert str(mail["To"]).startswith("Maria Santos")
    text = text_of(mail)
    for said in (
        "Hi Maria,",
        "Given your focus on “Scaling operations” and your interest in",
        "Scaling CS with AI Agents",
        "Building Executive Relationships",
        "SaaS Customer Success Leaders",
        "San Francisco",
        "(full virtual access)",
        "20 % CS partner discount (code CS20)",
        "/r/",
    ):
        assert said in text
    assert "Opening" not in text
    (entry,) = mail.iter_attachments()
    assert entry.get_filename() == "event.ics"
    assert b"SUMMARY:Customer Success Summit" in entry.get_content().encode()
    _maria_answers(there, page, text)
    page.context.close()


def _maria_answers(there: There, page: Page, text: str) -> None:
    """By the link of her mail; the CSM sees it on the event's page."""
    link = re.findall(r"http://\S+/r/\S+", text)[0]
    guest = there.it.browser.new_context().new_page()
    guest.goto(link)
    expect(guest.get_by_text("Scaling CS with AI Agents")).to_be_visible()
    guest.get_by_role("button", name="Yes, I join online").click()
    expect(guest.get_by_role("status")).to_have_text("Thank you, your answer is saved.")
    guest.context.close()
    page.goto(f"{there.it.app.url}/event?id={there.event}&event.view=Invitations")
    settle(page)
    figure = page.get_by_test_id("stMetric").filter(has_text="Registered in all")
    expect(figure.get_by_test_id("stMetricValue")).to_have_text("1")
    expect(page.get_by_text("1 registration, the newest first.")).to_be_visible()
