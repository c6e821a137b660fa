"""Today's lists: each line says what waits, and lets one deal with it on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import navigation
from components.loaders import Inbox, NotificationRow, TaskRow, public_id
from components.text import day, moment, plain, plural

SEVERITY_ICONS = {"critical": ":red[:material/error:]", "high": ":orange[:material/priority_high:]"}
STATE_WORDS = {
    "failed": "refused for good",
    "blocked": "held back",
    "review": "may or may not have gone out",
}
SNOOZES = {
    "Tomorrow": timedelta(days=1),
    "In 3 days": timedelta(days=3),
    "In a week": timedelta(days=7),
}


@dataclass(frozen=True)
class Pressed:
    """What somebody did with a line; `until` goes with snooze."""

    what: Literal["done", "snooze", "read"]
    number: int
    until: timedelta | None = None


def figures(found: Inbox) -> None:
    """The numbers of the day, each a way to its list."""
    late = sum(task.late for task in found.tasks)
    cells = (
        ("Drafts to approve", found.drafts_count, f"{found.second_looks} wait for a second person"
         if found.second_looks else "", "drafts", "Open Drafts"),
        ("Tasks due", len(found.tasks), f"{late} late" if late else "", None, ""),
        ("Mails stuck", found.stuck_count, "", "send_queue", "Open Send queue"),
    )  # fmt: skip
    for column, (label, count, more, screen, words) in zip(
        st.columns(len(cells), border=True), cells, strict=True
    ):
        with column:
            st.metric(label, f"{count:,}")
            if more:
                st.caption(plain(more))
            if screen and count:
                navigation.link(screen, words)


def drafts(found: Inbox) -> None:
    for line in found.drafts:
        icon = SEVERITY_ICONS.get(line.severity, ":material/edit_note:")
        with _line(f"{icon} **{plain(line.customer)}** · {plain(line.subject)}"):
            navigation.link("drafts", "Review", id=public_id("draft", line.id))
    left = found.drafts_count - len(found.drafts)
    if left > 0:
        navigation.link("drafts", f"{plural(left, 'more draft')}")


def stuck(found: Inbox) -> None:
    for line in found.stuck:
        said = f"**{plain(line.customer or 'A colleague')}** · {plain(line.subject)}"
        why = plain(line.reason or STATE_WORDS[line.state])
        with _line(f":orange[:material/outgoing_mail:] {said}  \n{why}"):
            navigation.link("send_queue", "Look", id=public_id("outbox", line.id))


def tasks(rows: Sequence[TaskRow], zone: str) -> Pressed | None:
    pressed = None
    for task in rows:
        name = f"**{plain(task.customer)}** · " if task.customer else ""
        due = day(task.due_at.date()) if task.whole_day else moment(task.due_at, zone)
        late = ":red[late] · " if task.late else ""
        with _line(f":material/task_alt: {name}{plain(task.title)}  \n{late}due {plain(due)}"):
            if task.customer_id:
                navigation.link("customer", "Open", id=public_id("customer", task.customer_id))
            if st.button("Done", key=f"today.done.{task.id}"):
                pressed = Pressed("done", task.id)
            chosen = st.menu_button(
                "Snooze", list(SNOOZES), key=f"today.snooze.{task.id}", type="tertiary"
            )
            if chosen:
                pressed = Pressed("snooze", task.id, SNOOZES[chosen])
    return pressed


def news(rows: Sequence[NotificationRow], zone: str) -> Pressed | None:
    pressed = None
    for row in rows:
        icon = (
            ":red[:material/notification_important:]" if row.urgent else ":material/notifications:"
        )
        weight = "**" if row.read_at is None else ""
        said = f"{icon} {weight}{plain(row.title)}{weight}"
        body = f"  \n{plain(row.body)}" if row.body else ""
        with _line(f"{said}  \n{plain(moment(row.at, zone))}{body}"):
            for action in row.actions:
                navigation.link(action.screen, action.label, **dict(action.query))
            if st.button("Put away", key=f"today.read.{row.id}", type="tertiary"):
                pressed = Pressed("read", row.id)
    return pressed


def _line(words: str) -> DeltaGenerator:
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", border=True)
    row.markdown(words, width="stretch")
    return row
