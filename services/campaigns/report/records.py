"""Campaigns, their people and what they did, as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from integrations.hooks import VENDORS
from services.figures import Share, share_of

MOMENT = pl.Datetime("us", "UTC")
KIND_WORDS = {
    "announcement": "Announcement",
    "newsletter": "Newsletter",
    "marketing": "Marketing",
    "product_update": "Product update",
    "other": "Other",
}
_OURS = {"own": "Our own mail", "api": "API", "file": "File", "listmonk": "listmonk"}
STATES = {
    "clicked": "Clicked",
    "replied": "Replied",
    "opened": "Opened by a person",
    "hidden": "Privacy-hidden",
    "machine": "Machine signs only",
    "totals": "Totals only",
    "silent": "Delivered, no sign",
    "bounced": "Bounced",
    "left": "Unsubscribed or complained",
    "quarantined": "Unsubscribe in question",
    "unmatched": "Not matched",
}
"""What the list of people can be narrowed to."""
PEOPLE: dict[str, Any] = {
    "mail_id": pl.Int64,
    "email": pl.String,
    "name": pl.String,
    "customer_id": pl.Int64,
    "customer": pl.String,
    "stakeholder_id": pl.Int64,
    "band": pl.String,
    "sent_at": MOMENT,
    "delivered": pl.Boolean,
    "opens": pl.Int64,
    "opens_human": pl.Int64,
    "opens_hidden": pl.Int64,
    "human_open_at": MOMENT,
    "clicks": pl.Int64,
    "clicks_human": pl.Int64,
    "human_click_at": MOMENT,
    "replied_at": MOMENT,
    "forwarded_at": MOMENT,
    "unsubscribed_at": MOMENT,
    "quarantined_at": MOMENT,
    "bounce": pl.Int64,
    "complained_at": MOMENT,
    "totals": pl.Boolean,
}
"""One row per mail. `opens`, `clicks` are raw; of `totals` without times nobody can tell who made them; `bounce` as in CampaignMail."""
LINKS: dict[str, Any] = {
    "url": pl.String,
    "label": pl.String,
    "topic": pl.String,
    "hidden": pl.Boolean,
    "clicks": pl.Int64,
    "clicks_human": pl.Int64,
    "people": pl.Int64,
}
"""`people`: mails with a human click on it."""
HOURS: dict[str, Any] = {
    "at": MOMENT,
    "sign": pl.String,
    "mails": pl.UInt32,
}
"""`sign` is opened, clicked or replied, by people; `at` the start of the hour or day of the first of it."""
EVENT_LINES: dict[str, Any] = {
    "at": MOMENT,
    "kind": pl.String,
    "timed": pl.Boolean,
    "times": pl.Int64,
    "url": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
    "agent": pl.String,
    "detail": pl.String,
}
"""The ledger of one mail, as told; verdict and reason in words."""


def platform(vendor: str) -> str:
    """What people call a vendor."""
    return _OURS.get(vendor) or (
        VENDORS[vendor].label if vendor in VENDORS else vendor.capitalize()
    )


@dataclass(frozen=True)
class Filters:
    """What the list shows; None or empty means all. `since`: started then or later; `single`: mail to single
    people, too."""

    search: str = ""
    kind: str | None = None
    vendor: str | None = None
    since: datetime | None = None
    single: bool = False


@dataclass(frozen=True)
class PeopleFilters:
    """`state` is a key of STATES; `search` a part of the address, the name or the customer's name."""

    search: str = ""
    state: str | None = None


@dataclass(frozen=True)
class CampaignRow:
    """A campaign with its counts, each of mails but `customers`; of all its recipients, whoever looks."""

    id: int
    name: str
    subject: str | None
    vendor: str
    kind: str
    kind_by: str
    bulk: bool
    topics: tuple[str, ...]
    owner_id: int | None
    owner: str | None
    source: str
    started_at: datetime
    last_event_at: datetime
    mails: int
    matched: int
    excluded: int
    customers: int
    delivered: int
    opened: int
    opened_human: int
    opened_hidden: int
    clicked: int
    clicked_human: int
    replied: int
    forwarded: int
    unsubscribed: int
    quarantined: int
    bounced_hard: int
    bounced_soft: int
    complained: int
    judged: int
    judged_opened: int
    judged_hidden: int
    judged_clicked: int

    @property
    def coverage(self) -> Share:
        """Mails to known people of customers, of those that could be."""
        return share_of(self.matched, self.mails - self.excluded)

    @property
    def unjudged(self) -> bool:
        """Whether mails were delivered of which only totals without times are told."""
        return self.delivered > self.judged

    @property
    def unsent(self) -> bool:
        """Whether nobody told of any sending, only of those who did something."""
        return not self.delivered and self.opened + self.clicked > 0

    @property
    def platform(self) -> str:
        return platform(self.vendor)

    @property
    def human_opens(self) -> Share:
        """Of those of whom one can know: who reads behind a privacy service is left out of both. Where all opens
        are hidden there is nothing to know."""
        known = self.judged - self.judged_hidden
        nothing = self.opened == self.opened_hidden > 0 and not self.opened_human
        return share_of(self.judged_opened, 0 if nothing else known)

    @property
    def raw_opens(self) -> Share:
        return share_of(min(self.opened, self.delivered), self.delivered)

    @property
    def human_clicks(self) -> Share:
        return share_of(self.judged_clicked, self.judged)

    @property
    def raw_clicks(self) -> Share:
        return share_of(min(self.clicked, self.delivered), self.delivered)


@dataclass(frozen=True)
class CampaignPage:
    """`mails`, `matched`, `excluded` are sums over all that fit, not only over `rows`."""

    rows: tuple[CampaignRow, ...]
    total: int
    mails: int
    matched: int
    excluded: int
    vendors: tuple[tuple[str, str], ...]
    """Of all campaigns, for the filter: each with what people call it."""

    @property
    def coverage(self) -> Share:
        return share_of(self.matched, self.mails - self.excluded)


@dataclass(frozen=True)
class PeoplePage:
    """`rows` are of PEOPLE."""

    rows: pl.DataFrame
    total: int
