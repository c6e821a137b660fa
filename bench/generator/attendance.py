"""Who came to what, month by month, as rows of a messy upload with the truth beside each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from bench.generator import mess, words
from bench.generator.chance import Chance
from bench.generator.options import Options
from bench.generator.world import Event, World, letters, plain

HEADER = [
    "Customer",
    "Name",
    "Email",
    "Event",
    "Event Type",
    "Date",
    "Status",
    "Duration",
    "Questions",
    "Polls",
    "Downloads",
    "Feedback",
]
TRUTH = ["row", "customer_id", "contact_id", "event_id", "kind"]
RECENT = 200
"""Rows of the event at hand that a copy or a re-join may refer to."""


@dataclass(frozen=True)
class Row:
    """`truth` is (customer, contact, event, kind); ids are empty where nobody is known."""

    cells: list[str]
    truth: tuple[object, object, int, str]
    joined: datetime


@dataclass(frozen=True)
class _Person:
    company: str
    name: str
    email: str
    customer: object
    contact: object
    kind: str


class _Tendency:
    """How active each customer is, in each month: a long tail, and six shapes over time."""

    def __init__(self, chance: Chance, world: World, months: int) -> None:
        number, sizes = chance.number, [len(own) for own in world.contacts_of]
        self._base = [(0.05 + number()) ** 2 * size**0.7 if size else 0.0 for size in sizes]
        self._shape = [chance.below(10) for _ in sizes]
        self._phase = [number() for _ in sizes]
        self._months = months

    def cumulated(self, month: int) -> list[float]:
        return list(accumulate(self._activity(place, month) for place in range(len(self._base))))

    def _activity(self, place: int, month: int) -> float:
        share = month / max(1, self._months - 1)
        return self._base[place] * self._factor(
            self._shape[place], self._phase[place], share, month
        )

    def _factor(self, shape: int, phase: float, share: float, month: int) -> float:
        if shape < 5:
            return 1.0
        if shape < 7:
            return 0.2 + 1.6 * share
        if shape < 9:
            return 1.8 - 1.6 * share
        if phase < 0.7:
            return 1.5 if share < phase else 0.0  # lapsed
        return 2.0 if int(month + phase * 12) % 6 < 2 else 0.2  # seasonal


class Attendance:
    """Iterate it once; `world` is there before the first row."""

    def __init__(self, chance: Chance, options: Options, world: World) -> None:
        self._chance, self._options, self._world = chance, options, world
        tendency = _Tendency(chance, world, options.months)
        self._by_month = [tendency.cumulated(month) for month in range(options.months)]
        self._counts = self._seats()
        self._known_names = {customer.base.lower() for customer in world.customers}

    def _seats(self) -> list[int]:
        """Rows per event; they add up to the rows asked for."""
        rows = self._options.rows
        pull = [words.DRAW[e.type] * (0.3 + self._chance.number()) for e in self._world.events]
        scale, reached, given = rows / sum(pull), 0.0, 0
        counts = []
        for weight in pull:
            reached += weight * scale
            counts.append(int(reached + 1e-9) - given)
            given += counts[-1]
        counts[-1] += rows - given
        return counts

    def __iter__(self) -> Iterator[Row]:
        if self._options.row_seed is not None:
            self._chance.reseed(self._options.row_seed)
        first_day = self._options.end - timedelta(days=self._options.days)
        for event, count in zip(self._world.events, self._counts, strict=True):
            month = min(self._options.months - 1, max(0, (event.start - first_day).days // 30))
            yield from self._rows(event, count, self._by_month[month])

    def _rows(self, event: Event, count: int, cumulated: list[float]) -> Iterator[Row]:
        recent: list[Row] = []
        for _ in range(count):
            again = self._again(event, recent)
            if again is not None:
                yield again
                continue
            row = self._first(event, cumulated)
            if len(recent) < RECENT:
                recent.append(row)
            else:
                recent[self._chance.below(RECENT)] = row
            yield row

    def _again(self, event: Event, recent: list[Row]) -> Row | None:
        """An exact copy or a re-join of a recent row; None when a new row is due."""
        draw, options = self._chance.number(), self._options
        if not recent or draw >= options.duplicates + options.rejoins:
            return None
        before = self._chance.pick(recent)
        if draw < options.duplicates:
            return Row(before.cells, (*before.truth[:3], "dup"), before.joined)
        number, minutes = self._chance.number, event.minutes
        late = timedelta(minutes=3 + int(number() * minutes * 0.6), seconds=int(number() * 60))
        joined = before.joined + late
        cells = [
            *before.cells[:5],
            mess.moment(self._chance, joined),
            self._chance.pick(words.ATTENDED),
            mess.duration(self._chance, 1 + int(number() * minutes * 0.4)),
            *[""] * 4,
        ]
        return Row(cells, (*before.truth[:3], "rejoin"), joined)

    def _first(self, event: Event, cumulated: list[float]) -> Row:
        chance, number = self._chance, self._chance.number
        place = min(len(cumulated) - 1, chance.place(cumulated))
        person = self._person(place)
        joined = event.start + timedelta(seconds=int(number() * number() * 1200))
        acts = self._acts(event.minutes)
        name = mess.event_name(chance, event.name)
        spellings = words.TYPE_SPELLINGS[event.type]
        kind = chance.pick(spellings) if number() < 0.3 else spellings[0]
        cells = [person.company, person.name, person.email, name, kind]
        cells += [mess.moment(chance, joined), *acts]
        return Row(cells, (person.customer, person.contact, event.number, person.kind), joined)

    def _person(self, place: int) -> _Person:
        chance, customer = self._chance, self._world.customers[place]
        draw, own = chance.number(), self._world.contacts_of[place]
        company = mess.company(chance, customer.base, customer.full)
        if draw < 0.86 and own:
            contact = self._world.contacts[chance.pick(own)]
            email = mess.email(chance, contact.email, contact.name)
            return _Person(company, contact.name, email, place + 1, contact.number, "contact")
        first, last = chance.pick(words.FIRST_NAMES), chance.pick(words.LAST_NAMES)
        name, local = f"{first} {last}", f"{plain(first)}.{plain(last).replace(chr(39), '')}"
        if draw < 0.92:
            email = mess.email(chance, f"{local}9@{customer.domain}", name)
            return _Person(company, name, email, place + 1, "", "colleague")
        if draw < 0.96:
            email = f"{local}{chance.below(90) + 10}@{chance.pick(words.FREE_MAIL)}"
            return _Person(company or customer.full, name, email, place + 1, "", "freemail")
        if draw < 0.97:
            return _Person(company or customer.full, name, "", place + 1, "", "noemail")
        return self._outsider(name, local)

    def _outsider(self, name: str, local: str) -> _Person:
        chance = self._chance
        start = chance.pick(words.NAME_STARTS) + chance.pick(words.NAME_STARTS).lower()
        base = start + " " + chance.pick(words.NAME_ENDS)
        if base.lower() in self._known_names:
            base += " Outside"
        company = base + (" " + chance.pick(words.LEGAL_FORMS) if chance.number() < 0.5 else "")
        return _Person(company, name, f"{local}@{letters(base)}.example", "", "", "outsider")

    def _acts(self, minutes: int) -> list[str]:
        """Status, duration, questions, polls, downloads, feedback."""
        chance, number = self._chance, self._chance.number
        draw = number()
        if draw >= 0.76:
            status = ""
            if draw < 0.98:
                status = chance.pick(words.NO_SHOW if draw < 0.94 else words.CANCELLED)
            return [status, "0" if number() < 0.3 else "", *[""] * 4]
        status = chance.pick(words.ATTENDED)
        stay = mess.duration(chance, 1 + int(minutes * (1 - (number() ** 3))))
        if number() < 0.25:
            questions = str(int(-1.0 + 1 / (0.12 + number())))
        else:
            questions = "0" if number() < 0.5 else ""
        polls = str(chance.below(5)) if number() < 0.5 else ""
        downloads = str(chance.below(4)) if number() < 0.3 else ""
        feedback = str(1 + int(5 * (1 - number() ** 2))) if number() < 0.2 else ""
        return [status, stay, questions, polls, downloads, feedback]
