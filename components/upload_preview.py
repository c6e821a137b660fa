"""What is in a file: the sentence, the verdicts, the events by type, the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.loaders import Staying, UploadView
from components.text import plain, plural

WIDTH = 124
TABLE = "Table"
"""What the reader calls a file of no platform it knows."""
VERDICTS = {
    "matched": ("Matched", "Belong to one of your customers."),
    "review": ("To review", "Probably somebody you know; Match review asks once per company."),
    "unmatched": (
        "Unmatched",
        "Nothing points to a customer. Kept, and matched later if you add one.",
    ),
    "rejected": ("Rejected", "Cannot count as they are; the reason stands beside each row."),
    "duplicate": ("Repeated", "The same row stands earlier in the file. Counted once."),
    "excluded": ("Left out", "Hosts, colleagues, test addresses and note takers."),
}


def count_of(summary: Mapping[str, Any], verdict: str) -> int:
    return int(summary["duplicates" if verdict == "duplicate" else verdict])


def facts(view: UploadView) -> None:
    """The platform, the sentence, the verdicts that add up to the records, the warnings."""
    found = view.summary
    label = "" if view.label in (None, TABLE) else f"Recognised: **{plain(view.label)}**"
    st.markdown(f":material/description: {label or 'A table, read by the names of its columns'}")
    st.markdown(f"##### {plain(found['sentence'])}")
    for warning in view.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    with st.container(horizontal=True, gap="small"):
        for verdict, (label, help_text) in VERDICTS.items():
            count = count_of(found, verdict)
            st.metric(label, f"{count:,}", border=True, width=WIDTH, help=help_text)
    total = f"Together {plural(found['records'], 'record')}"
    blank = found["blank"]
    st.caption(
        plain(f"{total}; {plural(blank, 'empty line')} passed over." if blank else f"{total}.")
    )


def stays(found: Staying) -> None:
    """Said before the import: a corrected file takes nothing away."""
    events = plural(found.events, "event")
    there = plural(found.on_record, "attendance")
    if found.left == 0:
        words = f"{events} of this file {_are(found.events)} on record with {there}: all stand in this file too."
    elif found.left is None:
        words = (
            f"{events} of this file {_are(found.events)} on record with {there}. Those that are not in this "
            "file stay and count on; undo the file they came with to take them away."
        )
    else:
        words = (
            f"{events} of this file {_are(found.events)} on record. {found.left:,} of the {there} there "
            f"{_are(found.left)} not in this file: they stay and count on. Undo the file they came with to "
            "take them away."
        )
    st.info(plain(words), icon=":material/inventory_2:")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def types_table(summary: Mapping[str, Any]) -> None:
    rows: Sequence[Mapping[str, Any]] = summary["event_summary"]
    if not rows:
        return
    st.subheader("Events by type", anchor=False)
    st.dataframe(
        {
            "Event type": [row["label"] for row in rows],
            "Events": [row["events"] for row in rows],
            "Attendees": [row["attendees"] for row in rows],
            "Average attendance": [row["average"] for row in rows],
        },
        hide_index=True,
        width="content",
        column_config={"Average attendance": st.column_config.NumberColumn(format="%.1f")},
    )
