"""From the command to the mail in the folder and the reminder in seven days, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import InstrumentedAttribute

from data.db import transaction
from data.tables import Draft, OutboxMail, Rating, Task, TicketFollowUp
from services import jobs
from services.clock import utc_now
from services.demo.tickets import enter_tickets
from tests.support.browser import settle
from tests.support.company import found_company
from tests.support.installation import PATIENCE, WORKER, Installation, installed, text_of
from tests.support.server import AppServer
from worker.tickets import FOLLOW_UP

pytestmark = pytest.mark.browser
NUMBER = "TF-2024-0847"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Generator[Installation]:
    folder = tmp_path_factory.mktemp("tickets")

    def fill(engine: Engine) -> None:
        found_company(engine, folder, utc_now())
        with transaction(engine) as session:
            enter_tickets(session, utc_now())

    with installed(folder, browser, fill, WORKER) as it:
        yield it


def until(page: Page, text: str | re.Pattern[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not page.get_by_text(text).count() and time.monotonic() < deadline:
        page.reload()
        settle(page)
    expect(page.get_by_text(text).first).to_be_visible()


def test_from_the_command_to_the_mail_the_reminder_and_the_rating(desk: Installation):
    app, engine = desk.app, desk.engine
    maya = desk.page("Maya Torres", "tickets")
    find_and_draft(maya)
    with engine.connect() as connection:
        assert list(connection.scalars(select(Draft.state))) == ["pending"]
        assert list(connection.scalars(select(OutboxMail.id))) == []
    assert desk.mails() == []
    maya.keyboard.press("Shift+A")
    (mail,) = desk.wait_for_mails(1)
    assert "david.kim@techflow.example" in str(mail["To"])
    text = text_of(mail)
    for said in ("Hi David", NUMBER, "Rate limits increased 3x", "next week", "Maya Torres"):
        assert said in text
    reminder_is_set(maya, app, engine)
    rated_with_one_click(maya, app, engine, text)
    maya.goto(f"{app.url}/customer?id=cus_{one(engine, TicketFollowUp.customer_id)}")
    settle(maya)
    until(maya, f"Followed up on ticket {NUMBER}")
    maya.context.close()


def find_and_draft(page: Page) -> None:
    ask = page.get_by_label("Follow up on")
    ask.fill("Follow up with TechFlow on their resolved API ticket")
    ask.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(NUMBER))
    settle(page)
    for said in ("High", "4 days", "TechFlow", "Rate limits increased 3x"):
        expect(page.get_by_text(said).first).to_be_visible()
    page.get_by_text("Level", exact=True).click()
    settle(page)
    expect(page.get_by_text("Relationship repair · 8 points")).to_be_visible()
    for point in ("Severity high", "Escalated to engineering", "Health fell by 6"):
        expect(page.get_by_text(re.compile(point)).first).to_be_visible()
    page.get_by_text("Follow-up", exact=True).click()
    settle(page)
    page.get_by_role("button", name="Draft the relationship repair").click()
    expect(page.get_by_text("What it rests on")).to_be_visible(timeout=PATIENCE * 1_000)
    settle(page)
    expect(page.get_by_text("To: David Kim")).to_be_visible()


def reminder_is_set(page: Page, app: AppServer, engine: Engine) -> None:
    """By the worker, which is told to look now and not within two minutes."""
    with transaction(engine) as session:
        jobs.add(session, FOLLOW_UP, "now", {}, now=utc_now())
    page.goto(f"{app.url}/one_ticket?id=tkt_{one(engine, TicketFollowUp.ticket_id)}")
    settle(page)
    until(page, re.compile(r"^Sent \d+"))
    expect(page.get_by_text("Reminder: Check your API metrics")).to_be_visible()
    due, sent = one(engine, Task.due_at), one(engine, TicketFollowUp.sent_at)
    assert due.date() - sent.date() == timedelta(days=7)


def rated_with_one_click(page: Page, app: AppServer, engine: Engine, text: str) -> None:
    told = re.search(r"https?://\S+(/f/[\w-]+)", text)
    assert told, text
    link = f"{app.url}{told[1]}"
    assert httpx.get(link).status_code == 200
    assert one(engine, Rating.score) is None  # looking at it rates nothing
    assert page.context.browser
    guest = page.context.browser.new_page()
    guest.goto(link)
    guest.get_by_role("button").first.click()
    guest.wait_for_load_state()
    guest.close()
    assert one(engine, Rating.score) is not None


def one(engine: Engine, column: InstrumentedAttribute[Any]) -> Any:
    with transaction(engine, read_only=True) as session:
        return session.scalars(select(column)).one()
