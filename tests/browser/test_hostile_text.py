"""What others wrote is shown as they wrote it: nothing of it runs, nothing of it calls another host."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Download, Page, Request
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import Engine, select
from sqlalchemy.orm import InstrumentedAttribute

from components.navigation import SCREENS
from data.db import transaction
from data.errors import BadInput
from data.tables import Campaign, Customer, Draft, Event, Person, Ticket, Upload
from services import demo, drafts, rendering
from services.access import signin
from services.access.viewer import viewer_of
from services.clock import utc_now
from services.ids import public_id
from tests.matrix.world import entered, live_a_day
from tests.support import databases
from tests.support.browser import settle
from tests.support.poison import MARK, PAYLOADS, poison
from tests.support.poison import poisoned as hostile
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
RUNS = re.compile(r"(^|[;\t\r\n])\s*[=+\-@]")
"""Whatever a spreadsheet parts the cells by."""
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?\s*%?$")
NOWHERE = "http://nowhere.invalid"
"""No page of ours: nothing may be asked for."""
OF_EACH = 3
"""Records of a kind that are opened."""
FILES_OF = 2
"""Of how many addresses the files are looked into: the screen itself and one record."""
OPENED: dict[str, tuple[str, InstrumentedAttribute[int]]] = {
    "customer": ("customer", Customer.id),
    "draft": ("draft", Draft.id),
    "event": ("event", Event.id),
    "event_analysis": ("event", Event.id),
    "invitations": ("event", Event.id),
    "one_ticket": ("ticket", Ticket.id),
    "one_campaign": ("campaign", Campaign.id),
    "upload": ("upload", Upload.id),
}
FULL = (
    "today",
    "drafts",
    "draft",
    "customers",
    "customer",
    "event",
    "one_ticket",
    "one_campaign",
    "people",
)
"""Screens on which such texts stand as text, and not in the picture of a table."""


@dataclass
class Seen:
    """What must not happen, where it did; and how much was looked at."""

    ran: list[str] = field(default_factory=list[str])
    called: list[str] = field(default_factory=list[str])
    formulas: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    views: int = 0
    shown: int = 0
    files: int = 0


@dataclass(frozen=True)
class Poisoned:
    app: AppServer
    session: str
    addresses: dict[str, list[str]]
    """By screen: itself, and some records on it."""
    drafts: tuple[str, ...]
    """The HTML of each."""


@pytest.fixture(scope="module")
def poisoned(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Poisoned]:
    folder = tmp_path_factory.mktemp("poisoned")
    with databases.sqlite_database(sqlite_template, folder) as engine:
        with entered(engine.url, folder):
            demo.load(utc_now())
            _poison(engine)
            live_a_day()  # scores, drafts, signals and notifications are made of what is there now
            made = _drafts()
            _poison(engine)
            token, addresses = _token(), _addresses()
        with running_app(folder, {"DATABASE_URL": str(engine.url)}) as app:
            yield Poisoned(app, token, addresses, made)


def _poison(engine: Engine) -> None:
    with engine.begin() as connection:
        assert poison(connection) > 1_000


def _token() -> str:
    with transaction() as session:
        admin = session.scalars(select(Person.id).where(Person.role == "admin")).first()
        assert admin is not None
        return signin.start_session(session, admin, utc_now())


def _addresses() -> dict[str, list[str]]:
    found = {screen.key: [screen.key] for screen in SCREENS}
    found["impact"] += ["impact?impact.print=true"]
    with transaction(read_only=True) as session:
        for key, (kind, column) in OPENED.items():
            numbers = session.scalars(select(column).order_by(column).limit(OF_EACH)).all()
            found[key] += [f"{key}?id={public_id(kind, one)}" for one in numbers]
    return found


@pytest.fixture
def mails(sqlite_template: Path, tmp_path: Path) -> tuple[str, ...]:
    """The HTML of each template, filled with such texts; none where one of them would be a link."""
    texts, made = itertools.cycle(PAYLOADS), list[str]()
    templates = rendering.catalogue()
    with databases.sqlite_database(sqlite_template, tmp_path) as engine:
        for one in templates:
            with transaction(engine) as session, contextlib.suppress(BadInput):
                filled = hostile(one.sample, texts)
                made.append(rendering.render(session, one.key, filled).html)
    assert len(made) > len(templates) // 2
    return tuple(made)


def _drafts() -> tuple[str, ...]:
    with transaction(read_only=True) as session:
        admin = session.scalars(select(Person).where(Person.role == "admin")).first()
        assert admin is not None
        by = viewer_of(session, admin, utc_now())
        numbers = session.scalars(select(Draft.id).order_by(Draft.id).limit(60)).all()
        return tuple(drafts.view(session, by, one, utc_now()).html for one in numbers)


@contextlib.contextmanager
def watched(browser: Browser, home: str, seen: Seen) -> Generator[BrowserContext]:
    """A browser that goes nowhere else and remembers who wanted it to."""
    context = browser.new_context(reduced_motion="reduce", accept_downloads=True)
    context.add_init_script("delete window.showSaveFilePicker")

    def stop(route: object, request: Request) -> None:
        seen.called.append(f"{request.frame.url}: {request.url}"[:300])
        route.abort()  # type: ignore[attr-defined]

    def spoken(dialog: Dialog) -> None:
        seen.ran.append(dialog.message)
        dialog.dismiss()

    context.route(lambda url: url.startswith("http") and not url.startswith(home), stop)
    context.on("dialog", spoken)
    try:
        yield context
    finally:
        context.close()


def look(page: Page, seen: Seen, *, files: bool) -> None:
    """Open all that can be opened on this page, view by view."""
    views = page.locator("[data-testid=stMain] [data-testid=stButtonGroup] button")
    for place in range(max(views.count(), 1)):
        if views.count() > place:
            with contextlib.suppress(PlaywrightError):
                views.nth(place).click(timeout=2_000)
            settle(page)
        for closed in page.locator("[data-testid=stMain] details:not([open]) > summary").all()[:8]:
            with contextlib.suppress(PlaywrightError):
                closed.click(timeout=1_000)
        settle(page)
        judge(page, seen)
        if files:
            download(page, seen)


def judge(page: Page, seen: Seen) -> None:
    seen.views += 1
    for frame in page.frames:
        with contextlib.suppress(PlaywrightError):
            if frame.evaluate(f"window.{MARK} || 0"):
                seen.ran.append(f"{page.url} in {frame.url}")
    if page.locator("[data-testid=stException]").count():
        seen.broken.append(page.url)
    text = page.locator("body").inner_text()
    seen.shown += sum(one[:30] in text for one in PAYLOADS)


def download(page: Page, seen: Seen) -> None:
    for button in page.locator("[data-testid=stDownloadButton] button:visible").all()[:3]:
        with contextlib.suppress(PlaywrightError):
            with page.expect_download(timeout=8_000) as coming:
                button.click(timeout=2_000)
            _check_file(coming.value, seen)


def _check_file(file: Download, seen: Seen) -> None:
    seen.files += 1
    data = Path(file.path()).read_bytes()
    name = file.suggested_filename
    if name.endswith(".csv"):
        cells = [c for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for c in row]
        seen.formulas += [f"{name}: {c}" for c in cells if RUNS.search(c) and not NUMBER.match(c)]
    elif name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(data))
        for sheet in book:
            for row in sheet.iter_rows():
                seen.formulas += [f"{name}: {c.value}" for c in row if c.data_type == "f"]


@pytest.mark.soak
@pytest.mark.parametrize("key", [screen.key for screen in SCREENS])
def test_no_text_of_others_runs_or_calls_anybody_on(key: str, poisoned: Poisoned, browser: Browser):
    seen = Seen()
    with watched(browser, poisoned.app.url, seen) as context:
        context.add_cookies(
            [{"name": "cscx_session", "value": poisoned.session, "url": poisoned.app.url}]
        )
        page = context.new_page()
        for place, address in enumerate(poisoned.addresses[key]):
            page.goto(f"{poisoned.app.url}/{'' if address == 'today' else address}")
            settle(page, 90_000)
            look(page, seen, files=place < FILES_OF)
    print(f"\n{key}: {seen.views} views, {seen.shown} texts seen, {seen.files} files")  # noqa: T201
    assert (seen.ran, seen.called, seen.formulas, seen.broken) == ([], [], [], [])
    assert seen.shown or key not in FULL


@pytest.mark.soak
def test_no_draft_made_of_such_texts_runs_or_calls_anybody(poisoned: Poisoned, browser: Browser):
    read(poisoned.drafts, browser)


def test_no_mail_made_of_such_texts_runs_or_calls_anybody(mails: tuple[str, ...], browser: Browser):
    assert read(mails, browser).shown > len(mails)


def read(mails: Sequence[str], browser: Browser) -> Seen:
    """As a mail program without any care would show them."""
    seen = Seen()
    with watched(browser, NOWHERE, seen) as context:
        page = context.new_page()
        for html in mails:
            page.set_content(html)
            judge(page, seen)
    assert (seen.ran, seen.called) == ([], [])
    return seen


def test_the_same_texts_run_where_nobody_minds_them(browser: Browser):
    """Else the tests above would prove nothing."""
    seen = Seen()
    with watched(browser, NOWHERE, seen) as context:
        page = context.new_page()
        for one in PAYLOADS:
            page.set_content(one)
            page.wait_for_timeout(20)
            judge(page, seen)
    assert len(seen.ran) > 8
    assert len(seen.called) > 5
