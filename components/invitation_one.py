"""One invitation before it is made: the event, the customer, who is asked, and the mail."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import state
from components.mail_preview import mail_preview
from components.text import plain

PAGE = "invitations"
SEATS = {"virtual": "Virtual", "in_person": "In person"}


def person_picker(found: Any) -> int | None:
    """Whom at the customer to invite; everybody else there stands in the list too."""
    people = {one.stakeholder_id: one for one in found.people}
    if not people:
        st.warning("No stakeholder is on record. Add one on the customer's page.")
        return None

    def words(number: int) -> str:
        one = people[number]
        said = ", ".join(part for part in (one.name, one.title or "", one.why) if part)
        return f"{said} – {one.blocker}" if one.blocker else said

    return st.selectbox(
        "Whom to invite",
        list(people),
        index=list(people).index(found.contact.stakeholder_id),
        format_func=words,
        key=state.key(PAGE, f"person.{found.house.customer_id}"),
    )


def profile(found: Any) -> None:
    """The event and the customer, side by side."""
    left, right = st.columns(2)
    event, house = found.event, found.house
    with left.container(border=True):
        st.markdown("**Event**")
        _line("When", event.when)
        _line("Where", event.where)
        _line("Topics", ", ".join(dict.fromkeys(t for one in event.sessions for t in one.topics)))
    with right.container(border=True):
        st.markdown(f"**{plain(house.name)}**")
        _line("Industry", house.industry)
        _line("Focus", ", ".join((*house.goals, *house.challenges)))
        _line("Interests", ", ".join(house.interests))
        if found.contact is not None:
            title = f" ({found.contact.title})" if found.contact.title else ""
            _line("To", f"{found.contact.name}{title}")
        if found.composed is not None:
            _line("Location", f"{house.city or 'Not known'}. {found.composed.seat_why}")
        _line("Chance", f"{found.chance:.0%} that somebody comes when invited")


def _line(label: str, value: str | None) -> None:
    if value:
        st.markdown(f"{label}: {plain(value)}")


def why(found: Any) -> None:
    """Reasons, what is in the way, and the sessions that were picked."""
    if found.blocker:
        st.warning(
            f"{plain(found.house.name)}: {plain(f'{found.blocker}.')}", icon=":material/block:"
        )
    if found.contact is not None and found.contact.blocker:
        st.warning(
            f"{plain(found.contact.name)}: {plain(found.contact.blocker)}", icon=":material/block:"
        )
    if found.reasons:
        st.markdown("**Why this customer**")
        for one in found.reasons:
            st.markdown(f"- {plain(one.sentence)}")
    if found.composed is not None and found.composed.picks:
        st.markdown("**Sessions picked**")
        for one in found.composed.picks:
            said = f": {one.reason}" if one.reason else ""
            st.markdown(f"- {plain(one.session.title)}{plain(said)}")


def mail(found: Any, safe_html: str) -> None:
    st.markdown("**The invitation**")
    mail_preview(PAGE, "mail", subject=found.subject, text=found.text, safe_html=safe_html)


def create_button(found: Any) -> bool:
    free = found.contact is not None and not found.contact.blocker and bool(found.text)
    return st.button(
        "Create the draft",
        type="primary",
        icon=":material/forward_to_inbox:",
        disabled=not free,
        key=state.key(PAGE, "create"),
        help="It waits for your approval: you can still edit it.",
    )


def topic_picker(found: Any) -> str | None:
    """The topic they do not want to hear about, when pressed."""
    topics = list(dict.fromkeys(t for t in (found.event.topic, *(t for one in found.event.sessions for t in one.topics)) if t))  # fmt: skip
    if not topics:
        return None
    with st.popover("Not their topic", icon=":material/thumb_down:"):
        st.caption("It counts against events on that topic for this customer, and for nobody else.")
        chosen = st.selectbox("Topic", topics, key=state.key(PAGE, "topic"))
        return chosen if st.button("Note it", key=state.key(PAGE, "dismiss")) else None
