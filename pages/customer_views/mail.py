"""Mails to this customer, and a new one begun."""

from __future__ import annotations

from components import actions, customer_mail, loaders, navigation
from components.loaders import CustomerHead, Viewer
from services import customers, drafts
from services.ids import public_id, read_id


def draw(viewer: Viewer, head: CustomerHead, number: int) -> None:
    people = loaders.read(customers.list_stakeholders, viewer, number)
    found = loaders.fresh(drafts.listing, viewer, drafts.Filters(states=(), customer_id=number))
    to = customer_mail.mail(people, found, head.id)
    if to and (begun := actions.attempt(drafts.write, number, read_id("stakeholder", to))):
        navigation.go("draft", id=public_id("draft", begun))
