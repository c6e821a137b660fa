"""Today: what waits for the person who looks, and the first steps of a new installation."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial

import streamlit as st

from components import actions, layout, loaders, today
from components.first_steps import first_steps as draw_first_steps
from components.moments import reader_zone
from components.task_form import task_form
from components.task_list import task_list
from pages.task_views import moves
from services import demo, first_steps, tasks
from services import today as todays
from services.tasks import NewTask

LATER = 50
BEST = (
    "Of your customers, those with the most at stake: ARR, held against the average in its currency, times "
    "what speaks for a word with them (signals nobody has answered, mails that wait, tasks), times how little "
    "time is left. The daily mail names the same."
)
viewer = layout.page("Today", "What waits for you, and what is new with your customers.")
found = loaders.fresh(todays.inbox, viewer)
colleagues = loaders.fresh(todays.team, viewer)
today_there = found.day_ends.date() - timedelta(days=1)
coming = loaders.fresh(tasks.listing, viewer, after=today_there, limit=LATER)


def load_demo() -> None:
    actions.run(demo.load, done="Demo data is loaded.")


def first_steps_are_left() -> bool:
    """They are drawn where nothing waits for anybody: a desk with work on it need not be asked about them."""
    steps = loaders.read(first_steps.first_steps, viewer)
    if not steps.done:  # the last step is a mail, which no count of facts tells of
        steps = loaders.fresh(first_steps.first_steps, viewer)
    if not steps.done:
        offered = load_demo if steps.untouched and viewer.role == "admin" else None
        draw_first_steps(steps, offered)
    return not steps.done


begun = not found.empty or not first_steps_are_left()
moves.under_way("today", viewer)
if begun:
    today.figures(found)
left, right = st.columns([3, 2], gap="large")
with left:
    if found.best:
        st.subheader("Best next", anchor=False, help=BEST)
        today.best(found.best, partial(moves.act_on, "today"))
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
    press = partial(moves.carry_out, "today")
    filed = task_list(found.tasks, "today", reader_zone(), press)
    if not found.tasks:
        st.caption("Nothing is due today.")
    elif found.tasks_count > len(found.tasks):
        more = found.tasks_count - len(found.tasks)
        st.caption(f"The first {len(found.tasks)}; {more:,} more follow as these are done.")
    if coming:
        first = f"The first {LATER}" if len(coming) == LATER else f"{len(coming)}"
        with st.expander(f"Later or snoozed: {first}", icon=":material/event_upcoming:"):
            filed = task_list(coming, "today", reader_zone(), press) or filed
    if filed:
        moves.calendar_file(viewer, filed)
    with st.expander("Add a task", icon=":material/add_task:"):
        typed = task_form("today", today_there, tasks.OFFERED)
with right:
    st.subheader("News", anchor=False)
    put_away = today.news(found.notifications, reader_zone())
    if put_away:
        moves.put_away("today", put_away)
    if not found.notifications:
        st.caption("What happens with your customers appears here the same day.")
    elif any(row.read_at is None for row in found.notifications) and st.button(
        "Mark all as read", key="today.read_all", type="tertiary"
    ):
        moves.mark_read("today")

if typed:
    due = datetime.combine(typed.due, time(), UTC)
    new = NewTask("", typed.title, due, None, repeats=typed.repeats)
    actions.run(tasks.add_own, new, done="Added.")
