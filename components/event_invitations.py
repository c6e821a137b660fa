"""An event's invitations: how far they are, who was asked, who is registered, and calling it off."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from components import selection, state
from components.figures import figure
from components.moments import SHORT, moment_column
from components.text import plain, plural

PAGE = "event"
MOST = 5_000
OPEN = ("planned", "under_way")
"""States of an event to which people are still invited."""
_Of = TypeVar("_Of")


def figures(found: Any) -> None:
    """The stages, each with its share of the one before."""
    with st.container(horizontal=True, gap="small"):
        before: int | None = None
        for words, count in found.stages:
            # More than before when some registered on a platform whose invitation has not left.
            share = f"{count / before:.0%}" if before and count <= before else "–"
            below = "invitations" if before is None else share
            figure(words, f"{count:,}", below)
            before = count
        figure("Declined", f"{found.declined:,}", f"{found.undelivered:,} not delivered")
        free = "no limit" if found.free is None else plural(found.free, "seat") + " free"
        figure("Registered in all", f"{found.registered:,}", free)
    if found.strangers:
        one = found.strangers == 1
        who = plural(found.strangers, "registered person is", "registered people are")
        get, whom = ("gets", "this person") if one else ("get", "them")
        st.info(
            f"{who} no stakeholder of their customer and {get} no reminder. "
            f"Add {whom} on the customer's page."
        )


def state_line(found: Any) -> None:
    if found.state == "cancelled":
        st.warning(plain(f"Cancelled. {found.cancelled_why or ''}"), icon=":material/event_busy:")


def moves(plan: Any, found: Any, *, cancels: bool) -> dict[str, Any] | None:
    """What was pressed: `{"copy": moment}` or `{"cancel": why}`, which only who `cancels` is offered."""
    zone = ZoneInfo(plan.zone)
    start = plan.starts_at.astimezone(zone)
    with st.popover("Duplicate", icon=":material/content_copy:"):
        day = st.date_input("First day of the copy", start.date(), key=state.key(PAGE, "copy.day"))
        at = st.time_input("Begins", start.time(), key=state.key(PAGE, "copy.time"))
        if st.button("Make the copy", type="primary", key=state.key(PAGE, "copy")):
            return {"copy": datetime.combine(day, at or time(), zone)}
    if cancels and found.state in OPEN:
        with st.popover("Cancel the event", icon=":material/event_busy:"):
            st.caption(
                "Mails that wait, also in the send queue, are withdrawn. Nobody is invited or reminded any more. "
                "For each person who is registered a note is drafted, with the reason."
            )
            why = st.text_input(
                "Why (registered people read it)", max_chars=300, key=state.key(PAGE, "cancel.why")
            )
            if st.button("Cancel the event", type="primary", key=state.key(PAGE, "cancel")):
                return {"cancel": why}
    return None


def told_words(told: Any) -> str:
    """What those who are registered are told, for the one who has changed or cancelled an event."""
    said: list[str] = []
    if told.drafts:
        said.append(f"{plural(told.drafts, 'note')} to registered people wait on the Drafts page.")
    if told.calls:
        said.append(
            f"{plural(told.calls, 'person', 'people')} cannot be written to: there are tasks to call them."
        )
    if told.waiting:
        waits = plural(told.waiting, "person waits", "people wait")
        said.append(f"{waits} for a seat: there are tasks to tell them.")
    if told.unknown:
        said.append(
            f"{plural(told.unknown, 'registered person', 'registered people')} of no customer: tell them where they registered."
        )
    return " ".join(said)


def changed_words(changed: Any) -> str:
    """What saving the plan of an event led to."""
    said = ["Saved."]
    if changed.withdrawn:
        anew = f"{plural(changed.anew, 'invitation')} drafted anew"
        said.append(
            f"{plural(changed.withdrawn, 'mail')} of the old time or place withdrawn, {anew}."
        )
    return " ".join([*said, told_words(changed.told) if changed.told else ""]).strip()


def invited(rows: pl.DataFrame, labels: dict[str, str]) -> tuple[int | None, int | None]:
    """The table; customer and draft of the row that was clicked."""
    options = rows["state_words"].unique().sort().to_list()
    chosen: list[str] = []
    if len(options) > 1:
        chosen = st.pills(
            "Show", options, selection_mode="multi", key=state.key(PAGE, "invited.state"),
                bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    found = rows.filter(pl.col("state_words").is_in(chosen)) if chosen else rows
    st.caption(
        f"{plural(found.height, 'invitation')}. Click one to open the draft or the customer."
    )
    shown = found.head(MOST)
    of = list(shown.select("customer_id", "draft_id").iter_rows())
    return _table(shown, of, labels, "invited") or (None, None)


def registered(rows: pl.DataFrame, labels: dict[str, str]) -> int | None:
    """The table; the customer of the row that was clicked."""
    st.caption(f"{plural(rows.height, 'registration')}, the newest first.")
    shown = rows.head(MOST)
    return _table(shown, shown["customer_id"].to_list(), labels, "registered")


def _table(rows: pl.DataFrame, of: list[_Of], labels: dict[str, str], name: str) -> _Of | None:
    shown = rows.select(pl.col(one).alias(label) for one, label in labels.items())
    data: Any = shown.drop(one for one in shown.columns if shown[one].null_count() == shown.height)
    moment = moment_column(shape=SHORT)
    picked = selection.table(
        data,
        of,
        PAGE,
        name,
        placeholder="–",
        column_config={
            "Chance": st.column_config.NumberColumn(format="percent"),
            **dict.fromkeys(("Answered", "Invited", "Registered"), moment),
        },
    )
    return picked.clicked
