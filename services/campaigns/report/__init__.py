"""Campaigns as people read them: the list, one of them, its people, links and hours."""

from __future__ import annotations

from services.campaigns.report.campaign import get_campaign, set_kind
from services.campaigns.report.download import download_campaigns, download_people
from services.campaigns.report.events import events_of
from services.campaigns.report.hours import hours
from services.campaigns.report.links import links
from services.campaigns.report.listing import listing
from services.campaigns.report.people import people
from services.campaigns.report.records import (
    EVENT_LINES,
    HOURS,
    KIND_WORDS,
    LINKS,
    PEOPLE,
    STATES,
    CampaignPage,
    CampaignRow,
    Filters,
    PeopleFilters,
    PeoplePage,
)

__all__ = [
    "EVENT_LINES",
    "HOURS",
    "KIND_WORDS",
    "LINKS",
    "PEOPLE",
    "STATES",
    "CampaignPage",
    "CampaignRow",
    "Filters",
    "PeopleFilters",
    "PeoplePage",
    "download_campaigns",
    "download_people",
    "events_of",
    "get_campaign",
    "hours",
    "links",
    "listing",
    "people",
    "set_kind",
]
