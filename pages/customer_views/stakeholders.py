"""The people at this customer: listed, added, edited."""

from __future__ import annotations

from components import actions, loaders, stakeholder_list
from components.loaders import CustomerHead, Viewer
from services import customers
from services.ids import read_id
from services.uploads.rematch import rematching


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
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
