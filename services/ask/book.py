"""What there is to speak of: customers, events, campaigns and tickets that a person may see, with their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, CustomerName, Event
from services.access import Viewer, visible
from services.ask.answers import SpokenOf
from services.ask.names import Match, Named, find
from services.attendance.follow_up.detect import ended
from services.campaigns import report
from services.ids import public_id
from services.tickets import listing as tickets
from services.tickets.records import Filters, TicketRow

MOST = 20_000
MOST_EVENTS, MOST_CAMPAIGNS, MOST_TICKETS = 5_000, 300, 300
TYPES = {
    "webinar": "webinar", "webinars": "webinar", "user group": "user_group", "meetup": "user_group",
    "conference": "conference", "summit": "conference", "training": "training", "workshop": "workshop",
    "roundtable": "roundtable", "event": "", "one": "", "it": "", "that": "", "this": "",
}  # fmt: skip
"""Words that can stand for an event without naming it; without a type for any."""
_ANY = re.compile(
    r"(?:the |our |that |this |my )?(?:(next|upcoming|coming|last|latest|past|previous|recent) )?"
    rf"({'|'.join(sorted(TYPES, key=len, reverse=True))})"
)
_LAST = {"last", "latest", "past", "previous", "recent"}


@dataclass(frozen=True)
class Happened(Named):
    """An event; `over` when nobody can be invited to it any more."""

    type: str = ""
    starts_at: datetime | None = None
    over: bool = False


class OnScreen(NamedTuple):
    """How a draft stood on the person's screen: `against` are the codes of what spoke against sending it and was
    not hard, `way` stands for the names and addresses."""

    revision: int
    against: tuple[str, ...] = ()
    way: str | None = None


@dataclass
class Desk:
    """What a handler works with: who asks, what was spoken of, and the drafts on their screen."""

    session: Session
    by: Viewer
    now: datetime
    spoken_of: SpokenOf = field(default_factory=SpokenOf)
    shown: Mapping[int, OnScreen] = field(default_factory=dict[int, OnScreen])
    zone: str = "UTC"

    @cached_property
    def customers(self) -> list[Named]:
        rows = self.session.execute(
            select(Customer.id, Customer.name, Customer.city)
            .where(visible(self.by))
            .order_by(Customer.id)
            .limit(MOST)
        ).all()
        also: dict[int, list[str]] = {}
        others = select(CustomerName.customer_id, CustomerName.name).join(Customer)
        for number, name in self.session.execute(others.where(visible(self.by)).limit(MOST)):
            also.setdefault(number, []).append(name)
        counted = Counter(name.casefold() for _, name, _ in rows)
        twice = {name for name, count in counted.items() if count > 1}
        return [
            Named(
                number, public_id("customer", number), name,
                f"{city + ', ' if city else ''}{public_id('customer', number)}"
                if name.casefold() in twice else "",
                tuple(also.get(number, ())),
            )
            for number, name, city in rows
        ]  # fmt: skip

    @cached_property
    def events(self) -> list[Happened]:
        """The newest first; without those that were called off."""
        e = Event
        rows = self.session.execute(
            select(e.id, e.name, e.type, e.held_on, e.starts_at, e.ends_at, e.duration_minutes)
            .where(e.status != "cancelled")
            .order_by(e.starts_at.desc(), e.id.desc())
            .limit(MOST_EVENTS)
        )
        return [
            Happened(
                number, public_id("event", number), name, f"{held_on:%d %b %Y}", (), kind, starts_at,
                ended(starts_at, ends_at, minutes) <= self.now,
            )
            for number, name, kind, held_on, starts_at, ends_at, minutes in rows
        ]  # fmt: skip

    @cached_property
    def campaigns(self) -> list[Named]:
        rows = report.listing(self.session, self.by, limit=MOST_CAMPAIGNS).rows
        return [
            Named(
                row.id, public_id("campaign", row.id), row.name, f"{row.started_at:%d %b %Y}",
                (row.subject,) if row.subject else (),
            )
            for row in rows
        ]  # fmt: skip

    def tickets(self, *, customer_id: int | None = None, search: str = "") -> tuple[TicketRow, ...]:
        wanted = Filters(search=search[:100], customer_id=customer_id)
        found = tickets.listing(self.session, self.by, self.now, filters=wanted, limit=MOST_TICKETS)
        return found.rows

    def event(self, typed: str, *, over: bool) -> Match:
        """The event that is meant. `the webinar` is the one spoken of, else the next (with `over` the last)
        of its type; `the last webinar` is over whatever is asked for. A name that fits a past and a coming one
        means the one that can be meant."""
        any_one = _ANY.fullmatch(typed.casefold().strip())
        over = over or bool(any_one and any_one[1] in _LAST)
        fitting = [one for one in self.events if one.over == over]
        if any_one is None:
            found = find(typed, fitting)
            return found if found.one or found.several else find(typed, self.events)
        when, word = any_one.groups()
        by_name = find(typed, fitting).one if TYPES[word] and when is None else None
        wanted = [one for one in fitting if not TYPES[word] or one.type == TYPES[word]]
        if not wanted and TYPES[word]:
            wanted = [one for one in fitting if word.rstrip("s") in one.name.casefold()]
        spoken = next((one for one in wanted if one.id == self.spoken_of.event_id), None)
        if spoken and (when is None or (over and when in _LAST)):
            return Match(typed, spoken)
        return Match(typed, by_name or _first(wanted, over=over))

    def one_campaign(self, typed: str) -> Match:
        if typed.casefold().strip() in (
            "",
            "it",
            "that",
            "this",
            "the campaign",
            "the last campaign",
        ):
            spoken = [one for one in self.campaigns if one.id == self.spoken_of.campaign_id]
            return Match(typed, next(iter(spoken or self.campaigns), None))
        return find(typed, self.campaigns)


def _first(some: list[Happened], *, over: bool) -> Happened | None:
    """The next to come, or the last that was."""
    choose: Callable[..., Happened] = max if over else min
    return choose(some, key=lambda one: (one.starts_at, one.id)) if some else None
