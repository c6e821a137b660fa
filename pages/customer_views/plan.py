"""What is planned with this customer: tasks, contacts to come and past, and a contact entered by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial

import streamlit as st

from components import actions, contact_list, loaders
from components.loaders import CustomerHead, Viewer
from components.moments import reader_day, reader_zone
from components.task_form import task_form
from components.task_list import task_list
from components.text import plain
from pages.task_views import moves
from services import customers, tasks, timeline, touches
from services.access import day
from services.clock import utc_now
from services.ids import public_id, read_id
from services.tasks import NewTask, TaskRow


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _tasks(viewer, number)
    with right:
        _contacts(viewer, number)


def _tasks(viewer: Viewer, number: int) -> None:
    st.subheader("Tasks", anchor=False)
    rows = loaders.fresh(tasks.listing, viewer, mine=False, customer_id=number, snoozed=True)
    moves.under_way(f"customer.{number}", viewer)
    press = partial(moves.carry_out, f"customer.{number}")
    filed = task_list(_asked_first(rows), "customer", reader_zone(), press)
    if not rows:
        st.caption("Nothing is planned. Enter what you have promised, with a date.")
    if filed:
        moves.calendar_file(viewer, filed)
    with st.expander("Add a task", icon=":material/add_task:"):
        typed = task_form("customer", loaders.fresh(day.today, viewer), tasks.OFFERED)
    if typed:
        due = datetime.combine(typed.due, time(), UTC)
        new = NewTask("", typed.title, due, None, customer_id=number, repeats=typed.repeats)
        actions.run(tasks.add_own, new, done="Added.")


def _asked_first(rows: list[TaskRow]) -> list[TaskRow]:
    """The task that a link led to stands first, with what it is about."""
    asked = st.query_params.get("task")
    if asked is None:
        return rows
    first = [row for row in rows if public_id("task", row.id) == asked]
    if first:
        st.info(plain(first[0].detail or first[0].title), icon=":material/task_alt:")
    else:
        st.info("The task you came for is done by now, or was cancelled.")
    return [*first, *(row for row in rows if row not in first)]


def _contacts(viewer: Viewer, number: int) -> None:
    st.subheader("Contacts", anchor=False)
    found = loaders.fresh(touches.calendar, viewer, number)
    contact_list.hints(found)
    contact_list.contacts(found)
    people = loaders.read(customers.list_stakeholders, viewer, number)
    with st.expander("Enter a call or meeting", icon=":material/call:"):
        typed = contact_list.contact_form(
            people, touches.CHANNELS, reader_day(utc_now()), reader_zone()
        )
    if typed:
        who = read_id("stakeholder", typed.stakeholder) if typed.stakeholder else None
        what = (typed.channel, typed.what, typed.at)
        actions.run(timeline.log_contact, number, who, *what, done="Entered.")
