"""The same on the pages, each tab with what it showed last: nothing is approved that was not on the screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

import components.actions
import components.loaders.reads
import services.clock
from data.db import transaction
from data.tables import Approval, Draft, OutboxMail
from services.access import Viewer
from services.ids import public_id, read_id
from tests.services.drafts.machine import Moves
from tests.services.drafts.oracle import Seen
from tests.support.apptest import open_page

TABS = 3
MOVES = ("approve", "approve_next", "next", "undo", "reopen", "reject", "take_back")


@dataclass(frozen=True)
class Stands:
    """A draft as the database has it; `approvals`: of one person."""

    state: str
    revision: int
    text: str
    approvals: int


class OnPages(Moves):
    """The moves of `Moves` and those of people before the Draft page and the Send queue."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC)  # sign-ins for a page begin now
        self.tabs: list[tuple[AppTest, Viewer]] = []
        patched = self.stack.enter_context(pytest.MonkeyPatch.context())
        for module in (components.actions, components.loaders.reads, services.clock):
            patched.setattr(module, "utc_now", lambda: self.now)

    # Fewer of the others' moves, so that there is time for those on pages.
    approve = open_again = read_by_api = reject_by_api = other_move = None  # pyright: ignore[reportAssignmentType]

    def begun(self) -> None:
        for reader in (0, 1):
            self.open_tab(reader, newest=True)

    @rule(reader=st.integers(0, 2), newest=st.booleans())
    def open_another(self, reader: int, newest: bool) -> None:
        self.open_tab(reader, newest=newest)

    def open_tab(self, reader: int, *, newest: bool) -> tuple[AppTest, Viewer]:
        """In the place of the one that has been open the longest, where there are many."""
        who = self.people()[reader]
        number = (max if newest else min)(self.known)
        tab = open_page("draft", who, id=public_id("draft", number)), who
        self.tabs = [*self.tabs[1 - TABS :], tab]
        self.looked_at(*tab)
        return tab

    @precondition(lambda self: self.tabs)
    @rule(which=st.integers(0, TABS - 1), place=st.integers(0, 7))
    def press_on_page(self, which: int, place: int) -> None:
        self.press(which, place)

    @rule(reader=st.integers(0, 1), two=st.booleans())
    def approve_and_let_it_leave(self, reader: int, two: bool) -> None:
        """As in `Moves`, on pages opened just now."""
        number = max(self.known)
        for one in (reader, 2)[: 1 + two]:
            tab = self.open_tab(one, newest=True)
            offered = list(self.offered(tab[0]))
            if "approve" in offered:
                self.press(self.tabs.index(tab), offered.index("approve"))
        if self.known[number].approved:
            self.worker_claims(200)
            self.worker_passes_the_gate(0)

    @rule(reader=st.integers(0, 1))
    def go_on_and_take_back(self, reader: int) -> None:
        tab = self.open_tab(reader, newest=False)
        for move in ("approve_next", "take_back"):
            offered = list(self.offered(tab[0]))
            if tab in self.tabs and move in offered:
                self.press(self.tabs.index(tab), offered.index(move))

    @precondition(lambda self: self.tabs)
    @rule(which=st.integers(0, TABS - 1), place=st.none() | st.integers(0, 7))
    def write_on_page(self, which: int, place: int | None) -> None:
        """Words, and perhaps a click on a button while still in the field."""
        self.press(which, place, typed=self.words())

    @precondition(lambda self: any(known.approved for known in self.known.values()))
    @rule(reader=st.integers(0, 2))
    def cancel_in_the_queue(self, reader: int) -> None:
        with transaction(self.engine, read_only=True) as session:
            waiting = select(OutboxMail.id, OutboxMail.draft_id).where(OutboxMail.state == "queued")
            row = session.execute(waiting.order_by(OutboxMail.id)).first()
        if row is None:
            return
        page = open_page("send_queue", self.people()[reader], id=public_id("outbox", row.id))
        page.button(key=f"send_queue.cancel.{row.id}").click().run()
        assert not page.exception
        with transaction(self.engine, read_only=True) as session:
            assert session.get_one(OutboxMail, row.id).state == "cancelled"
        self.done["cancel, page"] += 1

    def press(self, which: int, place: int | None, typed: str | None = None) -> None:
        """Do that in a tab as it was drawn last, however long ago, and judge what came of it. `place`: of the
        button among those that are there."""
        tab, who = self.tabs[which % len(self.tabs)]
        shown = self.shown(tab, who)
        before = self.stands(shown.draft_id, who)
        offered = self.offered(tab)
        move = None if place is None or not offered else list(offered)[place % len(offered)]
        if tab.text_area[0].disabled:
            typed = None
        if typed:
            tab.text_area[0].set_value(typed)
        elif move is None:
            return
        if move == "reject":
            tab.selectbox(key=f"drafts.reject.why.{shown.draft_id}").set_value("Not now")
        (offered[move].click() if move else tab).run()
        assert not tab.exception
        after = self.stands(shown.draft_id, who)
        if move == "take_back":
            self.took_back(tab, who)
        elif after.approvals > before.approvals:
            assert typed is None, "approved while other words were in the field"
            self.took(shown, after.state, "page")
        elif after != before:
            words = typed.split()[-1] if typed else self.known[shown.draft_id].text
            assert after.text == words
            self.void(shown.draft_id, words)
            self.done["edit, page" if typed else f"{move}, page"] += 1
        else:
            self.done["refused, page"] += 1
        self.looked_at(tab, who)

    def took_back(self, tab: AppTest, who: Viewer) -> None:
        """The page leads to the draft whose approval it was, unless it could not be taken back."""
        number = self.shown(tab, who).draft_id
        if self.known[number].approved and self.stands(number, who).state != "approved":
            self.void(number, self.known[number].text)
            self.done["take back, page"] += 1

    def offered(self, tab: AppTest) -> dict[str, Any]:
        """The buttons that can be pressed, by their move."""
        found: dict[str, Any] = {}
        for one in tab.button:
            move = str(one.key).removeprefix("drafts.").removeprefix("move.").split(".")[0]
            if one.label == "Reject, next":
                move = "reject"
            if move in MOVES and not one.disabled:
                found[move] = one
        return found

    def shown(self, tab: AppTest, who: Viewer) -> Seen:
        said = tab.query_params[
            "id"
        ]  # a list of them once the page has been left for another draft
        number = read_id("draft", said if isinstance(said, str) else said[0])
        text = str(tab.text_area[0].value).split()[-1]
        return Seen(number, 0, text, who)

    def looked_at(self, tab: AppTest, who: Viewer) -> None:
        """The page notes what was read; a tab that went on to the list is closed."""
        if not tab.text_area:
            self.tabs.remove((tab, who))
            return
        shown = self.shown(tab, who)
        self.opened(shown.draft_id, self.stands(shown.draft_id, who).revision, who)

    def stands(self, number: int, who: Viewer) -> Stands:
        with transaction(self.engine, read_only=True) as session:
            draft = session.get_one(Draft, number)
            approvals = session.scalars(
                select(Approval.id).where(
                    Approval.draft_id == number, Approval.person_id == who.person_id
                )
            ).all()
            return Stands(draft.state, draft.revision, draft.text.split()[-1], len(approvals))


def test_nothing_is_approved_on_a_page_but_what_it_showed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
):
    class Bound(OnPages):
        template = sqlite_template
        done = Counter[str]()  # noqa: RUF012 - this run's

        def folder(self) -> Path:
            return tmp_path_factory.mktemp("moves")

    run_state_machine_as_test(
        Bound, settings=settings(max_examples=20, stateful_step_count=20, deadline=None)
    )
    done = Bound.done
    for move in ("approved", "edit", "reject", "undo", "cancel", "refused"):
        assert done[f"{move}, page"], f"{move}: it never came to that, but to {done}"
    assert done["left"]
