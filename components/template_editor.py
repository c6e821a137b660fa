"""A mail template: its words to edit, its values, its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from components import state
from components.loaders import DiffLine, TemplateInfo, TemplateVersionRow, Words
from components.moments import reader_zone
from components.text import moment, plain
from components.text_difference import text_difference

PAGE = "templates"
PARTS = ("subject", "text", "html")


def template_choice(entries: Sequence[TemplateInfo]) -> TemplateInfo:
    """The template chosen; the address keeps it (`?template=spine/personal`)."""
    by_key = {entry.key: entry for entry in entries}
    asked = st.query_params.get("template", "")
    keys = list(by_key)
    chosen = st.selectbox(
        "Template",
        keys,
        index=keys.index(asked) if asked in by_key else 0,
        format_func=lambda key: f"{by_key[key].title} ({key})",
        key=state.key(PAGE, "template"),
    )
    st.query_params["template"] = chosen
    return by_key[chosen]


def overtaken_words(titles: Sequence[str]) -> None:
    """Which templates want an admin's look after an update of the app."""
    if titles:
        st.info(
            "The app came with other words since yours were saved: "
            + plain(", ".join(titles))
            + ". Choose one to see what has changed.",
            icon=":material/update:",
        )


def changed_below(
    row: TemplateVersionRow,
    product: Words,
    compared: Callable[[Words], Sequence[DiffLine]],
    *,
    settles: bool,
) -> bool:
    """What the product has changed under the words in use; whether to keep those as they are."""
    if row.over is None or row.over == product:
        return False
    with st.container(border=True):
        st.markdown(
            "**The product's words have changed since these were saved.** Yours are still in use: take "
            "over what you like under Words, or go back to the product's under History."
        )
        text_difference(compared(row.over))
        return settles and st.button("Keep ours as they are", key=state.key(PAGE, "keep"))


def values_table(entry: TemplateInfo) -> None:
    """The names that words may use, with what the sample says for each."""
    with st.expander("Values and how to write them"):
        st.markdown(
            "`{{ name }}` puts a value in. `{% if name %}` … `{% endif %}` keeps words for when it is "
            "not empty; `{% for line in lines %}` … `{% endfor %}` repeats them. After a `|` a filter "
            "changes a value: `capitalize`, `default`, `first`, `join`, `last`, `length`, `lower`, "
            "`trim`, `truncate`, `upper`; in HTML, `rich` makes paragraphs, lists and links of a text."
        )
        st.dataframe(
            [
                {"Value": name, "In the sample": _shown(entry.sample, name)}
                for name in sorted({*entry.placeholders, *entry.sample})
            ],
            hide_index=True,
            width="stretch",
        )


def _shown(sample: Mapping[str, Any], name: str) -> str:
    value = sample.get(name, "")
    return value if isinstance(value, str) else str(value)


def editor_base(key: str, rows: Sequence[TemplateVersionRow]) -> TemplateVersionRow:
    """The version the editor started from: the one in use, unless words typed over another one still stand
    there. Then it says so, and offers to start afresh."""
    in_use = next(row for row in rows if row.in_use)
    started = state.get(PAGE, f"{key}.base", in_use.version)
    base = next((row for row in rows if row.version == started), in_use)
    typed = [state.get(PAGE, _field(key, base.version, part)) for part in PARTS]
    if base == in_use or None in typed or Words(*typed) in (base.words, in_use.words):
        state.put(PAGE, f"{key}.base", in_use.version)
        return in_use
    st.warning(
        "Somebody else has changed this template meanwhile: see History. Yours still stand here."
    )
    if st.button("Start from their words", key=state.key(PAGE, "restart")):
        state.put(PAGE, f"{key}.base", in_use.version)
        return in_use
    return base


def words_editor(key: str, base: TemplateVersionRow) -> Words:
    """The words as typed. Another version to start from starts the editor afresh."""
    words = base.words
    subject, text, html = (state.key(PAGE, _field(key, base.version, part)) for part in PARTS)
    return Words(
        st.text_input("Subject", words.subject, key=subject, max_chars=500),
        st.text_area("Text", words.text, height=280, key=text, max_chars=20_000),
        st.text_area("HTML", words.html, height=280, key=html, max_chars=40_000),
    )


def _field(key: str, version: int, part: str) -> str:
    return f"{key}.{version}.{part}"


def version_list(
    rows: Sequence[TemplateVersionRow],
    compared: Callable[[Words], Sequence[DiffLine]],
    *,
    revertible: bool,
) -> int | None:
    """Newest first, each with what differs from the product's words; the version to go back to, if any."""
    pressed = None
    for row in rows:
        own = row.version == 0
        what, button = st.columns([5, 1], vertical_alignment="center")
        mark = " · **in use**" if row.in_use else ""
        title = "The product's words" if own else f"Version {row.version}"
        who = (
            ""
            if own
            else f"  \nby {plain(row.by or 'an operator')}, {plain(moment(row.at, reader_zone()))}"
        )
        note = f" · {plain(row.note)}" if row.note else ""
        what.markdown(f"**{title}**{mark}{note}{who}")
        name = state.key(PAGE, f"use.{row.version}")
        if revertible and not row.in_use and button.button("Use", key=name, width="stretch"):
            pressed = row.version
        if not own:
            with st.expander("What differs from the product's words"):
                text_difference(compared(row.words))
    return pressed
