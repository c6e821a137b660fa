"""A reviewer at the keyboard: read, approve, go on, type, close the tab, come back."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from data.db import make_engine, migrate, transaction
from data.tables import Draft
from services import drafts
from services.access import signin
from services.clock import utc_now
from services.ids import public_id
from tests.services.drafts.world import new_draft
from tests.support.browser import settle
from tests.support.portfolio import portfolio
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    folder = tmp_path_factory.mktemp("drafts")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        known = portfolio(session, utc_now())
        later = {"stakeholder_id": known.tom, "subject": "For Tom"}
        new = [new_draft(known, "a"), new_draft(known, "b", **later)]
        drafts.create_many(session, new, now=utc_now())
    engine.dispose()
    with running_app(folder) as app:
        yield app


@pytest.fixture
def context(server: AppServer, browser: Browser) -> Generator[BrowserContext]:
    """Dana's browser."""
    engine = make_engine(f"sqlite:///{server.folder / 'cscx.db'}")
    with transaction(engine) as session:
        token = signin.start_session(session, 1, utc_now())
    engine.dispose()
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.add_cookies([{"name": "cscx_session", "value": token, "url": server.url}])
    yield opened
    opened.close()


def states(server: AppServer) -> dict[int, tuple[str, str]]:
    engine = make_engine(f"sqlite:///{server.folder / 'cscx.db'}")
    with transaction(engine, read_only=True) as session:
        rows = session.scalars(select(Draft)).all()
        found = {row.id: (row.state, row.text) for row in rows}
    engine.dispose()
    return found


def opened(context: BrowserContext, server: AppServer, number: int) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/draft?id={public_id('draft', number)}")
    settle(page)
    return page


def test_drafts_are_approved_from_the_keyboard(server: AppServer, context: BrowserContext):
    page = opened(context, server, 1)
    expect(page.get_by_role("heading", name="After the webinar")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="For Tom")).to_be_visible()
    settle(page)
    assert [state for state, _ in states(server).values()] == ["approved", "pending"]
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="After the webinar")).to_be_visible()
    settle(page)
    assert [state for state, _ in states(server).values()] == ["pending", "pending"]


def test_typing_approves_nothing_and_is_there_after_the_tab_was_closed(
    server: AppServer, context: BrowserContext
):
    page = opened(context, server, 1)
    text = page.get_by_label("Text", exact=True)
    text.fill("")
    text.press_sequentially("Hi Maria, a new banana")
    text.press("Tab")
    settle(page)
    expect(page.get_by_text("Words changed")).to_have_count(1)
    page.close()
    assert states(server)[1] == ("pending", "Hi Maria, a new banana")
    again = opened(context, server, 1)
    expect(again.get_by_label("Text", exact=True)).to_have_value("Hi Maria, a new banana")


def test_review_fits_on_a_phone(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/draft?id={public_id('draft', 1)}")
    settle(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    expect(page.get_by_role("button", name="Approve, next")).to_be_visible()
