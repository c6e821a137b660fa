"""The page behind the link of an invitation, as the invited person meets it."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select

from data.db import make_engine, migrate, transaction
from data.tables import Invitation, Registration
from services.clock import utc_now
from services.invitations.calling_off import cancel_event
from tests.services.invitations.world import invited, summit
from tests.support.portfolio import Portfolio, portfolio
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class There:
    """Maria and Tom are asked to a summit with one seat, Ines to one that anybody can come to."""

    app: AppServer
    engine: Engine
    known: Portfolio
    maria: str
    tom: str
    ines: str

    def row(self, token: str) -> tuple[str, str | None, str | None]:
        """State of the invitation, why it was declined, and the registration's state."""
        with transaction(self.engine, read_only=True) as session:
            one = session.scalars(select(Invitation).where(Invitation.token == token)).one()
            wanted = select(Registration.state).where(Registration.invitation_id == one.id)
            return one.state, one.declined_why, session.scalar(wanted)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Generator[There]:
    folder, now = tmp_path_factory.mktemp("answers"), utc_now()
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with running_app(folder) as app:
        with transaction(engine) as session:
            known = portfolio(session, now)
            small = summit(session, now + timedelta(days=20), known.dana, capacity=1)
            large = summit(session, now + timedelta(days=30), known.dana, name="<b>Webinar</b>")
            tokens = [
                invited(session, known, event, who, now).token
                for event, who in ((small, known.maria), (small, known.tom), (large, known.ines))
            ]
        yield There(app, engine, known, *tokens)
    engine.dispose()


def _open(page: Page, there: There, token: str) -> None:
    page.goto(f"{there.app.url}/r/{token}")


def test_yes_no_with_a_reason_waiting_list_and_the_seat_that_becomes_free(page: Page, there: There):
    _open(page, there, there.maria)
    expect(page.get_by_role("heading", name="Customer Success Summit")).to_be_visible()
    _open(page, there, there.maria)  # looking twice answers nothing
    assert there.row(there.maria) == ("drafted", None, None)
    page.get_by_role("button", name="Yes, I come in person").click()
    expect(page.get_by_role("status")).to_have_text("Thank you, your answer is saved.")
    expect(page.get_by_text("You are registered, in person.")).to_be_visible()
    assert there.row(there.maria) == ("registered", None, "registered")
    page.reload()  # the browser sends the form again
    assert there.row(there.maria) == ("registered", None, "registered")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add it to your calendar").click()
    assert "BEGIN:VEVENT" in download.value.path().read_text()

    _open(page, there, there.tom)
    expect(page.get_by_text("All seats are taken.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Yes"))).to_have_count(0)
    page.get_by_role("button", name="Put me on the waiting list").click()
    expect(page.get_by_text("You are on the waiting list.")).to_be_visible()

    _open(page, there, there.maria)
    page.get_by_label("Cannot come?").fill("  On   leave <script>alert(1)</script> ")
    page.get_by_role("button", name="No, I cannot come").click()
    expect(page.get_by_text("You have told us that you do not come.")).to_be_visible()
    said = there.row(there.maria)
    assert said == ("declined", "On leave <script>alert(1)</script>", "cancelled")

    _open(page, there, there.tom)
    page.get_by_role("button", name="Yes, I join online").click()
    expect(page.get_by_text("You are registered for the online event.")).to_be_visible()
    _open(page, there, there.maria)
    expect(page.get_by_text("All seats are taken.")).to_be_visible()


def test_forged_cut_and_strange_addresses_lead_nowhere(page: Page, there: There):
    good = there.ines
    other = "A" if good[5] != "A" else "B"
    for token in (good[:-1], good[:5] + other + good[6:], good + "x", "x" * 34):
        answered = page.goto(f"{there.app.url}/r/{token}")
        assert answered is not None
        assert answered.status == 404
        expect(page.get_by_text("belongs to no invitation")).to_be_visible()
        posted = page.request.post(f"{there.app.url}/r/{token}", form={"choice": "virtual"})
        assert posted.status == 404
    strange = page.request.post(f"{there.app.url}/r/{good}", form={"choice": "president"})
    assert strange.status == 422
    assert there.row(good) == ("drafted", None, None)


def test_after_the_cancellation_nobody_can_answer(page: Page, there: There):
    page.set_viewport_size({"width": 390, "height": 800})
    _open(page, there, there.ines)
    expect(page.get_by_role("heading", name="<b>Webinar</b>")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with transaction(there.engine) as session:
        event = session.scalars(
            select(Invitation.event_id).where(Invitation.token == there.ines)
        ).one()
        cancel_event(session, event, "Too few", by=there.known.ada, now=utc_now())
    page.get_by_role("button", name="Yes, I join online").click()  # it was open all the while
    expect(page.get_by_role("alert")).to_have_text("This event has been cancelled.")
    expect(page.get_by_role("button")).to_have_count(0)
    assert there.row(there.ines)[2] is None
