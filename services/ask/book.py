"""What there is to speak of: customers, events, campaigns and tickets that a person may see, with their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, CustomerName, Event
from services.access import Viewer, visible
from services.ask.answers import SpokenOf
from services.ask.names import Named
from services.attendance.follow_up.detect import ended
from services.campaigns import report
from services.ids import public_id
from services.tickets import listing as tickets
from services.tickets.records import Filters, TicketRow

MOST = 20_000
MOST_EVENTS, MOST_CAMPAIGNS, MOST_TICKETS = 5_000, 300, 300


@dataclass(frozen=True)
class Happened(Named):
    """An event; `over` when nobody can be invited to it any more."""

    type: str = ""
    starts_at: datetime | None = None
    over: bool = False


@dataclass(frozen=True)
class Mailing(Named):
    """A campaign; `kind` as services.campaigns.report has it."""

    kind: str = ""


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
    just_named: tuple[int, ...] = ()
    """The customers of the last answer, where `spoken_of` may go further back."""

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
    def names(self) -> dict[int, str]:
        """Of the customers, by id."""
        return {one.id: one.name for one in self.customers}

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
    def campaigns(self) -> list[Mailing]:
        """The newest first."""
        rows = report.listing(self.session, self.by, limit=MOST_CAMPAIGNS).rows
        return [
            Mailing(
                row.id, public_id("campaign", row.id), row.name, f"{row.started_at:%d %b %Y}",
                (row.subject,) if row.subject else (), row.kind or "",
            )
            for row in rows
        ]  # fmt: skip

    def tickets(self, *, customer_id: int | None = None, search: str = "") -> tuple[TicketRow, ...]:
        wanted = Filters(search=search[:100], customer_id=customer_id)
        found = tickets.listing(self.session, self.by, self.now, filters=wanted, limit=MOST_TICKETS)
        return found.rows
