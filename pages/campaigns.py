"""Campaigns: bulk mail, how much of it we know whose it is, and what people made of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    actions,
    campaign_contact,
    campaign_insight,
    campaign_list,
    layout,
    loaders,
    navigation,
)
from components.downloads import download_buttons
from components.views import one_view
from pages.campaign_views import held, rules
from pages.task_views import undoing
from services.campaigns import contacting, report
from services.campaigns.analysis import analysis
from services.campaigns.bulk import BULK
from services.campaigns.outcomes import outcomes
from services.campaigns.recommending import recommendations
from services.ids import public_id

PAGE = "campaigns"
viewer = layout.page("Campaigns", "Bulk mail, and what people made of it")


def every() -> None:
    start = loaders.read(report.listing, viewer, filters=report.Filters(single=True), limit=1)
    if not start.total:
        layout.empty(
            "No campaigns yet.",
            hint="Connect your mail platform under Integrations, or drop its export on the Upload page. "
            f"Our own mails stand here once {BULK} or more went out alike.",
        )
        navigation.link("upload", "Go to Upload")
        if viewer.role == "admin":
            navigation.link("integrations", "Go to Integrations")
        return
    wanted = campaign_list.filters(start.vendors)
    total = loaders.read(report.listing, viewer, filters=wanted, limit=1)
    if not total.total:
        layout.empty("No campaign fits these filters.", hint="Clear one of them to see more.")
        return
    campaign_list.figures(total)
    held.draw(viewer, PAGE)
    offset = campaign_list.place(total.total)
    found = loaders.read(report.listing, viewer, filters=wanted, offset=offset)
    clicked = campaign_list.table(found.rows)
    if clicked is not None:
        navigation.go("one_campaign", id=public_id("campaign", clicked))
    make = partial(loaders.fresh, report.download_campaigns, viewer, filters=wanted)
    download_buttons(PAGE, "campaigns", make)


def works() -> None:
    campaign_insight.analysis(loaders.read(analysis, viewer))


def whom() -> None:
    undoing.offer(PAGE)
    clicked = campaign_insight.recommendations(loaders.read(recommendations, viewer))
    write = clicked and campaign_contact.chosen(clicked, contacted)
    campaign_insight.outcomes(loaders.read(outcomes, viewer))
    if clicked and write:
        said = "A mail to them waits under Drafts."
        made = actions.attempt(contacting.write_to, clicked.recipient_id, clicked.reason, done=said)
        if made is None:
            st.rerun()
        navigation.go("draft", id=public_id("draft", made))


def contacted(recipient: int) -> None:
    came = actions.attempt(contacting.say_contacted, recipient)
    if came is not None:
        undoing.keep_contacted(PAGE, "contacted", *came)


VIEWS = {
    "All campaigns": every,
    "What works": works,
    "Whom to contact": whom,
    "Rules": partial(rules.draw, viewer),
}
view = one_view(PAGE, VIEWS, "All campaigns")
VIEWS[view]()
