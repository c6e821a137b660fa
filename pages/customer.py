"""Customer: everything about one of them, for the ten minutes before a call."""

from __future__ import annotations

import streamlit as st

from components import customer_head, layout, loaders, navigation, state
from components.text import plain
from components.views import one_view
from pages.customer_views import (
    campaigns,
    edit,
    interests,
    mail,
    plan,
    score,
    stakeholders,
    tickets,
    timeline,
)
from services import customers
from services.errors import NotFound
from services.ids import public_id, read_id

viewer = layout.page("Customer", head=False)


def lead_on() -> None:
    """A link to a customer that was merged into another leads to that one."""
    try:
        former = read_id("customer", st.query_params.get("id", ""))
        whole = loaders.fresh(customers.went_into, viewer, former)
    except NotFound:
        return
    if whole is not None:
        state.flash("This customer was merged into another, which is shown here.", kind="note")
        st.query_params["id"] = public_id("customer", whole)
        st.rerun()


try:
    number = read_id("customer", st.query_params.get("id", ""))
    head = loaders.read(customers.get_customer, viewer, number)
except NotFound as error:
    lead_on()
    layout.heading("Customer")
    st.warning(plain(error.message) if "id" in st.query_params else "No customer is chosen.")
    navigation.link("customers", "Choose a customer")
    st.stop()

views = {
    "Timeline": timeline.draw,
    "Score and events": score.draw,
    "Interests": interests.draw,
    "Stakeholders": stakeholders.draw,
    "Mail": mail.draw,
    "Campaigns": campaigns.draw,
    "Tickets": tickets.draw,
    "Plan": plan.draw,
    "Edit": edit.draw,
}
layout.heading(head.name, customer_head.subtitle(head) or None)
customer_head.figures(head)
view = one_view("customer", views, "Timeline")
views[view](viewer, head, number)
