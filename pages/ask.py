"""Ask: commands in plain words, answered with tables, mails to send and the ways to their pages."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from components import actions, ask_blocks, ask_draft, layout, loaders, state
from components.loaders.ask import AskDraft
from components.moments import reader_zone
from pages.task_views import undoing
from services import drafts, rendering
from services.ask import conversation, history, workbook
from services.ask.commands import EXAMPLES
from services.ask.files import Attached
from services.errors import NotFound
from services.session import settings

PAGE = "ask"
TYPES = ["csv", "tsv", "txt", "xlsx", "json"]
FULL = 3
"""Of so many of the last turns the mails are shown whole; further up, and where the same one comes again, there is a link."""
viewer = layout.page("Ask", "Say what you need; every answer leads to the page where it lives")
zone = reader_zone()


def say(text: str, label: str = "", attached: Attached | None = None) -> None:
    said = conversation.Said(text, label, shown=ask_draft.shown(), zone=zone, attached=attached)
    actions.attempt(conversation.say, said)


def pressed(command: str, label: str) -> None:
    """A button may stand far up: what it came to is at the end."""
    say(command, label)
    st.toast("The answer is at the end of the conversation.", icon=":material/arrow_downward:")


def sent(given: Any) -> None:
    """A message from the box at the bottom, perhaps with a file."""
    files = list(given.files)
    if not files:
        say(given.text)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(files[0].getvalue())
        say(given.text, attached=Attached(path, files[0].name))


def clear() -> None:
    if at := actions.attempt(history.clear, done="The conversation is cleared."):
        undoing.keep(PAGE, "cleared", at)


def draw_draft(number: int, name: str) -> None:
    if home.get(number) != int(name.split(".")[0]):
        ask_draft.short(number)
        return
    try:
        one = loaders.fresh(drafts.view, viewer, number)
    except NotFound:
        st.caption("This mail is no longer yours to see.")
        return
    drawn = ask_draft.draft(one, name, rendering.safe_preview(one.sent_html), pressed)
    if drawn and not one.seen:
        actions.quietly(drafts.note_read, number, one.revision, way=one.way)


given = st.chat_input(
    "Ask, or attach an attendance file",
    accept_file=True,
    file_type=TYPES,
    max_upload_size=settings().upload_max_mb,
    key=state.key(PAGE, "said"),
)
if given:
    with st.spinner("Working …"):
        sent(given)
    st.rerun()

limit = state.get(PAGE, "limit", history.SHOWN)
found = loaders.fresh(history.turns, viewer, limit=limit)
undoing.offer(PAGE)
if found.turns:
    with st.container(horizontal=True, gap="small"):
        if found.more and st.button("Show earlier", key=state.key(PAGE, "earlier")):
            state.put(PAGE, "limit", limit + history.SHOWN)
            st.rerun()
        st.button(
            "Clear the conversation", key=state.key(PAGE, "clear"), on_click=clear,
            icon=":material/delete_sweep:", help="What was done stays done; what was said is forgotten.",
        )  # fmt: skip
else:
    ask_blocks.beginning(EXAMPLES, say)

ask_draft.forget_shown()
home = {
    block.draft_id: one.id
    for one in found.turns[-FULL:]
    for block in one.blocks
    if isinstance(block, AskDraft)
}
for turn in found.turns:
    ask_blocks.turn(turn, pressed, draw_draft, partial(loaders.fresh, workbook.workbook, viewer))
