"""From the events a customer attends to the single records: who, how long, what they did."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.demo_story.search import PLATFORMS, SPOKEN_AT, TIMED
from bench.demo_story.wishes import Wish
from services.demo.calendar import PAST

SHOWS_ABSENCE = {"zoom_2025", "zoom_2026", "goto", "ringcentral", "eventbrite", "moodle", "sheet"}
RECORDS_BY_TYPE = {"webinar": 288, "user_group": 134, "training": 83, "conference": 62}
SPREAD = 0.02
BELOW = 0.06
FIRST_HALF = 9


@dataclass
class Record:
    """A seat taken, or kept for somebody who did not come. Counts the platform leaves out are None."""

    customer: str
    event: int
    person: int
    status: str = "attended"
    minutes: int | None = None
    questions: int | None = None
    polls: int | None = None
    downloads: int | None = None
    feedback: int | None = None
    role: str = "attendee"


def seats_of(rng: random.Random, wish: Wish, events: list[int], share: float) -> list[Record]:
    """One seat per event attended, and the further ones the story asks for. `events` are numbers."""
    timed = [number for number in events if PLATFORMS[number - 1] in TIMED]
    deepest = rng.sample(timed, min(3, len(timed)))
    jitter = dict(zip(deepest, (SPREAD, 0.0, -SPREAD), strict=False))
    if len(deepest) < 3:
        jitter = dict.fromkeys(deepest, 0.0)
    people = _rota(rng, wish, events)
    records = []
    for number, person in zip(events, people, strict=True):
        if number in jitter:
            stay = min(share + jitter[number], 0.995)
        else:
            stay = max(0.2, share - BELOW - rng.random() * 0.3)
        # Where three events or fewer are attended, every count would add to the depth.
        records.append(_seat(wish, number, person, stay, share if len(events) > 3 else 0.0))
    return records + _further(rng, wish, records)


def _rota(rng: random.Random, wish: Wish, events: list[int]) -> list[int]:
    """Who goes: everybody once if there are events enough, and the first person most often."""
    count = len(events)
    once = list(range(1, wish.people + 1))[:count]
    more = [rng.choice([1, 1, *range(1, wish.people + 1)]) for _ in range(count - len(once))]
    people = once + more
    rng.shuffle(people)
    if wish.speaks:
        place, here = events.index(SPOKEN_AT), people.index(1)
        people[place], people[here] = people[here], people[place]
    return people


def _seat(wish: Wish, number: int, person: int, stay: float, share: float) -> Record:
    """The numbers are kept below the customer's three deepest events where they could count."""
    event = PAST[number - 1]
    record = Record(wish.name, number, person)
    if event.platform in TIMED or event.platform == "webex":
        record.minutes = round(stay * event.minutes)
    elif event.platform == "ringcentral":
        record.minutes = round(stay * 300)
        record.questions = _most_questions(lambda q: 1 - 0.5**q, share, wish)
        record.polls = record.questions + 1
    elif event.platform == "sheet":
        speaks = wish.speaks and number == SPOKEN_AT
        record.role = "speaker" if speaks else "attendee"
        record.minutes = event.minutes if speaks else round(stay * event.minutes)
        record.questions = 0
        record.feedback = 4 + person % 2 if share > 0.6 else None
        record.questions = _most_questions(lambda q: _sheet_depth(record, q), share, wish)
        record.polls, record.downloads = min(3, record.questions + 1), person % 2
    return record


def _most_questions(depth: Callable[[int], float], share: float, wish: Wish) -> int:
    most = 3 if wish.asks else 1
    return max((q for q in range(most + 1) if depth(q) <= share - 0.03), default=0)


def _sheet_depth(record: Record, questions: int) -> float:
    stayed = 0.4 * (record.minutes or 0) / PAST[record.event - 1].minutes
    given = 0.1 if record.feedback else 0.0
    return (stayed + 0.25 * (1 - 0.5**questions) + 0.05 + given) / (0.75 + given)


def _further(rng: random.Random, wish: Wish, records: list[Record]) -> list[Record]:
    """Colleagues beside the first, who stay a little shorter; those not seen yet go first."""
    main = {record.event: record for record in records}
    seen = [record.person for record in records]
    found = []
    early = [number for number in main if number <= FIRST_HALF]
    for number in main:
        count = wish.seats.get(number, 0)
        if wish.early_seats and number in early:
            place = early.index(number)
            count = (wish.early_seats - place + len(early) - 1) // len(early) - 1
        others = [p for p in range(1, wish.people + 1) if p != main[number].person]
        rng.shuffle(others)
        others.sort(key=seen.count)
        for person in others[:count]:
            seen.append(person)
            found.append(beside(main[number], person, rng))
    return found


def beside(first: Record, person: int, rng: random.Random) -> Record:
    """A colleague's seat, less deep than the first one."""
    record = Record(first.customer, first.event, person)
    if first.minutes is not None:
        record.minutes = max(5, first.minutes - rng.randint(2, 25))
    if PLATFORMS[first.event - 1] in {"ringcentral", "sheet"}:
        record.questions, record.polls = 0, rng.randint(0, 1)
    if PLATFORMS[first.event - 1] == "sheet":
        record.downloads, record.minutes = 0, min(record.minutes or 0, 60)
    return record
