"""Attendance as programs send it: the shape of the API and of signed hooks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from data.errors import BadInput, FileRefused
from integrations.formats import structured

MOST = 1_000
"""Records in one request."""
EARLIEST, LATEST = 1990, 2100
LONGEST_STAY, LONGEST_EVENT = 7 * 1440, 31 * 1440
"""Minutes."""
Status = Literal["attended", "no_show", "registered", "cancelled"]


def _printable(words: str) -> str:
    plain = words.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else " " for c in plain).strip()


def _plausible(at: datetime | date) -> datetime | date:
    """Also keeps moments from which no other zone's can be worked out."""
    if not EARLIEST <= at.year <= LATEST:
        raise ValueError(f"give a date from {EARLIEST} to {LATEST}")
    return at


Short = Annotated[str, Field(max_length=300), AfterValidator(_printable)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Moment = Annotated[datetime | date, AfterValidator(_plausible)]
Instant = Annotated[AwareDatetime, AfterValidator(_plausible)]
_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class EventOf(BaseModel):
    """An event on record by its id (`evt_…`), or one to find by name and date, or to add."""

    model_config = _SHAPE

    id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="`evt_…`, or the id your system gives it"
    )
    name: Short | None = None
    type: Annotated[str, Field(max_length=30)] | None = Field(
        default=None, description="webinar, conference, training, workshop, user_group, …, other"
    )
    topic: Annotated[str, Field(max_length=200), AfterValidator(_printable)] | None = None
    date: Moment | None = Field(
        default=None, description="ISO 8601; a moment without an offset is UTC"
    )
    duration: Annotated[float, Field(gt=0, le=LONGEST_EVENT)] | None = Field(
        default=None, description="Scheduled minutes"
    )

    open_to: Literal["customers", "all"] | None = Field(
        default=None,
        description="Of a new event: `customers` when it was for those it is sent for and nobody else has "
        "missed it; `all` for everybody, or for `segments`. Left out, webinars, conferences, user groups and "
        "meetups are for all, every other type for `customers`",
    )
    segments: Annotated[list[Short], Field(max_length=50)] = Field(
        default_factory=list, description="Of a new event: the customers' segments it was open to"
    )

    @property
    def is_private(self) -> bool | None:
        """None where it is not said."""
        if self.open_to is not None:
            return self.open_to == "customers"
        return False if self.segments else None

    @property
    def starts_at(self) -> datetime | None:
        """UTC; a day without a time starts at its midnight."""
        if self.date is None:
            return None
        if not isinstance(self.date, datetime):
            return datetime(self.date.year, self.date.month, self.date.day, tzinfo=UTC)
        if self.date.tzinfo is None:
            return self.date.replace(tzinfo=UTC)
        return self.date.astimezone(UTC)


class AttendanceOf(BaseModel):
    """What the person did. Leave out what is not known: zero means none."""

    model_config = _SHAPE

    registered: bool = True
    attended: bool | None = Field(
        default=None,
        description="`false` is no word against what is on record: a `status` of `no_show` takes attendance back",
    )
    status: Status | None = Field(
        default=None, description="In place of `attended` and `registered`"
    )
    duration: Annotated[float, Field(ge=0, le=LONGEST_STAY)] | None = Field(
        default=None, description="Minutes"
    )
    questions_asked: Count | None = None
    polls_answered: Count | None = None
    downloads_count: Count | None = None
    feedback: Annotated[float, Field(ge=0, le=100)] | None = None
    spoke: bool = False
    completed: bool | None = None
    passed: bool | None = None
    sessions_attended: Annotated[list[Short], Field(max_length=50)] = Field(default_factory=list)
    joined_at: Instant | None = None
    left_at: Instant | None = None

    @property
    def word(self) -> Status:
        """The status that the two flags of the record amount to."""
        if self.status:
            return self.status
        if self.attended is None or self.attended:
            return "attended"
        return "registered" if self.registered else "cancelled"


class AttendanceRecord(BaseModel):
    """One person at one event. The person is a stakeholder by id, or an e-mail address, or a name with a
    company or a customer."""

    model_config = _SHAPE

    customer_id: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="`cus_…`"
    )
    stakeholder_id: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="`sth_…`"
    )
    email: Annotated[str, Field(max_length=320), AfterValidator(_printable)] | None = None
    name: Short | None = None
    company: Short | None = None
    event: EventOf
    attendance: AttendanceOf = Field(default_factory=AttendanceOf)


class AttendanceBatch(BaseModel):
    """A bare list of records is one, too."""

    records: Annotated[list[AttendanceRecord], Field(min_length=1, max_length=MOST)]

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, said: Any) -> Any:
        return {"records": said} if isinstance(said, list) else said


def _which(said: Any) -> str:
    many = isinstance(said, list | AttendanceBatch) or (
        isinstance(said, dict) and "records" in said
    )
    return "batch" if many else "record"


OneOrMany = Annotated[
    Annotated[AttendanceRecord, Tag("record")] | Annotated[AttendanceBatch, Tag("batch")],
    Discriminator(_which),
]
"""Told apart by what they are, so that what is wrong is said of the one that was meant."""


def read_records(raw: bytes) -> list[AttendanceRecord]:
    """A record, a list of them, or `{"records": […]}`. BadInput names the first field that is wrong."""
    try:
        body = structured.parse(raw)
    except (FileRefused, UnicodeDecodeError):
        raise BadInput("The body is not JSON.") from None
    held = body.get("records", [body]) if isinstance(body, dict) else body
    try:
        return AttendanceBatch.model_validate({"records": held}).records
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{where}: {first['msg']}") from None
