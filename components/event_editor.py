"""The events of a file, as they will be called, typed and dated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import polars as pl
import streamlit as st

from components import state
from components.text import plural

PAGE = "upload"
EDITED = {"Name": "name", "Type": "type", "Topic": "topic", "Day": "date", "Zone": "zone"}


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """IANA names that people choose: UTC, and those with a place."""
    return (
        "UTC",
        *sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/")),
    )


def event_editor(
    events: Sequence[Mapping[str, Any]], types: Mapping[str, str], name: str
) -> dict[str, dict[str, str]] | None:
    """What was changed, by the event's number in the file, once the person applies it.

    `types`: type -> its word. `name` keeps apart the tables of two previews.
    """
    st.subheader(plural(len(events), "event"), anchor=False)
    st.caption("As they will stand on record. Click a cell to correct it, then apply.")
    shown = _frame(events, types)
    known_zones = sorted({*zones(), *shown["Zone"].drop_nulls()})
    edited: Any = st.data_editor(
        shown,
        hide_index=True,
        width="stretch",
        num_rows="fixed",
        placeholder="–",
        disabled=["Records", "Attendees", "On record"],
        key=state.key(PAGE, f"events.{name}"),
        column_config={
            "Name": st.column_config.TextColumn(required=True, width="medium", max_chars=300),
            "Type": st.column_config.SelectboxColumn(options=list(types.values()), required=True),
            "Topic": st.column_config.TextColumn(max_chars=200),
            "Day": st.column_config.DateColumn(format="YYYY-MM-DD"),
            "Zone": st.column_config.SelectboxColumn(options=known_zones),
            "On record": st.column_config.TextColumn(
                help="Joins an event that is on record already, or makes a new one."
            ),
        },
    )
    changes = changed(events, shown.to_dicts(), edited.to_dicts(), types)
    if st.button(
        "Apply changes",
        disabled=not changes,
        key=state.key(PAGE, f"apply.{name}"),
        icon=":material/refresh:",
    ):
        return changes
    return None


def changed(
    events: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    types: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """The cells that differ, as Choices.events wants them. Emptied cells stay as they were."""
    codes = {word: code for code, word in types.items()}
    found: dict[str, dict[str, str]] = {}
    for event, old, new in zip(events, before, after, strict=True):
        for column, field in EDITED.items():
            if new[column] and new[column] != old[column]:
                words = (
                    str(new[column]).strip()[:10] if column == "Day" else str(new[column]).strip()
                )
                value = codes.get(words, words) if column == "Type" else words
                found.setdefault(str(event["event_ref"]), {})[field] = value
    return found


def _frame(events: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Name": [event["name"] for event in events],
            "Type": [types.get(event["type"], event["type"]) for event in events],
            "Topic": [event["topic"] for event in events],
            "Day": [date.fromisoformat(e["held_on"]) if e["held_on"] else None for e in events],
            "Zone": [event["zone"] for event in events],
            "Records": [event["records"] for event in events],
            "Attendees": [event["attendees"] for event in events],
            "On record": ["Joins it" if event["event_id"] else "New" for event in events],
        },
        schema_overrides={"Topic": pl.String, "Day": pl.Date, "Zone": pl.String},
    )
