"""The conversation of PRD-018 in a real browser: a file, the report, opportunities and invitations, a mail that left."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
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
from services.outbox import policy
from tests.support.browser import settle
from tests.support.company import ADMIN, attendance_table, found_company
from tests.support.installation import WORKER, Installation, installed, text_of

pytestmark = pytest.mark.browser
WEBINAR = "Advanced Analytics Deep Dive"
LONG = 90_000


@pytest.fixture
def asking(tmp_path: Path, browser: Browser) -> Generator[tuple[Installation, Path]]:
    """A company where an approval can be taken back for an hour, and a year of its attendance in a file."""
    now = utc_now()
    file = attendance_table(tmp_path, tell(now.date()))

    def fill(engine: Engine) -> None:
        found_company(engine, tmp_path, now)
        with transaction(engine) as session:
            plan = EventPlan(name=WEBINAR, topic="Analytics", starts_at=now + timedelta(days=15))
            catalogue.create(session, plan, by=SYSTEM, now=now)
        undo_for(engine, 3600)

    with installed(tmp_path, browser, fill, WORKER) as it:
        yield it, file


def undo_for(engine: Engine, seconds: int) -> None:
    with transaction(engine) as session:
        wanted = replace(policy.load(session), undo_seconds=seconds)
        policy.save(session, wanted, by=SYSTEM, now=utc_now())


def say(page: Page, words: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(words)
    box.press("Enter")
    settle(page, LONG)


def send_first(page: Page) -> None:
    page.reload()
    settle(page, LONG)
    page.get_by_role("button", name="Send", exact=True).first.click()
    settle(page, LONG)


def invitation_that_left(it: Installation) -> EmailMessage:
    """The first one with a yes and a no to press; the daily mails of colleagues may leave, too."""
    for count in range(1, 9):
        for mail in it.wait_for_mails(count):
            if "/r/" in text_of(mail):
                return mail
    raise AssertionError("no invitation has left")


def test_file_is_scored_opportunities_are_made_and_an_invitation_leaves(
    asking: tuple[Installation, Path],
):
    it, file = asking
    page = it.page(ADMIN, "ask")
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

    send_first(page)
    # Not only its end, which is in the hint of the button under the pointer, too.
    expect(page.get_by_text("is approved and waits in the Send queue")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Take it back").click()
    settle(page, LONG)
    expect(page.get_by_text("Taken back: 1 approval")).to_be_visible(timeout=LONG)
    assert not any("/r/" in text_of(mail) for mail in it.mails())

    undo_for(it.engine, 0)
    send_first(page)
    mail = invitation_that_left(it)
    assert WEBINAR in f"{mail['Subject']} {text_of(mail)}"
    page.context.close()
