"""Campaign: one bulk mail, its people and its links."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    actions,
    campaign_one,
    campaign_people,
    layout,
    loaders,
    navigation,
)
from components.downloads import download_buttons
from components.moments import reader_zone
from components.text import plain
from components.views import one_view
from pages.campaign_views import held
from services.campaigns import report
from services.errors import NotFound
from services.ids import public_id, read_id

viewer = layout.page("Campaign", head=False)
zone = reader_zone()

try:
    number = read_id("campaign", st.query_params.get("id", ""))
    row = loaders.read(report.get_campaign, viewer, number)
except NotFound as error:
    layout.heading("Campaign")
    st.warning(plain(error.message) if "id" in st.query_params else "No campaign is chosen.")
    navigation.link("campaigns", "Choose a campaign")
    st.stop()


def overview() -> None:
    campaign_one.figures(row)
    held.draw(viewer, "campaign", number)
    campaign_one.timeline(loaders.read(report.hours, viewer, number))
    campaign_one.links(loaders.read(report.links, viewer, number))


def people() -> None:
    wanted = campaign_people.filters()
    total = loaders.read(report.people, viewer, number, filters=wanted, limit=1).total
    offset = campaign_people.place(total)
    found = loaders.read(report.people, viewer, number, filters=wanted, offset=offset)
    mail, customer = campaign_people.people(found)
    if mail is not None:
        who = found.rows.filter(found.rows["mail_id"] == mail)["email"][0]
        campaign_people.events(loaders.read(report.events_of, viewer, mail), who)
    if customer is not None:
        navigation.link("customer", "Open the customer", id=public_id("customer", customer))
    make = partial(
        loaders.fresh, report.download_people, viewer, campaign_id=number, filters=wanted
    )
    download_buttons("campaign", "campaign_people", make)


def edit() -> None:
    if viewer.role == "csm":
        layout.empty("Managers and admins say what kind of mail this is.")
        return
    chosen = campaign_one.kind(row)
    if chosen is not None:
        kind, bulk = chosen
        actions.run(report.set_kind, number, kind, bulk=bulk, done="Saved.")


navigation.link("campaigns", "All campaigns")
layout.heading(row.name, campaign_one.subtitle(row, zone), as_of=row.last_event_at)
if row.subject and row.subject != row.name:
    st.caption(plain(f"Subject: {row.subject}"))
VIEWS = {"Overview": overview, "People": people, "Edit": edit}
view = one_view("campaign", VIEWS, "Overview")
VIEWS[view]()
