"""The rules of campaigns: each with what it would have done, and what rules have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import campaign_rule_form, layout, navigation, selection, state
from components.campaign_list import KINDS
from components.campaign_rule_form import ACTIONS, SIGNS
from components.loaders import public_id
from components.loaders.campaigns import CampaignRule, NewCampaignRule, RuleFiring
from components.text import plain, plural

PAGE = "campaigns"
STATES = {"draft": "Not switched on", "on": "On", "off": "Off"}


@dataclass(frozen=True)
class Pressed:
    """`what` is test, on, off, remove or change; `new` comes with change."""

    what: str
    rule: CampaignRule
    new: NewCampaignRule | None = None


def rule(row: CampaignRule, people: Mapping[int, str], *, may: bool) -> Pressed | None:
    """One rule with its buttons; what was pressed."""
    with st.container(border=True):
        st.markdown(f"**{plain(row.name)}** · {STATES[row.state]}")
        st.caption(plain(sentence(row)))
        if row.tested:
            tested(row.tested)
        if not may:
            return None
        with st.container(horizontal=True, gap="small"):
            pressed = _buttons(row)
        with st.expander("Edit", icon=":material/edit:"):
            new = campaign_rule_form.form(people, row)
    return Pressed("change", row, new) if new else pressed


def _buttons(row: CampaignRule) -> Pressed | None:
    def key(name: str) -> str:
        return state.key(PAGE, f"rule.{row.id}.{name}")

    if st.button("Test on history", key=key("test"), icon=":material/history:"):
        return Pressed("test", row)
    if row.state == "on":
        if st.button("Switch off", key=key("off")):
            return Pressed("off", row)
    elif st.button(
        "Switch on", key=key("on"), type="primary", disabled=row.tested is None,
        help=None if row.tested else "Test it on history first.",
    ):  # fmt: skip
        return Pressed("on", row)
    if row.built_in is None and st.button("Remove", key=key("remove")):
        return Pressed("remove", row)
    return None


def sentence(row: CampaignRule) -> str:
    """The rule in words."""
    wanted = row.condition
    what = SIGNS[wanted.sign].replace("so many", str(wanted.least))
    if wanted.least == 1:
        what = what.replace("1 mails", "a mail").replace("1 campaigns", "a campaign")
    mails = f" of kind {KINDS[wanted.kind].lower()}" if wanted.kind else ""
    about = f", about “{wanted.topic}”" if wanted.topic else ""
    whose = row.owner or "the customer's CSM"
    return (
        f"{what}{mails}{about} within {row.window_days} days → {ACTIONS[row.action].lower()}, for {whose}. "
        f"At most {row.cap} a week; {row.fired_week} fired this week, {row.fired} in all."
    )


def tested(told: Mapping[str, Any]) -> None:
    """What it would have done."""
    st.info(
        plain(
            f"In the last {told['weeks']} weeks it would have fired {plural(told['firings'], 'time')} for "
            f"{plural(told['customers'], 'customer')}, at most {told['most']} in one week; the cap would have "
            f"kept {plural(told['held_back'], 'customer')} waiting."
        ),
        icon=":material/history:",
    )
    if told["examples"]:
        names = ", ".join(dict.fromkeys(one["customer"] for one in told["examples"]))
        st.caption(plain(f"Last for: {names}"))


def firings(rows: Sequence[RuleFiring]) -> RuleFiring | None:
    """What rules have done; the one that was clicked."""
    st.subheader("What they have done", anchor=False)
    if not rows:
        layout.empty("No rule has fired yet.", hint="They are looked at every 15 minutes.")
        return None
    st.caption("Click one to open what it made, or to say that somebody was in contact.")
    data: Any = pl.DataFrame([_line(row) for row in rows], infer_schema_length=None)
    picked = selection.table(
        data,
        [row.id for row in rows],
        PAGE,
        "firings",
        placeholder="",
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
    )
    return next((row for row in rows if row.id == picked.clicked), None)


def chosen(row: RuleFiring) -> bool:
    """Where one firing leads; whether somebody says that they were in contact."""
    with st.container(border=True):
        st.markdown(f"**{plain(row.customer)}** · {plain(row.rule)}")
        for one in row.evidence:
            st.caption(plain(f"{one['claim']}. {one['fact']}"))
        with st.container(horizontal=True, gap="small"):
            customer = public_id("customer", row.customer_id)
            navigation.link("customer", "Customer", id=customer)
            if row.draft_id:
                navigation.link("draft", "Draft", id=public_id("draft", row.draft_id))
            if row.task_id:
                task = {"customer.view": "Plan", "task": public_id("task", row.task_id)}
                navigation.link("customer", "Task", id=customer, **task)
            if row.signal_id:
                navigation.link("risk", "Risk signal", signal=public_id("signal", row.signal_id))
            if row.contacted_at:
                return False
            return st.button(
                "We were in contact", key=state.key(PAGE, f"contacted.{row.id}"),
                icon=":material/call:",
                help="For a call or a talk that the app has not seen. Mails and done tasks count by themselves.",
            )  # fmt: skip


def _line(row: RuleFiring) -> dict[str, Any]:
    made = ("Draft", row.draft_id), ("Task", row.task_id), ("Risk signal", row.signal_id)
    return {
        "When": row.fired_at,
        "Customer": row.customer,
        "Rule": row.rule,
        "Why": " ".join(f"{one['claim']}. {one['fact']}" for one in row.evidence),
        "Made": next((word for word, number in made if number), "Notification"),
        "Contacted": row.contacted_at.date() if row.contacted_at else None,
    }
