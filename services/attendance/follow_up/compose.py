"""A mail to one person about one event, from what they did there: each sentence with the fact it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.attendance.follow_up.records import (
    Deeds,
    Evidence,
    Guest,
    House,
    Match,
    Occasion,
    Part,
    Resource,
)
from services.attendance.follow_up.relevance import matches, terms, wanted
from services.ids import public_id
from services.plurals import plural

FOLDER = "attendance"
OTHER = "event"
MOST_TAKEAWAYS, MOST_RESOURCES, MOST_ASKED, MOST_SESSIONS = 4, 5, 5, 8
LONGEST_QUESTION = 300
ALIKE = 1 / 3
"""Share of the words that two titles of one session have in common at least."""
STAYED = (
    (0.9, "You were there from start to finish, {minutes}."),
    (0.6, "You were there for most of it, {minutes} of {of}."),
    (0.3, "You could be there for a part of it, {minutes} of {of}."),
    (0.0, "You could only look in briefly, for {minutes}."),
)
"""Share of the scheduled minutes from which a sentence is true."""


@dataclass(frozen=True)
class Composed:
    """The template with the values that fill it, and what each sentence rests on."""

    template: str
    values: dict[str, Any]
    evidence: tuple[Evidence, ...]


def template_for(event_type: str, segment: str | None, deeds: Deeds, known: Collection[str]) -> str:
    """The template for what happened: speakers, those who came and those who did not, by type of event.

    Where there is one whose name ends in the customer's segment (`webinar_enterprise`), it is taken.
    `known` are the keys of the catalogue.
    """
    if deeds.spoke:
        names = ["speaker"]
    elif deeds.came:
        names = [event_type, OTHER]
    else:
        names = [f"no_show_{event_type}", "no_show"]
    suffix = _slug(segment) if segment else ""
    for name in names:
        for key in (f"{FOLDER}/{name}_{suffix}", f"{FOLDER}/{name}"):
            if key in known:
                return key
    return f"{FOLDER}/{OTHER if deeds.came else 'no_show'}"


@lru_cache(maxsize=1_000)
def _slug(segment: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in segment.lower()).split())


class Composer:
    """Composes for one event; what is the same for all of a customer's people is worked out once."""

    def __init__(self, occasion: Occasion, known: Collection[str]) -> None:
        self._occasion = occasion
        self._known = known
        self._event = {"id": public_id("event", occasion.event_id)}
        self._themes = frozenset[str]().union(*map(terms, occasion.themes))
        self._offers: dict[int, tuple[str, Evidence]] = {}

    @property
    def event_id(self) -> int:
        return self._occasion.event_id

    def compose(self, guest: Guest, house: House) -> Composed:
        deeds, occasion = guest.deeds, self._occasion
        parts = self._attended(deeds)
        focus = wanted(house, deeds.asked) | self._themes_of(house)
        takeaways = _takeaways(parts, focus)
        resources = _resources(occasion.resources, parts, focus)
        offer, why = self._offer(house)
        on = deeds.on or occasion.held_on
        day = f"{on.day} {on:%B}"
        values = {
            "first_name": guest.first_name or "there",
            "event": occasion.name,
            "day": day,
            "stayed": _stayed(deeds, occasion),
            "deeds": _done(deeds, occasion),
            "sessions": list(deeds.sessions[:MOST_SESSIONS]),
            "questions": [_shortened(text) for text in deeds.asked[:MOST_ASKED]],
            "takeaways": [{"text": text, "session": part.title} for text, part in takeaways],
            "resources": [{"title": one.title, "url": one.url} for one in resources],
            "offer": offer,
            "customer": house.name,
            "sender_name": house.csm,
            "signature": house.signature,
        }
        evidence = (
            *self._evidence_of_deeds(deeds, day, values),
            *self._evidence_of_event(takeaways, resources),
            why,
        )
        template = template_for(occasion.type, house.segment, deeds, self._known)
        return Composed(template, values, evidence)

    def _attended(self, deeds: Deeds) -> Sequence[Part]:
        """The sessions this person was in, as far as the programme names them. All of them for no-shows, and
        where no platform told of anybody which they were in: then the mail speaks of the event, not of
        sessions of theirs."""
        occasion = self._occasion
        if deeds.sessions:
            named = {part_named(title, occasion.parts) for title in deeds.sessions}
            return [part for part in occasion.parts if part in named]
        return () if deeds.came and occasion.told_sessions else occasion.parts

    def _themes_of(self, house: House) -> frozenset[str]:
        return frozenset(word for match in matches(house, self._themes) for word in match.words)

    def _offer(self, house: House) -> tuple[str, Evidence]:
        if house.customer_id not in self._offers:
            self._offers[house.customer_id] = offer_for(house, matches(house, self._themes))
        return self._offers[house.customer_id]

    def _evidence_of_deeds(
        self, deeds: Deeds, day: str, values: dict[str, Any]
    ) -> Iterable[Evidence]:
        name = self._occasion.name
        yield self._said(
            f"{name}, {day}",
            "On record as attended." if deeds.came else "Registered, and not seen at the event.",
        )
        if values["stayed"]:
            whole, minutes = self._occasion.minutes, round(deeds.minutes or 0)
            of = (
                f"{minutes} of {plural(round(whole), 'minute')}"
                if whole
                else plural(minutes, "minute")
            )
            yield self._said(values["stayed"], f"{of}.")
        for line in values["deeds"]:
            yield self._said(line, "As the event's platform counted it.")
        if values["sessions"]:
            yield self._said(
                ", ".join(values["sessions"]), "The sessions on record for this person."
            )
        for text in values["questions"]:
            yield self._said(text, "Asked at the event, in these words.")

    def _evidence_of_event(
        self, takeaways: Sequence[tuple[str, Part]], resources: Sequence[Resource]
    ) -> Iterable[Evidence]:
        for text, part in takeaways:
            yield self._said(text, f"Takeaway of the session “{part.title}”.")
        for one in resources:
            yield self._said(one.title, f"Resource of the event: {one.url}")

    def _said(self, claim: str, fact: str) -> Evidence:
        return Evidence(claim, fact, "event", self._event)


def offer_for(house: House, found: Sequence[Match]) -> tuple[str, Evidence]:
    """An offer to talk about what of it applies, tied to what the customer is after where that is known."""
    query = {"id": public_id("customer", house.customer_id)}
    if found:
        best = found[0]
        said = {
            "goal": f"One of the goals of {house.name} is “{best.text}”: shall we take 20 minutes to see what of this helps with it?",
            "challenge": f"You named “{best.text}” as a challenge for {house.name}: shall we take 20 minutes to see what of this helps with it?",
            "interest": f"As {best.text} is a topic of yours: shall we take 20 minutes to see what of this fits {house.name}?",
        }[best.kind]
        words = ", ".join(best.words)
        fact = f"On record as {best.kind}: “{best.text}”. In common with the event: {words}."
        return said, Evidence(said, fact, "customer", query)
    if house.goals:
        said = f"If it is of use to {house.name} for “{house.goals[0]}”, I am glad to go through it with you: would 20 minutes suit?"
        fact = f"On record as goal: “{house.goals[0]}”. It shares no words with the event."
        return said, Evidence(said, fact, "customer", query)
    said = f"Shall we take 20 minutes to see what of this fits {house.name}?"
    fact = f"No goal of {house.name} is on record: add one, and the offer speaks of it."
    return said, Evidence(said, fact, "customer", query)


def _stayed(deeds: Deeds, occasion: Occasion) -> str:
    """With the minutes: two who stayed for other times have done different things."""
    if not deeds.came or not deeds.minutes:
        return ""
    minutes = plural(max(1, round(deeds.minutes)), "minute")
    if not occasion.minutes:
        return f"You were there for {minutes}."
    share = deeds.minutes / occasion.minutes
    words = next(words for least, words in STAYED if share >= least)
    return words.format(minutes=minutes, of=f"{occasion.minutes:.0f}")


def _done(deeds: Deeds, occasion: Occasion) -> list[str]:
    """What platforms counted, one sentence each; nothing about what nobody did."""
    asked = deeds.questions or 0
    found = [
        _course(deeds),
        f"You asked {plural(asked, 'question')}." if asked > len(deeds.asked) else "",
        _polls(deeds.polls or 0, occasion.polls_asked),
        f"You downloaded {plural(deeds.downloads, 'file')}." if deeds.downloads else "",
        "You left us your feedback, thank you for that too." if deeds.feedback else "",
    ]
    return [line for line in found if line]


def _course(deeds: Deeds) -> str:
    if deeds.passed:
        return "You completed and passed it: congratulations!"
    return "You completed it: congratulations!" if deeds.completed else ""


def _polls(answered: int, asked: int | None) -> str:
    if not answered:
        return ""
    if asked and asked >= answered:
        return f"You answered {answered} of {plural(asked, 'poll')}."
    return f"You answered {plural(answered, 'poll')}."


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUESTION else f"{text[: LONGEST_QUESTION - 1]}…"


def part_named(title: str, parts: Sequence[Part]) -> Part | None:
    """The session of the programme that a platform calls `title`, by its words: platforms shorten titles, or
    add a room or a speaker. None where several could be meant."""
    said = _words(title)
    exact = [part for part in parts if _words(part.title) == said]
    said = terms(title) or said
    near = [part for part in parts if _is_within(said, terms(part.title) or _words(part.title))]
    found = exact or near
    return found[0] if len(found) == 1 else None


def _is_within(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one says all that the other says, and not much more."""
    return (one <= other or other <= one) and len(one & other) >= ALIKE * len(one | other)


@lru_cache(maxsize=1_000)
def _words(title: str) -> frozenset[str]:
    return frozenset("".join(c if c.isalnum() else " " for c in title.casefold()).split())


def _takeaways(parts: Sequence[Part], focus: frozenset[str]) -> list[tuple[str, Part]]:
    """Those closest to what the person asked and the customer is after, in the order of the event."""
    every = [(text, part) for part in parts for text in part.takeaways]
    near = [
        len(focus & (terms(text) | terms(part.title).union(*map(terms, part.topics))))
        for text, part in every
    ]
    best = sorted(range(len(every)), key=lambda n: -near[n])[:MOST_TAKEAWAYS]
    return [every[n] for n in sorted(best)]


def _resources(
    every: Sequence[Resource], parts: Sequence[Part], focus: frozenset[str]
) -> list[Resource]:
    """Those of the whole event and of these sessions, the closest first."""
    mine = {part.id for part in parts}
    fitting = [one for one in every if one.session_id is None or one.session_id in mine]
    near = {
        id(one): len(focus & terms(one.title).union(*map(terms, one.topics))) for one in fitting
    }
    return sorted(fitting, key=lambda one: -near[id(one)])[:MOST_RESOURCES]
