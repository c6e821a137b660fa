"""Engagement with bulk mail, recorded by program."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.auth import By
from data.db import transaction
from integrations.campaign_records import Engagement, EngagementBatch, frame, kinds_of
from services.access import ADMINISTRATOR, MANAGER, require_role
from services.campaigns import Source, take_in
from services.campaigns.detection import tell_kinds
from services.clock import utc_now
from services.errors import BadInput
from services.ids import public_id

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)
API = Source("api", "API", "api")
DAY = timedelta(days=1)


class EngagementAnswer(BaseModel):
    model_config = _SHAPE

    new: int = Field(description="Events that were recorded")
    known: int = Field(description="Events that had been recorded before: nothing was done")
    without_address: int = Field(description="Events whose email is no address: left out")
    campaign_ids: list[str]


@router.post("/engagement", summary="Record engagement with a campaign")
def record_engagement(body: Engagement | EngagementBatch, by: By) -> EngagementAnswer:
    """One event, or `{"events": […]}`. Late, out of order and repeated ones are welcome: each counts once.
    For managers and admins; at most 5,000 events in one request."""
    events = body.events if isinstance(body, EngagementBatch) else [body]
    require_role(by, MANAGER, ADMINISTRATOR)
    now = utc_now()
    # Clocks differ by minutes; what lies further ahead is a slip.
    if any(one.at > now + DAY for one in events):
        raise BadInput("An event lies in the future. Give the time at which it happened.")
    told, kinds = frame(events), kinds_of(events)
    with transaction() as session:
        taken = take_in(session, API, told, now=now)
        tell_kinds(session, API.vendor, kinds)
    return EngagementAnswer(
        new=taken.new,
        known=taken.known,
        without_address=taken.without + len(events) - told.height,
        campaign_ids=[public_id("campaign", number) for number in taken.campaigns],
    )
