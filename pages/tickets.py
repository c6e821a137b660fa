"""Tickets: what customers asked of support, how grave it was, and what was done about it afterwards."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    layout,
    loaders,
    navigation,
    ticket_afterwards,
    ticket_level,
    ticket_list,
    ticket_table,
)
from components.downloads import download_buttons
from components.loaders.address import in_address
from components.loaders.tickets import TicketFilters
from components.text import plain
from components.views import one_view
from services.access import ADMINISTRATOR
from services.errors import AppError
from services.ids import public_id
from services.tickets.afterwards import report
from services.tickets.asking import asked
from services.tickets.downloads import download_overrides, download_tickets
from services.tickets.levels import overrides
from services.tickets.listing import listing

PAGE = "tickets"
viewer = layout.page("Tickets", "Support tickets, and what is done after they are solved")


def open_ticket(number: int | None) -> None:
    if number is not None:
        navigation.go("one_ticket", id=public_id("ticket", number))


def command() -> None:
    words = ticket_list.asked_for()
    if words is None:
        return
    try:
        found = loaders.fresh(asked, viewer, words)
    except AppError as error:
        st.warning(plain(error.message))
        return
    navigation.go("one_ticket", id=public_id("ticket", found[0].id))


def every() -> None:
    start = loaders.read(listing, viewer, filters=TicketFilters(), limit=1)
    if not start.total:
        layout.empty(
            "No tickets yet.",
            hint="Connect your support desk under Integrations, or drop its export on the Upload page: "
            "Zendesk, Jira, HubSpot, Freshdesk and Salesforce are known by their columns.",
        )
        navigation.link("upload", "Go to Upload")
        if viewer.role == ADMINISTRATOR:
            navigation.link("integrations", "Go to Integrations")
        return
    command()
    wanted = ticket_list.filters(start.desks, in_address("customer", "customer"))
    total = loaders.read(listing, viewer, filters=wanted, limit=1).total
    if not total:
        layout.empty("No ticket fits these filters.", hint="Clear one of them to see more.")
        return
    offset = ticket_list.place(total)
    found = loaders.read(listing, viewer, filters=wanted, offset=offset)
    open_ticket(ticket_table.table(found.rows, PAGE))
    download_buttons(
        PAGE, "tickets", partial(loaders.fresh, download_tickets, viewer, filters=wanted)
    )


def reported() -> None:
    found = loaders.read(overrides, viewer)
    open_ticket(ticket_level.overrides(found))
    if found.rows:
        make = partial(loaders.fresh, download_overrides, viewer)
        download_buttons("overrides", "overrides", make)


def afterwards() -> None:
    ticket_afterwards.afterwards(loaders.read(report, viewer))


VIEWS = {"All tickets": every, "Afterwards": afterwards, "Overrides": reported}
view = one_view(PAGE, VIEWS, "All tickets")
VIEWS[view]()
