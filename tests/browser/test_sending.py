"""What keeps mail from leaving, and what the mails' own links do, in a real browser."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as BrowserError
from sqlalchemy import Engine, select, update

from data.db import make_engine, migrate, transaction
from data.tables import MailEvent, OutboxMail
from services import outbox, suppression
from services.clock import utc_now
from tests.support import queued
from tests.support.browser import settle, signed_in
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import TARGET, SentMail, mailbox, sent_mail
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
REFUSED = "The provider refused the address."
TALL_ROW = 66


@dataclass(frozen=True)
class Queue:
    """Mail of Dana's: one that failed, one that waits, and one that Maria has got."""

    app: AppServer
    engine: Engine
    known: Portfolio
    failed: int
    waiting: int
    sent: SentMail

    def state(self, number: int) -> str | None:
        with transaction(self.engine, read_only=True) as session:
            return session.scalar(select(OutboxMail.state).where(OutboxMail.id == number))

    def blocked(self, email: str) -> bool:
        with transaction(self.engine, read_only=True) as session:
            return suppression.blocked(session, email, "events") is not None


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Generator[Queue]:
    folder = tmp_path_factory.mktemp("sending")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    now = utc_now()
    with transaction(engine) as session:
        known = portfolio(session, now)
        box = mailbox(session, now)
        of = {"customer_id": known.techcorp, "owner_id": known.dana.person_id}
        later = now + timedelta(days=1)
        failed, waiting = (
            outbox.enqueue(
                session, queued.approved(box.id, "tom@techcorp.example", later, **of), now=now
            )
            for _ in range(2)
        )
        broken = update(OutboxMail).where(OutboxMail.id == failed)
        session.execute(broken.values(state="failed", reason=REFUSED))
        sent = sent_mail(session, known, box, now)
    with running_app(folder) as app:
        yield Queue(app, engine, known, failed, waiting, sent)
    engine.dispose()


@pytest.fixture
def admin(mails: Queue, browser: Browser) -> Generator[Page]:
    yield from _signed_in(mails, browser, mails.known.ada.person_id)


@pytest.fixture
def dana(mails: Queue, browser: Browser) -> Generator[Page]:
    yield from _signed_in(mails, browser, mails.known.dana.person_id)


def _signed_in(mails: Queue, browser: Browser, person: int | None) -> Generator[Page]:
    assert person is not None
    with signed_in(browser, mails.app, person, width=1280) as context:
        yield context.new_page()


def opened(page: Page, mails: Queue, path: str) -> None:
    page.goto(f"{mails.app.url}/{path}")
    settle(page)


def click_row(page: Page, height: int, across: int = 200) -> None:
    """Click into the first row of the page's table, which is a picture."""
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table
    page.mouse.click(table["x"] + across, table["y"] + 35 + height / 2)
    settle(page)


def test_all_sending_is_paused_for_everybody_and_goes_on(mails: Queue, admin: Page, dana: Page):
    opened(admin, mails, "send_queue")
    admin.get_by_role("button", name="Pause all sending").click()
    admin.get_by_label("Why?").fill("A wrong price in the template")
    admin.get_by_label("Why?").press("Tab")
    settle(admin)
    admin.get_by_role("button", name="Pause everything").click()
    paused = "All sending is paused. A wrong price in the template"
    expect(admin.get_by_text(paused)).to_be_visible()
    opened(dana, mails, "send_queue")
    expect(dana.get_by_text(paused)).to_be_visible()
    expect(dana.get_by_role("button", name="Resume sending")).to_have_count(0)
    admin.get_by_role("button", name="Resume sending").click()
    expect(admin.get_by_text("Sending goes on.")).to_be_visible()
    expect(admin.get_by_text(paused)).to_have_count(0)


def test_failed_mail_is_tried_again_and_a_waiting_one_is_taken_back(mails: Queue, dana: Page):
    opened(dana, mails, "send_queue?send_queue.view=Needs+you")
    click_row(dana, TALL_ROW)
    # The list says it, too, and may stand beside the mail for a moment while that is drawn.
    expect(dana.get_by_test_id("stAlertContentInfo").get_by_text(REFUSED)).to_be_visible()
    dana.get_by_role("button", name="Try again").click()
    expect(dana.get_by_text("It will be tried again.")).to_be_visible()
    assert mails.state(mails.failed) == "queued"

    dana.get_by_role("button", name="Back to the list").click()
    settle(dana)
    dana.get_by_text("Waiting (2)").click()
    settle(dana)
    click_row(dana, TALL_ROW)
    dana.get_by_role("button", name="Cancel").click()
    expect(dana.get_by_text("Cancelled: it will not be sent.")).to_be_visible()
    assert {mails.state(mails.failed), mails.state(mails.waiting)} == {"cancelled", "queued"}


def test_address_is_put_on_the_list_and_taken_off_with_a_reason(mails: Queue, admin: Page):
    opened(admin, mails, "suppression")
    admin.get_by_text("Add an address").click()
    admin.get_by_label("E-mail").fill("ines@datapro.example")
    # Not by the button: it still moves while the part that holds it unfolds.
    admin.get_by_label("E-mail").press("Enter")
    expect(admin.get_by_text("Nobody writes to this address any more.")).to_be_visible()
    assert mails.blocked("ines@datapro.example")

    settle(admin)
    click_row(admin, 33, across=16)
    expect(admin.get_by_text("Write to ines@datapro.example again")).to_be_visible()
    admin.get_by_label("How do you know that they agree?").fill("She asked for the newsletter")
    admin.get_by_role("button", name="Lift").click()
    expect(admin.get_by_text("They can be written to again.")).to_be_visible()
    assert not mails.blocked("ines@datapro.example")


def test_link_of_a_mail_leads_to_its_target_and_only_there(mails: Queue, page: Page):
    page.goto(f"{mails.app.url}/t/c/{mails.sent.click[:-1]}")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    assert page.url.startswith(mails.app.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with suppress(BrowserError):  # nobody answers there
        page.goto(f"{mails.app.url}/t/c/{mails.sent.click}")
    assert asked[:2] == [f"{mails.app.url}/t/c/{mails.sent.click}", TARGET]


def test_unsubscribe_page_changes_nothing_until_its_button_is_pressed(mails: Queue, page: Page):
    address = f"{mails.app.url}/u/{mails.sent.unsubscribe}"
    page.goto(address)
    expect(page.get_by_role("heading", name="Your mail from us")).to_be_visible()
    page.reload()
    assert not mails.blocked("maria@techcorp.example")

    page.get_by_role("button", name="No more about").click()
    expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
    assert mails.blocked("maria@techcorp.example")
    page.get_by_role("button", name="Write to me again").click()
    expect(page.get_by_role("button", name="No more about")).to_be_visible()
    assert not mails.blocked("maria@techcorp.example")

    httpx.post(address, data={"List-Unsubscribe": "One-Click"}).raise_for_status()
    assert mails.blocked("maria@techcorp.example")
    with transaction(mails.engine, read_only=True) as session:
        kinds = set(session.scalars(select(MailEvent.kind)))
    assert "unsubscribe" in kinds
