"""Today's lists: each line says what waits, and lets one deal with it on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import navigation, state
from components.layout import line
from components.loaders import Inbox, NotificationRow, Pick, TeamLine, public_id
from components.moments import reader_day
from components.text import day, moment, money, plain, plural

SEVERITY_ICONS = {"critical": ":red[:material/error:]", "high": ":orange[:material/priority_high:]"}
MOST_COLLEAGUES = 12
MOST_NEWS = 5
"""Shown at once; the others are a click away."""
STATE_WORDS = {
    "failed": "refused for good",
    "blocked": "held back",
    "review": "may or may not have gone out",
}


def figures(found: Inbox) -> None:
    """The numbers of the day, each a way to its list."""
    late = found.tasks_late
    cells = (
        ("Drafts to approve", found.drafts_count + found.second_looks,
         f"{found.second_looks} approved by a colleague, you are the second"
         if found.second_looks else "", "drafts", "Open Drafts"),
        ("Tasks due", found.tasks_count, f"{late:,} late" if late else "", None, ""),
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


@dataclass(frozen=True)
class BestPressed:
    """What somebody did with one of the best: `write` of a signal, or `snooze` of a task."""

    what: str
    number: int


def best(picks: Sequence[Pick], press: Callable[[BestPressed], None], page: str = "today") -> None:
    """Whom to turn to first: the customer, why, and the one thing to do about it. `press` is called before the page
    runs again: by then others may be the best."""
    for place, pick in enumerate(picks, 1):
        first = pick.reasons[0]
        worth = "" if pick.arr is None else f" · {plain(money(pick.arr, pick.currency))} a year"
        with line(f"{place}\\. **{plain(pick.customer)}**{worth}  \n{plain(pick.why)}"):
            navigation.link("customer", "Open", id=public_id("customer", pick.customer_id))
            if first.kind == "draft":
                navigation.link("draft", "Review the mail", id=public_id("draft", first.number))
            elif first.kind == "signal":
                st.button(
                    "Write", key=f"{page}.best.write.{first.number}", icon=":material/edit_note:",
                    help="Drafts a mail for your approval, and plans a call.",
                    on_click=press, args=(BestPressed("write", first.number),),
                )  # fmt: skip
            elif first.kind == "task":
                st.button(
                    "Tomorrow", key=f"{page}.best.snooze.{first.number}", icon=":material/snooze:",
                    help="Hides the task until then; its date stays.",
                    on_click=press, args=(BestPressed("snooze", first.number),),
                )  # fmt: skip


def drafts(found: Inbox) -> None:
    for draft in (*found.to_second, *found.drafts):
        icon = SEVERITY_ICONS.get(draft.severity, ":material/edit_note:")
        with line(f"{icon} **{plain(draft.customer)}** · {plain(draft.subject)}"):
            words = "Second look" if draft in found.to_second else "Review"
            navigation.link("draft", words, id=public_id("draft", draft.id))
    left = found.drafts_count + found.second_looks - len(found.drafts) - len(found.to_second)
    if left > 0:
        navigation.link("drafts", f"{plural(left, 'more draft')}")


def team(lines: Sequence[TeamLine]) -> None:
    """Each colleague with what waits with them, and a way to their drafts."""
    for one in lines[:MOST_COLLEAGUES]:
        waits = [
            f"{plural(one.drafts, 'draft')}, the oldest since {day(reader_day(one.oldest))}"
            if one.oldest and one.drafts
            else "",
            f"{plural(one.tasks, 'task')} due" if one.tasks else "",
            f"{plural(one.stuck, 'mail')} stuck" if one.stuck else "",
        ]
        with line(f":material/person: **{plain(one.name)}** · {' · '.join(filter(None, waits))}"):
            if one.drafts:
                navigation.link("drafts", "Review", **{state.key("drafts", "whose"): one.name})
    if len(lines) > MOST_COLLEAGUES:
        navigation.link("drafts", f"{plural(len(lines) - MOST_COLLEAGUES, 'more colleague')}")


def stuck(found: Inbox) -> None:
    for mail in found.stuck:
        said = f"**{plain(mail.customer or 'A colleague')}** · {plain(mail.subject)}"
        why = plain(mail.reason or STATE_WORDS[mail.state])
        with line(f":orange[:material/outgoing_mail:] {said}  \n{why}"):
            navigation.link("send_queue", "Look", id=public_id("outbox", mail.id))


def news(rows: Sequence[NotificationRow], zone: str) -> int | None:
    """The notification that was put away, if one was."""
    pressed = _news(rows[:MOST_NEWS], zone)
    if left := rows[MOST_NEWS:]:
        with st.expander(f"{len(left)} more", icon=":material/notifications:"):
            pressed = _news(left, zone) or pressed
    return pressed


def _news(rows: Sequence[NotificationRow], zone: str) -> int | None:
    pressed = None
    for row in rows:
        icon = (
            ":red[:material/notification_important:]" if row.urgent else ":material/notifications:"
        )
        weight = "**" if row.read_at is None else ""
        said = f"{icon} {weight}{plain(row.title)}{weight}"
        body = f"  \n{plain(row.body)}" if row.body else ""
        with line(f"{said}  \n{plain(moment(row.at, zone))}{body}"):
            for action in row.actions:
                navigation.link(action.screen, action.label, **dict(action.query))
            if st.button("Put away", key=f"today.read.{row.id}", type="tertiary"):
                pressed = row.id
    return pressed
