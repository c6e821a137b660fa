"""Events of the catalogue as the API takes and shows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.invitations.catalogue import EventPlan, OfferPlan, SessionPlan

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
Whole = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""What is too much for an event is said in words; this is too much for any database."""
_WORDS = Field(default_factory=list[str], max_length=30)


class SessionBody(BaseModel):
    model_config = _SHAPE

    id: Whole = Field(0, description="Of a session that is changed; 0 for a new one")
    title: str
    speaker: str | None = None
    kind: str | None = Field(None, description="talk, keynote, panel, roundtable, workshop, …")
    topics: list[str] = _WORDS
    description: str | None = None
    starts_at: AwareDatetime | None = None
    minutes: Whole | None = None
    room: str | None = None
    virtual: bool | None = Field(None, description="null: as the event is")


class OfferBody(BaseModel):
    model_config = _SHAPE

    id: Whole = Field(0, description="Of an offer that is changed; 0 for a new one")
    title: str
    code: str | None = None
    detail: str | None = None
    deadline: date | None = Field(None, description="The last day, in the event's zone")
    segments: list[str] = _WORDS


class EventBody(BaseModel):
    """All that is planned of an event. Moments carry an offset; `zone` is the one it is told in."""

    model_config = _SHAPE

    name: str
    type: str = "webinar"
    topic: str | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    zone: str = "UTC"
    place: str | None = None
    city: str | None = Field(None, description="Without one it takes place online only")
    country: str | None = None
    latitude: float | None = Field(
        None, description="Looked up by city when left out; an unknown city leads to a warning"
    )
    longitude: float | None = None
    virtual: bool = True
    join_url: str | None = None
    registration_url: str | None = Field(
        None, description="Where a platform takes registrations; our own page does without one"
    )
    capacity: Whole | None = None
    description: str | None = None
    segments: list[str] = _WORDS
    regions: list[str] = _WORDS
    industries: list[str] = _WORDS
    roles: list[str] = _WORDS
    topics: list[str] = _WORDS
    reminders: list[Whole] | None = Field(
        None, description="Minutes before the start; null: three days and an hour"
    )
    sessions: list[SessionBody] = Field(default_factory=list[SessionBody], max_length=200)
    offers: list[OfferBody] = Field(default_factory=list[OfferBody], max_length=20)


class PlanWarning(BaseModel):
    """What was kept all the same, but does not do what it is there for."""

    model_config = _SHAPE

    field: str = Field(description="Of the event, as it is named here")
    message: str = Field(description="What is the matter, and what to send instead")


_WARNINGS = Field(
    default_factory=list[PlanWarning],
    description="`city`: it is in no list of cities of 15,000 people and more, and no coordinates were given. "
    "The event is kept, but nobody's way there is counted when customers are ranked.",
)


class EventAnswer(EventBody):
    event_id: str
    warnings: list[PlanWarning] = _WARNINGS
    status: Literal["planned", "held", "cancelled"]
    cancelled_why: str | None
    invited: int = Field(description="People invited who are yours to see")
    registered: int = Field(description="Everybody who is registered")
    free_seats: int | None = Field(description="null: no limit")


class Consequences(BaseModel):
    """What became of mails because an event was changed or cancelled."""

    model_config = _SHAPE

    event_id: str
    withdrawn: int = Field(description="Mails that had not left and no longer hold")
    drafted_anew: int = Field(0, description="Invitations written again, to be approved")
    notes: int = Field(description="To registered people; they wait for approval")
    calls: int = Field(description="Tasks about registered people who cannot be written to")
    waiting: int = Field(description="Tasks about people who wait for a seat, and are to be told")
    unknown: int = Field(description="Registered people of no customer: nothing here reaches them")
    warnings: list[PlanWarning] = _WARNINGS


class CancelBody(BaseModel):
    model_config = _SHAPE

    why: str = Field(min_length=1, max_length=300, description="Registered people read it")


def plan_from(body: EventBody) -> EventPlan:
    said = body.model_dump(exclude={"sessions", "offers"})
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in said.items()}
    sessions = (one.model_dump() for one in body.sessions)
    offers = (one.model_dump() for one in body.offers)
    return EventPlan(
        **lists,
        sessions=tuple(SessionPlan(**{**one, "topics": tuple(one["topics"])}) for one in sessions),
        offers=tuple(OfferPlan(**{**one, "segments": tuple(one["segments"])}) for one in offers),
    )


def warnings_of(plan: EventPlan) -> list[PlanWarning]:
    """Of a plan on record."""
    if not plan.unplaced:
        return []
    said = (
        f"{plan.city} is in no list of cities we have, so nobody's way there is counted. "
        "Check its spelling and its country, or give its latitude and longitude."
    )
    return [PlanWarning(field="city", message=said)]


def body_from(plan: EventPlan) -> dict[str, object]:
    """A plan as EventBody's fields."""
    return {
        name: [vars(one) for one in value] if name in ("sessions", "offers") else value
        for name, value in vars(plan).items()
    }
