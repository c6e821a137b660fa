"""Draws the pictures of README and guide anew: `make screenshots`. The same code makes the same pictures."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

import data.db
from data.db import transaction
from data.settings import settings
from data.tables import Customer, Draft, Event, Person, Ticket
from services.demo.practice import write_practice_file
from services.ids import public_id
from tests.support.browser import HEIGHT, settle, sign_up
from tests.support.demo_week import CSM, NOW, fill, work
from tests.support.installation import Installation, installed
from tests.support.pictures import FIRST_STEPS, SHOTS, UPLOAD, WIDTH, Shot, take
from tests.support.server import running_app

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]
LONG = 60_000
NAMES = {
    "customer": (Customer, Customer.name),
    "event": (Event, Event.name),
    "ticket": (Ticket, Ticket.number),
    "draft": (Draft, Draft.kind),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Generator[Installation]:
    """The demo company after its week, with one file more, which is the first picture."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("DATABASE_URL", f"sqlite:///{folder / 'cscx.db'}")
        surroundings.setenv("CSCX_DATA_DIR", str(folder))
        settings.cache_clear()
        data.db.engine.cache_clear()
        with installed(folder, browser, fill, still_at=NOW) as it:
            page = opened(it, UPLOAD)
            file = write_practice_file(folder, NOW.date())
            page.locator("input[type=file]").set_input_files(str(file))
            page.get_by_role("button", name="Import").wait_for(timeout=LONG)
            settle(page, LONG)
            take(page, UPLOAD)
            page.get_by_role("button", name="Import").click()
            expect(page.get_by_text("0 as before")).to_be_visible(timeout=LONG)
            page.context.close()
            work(it.engine, NOW)
            yield it
    settings.cache_clear()
    data.db.engine.cache_clear()


def opened(house: Installation, shot: Shot) -> Page:
    address = re.sub(r"\{(\w+):(.+?)\}", lambda m: known(house.engine, m[1], m[2]), shot.address)
    return house.page(
        shot.who,
        address,
        viewport={"width": WIDTH, "height": shot.height},
        color_scheme=shot.mode,
        timezone_id="UTC",
    )


def known(engine: Engine, kind: str, name: str) -> str:
    """The public id of a record; of drafts the first of a kind that waits for the CSM."""
    table, column = NAMES[kind]
    wanted = select(table.id).where(column == name).order_by(table.id).limit(1)
    if table is Draft:
        wanted = wanted.join(Person, Person.id == Draft.owner_id)
        wanted = wanted.where(Draft.state == "pending", Person.name == CSM)
    with transaction(engine, read_only=True) as session:
        return public_id(kind, session.scalars(wanted).one())


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_picture_shows_the_screen(house: Installation, shot: Shot):
    page = opened(house, shot)
    expect(page.get_by_text(shot.shows).first).to_be_visible(timeout=LONG)
    if shot.then:
        shot.then(page)
    assert page.get_by_test_id("stException").count() == 0
    take(page, shot)
    page.context.close()


def test_picture_of_an_empty_installation(tmp_path: Path, browser: Browser):
    with running_app(tmp_path, still_at=NOW) as app:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC")
        sign_up(page, app)
        expect(page.get_by_text(FIRST_STEPS.shows).first).to_be_visible(timeout=LONG)
        take(page, FIRST_STEPS)
        page.close()
