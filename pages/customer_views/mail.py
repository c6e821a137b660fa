"""Mails to this customer, what came back, and a new one begun."""

from __future__ import annotations

import streamlit as st

from components import actions, customer_mail, loaders, navigation
from components.loaders import CustomerHead, Viewer
from components.moments import reader_zone
from components.response_panel import response_panel
from services import customers, drafts, responses
from services.ids import public_id, read_id


def draw(viewer: Viewer, head: CustomerHead, number: int) -> None:
    people = loaders.read(customers.list_stakeholders, viewer, number)
    found = loaders.fresh(drafts.listing, viewer, drafts.Filters(states=(), customer_id=number))
    to = customer_mail.mail(people, found, head.id)
    st.subheader("What came back", anchor=False)
    zone = reader_zone()
    response_panel(loaders.fresh(responses.of_customer, viewer, number), zone)
    if to and (begun := actions.attempt(drafts.write, number, read_id("stakeholder", to))):
        navigation.go("draft", id=public_id("draft", begun))
