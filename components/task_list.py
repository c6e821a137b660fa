"""Tasks as a list, each done, snoozed or taken along on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import streamlit as st

from components import navigation, state
from components.layout import line
from components.loaders import TaskRow, public_id
from components.text import day, moment, plain

What = Literal["done", "snooze", "wake", "give", "cancel"]
FILE = "Save for my calendar"
GIVE = "Give to a colleague"
CANCEL = "Not needed any more"
WAKE = "Show it again"
_MORE: dict[str, What] = {WAKE: "wake", GIVE: "give", CANCEL: "cancel"}
SNOOZES = {
    "Tomorrow": timedelta(days=1),
    "In 3 days": timedelta(days=3),
    "In a week": timedelta(days=7),
}


@dataclass(frozen=True)
class Pressed:
    """What somebody did with a task; `snooze` goes with that, `wake` ends it, `give` asks who is to do it."""

    what: What
    number: int
    snooze: timedelta | None = None


Press = Callable[[Pressed], None]
"""Called before the page runs again: by then a colleague may have closed the task, and its row is gone."""


def task_list(rows: Sequence[TaskRow], page: str, zone: str, press: Press) -> int | None:
    """`page` is where they are shown: the Customer page does not name its customer again. The task whose calendar
    file is asked for."""
    wanted = None
    for task in rows:
        with line(_words(task, page, zone)):
            if task.customer_id and page != "customer":
                navigation.link("customer", "Open", id=public_id("customer", task.customer_id))
            done = Pressed("done", task.id)
            st.button("Done", key=state.key(page, f"done.{task.id}"), on_click=press, args=(done,))
            others = [WAKE] * bool(task.snoozed_until) + [FILE, GIVE, CANCEL]
            chosen = st.menu_button(
                "Later", [*SNOOZES, *others], key=state.key(page, _later(task.id)),
                type="tertiary", on_click=_choose, args=(page, task.id, press),
            )  # fmt: skip
            if chosen == FILE:
                wanted = task.id
    return wanted


def _choose(page: str, number: int, press: Press) -> None:
    chosen = state.get(page, _later(number))
    if chosen in SNOOZES:
        press(Pressed("snooze", number, SNOOZES[chosen]))
    elif chosen in _MORE:
        press(Pressed(_MORE[chosen], number))


def _later(number: int) -> str:
    return f"later.{number}"


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
