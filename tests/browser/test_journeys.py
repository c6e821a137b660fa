"""From a file to mail in the folder, as a customer success manager does it: nothing but clicks and keys."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.clock import utc_now
from services.demo.practice import write_practice_file
from services.demo.story import tell
from tests.support.browser import settle
from tests.support.company import ADMIN, attendance_table, found_company
from tests.support.installation import PATIENCE, WORKER, Installation, installed, text_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Generator[Installation]:
    folder = tmp_path_factory.mktemp("journeys")
    with installed(folder, browser, lambda it: found_company(it, folder, utc_now()), WORKER) as it:
        yield it


def menu(page: Page, name: str) -> None:
    # The first one bears the number of what is new behind its name.
    link = re.compile(rf"^{name}( \(\d+\))?$")
    page.get_by_test_id("stSidebar").get_by_role("link", name=link).click()
    settle(page)


def click_row(page: Page, row: int) -> None:
    """Click into a table, which is a picture."""
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table
    page.mouse.click(table["x"] + 200, table["y"] + 35 + 33 * row + 16)
    settle(page)


def bring_in(page: Page, file: Path) -> None:
    """Drop the file, look at the preview, import."""
    menu(page, "Upload")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Import").click(timeout=PATIENCE * 1000)
    expect(page.get_by_text("0 as before")).to_be_visible(timeout=PATIENCE * 1000)


def test_from_a_file_to_opportunities_risk_signals_and_outreach_that_left(
    there: Installation, tmp_path: Path
):
    page = there.page(ADMIN)
    bring_in(page, attendance_table(tmp_path, tell(utc_now().date())))
    expect(
        page.get_by_text("567 attendance records, 234 users, 78 customers, 18 events")
    ).to_be_visible()

    page.get_by_role("link", name="See the board").click()
    board = page.frame_locator("iframe[title*=agGrid]")
    expect(board.locator("[row-index='0'] [col-id=Customer]")).to_have_text(
        "TechCorp", timeout=20_000
    )
    expect(board.locator("[row-index='1'] [col-id=Customer]")).to_have_text("DataPro")
    expect(board.locator("[row-index='2'] [col-id=Customer]")).to_have_text("CloudMax")

    menu(page, "Advocacy")
    page.get_by_role("button", name="Create opportunities for the top 3").click()
    expect(page.get_by_text("3 opportunities created")).to_be_visible(timeout=20_000)
    settle(page)
    page.get_by_text("Opportunities", exact=True).click()
    settle(page)
    for customer in ("TechCorp", "DataPro", "CloudMax"):
        expect(page.get_by_test_id("stMain").get_by_text(customer)).to_be_visible()

    menu(page, "Risk")
    page.get_by_role("button", name="Look for risk now").click()
    expect(page.get_by_text("customers with enough history judged")).to_be_visible(timeout=20_000)
    settle(page)
    page.get_by_role("button", name="Create outreach drafts for the 3 customers shown").click()
    page.get_by_role("button", name="Plan outreach to 3 customers").click()
    expect(page.get_by_text("3 mails waiting under Drafts, 3 calls planned")).to_be_visible(
        timeout=20_000
    )

    subjects = approve_all(page, "Check in", count=3)
    mails = there.wait_for_mails(3)
    assert sorted(str(mail["Subject"]) for mail in mails) == sorted(subjects)
    page.context.close()


def approve_all(page: Page, kind: str, count: int) -> list[str]:
    """Read and approve the drafts of a kind from the keyboard; their subjects."""
    menu(page, "Drafts")
    chosen = page.get_by_role("combobox", name="Kind")
    chosen.fill(kind)
    chosen.press("Enter")
    settle(page)
    expect(page.get_by_text(f"{count} drafts")).to_be_visible()
    click_row(page, 0)
    # While the next draft is drawn, what is left of the one before may stand below it for a moment.
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=1).first
    subjects: list[str] = []
    for _ in range(count):
        for earlier in subjects:
            expect(heading).not_to_have_text(earlier)
        settle(page)
        subjects.append(heading.inner_text())
        page.keyboard.press("a")
    expect(page.get_by_text("That was the last one that waits")).to_be_visible(timeout=20_000)
    return subjects


def test_who_attended_is_told_the_same_day_and_followed_up(there: Installation, tmp_path: Path):
    page = there.page("Maya Torres")
    bring_in(page, write_practice_file(tmp_path, utc_now().date()))
    menu(page, "Today")
    told = page.get_by_text(re.compile("was at Ask Me Anything: Reporting"))
    deadline = time.monotonic() + PATIENCE
    while not told.count() and time.monotonic() < deadline:
        page.reload()
        settle(page)
    customer = told.first.inner_text().split(" was at ")[0].splitlines()[-1].strip()
    for said in ("1 person attended", "Relevance:", "Recommended:"):
        expect(page.get_by_text(said).first).to_be_visible()

    before = len(there.mails())
    page.get_by_role("link", name="See drafts").first.click()
    settle(page)
    page.get_by_role("textbox", name="Search").fill("Ask Me Anything")
    page.get_by_role("textbox", name="Search").press("Enter")
    settle(page)
    expect(page.get_by_text("1 draft.")).to_be_visible()
    click_row(page, 0)
    heading = page.get_by_role("heading", name="Ask Me Anything: Reporting")
    expect(heading).to_be_visible(timeout=20_000)
    expect(page.get_by_text("What it rests on")).to_be_visible()
    expect(page.get_by_text(customer).first).to_be_visible()
    subject = heading.inner_text()
    page.keyboard.press("Shift+A")
    mail = there.wait_for_mails(before + 1)[-1]
    assert mail["Subject"] == subject
    assert "maya.torres@" in str(mail["From"])
    assert "Reporting" in text_of(mail)

    settle(page)
    page.get_by_test_id("stMain").get_by_role("link", name=customer).click()
    settle(page)
    timeline = page.get_by_test_id("stMain").get_by_text("Ask Me Anything: Reporting")
    expect(timeline.first).to_be_visible(timeout=20_000)
    page.context.close()
