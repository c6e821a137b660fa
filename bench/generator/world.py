"""The master data: customers, their contacts, and the events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from bench.generator import words
from bench.generator.chance import Chance, Weighted
from bench.generator.options import Options


@dataclass(frozen=True)
class Customer:
    """`base` is the name without its legal form; `row` is the line of customers.csv."""

    base: str
    full: str
    domain: str
    row: list[object]


@dataclass(frozen=True)
class Contact:
    number: int
    name: str
    email: str
    row: list[object]


@dataclass(frozen=True)
class Event:
    number: int
    name: str
    type: str
    topic: str
    start: datetime
    minutes: int
    form: str

    @property
    def row(self) -> list[object]:
        start = f"{self.start:%Y-%m-%dT%H:%M:%S}"
        return [self.number, self.name, self.type, self.topic, start, self.minutes, self.form]


@dataclass(frozen=True)
class World:
    """`contacts_of` holds the positions of each customer's contacts."""

    customers: list[Customer]
    contacts: list[Contact]
    contacts_of: list[list[int]]
    events: list[Event]


def plain(name: str) -> str:
    return name.translate(words.ACCENTS).lower()


def letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def make_world(chance: Chance, options: Options) -> World:
    # All tables are set up before the first draw; only drawing moves the stream.
    top_level = Weighted(chance, words.TOP_LEVELS)
    segment = Weighted(chance, words.SEGMENTS)
    event_type = Weighted(chance, words.EVENT_TYPES)
    customers = _Customers(chance, options, top_level, segment).all()
    contacts, contacts_of = _contacts(chance, options, customers)
    return World(customers, contacts, contacts_of, _events(chance, options, event_type))


class _Customers:
    """Customers with names and domains of their own, a few domains shared with a parent."""

    def __init__(
        self, chance: Chance, options: Options, top_level: Weighted, segment: Weighted
    ) -> None:
        self._chance, self._options = chance, options
        self._top_level, self._segment = top_level, segment
        self._csms = [f"csm{number:02d}" for number in range(1, options.csms + 1)]
        self._names: set[str] = set()
        self._domains: set[str] = set()
        self._made: list[Customer] = []

    def all(self) -> list[Customer]:
        while len(self._made) < self._options.customers:
            base = self._name()
            if base.lower() not in self._names:
                self._names.add(base.lower())
                self._made.append(self._customer(base))
        return self._made

    def _name(self) -> str:
        number, pick = self._chance.number, self._chance.pick
        start = pick(words.NAME_STARTS) + (" " if number() < 0.7 else "")
        if number() < 0.82:
            base = start + pick(words.NAME_ENDS)
        else:
            base = start + pick(words.NAME_STARTS) + " " + pick(words.NAME_ENDS)
        return "The " + base if number() < 0.01 else base

    def _customer(self, base: str) -> Customer:
        number, pick = self._chance.number, self._chance.pick
        full = base + (" " + pick(words.LEGAL_FORMS) if number() < 0.6 else "")
        domain = self._domain(base)
        other = self._other_domain(base)
        parts = base.split()
        alias = ""
        if len(parts) > 2 and number() < 0.3:
            alias = "".join(part[0] for part in parts).upper()
        row: list[object] = [
            len(self._made) + 1,
            full,
            domain,
            other,
            alias,
            self._segment(),
            pick(words.INDUSTRIES),
            pick(words.REGIONS),
            pick(self._csms),
            int(5000 + (1 / (0.02 + number())) * 9000),
            (self._options.end - timedelta(days=int(number() * 1800) + 30)).date().isoformat(),
        ]
        return Customer(base, full, domain, row)

    def _domain(self, base: str) -> str:
        slug = letters(base)
        domain = slug + "." + self._top_level()
        if self._chance.number() < 0.01 and self._made:
            domain = self._chance.pick(self._made).domain  # a subsidiary on its parent's domain
        elif domain in self._domains:
            domain = f"{slug}{len(self._made)}.com"
        self._domains.add(domain)
        return domain

    def _other_domain(self, base: str) -> str:
        if self._chance.number() >= 0.12:
            return ""
        domain = letters(base) + "-group." + self._top_level()
        if domain in self._domains:
            return ""
        self._domains.add(domain)
        return domain


def _contacts(
    chance: Chance, options: Options, customers: list[Customer]
) -> tuple[list[Contact], list[list[int]]]:
    contacts: list[Contact] = []
    contacts_of: list[list[int]] = [[] for _ in customers]
    taken: set[str] = set()
    for place, count in enumerate(_sizes(chance, options, len(customers))):
        for _ in range(count):
            contact = _contact(chance, customers[place], len(contacts) + 1, place + 1, taken)
            contacts_of[place].append(len(contacts))
            contacts.append(contact)
    return contacts, contacts_of


def _sizes(chance: Chance, options: Options, customers: int) -> list[int]:
    """Contacts per customer: at least one where they suffice, and a long tail."""
    cumulated = list(accumulate(1.0 / (0.03 + chance.number()) for _ in range(customers)))
    sizes = [1] * customers
    for _ in range(max(0, options.contacts - customers)):
        sizes[chance.place(cumulated)] += 1
    if options.contacts < customers:
        return [1] * options.contacts + [0] * (customers - options.contacts)
    return sizes


def _contact(
    chance: Chance, customer: Customer, number: int, customer_id: int, taken: set[str]
) -> Contact:
    first, last = chance.pick(words.FIRST_NAMES), chance.pick(words.LAST_NAMES)
    short, family = plain(first), plain(last).replace("'", "").replace(" ", "")
    local = _local(chance.number(), short, family)
    domain, other = customer.domain, str(customer.row[3])
    if other and chance.number() < 0.3:
        domain = other
    if chance.number() < 0.04:
        domain = chance.pick(words.FREE_MAIL)
        local = f"{short}{family}{chance.below(1000)}"
    email, again = f"{local}@{domain}", 2
    while email in taken:
        email, again = f"{local}{again}@{domain}", again + 1
    taken.add(email)
    title = chance.pick(words.TITLES)
    champion, unsubscribed = int(chance.number() < 0.08), int(chance.number() < 0.03)
    row: list[object] = [number, customer_id, first, last, email, title, champion, unsubscribed]
    return Contact(number, f"{first} {last}", email, row)


def _local(draw: float, first: str, last: str) -> str:
    if draw < 0.6:
        return f"{first}.{last}"
    if draw < 0.8:
        return first[0] + last
    return first if draw < 0.9 else f"{first}_{last}"


def _events(chance: Chance, options: Options, event_type: Weighted) -> list[Event]:
    drawn = sorted(_event(chance, options, event_type()) for _ in range(options.events))
    seen: Counter[str] = Counter()
    events = []
    for place, (start, kind, topic, name, minutes, form) in enumerate(drawn):
        seen[name] += 1
        told_apart = f"{name} #{seen[name]}" if seen[name] > 1 else name
        events.append(Event(place + 1, told_apart, kind, topic, start, minutes, form))
    return events


def _event(chance: Chance, options: Options, kind: str) -> tuple[datetime, str, str, str, int, str]:
    day = options.end - timedelta(days=int(chance.number() * options.days) + 1)
    clock = timedelta(hours=8 + chance.below(10), minutes=30 * chance.below(2))
    topic = chance.pick(words.TOPICS)
    name = topic + " " + chance.pick(words.EVENT_FORMATS[kind])
    form = "in-person" if chance.number() < 0.15 else "virtual"
    return day + clock, kind, topic, name, words.MINUTES[kind], form
