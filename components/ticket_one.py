"""One ticket: its head, its figures, its people, what was written, and its history."""

from __future__ import annotations

import streamlit as st

from components import layout, navigation
from components.loaders import public_id
from components.loaders.tickets import SEVERITY_WORDS, STATE_WORDS, TicketRow, TicketView
from components.text import moment, money, plain, plural
from components.ticket_table import SENTIMENTS, desk

PAGE = "ticket"
AUTHORS = {"customer": "Customer", "agent": "Support", "system": "The desk"}
WHAT = {
    "state": "State",
    "severity": "Severity",
    "escalation": "Escalated to",
    "csat": "Satisfaction",
}
CSAT = {"good": "Good", "bad": "Bad", "offered": "Asked, no answer", None: "Not asked"}
REOPENED = {0: "never reopened", 1: "reopened once"}
_DAY = 24


def title(row: TicketRow) -> str:
    return f"#{row.number} {row.subject}"


def subtitle(found: TicketView, zone: str) -> str:
    row = found.row
    said = [
        row.customer or "Of nobody known",
        desk(row.desk),
        STATE_WORDS[row.state],
        f"opened {moment(row.opened_at, zone)}",
    ]
    if row.solved_at:
        said.append(f"solved {moment(row.solved_at, zone)}")
    return " · ".join(said)


def duration(hours: float | None) -> str:
    """`4 days`, `7 hours`; a dash while it is open."""
    if hours is None:
        return "–"
    return plural(round(hours / _DAY), "day") if hours >= 2 * _DAY else plural(round(hours), "hour")


def figures(found: TicketView) -> None:
    """What it was like for the customer, at a glance."""
    row, course = found.row, found.health
    known = course.before is not None and course.lowest is not None
    health = f"{course.before} → {course.lowest}" if known else "–"
    since = f"{course.after} now" if course.after is not None else "not known since"
    escalated = row.escalated_to or "no"
    reopened = REOPENED.get(row.reopens, f"reopened {row.reopens} times")
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            (
                "Severity",
                SEVERITY_WORDS.get(row.severity or "", "Not said"),
                reopened,
            ),
            ("Open for", duration(row.hours), f"escalated: {escalated}"),
            ("Health during it", health, since),
            ("People", f"{row.people:,}", "of them took part"),
            ("Satisfaction", CSAT.get(row.csat, "–"), "by the desk"),
            ("Tone", SENTIMENTS[row.sentiment], "their own words"),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=168
            )  # fmt: skip


def about(found: TicketView) -> None:
    """Resolution, the words that the tone rests on, the customer, the people."""
    if found.resolution:
        st.markdown("**Resolution**")
        st.text(found.resolution)
    if found.csat_comment:
        st.markdown("**What they said of the support**")
        st.text(found.csat_comment)
    if found.phrases:
        st.caption(plain(f"The tone rests on: {'; '.join(found.phrases)}"))
    house = found.customer
    if house is not None:
        said = [f"{money(house.arr, house.currency)} ARR", f"CSM: {house.csm or 'nobody'}"]
        if house.renewal_days is not None and house.renewal_days >= 0:
            said.append(f"renews in {plural(house.renewal_days, 'day')}")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            navigation.link("customer", plain(house.name), id=public_id("customer", house.id))
            st.caption(" · ".join(map(plain, said)))
        for signal in house.at_risk:
            st.caption(f":material/trending_down: {plain(signal)}")
    for person in found.people:
        role = f", {person.role}" if person.role else ""
        asked = "asked for help, " if person.is_requester else ""
        wrote = plural(person.messages, "message")
        st.markdown(f":material/person: {plain(person.name)}{plain(f'{role}: {asked}{wrote}')}")


def messages(found: TicketView, zone: str) -> None:
    """What was written, as it was: text from outside, shown as text."""
    if not found.messages:
        layout.empty(
            "The desk told no words of this ticket.",
            hint="Exports bring the description at most. Connect the desk under Integrations for more.",
        )
    for one in found.messages:
        with st.container(border=True):
            note = " · internal note, never quoted" if one.internal else ""
            who = one.who or AUTHORS[one.author]
            told = f"{who} ({AUTHORS[one.author]}), {moment(one.at, zone)}{note}"
            st.caption(plain(told))
            st.text(one.text)


def history(found: TicketView, zone: str) -> None:
    """Every change that the desk told of, newest first."""
    for one in found.history:
        words = one.value.replace("_", " ")
        came = f", before: {one.before.replace('_', ' ')}" if one.before else ""
        at = f"{moment(one.at, zone)}, told by {one.source}{came}"
        st.markdown(f"**{plain(WHAT[one.what])}: {plain(words)}** {plain(at)}")
