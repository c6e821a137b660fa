"""From an empty installation to a mail that has left, by what the screens say alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle, sign_up
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
LONG = 60_000
CUSTOMERS = """\
Account Name,Website,Segment
Northwind Trading,www.northwind.example,Enterprise
Brightwave Labs,www.brightwave.example,SMB
"""
PEOPLE = (
    ("Dana", "Ortiz", "dana.ortiz@northwind.example", 52),
    ("Tom", "Berg", "tom.berg@brightwave.example", 12),
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """What a newcomer has at hand: the CRM's list, and who was at yesterday's event."""
    crm, attendance = tmp_path / "accounts.csv", tmp_path / "attendance.csv"
    crm.write_text(CUSTOMERS)
    day = datetime.now(UTC) - timedelta(days=1)
    rows = [
        f"Reporting in Practice,{day:%Y-%m-%d} 10:00,{first},{last},{email},Yes,{minutes}\n"
        for first, last, email, minutes in PEOPLE
    ]
    attendance.write_text(
        "Event Name,Event Date,First Name,Last Name,Email,Attended,Minutes\n" + "".join(rows)
    )
    return crm, attendance


def follow(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_role("link", name=name).first.click()
    settle(page, LONG)


def back_to_today(page: Page) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^Today")).click()
    settle(page, LONG)


def drop(page: Page, file: Path, button: str) -> None:
    """Drop a file, wait for what would happen, agree to it."""
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.get_by_role("button", name=button).click(timeout=LONG)
    settle(page, LONG)


def mail_in(app: AppServer) -> str:
    """Whom the first mail that left is for, and its text."""
    deadline = monotonic() + LONG / 1_000
    # A digest, which leaves from seven on, is none of o*.eml.
    while not (found := list(app.folder.rglob("o*.eml"))) and monotonic() < deadline:
        sleep(0.2)
    mail = message_from_bytes(found[0].read_bytes(), policy=default)
    plain = mail.get_body(("plain",))
    assert plain
    return f"{mail['To']}\n{plain.get_content()}"


def write_at_any_hour(page: Page) -> None:
    """Quiet hours are on as it comes: on a Sunday the mail would leave on Monday."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^Send queue")).click()
    settle(page, LONG)
    page.get_by_text("Rules of sending").click()
    for name in ("Quiet from", "Quiet until"):
        clock = page.get_by_test_id("stTimeInput").filter(has_text=name)
        clock.get_by_role("spinbutton").first.click()
        page.keyboard.type("0000")
    page.get_by_text("Send on Saturdays and Sundays").click()
    page.get_by_label("Seconds to take an approval back").fill("0")
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("The rules hold for what waits")).to_be_visible(timeout=LONG)
    back_to_today(page)


def test_newcomer_gets_to_a_mail_that_left_by_the_screens_alone(
    page: Page, tmp_path: Path, files: tuple[Path, Path]
):
    crm, attendance = files
    with running_app(tmp_path / "app", {"CSCX_WORKER": "child"}) as app:
        sign_up(page, app)
        write_at_any_hour(page)
        follow(page, "Open Customers")
        drop(page, crm, "Load 2 customers")
        back_to_today(page)
        follow(page, "Open Upload")
        drop(page, attendance, "Import 2 records")
        expect(page.get_by_text("2 new, 0 changed")).to_be_visible(timeout=LONG)
        settle(page, LONG)
        back_to_today(page)
        expect(page.get_by_text("4. Write to who came")).to_be_visible()
        follow(page, "Open the event")
        page.get_by_role("button", name="Add 2 people as stakeholders").click()
        expect(page.get_by_text("2 people added as stakeholders")).to_be_visible(timeout=LONG)
        settle(page, LONG)
        page.get_by_role("button", name="Create follow-ups now").click()
        expect(page.get_by_text("2 drafts made")).to_be_visible(timeout=LONG)
        settle(page, LONG)
        page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^Drafts")).click()
        settle(page, LONG)
        table = page.get_by_test_id("stDataFrame").first.bounding_box()
        assert table
        page.mouse.click(table["x"] + 200, table["y"] + 35 + 16)  # a table is a picture
        settle(page, LONG)
        expect(page.get_by_text("What it rests on")).to_be_visible(timeout=LONG)
        page.get_by_role("button", name=re.compile("^Approve")).first.click()
        said = mail_in(app)
        assert any(said.startswith(f"{first} {last}") for first, last, _, _ in PEOPLE), said
        assert "Reporting in Practice" in said
