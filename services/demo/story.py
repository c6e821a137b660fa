"""The story's cast and seats, as told on a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from services.demo.calendar import PAST, START_HOUR, PastEvent, held_on

FOLDER = Path(__file__).resolve().parent / "story"
OWN_DOMAIN = "cscx.example"
FREE_MAIL = "gmail.com"
_PLAIN = str.maketrans("áéèíñöüłøÁÉÍÑÖÜŁØëČčš", "aeeinoulsAEINOULOeCcs")


@dataclass(frozen=True)
class Account:
    """A customer as the CRM export has it."""

    number: int
    name: str
    domain: str
    other_domain: str
    aliases: str
    parent: str
    segment: str
    industry: str
    region: str
    country: str
    city: str
    time_zone: str
    arr: int
    stage: str
    started_days_ago: int
    renews_in_days: int
    health: int
    csm: str
    interests: str
    goals: str
    challenges: str


@dataclass(frozen=True)
class Member:
    """Somebody at a customer. `address` says how the mail address stands in attendance files."""

    account: Account
    person: int
    first: str
    last: str
    title: str
    role: str
    in_crm: bool
    address: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """The address the CRM has."""
        return f"{self._local}@{self.account.domain}"

    @property
    def written(self) -> str:
        """The address as the platforms export it: one person, many spellings."""
        local, domain = self._local, self.account.domain
        return {
            "upper": f"{local}@{domain}".upper(),
            "capital": f"{local.title()}@{domain.capitalize()}",
            "plus": f"{local}+events@{domain}",
            "blanks": f" {local}@{domain}  ",
            "other_domain": f"{local}@{self.account.other_domain}",
            "private": f"{local}.private.{self.account.number}@{FREE_MAIL}",
        }.get(self.address, self.email)

    @property
    def company(self) -> str:
        """The customer's name as people type it into a registration form."""
        name = self.account.name
        if self.address == "private":
            return name
        return {2: name.upper(), 4: f"{name}, Inc."}.get(self.person % 5, name)

    @property
    def _local(self) -> str:
        return f"{self.first}.{self.last}".lower().translate(_PLAIN).replace("'", "")


@dataclass(frozen=True)
class Seat:
    """One record of an attendance file."""

    member: Member
    event: int
    status: str
    minutes: int | None
    questions: int | None
    polls: int | None
    downloads: int | None
    feedback: int | None
    role: str

    @property
    def came(self) -> bool:
        return self.status == "attended"


@dataclass(frozen=True)
class HeldEvent:
    """An event with its day; times are wall-clock times of `calendar.ZONE`."""

    event: PastEvent
    day: date
    seats: tuple[Seat, ...]

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time(START_HOUR))

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.event.minutes)

    @property
    def webinar_id(self) -> str:
        """Eleven digits in groups, the same whenever the demo is loaded on the same day."""
        digits = f"8{self.day.toordinal():06d}{self.event.number:02d}".ljust(11, "7")
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"

    def joined(self, seat: Seat) -> datetime:
        """A few minutes early or late."""
        late = (seat.member.person * 7 + self.event.number * 3 + seat.member.account.number) % 9 - 2
        return self.start + timedelta(minutes=late)

    def left(self, seat: Seat) -> datetime:
        return self.joined(seat) + timedelta(minutes=seat.minutes or 0)

    def registered(self, seat: Seat) -> datetime:
        days = 3 + (seat.member.person * 5 + seat.member.account.number) % 18
        clock = timedelta(hours=seat.member.account.number % 9, minutes=seat.member.person * 4)
        return self.start - timedelta(days=days) + clock


@dataclass(frozen=True)
class Story:
    """All of it, seen from `day`."""

    day: date
    accounts: tuple[Account, ...]
    members: tuple[Member, ...]
    events: tuple[HeldEvent, ...]

    @cached_property
    def csms(self) -> list[str]:
        return sorted({account.csm for account in self.accounts})


def tell(day: date) -> Story:
    """The story as of `day`: everything before it has happened."""
    read = {name: table(name) for name in ("customers", "people", "placement")}
    accounts = {
        row["name"]: Account(**row) for row in read["customers"].fill_null("").iter_rows(named=True)
    }
    members = {
        (row["customer"], row["person"]): Member(accounts[row.pop("customer")], **row)
        for row in read["people"]
        .with_columns(pl.col("address").fill_null(""))
        .iter_rows(named=True)
    }
    seats = [
        Seat(members[row.pop("customer"), row.pop("person")], **row)
        for row in read["placement"].iter_rows(named=True)
    ]
    events = tuple(
        HeldEvent(event, held_on(event, day), tuple(s for s in seats if s.event == event.number))
        for event in PAST
    )
    return Story(day, tuple(accounts.values()), tuple(members.values()), events)


def table(name: str) -> pl.DataFrame:
    """`customers`, `people` or `placement`; a column's type shows in all of its rows only."""
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema_length=None)


def mail_of_colleague(name: str) -> str:
    """The address of one of our own people."""
    return f"{name.lower().replace(' ', '.')}@{OWN_DOMAIN}"
