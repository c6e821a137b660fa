"""Mail to a customer: begin one, and see those that wait or went."""

from __future__ import annotations

import polars as pl
import streamlit as st

from components import draft_list, navigation, state
from components.loaders import DraftPage, public_id

PAGE = "customer"


def mail(people: pl.DataFrame, found: DraftPage, customer_id: int) -> str | None:
    """Whom to write to, by public id, when the button was pressed. `people` are the stakeholders, `found`
    the customer's drafts of any state."""
    to = _write(people)
    if not found.rows:
        st.caption("No mail to this customer yet. What the app proposes will wait here too.")
        return to
    chosen = draft_list.table(found, key="customer.mail")
    if chosen is not None:
        navigation.go("draft", id=public_id("draft", chosen))
    if found.after:
        navigation.link(
            "drafts", "All drafts to this customer", customer=public_id("customer", customer_id)
        )
    return to


def _write(people: pl.DataFrame) -> str | None:
    reachable = people.filter(pl.col("email").is_not_null())
    if reachable.is_empty():
        st.info("Nobody here has a mail address yet. Add one under Stakeholders.")
        return None
    names = dict(
        reachable.select("id", pl.col("name").replace("", None).fill_null(pl.col("email"))).rows()
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        to = st.selectbox(
            "Write to",
            list(names),
            format_func=lambda one: str(names.get(one, one)),
            key=state.key(PAGE, "mail.to"),
            width=320,
        )
        pressed = st.button(
            "Write", type="primary", icon=":material/edit:", key=state.key(PAGE, "mail.write")
        )
    return to if pressed else None
