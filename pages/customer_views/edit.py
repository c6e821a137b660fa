"""What is known about this customer, changed by hand; duplicates merged and taken apart."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, customer_form, loaders, merge_panel
from components.loaders import CustomerHead, Viewer
from components.moments import reader_zone
from pages.task_views import undoing
from services import customers
from services.access import ADMINISTRATOR, MANAGER
from services.ids import read_id
from services.uploads.rematch import rematching


def draw(viewer: Viewer, head: CustomerHead, number: int) -> None:
    options = loaders.read(customers.choices, viewer)
    page = f"customer.{number}.edit"
    undoing.offer(page)
    typed = customer_form.customer_form(head, options.csms)
    further, left = customer_form.identifiers(head)
    domain, gone = customer_form.several(head, "domain", "a domain", head.domains)
    name, dropped = customer_form.several(head, "name", "another name", head.other_names)
    changes = customer_form.changed(head, typed) if typed else {}
    for service, value in (
        (customers.edit_customer, changes),
        (customers.add_domain, domain),
        (customers.remove_domain, gone),
        (customers.add_name, name),
        (customers.remove_name, dropped),
    ):
        if value:
            actions.attempt(service, number, value, done="Saved.", within=rematching)
    if further:
        actions.attempt(customers.add_identifier, number, further, done="Saved.")
    if left:
        kept = partial(undoing.keep, page, "identifier", number, left)
        said = f"{left} leads to this customer no more."
        actions.attempt(customers.remove_identifier, number, left, done=said, then=kept)
    if changes or domain or gone or name or dropped or further or left:
        st.rerun()
    if viewer.role in (ADMINISTRATOR, MANAGER):
        with st.expander("Merge with a duplicate", icon=":material/merge:"):
            _merge(viewer, head, number)


def _merge(viewer: Viewer, head: CustomerHead, number: int) -> None:
    back = merge_panel.taken_back(
        head, loaders.read(customers.merges, viewer, number), reader_zone()
    )
    if back is not None:
        done = "Taken back: they are two customers again, and the scores follow."
        actions.run(customers.unmerge, back, done=done, within=rematching)

    def search(words: str) -> list[tuple[str, str]]:
        found = loaders.read(customers.list_customers, viewer, search=words, limit=7).rows
        return found.select("id", "name").rows()

    which = merge_panel.find(head, search)
    if not which:
        return
    other = read_id("customer", which)
    shown = loaders.read(customers.preview_merge, viewer, number, other)
    if merge_panel.confirm(head, shown):
        done = f"Merged. {shown.gone} is part of {shown.kept} now."
        actions.run(customers.merge, number, other, done=done, within=rematching)
