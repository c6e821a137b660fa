"""Tasks as a list, each done, snoozed or taken along on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import streamlit as st

from components import navigation
from components.layout import line
from components.loaders import TaskRow, public_id
from components.text import day, moment, plain

What = Literal["done", "snooze", "wake", "file", "give", "cancel"]
FILE = "Save for my calendar"
GIVE = "Give to a colleague"
CANCEL = "Not needed any more"
WAKE = "Show it again"
_MORE: dict[str, What] = {WAKE: "wake", FILE: "file", GIVE: "give", CANCEL: "cancel"}
SNOOZES = {
    "Tomorrow": timedelta(days=1),
    "In 3 days": timedelta(days=3),
    "In a week": timedelta(days=7),
}


@dataclass(frozen=True)
class Pressed:
    """What somebody did with a task; `snooze` goes with that, `wake` ends it, `file` asks for its calendar file,
    `give` for who is to do it."""

    what: What
    number: int
    snooze: timedelta | None = None


def task_list(rows: Sequence[TaskRow], page: str, zone: str) -> Pressed | None:
    """`page` is where they are shown: the Customer page does not name its customer again."""
    pressed = None
    for task in rows:
        with line(_words(task, page, zone)):
            if task.customer_id and page != "customer":
                navigation.link("customer", "Open", id=public_id("customer", task.customer_id))
            if st.button("Done", key=f"{page}.done.{task.id}"):
                pressed = Pressed("done", task.id)
            others = [word for word in _MORE if word != WAKE or task.snoozed_until]
            chosen = st.menu_button(
                "Later", [*SNOOZES, *others], key=f"{page}.later.{task.id}", type="tertiary"
            )
            if chosen in _MORE:
                pressed = Pressed(_MORE[chosen], task.id)
            elif chosen:
                pressed = Pressed("snooze", task.id, SNOOZES[chosen])
    return pressed


def _words(task: TaskRow, page: str, zone: str) -> str:
    name = f"**{plain(task.customer)}** · " if task.customer and page != "customer" else ""
    due = day(task.due_at.date()) if task.whole_day else moment(task.due_at, zone)
    late = ":red[late] · " if task.late else ""
    told = [f"{late}due {plain(due)}"]
    if page == "customer" and task.owner:
        told.append(plain(task.owner))
    if task.snoozed_until:
        told.append(f"snoozed until {plain(moment(task.snoozed_until, zone))}")
    return f":material/task_alt: {name}{plain(task.title)}  \n{' · '.join(told)}"
