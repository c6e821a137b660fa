"""Engagement with bulk mail as programs send it: the shape of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, tidied

MOST = 5_000
"""Events in one request."""
_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")
Kind = Literal["announcement", "newsletter", "marketing", "product_update", "other"]
EventName = Literal[
    "sent",
    "delivered",
    "opened",
    "clicked",
    "replied",
    "auto_replied",
    "forwarded",
    "unsubscribed",
    "resubscribed",
    "complained",
    "soft_bounced",
    "hard_bounced",
    "dropped",
]
_KINDS = {
    "sent": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "opened": ledger.OPEN,
    "clicked": ledger.CLICK,
    "replied": ledger.REPLY,
    "auto_replied": ledger.AUTO_REPLY,
    "forwarded": ledger.FORWARD,
    "unsubscribed": ledger.UNSUBSCRIBE,
    "resubscribed": ledger.RESUBSCRIBE,
    "complained": ledger.COMPLAINT,
    "soft_bounced": ledger.SOFT_BOUNCE,
    "hard_bounced": ledger.HARD_BOUNCE,
    "dropped": ledger.DROPPED,
}


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


EARLIEST, LATEST = 2000, 9999


def _plausible(at: datetime) -> datetime:
    """Also keeps moments from which UTC cannot be worked out."""
    if not EARLIEST < at.year < LATEST:
        raise ValueError(f"Give a time after {EARLIEST}.")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Short = Annotated[str, Field(max_length=300), AfterValidator(_whole)]


class Engagement(BaseModel):
    """One event of one campaign and one recipient."""

    model_config = _SHAPE

    campaign_id: Annotated[str, Field(min_length=1, max_length=150), AfterValidator(_whole)] = (
        Field(description="Your own id of the campaign; the same for all its events")
    )
    campaign_name: Short | None = None
    campaign_type: Kind | None = Field(
        default=None,
        description="What kind of mail it is; without one, its words tell. The first that is told stays, "
        "until somebody changes it on the campaign's page",
    )
    subject: Short | None = None
    email: Annotated[str, Field(min_length=3, max_length=320), AfterValidator(_whole)]
    event: EventName
    at: Annotated[datetime, AfterValidator(_plausible)] = Field(
        description="ISO 8601; without an offset it is UTC"
    )
    event_id: Annotated[str, Field(max_length=200), AfterValidator(_whole)] | None = Field(
        default=None,
        description="Your own id of the event, so that it counts once however often sent",
    )
    url: Annotated[str, Field(max_length=2_000), AfterValidator(_whole)] | None = Field(
        default=None, description="Of a click: the link"
    )
    ip: Annotated[str, Field(max_length=45), AfterValidator(_whole)] | None = None
    user_agent: Short | None = None
    automatic: bool | None = Field(
        default=None,
        description="Your platform takes it for automatic, such as a privacy proxy's open",
    )
    all_mail: bool = Field(
        default=False, description="Of an unsubscribe: from everything, not from this kind of mail"
    )


class EngagementBatch(BaseModel):
    model_config = _SHAPE

    events: list[Engagement] = Field(min_length=1, max_length=MOST)


def frame(events: list[Engagement]) -> pl.DataFrame:
    """integrations.hooks.mail.MAIL_EVENTS."""
    return frame_of(_told(one) for one in events)


def kinds_of(events: list[Engagement]) -> dict[str, Kind]:
    """The kinds that are told, by the `campaign` of `frame`. BadInput when one campaign is told to be of two."""
    found: dict[str, Kind] = {}
    told = [one for one in events if one.campaign_type]
    ids = pl.DataFrame({"campaign": [one.campaign_id for one in told]}, {"campaign": pl.String})
    for one, number in zip(told, ids.select(tidied("campaign"))["campaign"], strict=True):
        assert one.campaign_type
        if found.setdefault(number, one.campaign_type) != one.campaign_type:
            raise BadInput(
                f"Campaign {number} is told to be of two types. Give the same with all its events."
            )
    return found


def _told(one: Engagement) -> Told:
    at = one.at if one.at.tzinfo else one.at.replace(tzinfo=UTC)
    return Told(
        _KINDS[one.event],
        round(at.timestamp() * 1e6),
        one.email,
        one.event_id,
        None,
        one.campaign_id,
        one.campaign_name,
        one.subject,
        url=one.url,
        ip=one.ip,
        agent=one.user_agent,
        flagged=one.automatic,
        everything=one.all_mail if one.event == "unsubscribed" else None,
    )
