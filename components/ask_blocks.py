"""An answer of the page Ask, block by block. Whatever comes from outside is text, never Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from components import layout, navigation, state
from components.loaders.ask import AskChoices, AskDraft, AskFile, AskLinks, AskTable, AskText, Turn
from components.text import plain

PAGE = "ask"
OnPress = Callable[[str, str], None]
DrawDraft = Callable[[int, str], None]
MakeFile = Callable[[int], bytes]


def turn(one: Turn, on_press: OnPress, draw_draft: DrawDraft, make_file: MakeFile) -> None:
    """What was said, and the answer. `on_press` is told the command and the label of a button; `draw_draft`
    a draft's number and what makes its keys unlike those of the same draft elsewhere; `make_file` the turn whose
    tables are wanted."""
    with st.chat_message("user", avatar=":material/person:"):
        st.text(one.said)
    with st.chat_message("assistant", avatar=":material/forum:"):
        if one.undone:
            st.caption("Taken back since.")
        for place, block in enumerate(one.blocks):
            name = f"{one.id}.{place}"
            if isinstance(block, AskText):
                _words(block)
            elif isinstance(block, AskTable):
                _table(block)
            elif isinstance(block, AskLinks):
                _links(block)
            elif isinstance(block, AskChoices):
                _choices(block, name, on_press)
            elif isinstance(block, AskFile):
                _file(block, name, partial(make_file, block.turn or one.id))
            else:
                assert isinstance(block, AskDraft)
                draw_draft(block.draft_id, name)


def _words(block: AskText) -> None:
    words = plain(block.words)
    if block.tone == "heading":
        st.markdown(f"**{words}**")
    elif block.tone == "good":
        st.success(words, icon=":material/check_circle:")
    elif block.tone == "bad":
        st.error(words, icon=":material/error:")
    elif block.tone == "note":
        st.info(words, icon=":material/info:")
    else:
        st.text(block.words)


def _table(block: AskTable) -> None:
    """Heads may be empty or alike, which columns of a frame may not."""
    if not block.rows:
        st.caption("Nothing.")
        return
    heads = [head or " " * (place + 1) for place, head in enumerate(block.heads)]
    columns = {
        head: _column([row[place] for row in block.rows]) for place, head in enumerate(heads)
    }
    st.dataframe(
        columns,
        hide_index=True,
        width="stretch",
        placeholder="–",
        # A long name would push all the others out of a phone's screen.
        column_config={"Customer": st.column_config.Column(width=136)},
    )


def _column(cells: Sequence[object]) -> list[object]:
    """Of one kind, as Arrow wants them."""
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        return list(cells)
    return ["" if cell is None else str(cell) for cell in cells]


def _links(block: AskLinks) -> None:
    with st.container(horizontal=True, gap="medium"):
        for link in block.links:
            navigation.link(link.screen, plain(link.label), **link.query)


def _choices(block: AskChoices, name: str, on_press: OnPress) -> None:
    if block.question:
        st.text(block.question)
    with st.container(horizontal=True, gap="small"):
        for place, choice in enumerate(block.choices):
            st.button(
                plain(choice.label),
                key=state.key(PAGE, f"choice.{name}.{place}"),
                on_click=on_press,
                args=(choice.command, choice.label),
            )


def _file(block: AskFile, name: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        "Download Excel",
        make,
        file_name=block.name,
        on_click="ignore",
        key=state.key(PAGE, f"file.{name}"),
        icon=":material/download:",
    )


def beginning(examples: Sequence[str], on_press: OnPress) -> None:
    """For those who have asked nothing yet."""
    layout.empty(
        "Ask for what you need, in plain words.",
        hint="Attach an attendance file to score it, name customers and events to invite, say a ticket's "
        "number to follow it up. Mails are drafted here and leave only after you have read and sent them.",
    )
    with st.container(horizontal=True, gap="small"):
        for place, example in enumerate(examples):
            st.button(
                plain(example),
                key=state.key(PAGE, f"example.{place}"),
                on_click=on_press,
                args=(example, example),
            )
