"""`python -m bench.demo_story` rewrites services/demo/story/placement.csv."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import asdict, fields

import numpy as np

from bench.demo_story.search import PULL, TYPES, settle
from bench.demo_story.seats import RECORDS_BY_TYPE, SHOWS_ABSENCE, Record, beside, seats_of
from bench.demo_story.wishes import NAMED, Wish, wishes
from services.demo.calendar import PAST
from services.demo.story import FOLDER, table

SEED = 20
RECORDS, PEOPLE = 567, 234
ABSENT = 24
HALF, LATE = 10, 3.0


def placement() -> list[Record]:
    rng = random.Random(SEED)
    named = {wish.name for wish in NAMED}
    names = [n for n in table("customers")["name"] if n not in named]
    wanted = wishes(names, PEOPLE, rng)
    records: list[Record] = []
    for wish in wanted:
        if wish.events[1]:
            mask, share = settle(rng, wish, PULL)
            events = [int(place) + 1 for place in np.flatnonzero(mask)]
            records += seats_of(rng, wish, events, share)
    records += _absences(rng, wanted, records)
    records += _filling(rng, wanted, records)
    return sorted(records, key=lambda r: (r.event, r.customer, r.person))


def _absences(rng: random.Random, wanted: list[Wish], records: list[Record]) -> list[Record]:
    """Seats that stayed empty; whoever has no record yet is among them."""
    found: list[Record] = []
    taken = {(r.customer, r.event, r.person) for r in records}
    seen = {(r.customer, r.person) for r in records}
    due = [(w, p) for w in wanted for p in range(1, w.people + 1) if (w.name, p) not in seen]
    while len(due) < ABSENT:
        wish = rng.choice(wanted[1:])
        due.append((wish, rng.randint(1, wish.people)))
    for wish, person in due:
        free = [
            e.number
            for e in PAST
            if e.platform in SHOWS_ABSENCE
            and (wish.name, e.number, person) not in taken
            and (wish.started_days_ago is None or e.days_ago < wish.started_days_ago)
        ]
        number = max(free, key=lambda n: _missing(records + found, n) * rng.random())
        taken.add((wish.name, number, person))
        found.append(Record(wish.name, number, person, status="no_show"))
    return found


def _missing(records: list[Record], number: int) -> float:
    """How far the event is from its share of the records of its type."""
    kind = TYPES[number - 1]
    share = RECORDS_BY_TYPE[kind] / TYPES.count(kind)
    return max(0.5, share - sum(r.event == number for r in records))


def _filling(rng: random.Random, wanted: list[Wish], records: list[Record]) -> list[Record]:
    """Further colleagues at customers of no special trend, up to the number of records."""
    named = {wish.name for wish in NAMED}
    people = {wish.name: wish.people for wish in wanted}
    found: list[Record] = []
    missing = RECORDS - len(records)
    if missing < 0:
        raise SystemExit(f"{-missing} records too many: wish for fewer events or seats")
    first = [r for r in records if r.status == "attended" and r.customer not in named]
    while len(found) < missing:
        # The events fill up over the year, so that staying away from the last ones means something.
        beside_whom = max(
            rng.sample(first, 12),
            key=lambda r: _missing(records + found, r.event) * (LATE if r.event >= HALF else 1.0),
        )
        at = {r.person for r in records + found
              if (r.customer, r.event) == (beside_whom.customer, beside_whom.event)}  # fmt: skip
        free = [p for p in range(1, people[beside_whom.customer] + 1) if p not in at]
        if free:
            found.append(beside(beside_whom, rng.choice(free), rng))
    return found


def write(records: list[Record]) -> None:
    with (FOLDER / "placement.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, [f.name for f in fields(Record)], lineterminator="\n")
        out.writeheader()
        out.writerows(asdict(record) for record in records)


def main() -> None:
    records = placement()
    write(records)
    people = {(r.customer, r.person) for r in records}
    kinds = Counter(TYPES[r.event - 1] for r in records)
    print(f"{len(records)} records, {len(people)} people, {dict(kinds)}")


if __name__ == "__main__":
    main()
