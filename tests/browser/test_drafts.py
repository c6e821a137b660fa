"""A reviewer at the keyboard: read, approve, go on, type, close the tab, come back."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect
from sqlalchemy import func, select, update

from data.db import make_engine, migrate, transaction
from data.tables import Draft
from services import drafts
from services.clock import utc_now
from services.ids import public_id
from tests.services.drafts.world import new_draft
from tests.support.browser import settle, signed_in
from tests.support.portfolio import Portfolio, portfolio
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[AppServer, Portfolio]]:
    folder = tmp_path_factory.mktemp("drafts")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        known = portfolio(session, utc_now())
    engine.dispose()
    with running_app(folder) as app:
        yield app, known


@pytest.fixture
def server(world: tuple[AppServer, Portfolio]) -> AppServer:
    """The app with two drafts that wait, and none of the tests before."""
    app, known = world
    engine = make_engine(f"sqlite:///{app.folder / 'cscx.db'}")
    with transaction(engine) as session:
        session.execute(update(Draft).values(state="cancelled"))
        later = {"stakeholder_id": known.tom, "subject": "For Tom"}
        new = [new_draft(known, token_hex(4)), new_draft(known, token_hex(4), **later)]
        drafts.create_many(session, new, now=utc_now())
    engine.dispose()
    return app


@pytest.fixture
def context(server: AppServer, browser: Browser) -> Generator[BrowserContext]:
    """Dana's browser."""
    with signed_in(browser, server, 1) as context:
        yield context


def states(server: AppServer) -> list[tuple[str, str]]:
    """State and text of the two, oldest first."""
    engine = make_engine(f"sqlite:///{server.folder / 'cscx.db'}")
    with transaction(engine, read_only=True) as session:
        rows = session.scalars(select(Draft).order_by(Draft.id.desc()).limit(2)).all()
        found = [(row.state, row.text) for row in reversed(rows)]
    engine.dispose()
    return found


def first(server: AppServer) -> str:
    """The address of the first of the two."""
    engine = make_engine(f"sqlite:///{server.folder / 'cscx.db'}")
    with transaction(engine, read_only=True) as session:
        last = session.scalar(select(func.max(Draft.id))) or 0
    engine.dispose()
    return f"{server.url}/draft?id={public_id('draft', last - 1)}"


def opened(context: BrowserContext, server: AppServer) -> Page:
    page = context.new_page()
    page.goto(first(server))
    settle(page)
    return page


def test_drafts_are_approved_from_the_keyboard(server: AppServer, context: BrowserContext):
    page = opened(context, server)
    expect(page.get_by_role("heading", name="After the webinar")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="For Tom")).to_be_visible()
    settle(page)
    assert [state for state, _ in states(server)] == ["approved", "pending"]
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="After the webinar")).to_be_visible()
    settle(page)
    assert [state for state, _ in states(server)] == ["pending", "pending"]


def test_going_on_can_be_reloaded_and_gone_back(server: AppServer, context: BrowserContext):
    page = opened(context, server)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="For Tom")).to_be_visible()
    settle(page)
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name="For Tom")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="After the webinar")).to_be_visible()
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="For Tom")).to_be_visible()
    assert [state for state, _ in states(server)] == ["pending", "pending"]


def test_typing_approves_nothing_and_is_there_after_the_tab_was_closed(
    server: AppServer, context: BrowserContext
):
    page = opened(context, server)
    text = page.get_by_label("Text", exact=True)
    text.fill("")
    text.press_sequentially("Hi Maria, a new banana")
    text.press("Tab")
    settle(page)
    expect(page.get_by_text("Words changed")).to_have_count(1)
    page.close()
    assert states(server)[0] == ("pending", "Hi Maria, a new banana")
    again = opened(context, server)
    expect(again.get_by_label("Text", exact=True)).to_have_value("Hi Maria, a new banana")


def test_words_still_in_their_field_are_offered_after_the_tab_was_closed(
    server: AppServer, context: BrowserContext
):
    page = context.new_page()
    cut = threading.Event()
    page.route_web_socket(re.compile("_stcore/stream"), lambda socket: until(cut, socket))
    page.goto(first(server))
    settle(page)
    text = page.get_by_label("Text", exact=True)
    text.fill("")
    text.press_sequentially("Hi Maria, half a thought")
    page.wait_for_function("() => Object.values(localStorage).some(it => it.includes('a thought'))")
    cut.set()  # a browser that still could would send the words while it closes
    page.close()

    again = opened(context, server)
    offer = again.get_by_text("Words of yours are not in the draft.")
    expect(offer).to_be_visible()
    expect(again.locator("code", has_text="half a thought")).to_be_visible()
    assert "half a thought" not in states(server)[0][1]
    again.get_by_role("button", name="Put mine in their place").click()
    settle(again)  # while the page is drawn anew, the former field still stands beside the new one
    expect(again.get_by_label("Text", exact=True)).to_have_value("Hi Maria, half a thought")
    assert states(server)[0] == ("pending", "Hi Maria, half a thought")
    again.close()

    third = opened(context, server)
    expect(third.get_by_label("Text", exact=True)).to_have_value("Hi Maria, half a thought")
    expect(third.get_by_text("Words of yours are not in the draft.")).to_have_count(0)


def until(cut: threading.Event, socket: WebSocketRoute) -> None:
    """Pass on what the page sends for as long as nobody cuts the line."""
    app = socket.connect_to_server()
    socket.on_message(lambda message: None if cut.is_set() else app.send(message))


def test_words_that_are_dropped_or_whose_writer_signs_out_leave_the_browser(
    server: AppServer, context: BrowserContext
):
    typed = "() => Object.keys(localStorage).some(key => key.startsWith('cscx.typed.'))"
    nothing = "() => !Object.keys(localStorage).some(key => key.startsWith('cscx.typed.'))"
    page = context.new_page()
    cut = threading.Event()
    page.route_web_socket(re.compile("_stcore/stream"), lambda socket: until(cut, socket))
    page.goto(first(server))
    settle(page)
    page.get_by_label("Subject", exact=True).press_sequentially(" and more")
    page.wait_for_function(typed)
    cut.set()
    page.close()
    again = opened(context, server)
    again.get_by_role("button", name="Drop mine").click()
    settle(again)
    expect(again.get_by_text("Words of yours are not in the draft.")).to_have_count(0)
    again.wait_for_function(nothing)

    again.get_by_label("Subject", exact=True).press_sequentially(" again")
    again.wait_for_function(typed)
    again.goto(f"{server.url}/signout")
    again.get_by_role("button", name="Sign out").click()
    expect(again.get_by_role("heading", name="Sign in")).to_be_visible()
    again.wait_for_function(nothing)


def test_review_fits_on_a_phone(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(first(server))
    settle(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    expect(page.get_by_role("button", name="Approve, next")).to_be_visible()
