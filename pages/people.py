"""People: who may use the app, as what, in whose team, and who stands in while somebody is away."""

from __future__ import annotations

import streamlit as st

from components import actions, layout, loaders, state
from components.absences import absence_form, absence_list
from components.people import PAGE, matching, people_table, person_form, person_moves, shown_once
from components.text import plain
from services.access import ADMINISTRATOR, CSM, day, delegation, links, people, staff
from services.drafts.access import colleagues

viewer = layout.page("People", "Who may use the app, as what, and who stands in for whom.")
is_admin = viewer.role == ADMINISTRATOR
rows = loaders.fresh(people.list_people, viewer)
active = {row.id: row.name for row in rows if row.active}
managers = {row.id: row.name for row in rows if row.active and row.role != CSM}

made = state.take(PAGE, "link")
if made:
    shown_once(*made)
if is_admin:
    with st.expander("Add a colleague", icon=":material/person_add:"):
        new = person_form(None, managers)
    if new:
        done = "Added. Choose them in the list and make a sign-in link."
        actions.run(staff.add, new.name, new.email, new.role, new.manager_id, done=done)

with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
    words = st.text_input(
        "Search", key=state.key(PAGE, "search"), bind="query-params",
        placeholder="Name or address", max_chars=100, width=260,
    )  # fmt: skip
    gone = st.toggle("Also people without access", key=state.key(PAGE, "gone"), bind="query-params")
found = matching(rows, words or "", gone=gone)
if not found:
    layout.empty("Nobody fits this search.", hint="Clear it to see everybody.")
chosen = people_table(found) if found else None
if chosen and is_admin:
    st.subheader(plain(chosen.name), anchor=False)
    typed = person_form(chosen, managers)
    if typed:
        fields = (typed.name, typed.email or None, typed.role, typed.manager_id)
        actions.run(staff.change, chosen.id, *fields, done="Saved.")
    match person_moves(chosen, myself=chosen.id == viewer.person_id):
        case "link":
            link = actions.attempt(links.make, chosen.id)
            if link:
                state.put(PAGE, "link", (link, chosen.name))
            st.rerun()
        case "out":
            done = (
                "Signed out in every browser. Their API tokens go on: revoke them under Settings."
            )
            actions.run(staff.sign_out_everywhere, chosen.id, done=done)
        case "deactivate":
            actions.run(staff.deactivate, chosen.id, done="They can no longer sign in.")
        case "reactivate":
            actions.run(staff.reactivate, chosen.id, done="They can sign in again.")
        case _:
            pass

st.subheader("Away", anchor=False)
st.caption("A stand-in sees the customers, drafts, tasks and notifications of who is away.")
ended = absence_list(PAGE, loaders.fresh(delegation.listing, viewer))
if ended is not None:
    actions.run(delegation.end, ended, done="Over from this moment.")
away = absence_form(
    PAGE, active, dict(loaders.fresh(colleagues, viewer)), loaders.fresh(day.today, viewer)
)
if away:
    days = (away.first_day, away.last_day)
    actions.run(delegation.arrange, away.person_id, away.stand_in_id, *days, done="Arranged.")
