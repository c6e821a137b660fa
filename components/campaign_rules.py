"""The rules of campaigns: each with what it would have done, and what rules have done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import campaign_rule_form, layout, navigation, selection, state
from components.loaders import public_id
from components.loaders.campaigns import CampaignRule, NewCampaignRule, RuleFiring
from components.moments import moment_column, reader_day
from components.text import plain, plural

PAGE = "campaigns"
STATES = {"draft": "Not switched on", "on": "On", "off": "Off"}


Press = Callable[[str, CampaignRule], None]
"""Called with on, off or remove and the rule as it was drawn: by the time the page runs again, a colleague may
have changed it."""


@dataclass(frozen=True)
class Pressed:
    """`what` is test or change; with change come `new` and the `revision` that was on the screen."""

    what: str
    new: NewCampaignRule | None = None
    revision: int = 0


def rule(
    row: CampaignRule, people: Mapping[int, str], press: Press, *, may: bool
) -> Pressed | None:
    """One rule with its buttons; what was pressed of that which is done while the page runs."""
    with st.container(border=True):
        st.markdown(f"**{plain(row.name)}** · {STATES[row.state]}")
        st.caption(plain(campaign_rule_form.sentence(row)))
        if row.tested:
            tested(row.tested)
        if not may:
            return None
        with st.container(horizontal=True, gap="small"):
            test = _buttons(row, press)
        with st.expander("Edit", icon=":material/edit:"):
            new = campaign_rule_form.form(people, row)
    if new:
        return Pressed("change", new, campaign_rule_form.drawn(row.id))
    return Pressed("test") if test else None


def _buttons(row: CampaignRule, press: Press) -> bool:
    """Whether it is to be tested."""

    def button(label: str, what: str, **how: Any) -> None:
        key = state.key(PAGE, f"rule.{row.id}.{what}")
        st.button(label, key=key, on_click=press, args=(what, row), **how)

    key = state.key(PAGE, f"rule.{row.id}.test")
    test = st.button("Test on history", key=key, icon=":material/history:")
    if row.state == "on":
        button("Switch off", "off")
    else:
        hint = None if row.tested else "Test it on history first."
        button("Switch on", "on", type="primary", disabled=row.tested is None, help=hint)
    if row.built_in is None:
        button("Remove", "remove")
    return test


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
        column_config={"When": moment_column()},
    )
    return next((row for row in rows if row.id == picked.clicked), None)


def chosen(row: RuleFiring, contacted: Callable[[int], None]) -> None:
    """Where one firing leads. `contacted` is called with it, before the page runs again, when somebody says that
    they were in contact."""
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
                st.caption("Somebody was in contact.")
                return
            st.button(
                "We were in contact", key=state.key(PAGE, f"contacted.{row.id}"),
                icon=":material/call:", on_click=contacted, args=(row.id,),
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
        "Contacted": reader_day(row.contacted_at) if row.contacted_at else None,
    }
