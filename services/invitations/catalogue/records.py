"""An event to come, as people plan it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

SESSION_KINDS = (
    "talk",
    "keynote",
    "panel",
    "roundtable",
    "workshop",
    "training",
    "demo",
    "networking",
)
STATES = {"planned": "To come", "under_way": "Under way", "over": "Over", "cancelled": "Cancelled"}
ONE_HOUR = 60.0
LONGEST_DAY = timedelta(hours=12)
"""What takes longer goes over several days, and nobody is there from start to finish."""


def in_utc(moment: datetime | None) -> datetime | None:
    """The same moment on a clock that never repeats an hour: on others two readings of one moment are unequal
    while the clocks go back, and the time between two is wrong across that. Naive ones stay, to be refused."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # at the ends of time; refused by its year
        return moment


@dataclass(frozen=True)
class SessionPlan:
    """A session of the programme. `id` 0 is a new one; `virtual` None: as the event is. `starts_at` is kept
    in UTC."""

    title: str
    id: int = 0
    speaker: str | None = None
    kind: str | None = None
    topics: tuple[str, ...] = ()
    description: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    room: str | None = None
    virtual: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", in_utc(self.starts_at))


@dataclass(frozen=True)
class OfferPlan:
    """`deadline` is the last day, in the event's zone; without `segments` it is for everybody."""

    title: str
    id: int = 0
    code: str | None = None
    detail: str | None = None
    deadline: date | None = None
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventPlan:
    """All that is planned of an event. Moments are aware, and kept in UTC; `zone` is the IANA zone it is told in.

    Without `city` it takes place nowhere, and so is virtual. Empty `segments`, `regions`, `industries`,
    `roles`, `topics`: for everybody. `reminders`: minutes before the start; None is what is usual.
    """

    name: str
    starts_at: datetime
    type: str = "webinar"
    topic: str | None = None
    ends_at: datetime | None = None
    zone: str = "UTC"
    place: str | None = None
    city: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    virtual: bool = True
    join_url: str | None = None
    registration_url: str | None = None
    capacity: int | None = None
    description: str | None = None
    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    reminders: tuple[int, ...] | None = None
    sessions: tuple[SessionPlan, ...] = ()
    offers: tuple[OfferPlan, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", in_utc(self.starts_at))
        object.__setattr__(self, "ends_at", in_utc(self.ends_at))

    @property
    def unplaced(self) -> bool:
        """Of a plan on record: whether nobody knows where its city is, and so how far anybody has to go."""
        return bool(self.city) and self.latitude is None


def ended(starts_at: datetime, ends_at: datetime | None, minutes: float | None) -> datetime:
    """When an event is over; an hour after its start where nobody says."""
    return ends_at or starts_at + timedelta(minutes=minutes or ONE_HOUR)


def state_of(
    status: str, starts_at: datetime, ends_at: datetime | None, minutes: float | None, now: datetime
) -> str:
    """One of STATES."""
    if status == "cancelled":
        return "cancelled"
    if starts_at > now:
        return "planned"
    return "under_way" if ended(starts_at, ends_at, minutes) > now else "over"
