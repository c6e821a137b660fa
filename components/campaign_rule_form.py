"""A rule in words, and its form: when somebody does this, then that is done, by whom and how often at most."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from components import state
from components.campaign_list import PAGE
from components.loaders.campaigns import (
    ACTIONS,
    KIND_WORDS,
    CampaignRule,
    Condition,
    NewCampaignRule,
)
from components.text import plural

SIGNS = {
    "engaged": "Replied, or clicked in so many of the last three",
    "clicked": "Clicked in so many mails",
    "replied": "Replied to so many mails",
    "quiet": "Got so many campaigns, no sign of reading",
    "left": "Unsubscribed, complained, or a champion's address is gone",
}
_CHOICE, _NUMBER = 240, 140


def sentence(row: CampaignRule) -> str:
    """The rule in words."""
    wanted = row.condition
    what = SIGNS[wanted.sign].replace("so many", str(wanted.least))
    if wanted.least == 1:
        what = what.replace("1 mails", "a mail").replace("1 campaigns", "a campaign")
    mails = f" of kind {KIND_WORDS[wanted.kind].lower()}" if wanted.kind else ""
    about = f", about “{wanted.topic}”" if wanted.topic else ""
    whose = row.owner or "the customer's CSM"
    return (
        f"{what}{mails}{about} within {plural(row.window_days, 'day')} → {ACTIONS[row.action].lower()}, for {whose}. "
        f"At most {row.cap} a week; {row.fired_week} fired this week, {row.fired} in all."
    )


def form(people: Mapping[int, str], row: CampaignRule | None = None) -> NewCampaignRule | None:
    """The form of a rule, filled with `row`; what was entered, once it is saved."""
    was = row.condition if row else Condition("clicked")
    owner_id = row.owner_id if row and row.owner_id else 0
    # Of one revision: what was entered into another, which a colleague has changed since, is not mixed with it.
    of = f"{row.id}.{row.revision}" if row else "new"
    with st.form(f"campaigns.rule.{of}", border=False):
        name = st.text_input("Name", value=row.name if row else "", max_chars=200)
        with st.container(horizontal=True, gap="small"):
            sign = st.selectbox(
                "When somebody",
                list(SIGNS),
                index=list(SIGNS).index(was.sign),
                format_func=SIGNS.__getitem__,
                width=420,
            )
            least = st.number_input(
                "How many", min_value=1, max_value=20, value=was.least, width=_NUMBER
            )
            days = st.number_input(
                "Within days", min_value=1, max_value=180, value=row.window_days if row else 14,
                help="Also how long this rule then leaves the customer in peace.", width=_NUMBER,
            )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            kind = st.selectbox(
                "Only mails of this kind", list(KIND_WORDS), placeholder="Any",
                index=list(KIND_WORDS).index(was.kind) if was.kind else None,
                format_func=lambda one: str(KIND_WORDS.get(one, one)), width=_CHOICE,
            )  # fmt: skip
            topic = st.text_input(
                "Only about this topic", value=was.topic or "", max_chars=100, width=_CHOICE
            )
        with st.container(horizontal=True, gap="small"):
            actions = list(ACTIONS)
            action = st.selectbox(
                "Then", actions, index=actions.index(row.action) if row else 1,
                format_func=ACTIONS.__getitem__, width=_CHOICE,
            )  # fmt: skip
            owner = st.selectbox(
                "For", list(people), placeholder="The customer's CSM",
                index=list(people).index(owner_id) if owner_id in people else None,
                format_func=lambda one: str(people.get(one, one)), width=_CHOICE,
            )  # fmt: skip
            cap = st.number_input(
                "At most a week",
                min_value=1,
                max_value=500,
                value=row.cap if row else 20,
                width=_NUMBER,
            )
        label = "Save; it stays off until tested"
        if not st.form_submit_button(label, on_click=_remember, args=(row,)):
            return None
    wanted = Condition(sign, int(least), kind, topic.strip() or None)
    return NewCampaignRule(name, wanted, int(days), action, int(cap), owner)


def _remember(row: CampaignRule | None) -> None:
    """Called with the rule as it was drawn, before the page reads it again."""
    state.put(PAGE, "rule.saved", (row.id, row.revision) if row else None)


def drawn(number: int) -> int:
    """The revision from which what was saved of this rule was made; none is 0."""
    saved = state.take(PAGE, "rule.saved")
    return saved[1] if saved and saved[0] == number else 0


def lost(numbers: Collection[int]) -> str | None:
    """What to say of a save whose form is no longer there: its rule is none of these any more, or is another."""
    saved = state.take(PAGE, "rule.saved")
    if saved is None:
        return None
    if saved[0] not in numbers:
        return "There is no such rule any more, so nothing was saved."
    return "Somebody has changed this rule meanwhile, so nothing was saved. Its form shows it as it is now."
