"""A mail template: its words to edit, its values, its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from components import state
from components.loaders import DiffLine, TemplateInfo, TemplateVersionRow, Words
from components.text import moment, plain
from components.text_difference import text_difference

PAGE = "templates"


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


def words_editor(key: str, version: int, words: Words) -> Words:
    """The words as typed. Another version in force starts the editor afresh."""

    def name(part: str) -> str:
        return state.key(PAGE, f"{key}.{version}.{part}")

    return Words(
        st.text_input("Subject", words.subject, key=name("subject"), max_chars=500),
        st.text_area("Text", words.text, height=280, key=name("text"), max_chars=20_000),
        st.text_area("HTML", words.html, height=280, key=name("html"), max_chars=40_000),
    )


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
        who = "" if own else f"  \nby {plain(row.by or 'an operator')}, {plain(moment(row.at))}"
        note = f" · {plain(row.note)}" if row.note else ""
        what.markdown(f"**{title}**{mark}{note}{who}")
        name = state.key(PAGE, f"use.{row.version}")
        if revertible and not row.in_use and button.button("Use", key=name, width="stretch"):
            pressed = row.version
        if not own:
            with st.expander("What differs from the product's words"):
                text_difference(compared(row.words))
    return pressed
