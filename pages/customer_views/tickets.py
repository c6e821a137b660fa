"""What this customer asked of support, and what was done about it."""

from __future__ import annotations

from components import layout, loaders, navigation, ticket_table
from components.loaders import CustomerHead, Viewer
from components.loaders.tickets import TicketFilters
from components.text import plural
from services.ids import public_id
from services.tickets.listing import listing


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    found = loaders.read(listing, viewer, filters=TicketFilters(customer_id=number))
    if not found.total:
        layout.empty(
            "No ticket of this customer.",
            hint="They come from the desks under Integrations, and from their exports.",
        )
        return
    clicked = ticket_table.table(found.rows, "customer", "tickets")
    if clicked is not None:
        navigation.go("one_ticket", id=public_id("ticket", clicked))
    if found.total > len(found.rows):
        words = f"All {plural(found.total, 'ticket')}"
        navigation.link("tickets", words, customer=public_id("customer", number))
