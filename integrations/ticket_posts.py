"""Tickets as programs send them: the shape of the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from integrations.ticket_records import Piece, Row, Told, change, told

MOST, MOST_MESSAGES = 1_000, 500
"""Tickets in one request, and messages or changes of one ticket."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")
Desk = Literal["api", "zendesk", "intercom", "freshdesk", "jira", "hubspot_tickets", "salesforce"]
State = Literal["new", "open", "pending", "on_hold", "solved", "closed", "deleted"]
Severity = Literal["urgent", "high", "normal", "low"]
Satisfaction = Literal["good", "bad", "offered"]
_VALUES = {"state": get_args(State), "severity": get_args(Severity), "csat": get_args(Satisfaction)}


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _numbered(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        raise ValueError("A number has a letter or a digit at least.")
    return text


def _in_utc(at: datetime) -> datetime:
    """With a zone; without an offset it is UTC."""
    try:
        found = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        found = datetime.min.replace(tzinfo=UTC)
    if found < EARLIEST:
        raise ValueError("A time is in 1970 or later.")
    return found


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Word = Annotated[str, Field(max_length=100), AfterValidator(_whole)]
Short = Annotated[str, Field(max_length=500), AfterValidator(_whole)]
Long = Annotated[str, Field(max_length=20_000), AfterValidator(_whole)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class TicketWords(BaseModel):
    """What somebody wrote in a ticket."""

    model_config = _SHAPE

    id: Word = Field(description="Your own id of it, so that it counts once however often sent")
    author: Literal["customer", "agent", "system"]
    name: Short | None = None
    email: Short | None = None
    internal: bool = Field(default=False, description="A note that the customer never saw")
    text: Annotated[Long, Field(min_length=1)]
    at: Moment


class TicketChange(BaseModel):
    """Something of a ticket that became something else."""

    model_config = _SHAPE

    id: Word | None = Field(default=None, description="Your own id of it")
    what: Literal["state", "severity", "escalation", "csat"]
    before: Word | None = None
    value: Annotated[Word, Field(min_length=1)]
    at: Moment

    @model_validator(mode="after")
    def _known(self) -> TicketChange:
        words = _VALUES.get(self.what)
        if words and self.value not in words:
            raise ValueError(f"A {self.what} is one of {', '.join(words)}.")
        return self


class TicketPost(BaseModel):
    """A ticket as it is now. What is left out stays as it was."""

    model_config = _SHAPE

    number: Annotated[Word, Field(min_length=1), AfterValidator(_numbered)] = Field(
        description="As your desk shows it to people"
    )
    desk: Desk = Field(
        default="api",
        description="Whose numbers these are: name the desk where its hook or files tell of the same tickets",
    )
    url: Short | None = None
    subject: Short | None = None
    description: Long | None = None
    state: State | None = None
    severity: Severity | None = None
    kind: Word | None = None
    channel: Word | None = None
    area: Word | None = Field(default=None, description="The part of the product")
    tags: Annotated[list[Word], Field(max_length=50)] | None = None
    requester_email: Short | None = None
    requester_name: Short | None = None
    organisation: Short | None = None
    agent: Short | None = None
    team: Short | None = None
    opened_at: Moment | None = Field(
        default=None, description="ISO 8601; without an offset it is UTC"
    )
    solved_at: Moment | None = None
    updated_at: Moment | None = Field(
        default=None, description="When the ticket was as you describe it"
    )
    first_reply_minutes: Count | None = None
    replies: Count | None = None
    reopens: Count | None = None
    escalated_to: Word | None = None
    csat: Satisfaction | None = None
    csat_comment: Long | None = None
    resolution: Long | None = None
    messages: list[TicketWords] = Field(default=[], max_length=MOST_MESSAGES)
    changes: list[TicketChange] = Field(default=[], max_length=MOST_MESSAGES)


class TicketPosts(BaseModel):
    model_config = _SHAPE

    tickets: list[TicketPost] = Field(min_length=1, max_length=MOST)


def latest(posts: Sequence[TicketPost]) -> datetime:
    """The last moment that any of them names, in UTC; EARLIEST where they name none."""
    told = (
        at
        for one in posts
        for at in (
            one.opened_at, one.solved_at, one.updated_at,
            *(change.at for change in one.changes), *(words.at for words in one.messages),
        )
    )  # fmt: skip
    return max((at for at in told if at is not None), default=EARLIEST)


def by_desk(posts: Sequence[TicketPost]) -> dict[str, Told]:
    """What they tell, desk by desk."""
    desks = dict.fromkeys(one.desk for one in posts)
    return {desk: told(_piece(one) for one in posts if one.desk == desk) for desk in desks}


def _piece(one: TicketPost) -> Piece:
    row: Row = one.model_dump(exclude={"desk", "messages", "changes"})
    for name in ("opened_at", "solved_at", "updated_at"):
        row[name] = _plain(row[name])
    changes = [
        change(c.what, c.value, _plain(c.at), c.before, f"api {c.id}"[:150] if c.id else None)
        for c in one.changes
    ]
    messages = [
        {
            "key": f"api {m.id}"[:150],
            "author": m.author,
            "name": m.name,
            "email": m.email,
            "internal": m.internal,
            "text": m.text,
            "at": _plain(m.at),
        }
        for m in one.messages
    ]
    return row, changes, messages


def _plain(at: datetime | None) -> datetime | None:
    """UTC without a zone."""
    return at.replace(tzinfo=None) if at else None
