"""The conversation of PRD-018 in a real browser: a file, the report, opportunities and invitations, a mail sent."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from data.db import transaction
from services.access import SYSTEM
from services.clock import utc_now
from services.demo.story import tell
from services.invitations import catalogue
from services.invitations.catalogue import EventPlan
from tests.support.browser import settle
from tests.support.company import ADMIN, attendance_table, found_company
from tests.support.installation import installed

pytestmark = pytest.mark.browser
WEBINAR = "Advanced Analytics Deep Dive"
LONG = 90_000


@pytest.fixture
def asking(tmp_path: Path, browser: Browser) -> Generator[tuple[Page, Path]]:
    """The page Ask of somebody who sees all customers, and a year of attendance in a file."""
    now = utc_now()
    file = attendance_table(tmp_path, tell(now.date()))

    def fill(engine: Engine) -> None:
        found_company(engine, tmp_path, now)
        with transaction(engine) as session:
            plan = EventPlan(name=WEBINAR, topic="Analytics", starts_at=now + timedelta(days=15))
            catalogue.create(session, plan, by=SYSTEM, now=now)

    with installed(tmp_path, browser, fill) as it:
        page = it.page(ADMIN, "ask")
        yield page, file
        page.context.close()


def say(page: Page, words: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(words)
    box.press("Enter")
    settle(page, LONG)


def test_file_is_scored_opportunities_are_made_and_an_invitation_is_sent(
    asking: tuple[Page, Path],
):
    page, file = asking
    page.locator("input[type=file]").set_input_files(str(file))
    settle(page)
    say(page, "Score engagement from this event data")
    expect(page.get_by_text(re.compile("is imported: .*attendance records"))).to_be_visible(timeout=LONG)  # fmt: skip
    for part in ("Event summary", "Engagement leaderboard", "Advocacy candidates",
                 "Declining engagement", f"Whom to invite: {WEBINAR}", "Engagement distribution"):  # fmt: skip
        expect(page.get_by_text(part, exact=not part.startswith("Whom")).first).to_be_attached()
    expect(page.get_by_role("button", name="Create risk signals").last).to_be_visible()

    say(page, "Create advocacy opportunities for top 3 and send invitations for the webinar")
    expect(page.get_by_text("3 advocacy opportunities created")).to_be_attached(timeout=LONG)
    expect(page.get_by_text("3 invitations drafted")).to_be_attached()

    page.reload()
    settle(page, LONG)
    page.get_by_role("button", name="Send", exact=True).first.click()
    settle(page, LONG)
    # Not only its end, which is in the hint of the button under the pointer, too.
    expect(page.get_by_text("is approved and waits in the Send queue")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Take it back").click()
    settle(page, LONG)
    expect(page.get_by_text("Taken back: 1 approval")).to_be_visible(timeout=LONG)
