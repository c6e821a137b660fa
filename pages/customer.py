"""Customer: everything about one of them, for the ten minutes before a call."""

from __future__ import annotations

import streamlit as st

from components import (
    actions,
    customer_form,
    customer_head,
    customer_mail,
    layout,
    loaders,
    merge_panel,
    navigation,
    stakeholder_list,
    state,
)
from components import timeline as drawn
from components.score_panel import why_panel
from components.text import plain
from services import customers, drafts, timeline
from services.access import ADMINISTRATOR, MANAGER
from services.errors import NotFound
from services.ids import public_id, read_id
from services.scoring import board
from services.uploads.rematch import rematching

VIEWS = ("Timeline", "Score and events", "Stakeholders", "Mail", "Edit")

viewer = layout.page("Customer", head=False)
try:
    number = read_id("customer", st.query_params.get("id", ""))
    head = loaders.read(customers.get_customer, viewer, number)
except NotFound as error:
    layout.heading("Customer")
    st.warning(plain(error.message) if "id" in st.query_params else "No customer is chosen.")
    navigation.link("customers", "Choose a customer")
    st.stop()


def search(words: str) -> list[tuple[str, str]]:
    found = loaders.read(customers.list_customers, viewer, search=words, limit=7).rows
    return found.select("id", "name").rows()


def merge() -> None:
    back = merge_panel.taken_back(
        head, loaders.read(customers.merges, viewer, number), st.context.timezone or "UTC"
    )
    if back is not None:
        done = "Taken back: they are two customers again, and the scores follow."
        actions.run(customers.unmerge, back, done=done, within=rematching)
    which = merge_panel.find(head, search)
    if not which:
        return
    other = read_id("customer", which)
    shown = loaders.read(customers.preview_merge, viewer, number, other)
    if merge_panel.confirm(head, shown):
        done = f"Merged. {shown.gone} is part of {shown.kept} now."
        actions.run(customers.merge, number, other, done=done, within=rematching)


layout.heading(head.name, customer_head.subtitle(head) or None)
customer_head.figures(head)
view = st.segmented_control(
    "View",
    VIEWS,
    default=VIEWS[0],
    required=True,
    key=state.key("customer", "view"),
    bind="query-params",
    label_visibility="collapsed",
)

if view == "Score and events":
    day = loaders.read(board.board_day, viewer)
    why_panel(loaders.read(board.why, viewer, number, as_of=day.as_of), page="customer")
elif view == "Stakeholders":
    people = loaders.read(customers.list_stakeholders, viewer, number)
    stakeholder_list.stakeholder_table(people)
    who = stakeholder_list.pick(people)
    typed = stakeholder_list.stakeholder_form(who, people)
    if typed and who == stakeholder_list.NEW:
        add = customers.add_stakeholder
        actions.run(add, number, typed, done="Added.", within=rematching)
    elif typed:
        known, edit = read_id("stakeholder", who), customers.edit_stakeholder
        actions.run(edit, known, typed, done="Saved.", within=rematching)
elif view == "Mail":
    people = loaders.read(customers.list_stakeholders, viewer, number)
    found = loaders.fresh(drafts.listing, viewer, drafts.Filters(states=(), customer_id=number))
    to = customer_mail.mail(people, found, head.id)
    if to and (begun := actions.attempt(drafts.write, number, read_id("stakeholder", to))):
        navigation.go("draft", id=public_id("draft", begun))
elif view == "Edit":
    options = loaders.read(customers.choices, viewer)
    typed = customer_form.customer_form(head, options.csms)
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
    if changes or domain or gone or name or dropped:
        st.rerun()
    if viewer.role in (ADMINISTRATOR, MANAGER):
        with st.expander("Merge with a duplicate", icon=":material/merge:"):
            merge()
else:
    kinds = drawn.kinds(timeline.KINDS)
    found = loaders.read(timeline.timeline, viewer, number, kinds=kinds, limit=drawn.length())
    drawn.entries(found)
