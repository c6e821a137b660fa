"""Today: what waits for the person who looks, and the first steps of a new installation."""

from __future__ import annotations

from datetime import UTC, datetime, time

import streamlit as st

from components import actions, layout, loaders, state, today
from components.first_steps import first_steps as draw_first_steps
from components.task_form import task_form
from components.task_list import Pressed, task_list
from services import demo, first_steps, notifications, tasks
from services import today as todays
from services.clock import utc_now
from services.tasks import NewTask

viewer = layout.page("Today", "What waits for you, and what is new with your customers.")
steps = loaders.read(first_steps.first_steps, viewer)
found = loaders.fresh(todays.inbox, viewer)
colleagues = loaders.fresh(todays.team, viewer)


def load_demo() -> None:
    actions.run(demo.load, done="Demo data is loaded.")


def carry_out(pressed: Pressed) -> None:
    if pressed.what == "done":
        state.put("today", "undo", pressed.number)
        actions.run(tasks.move, pressed.number, "done", done="Done.")
    if pressed.snooze:
        actions.run(tasks.snooze, pressed.number, utc_now() + pressed.snooze, done="Snoozed.")
    name, content = loaders.fresh(tasks.calendar_entry_file, viewer, pressed.number)
    st.download_button("Save the calendar file", content, name, "text/calendar")


if not steps.done and found.empty:
    offered = load_demo if steps.untouched and viewer.role == "admin" else None
    draw_first_steps(steps, offered)

undo = state.get("today", "undo")
if undo and st.button("Undo: the task is not done", key="today.undo_done", icon=":material/undo:"):
    state.drop("today", "undo")
    actions.run(tasks.move, undo, "open", done="It is open again.")

if steps.done or not found.empty:
    today.figures(found)
left, right = st.columns([3, 2], gap="large")
with left:
    if found.drafts or found.to_second:
        st.subheader("Drafts to approve", anchor=False)
        today.drafts(found)
    if colleagues:
        st.subheader("Waiting with your team", anchor=False)
        today.team(colleagues)
    if found.stuck:
        st.subheader("Mails that did not go out", anchor=False)
        today.stuck(found)
    st.subheader("Due today", anchor=False)
    pressed = task_list(found.tasks, "today", found.zone)
    if pressed:
        carry_out(pressed)
    if not found.tasks:
        st.caption("Nothing is due today.")
    with st.expander("Add a task", icon=":material/add_task:"):
        typed = task_form("today", utc_now().date(), tasks.OFFERED)
with right:
    st.subheader("News", anchor=False)
    put_away = today.news(found.notifications, found.zone)
    if put_away:
        actions.run(notifications.set_done, put_away)
    if not found.notifications:
        st.caption("What happens with your customers appears here the same day.")
    elif any(row.read_at is None for row in found.notifications) and st.button(
        "Mark all as read", key="today.read_all", type="tertiary"
    ):
        actions.run(notifications.mark_read)

if typed:
    due = datetime.combine(typed.due, time(), UTC)
    new = NewTask("", typed.title, due, None, repeats=typed.repeats)
    actions.run(tasks.add_own, new, done="Added.")
