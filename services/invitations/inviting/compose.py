"""An invitation to one person: why, what was picked for them, and all they need to come. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.ids import public_id
from services.invitations.inviting import picks as picking
from services.invitations.inviting.records import Composed, Guest, Happening, House, Pick, claim
from services.terms import about, shared, takes_up

FOLDER = "invitations"
OTHER = "event"
_ALIKE = {"workshop": "training", "user_group": "roundtable"}
LONGEST_ABOUT = 160


def template_for(event_type: str, known: Collection[str]) -> str:
    """The template of the type, else that of one like it, else the one for all."""
    for name in (event_type, _ALIKE.get(event_type, OTHER)):
        if f"{FOLDER}/{name}" in known:
            return f"{FOLDER}/{name}"
    return f"{FOLDER}/{OTHER}"


def compose(
    event: Happening,
    house: House,
    guest: Guest,
    link: str,
    *,
    now: datetime,
    known: Collection[str],
) -> Composed:
    """Every sentence that says something about the customer has its line of evidence."""
    zone = _zone(event.zone)
    seat, seat_why = picking.seat(event, house)
    chosen = picking.picks(event.sessions, house)
    offer = picking.offer(event, house, now.astimezone(zone).date())
    because, facts = _because(event, house, plural=len(chosen) > 1)
    local = _local(event, guest, seat)
    values: dict[str, Any] = {
        "first_name": guest.first_name,
        "customer": house.name,
        "event": event.name,
        "when": event.when,
        "local": local,
        "where": _where(event, seat),
        "because": because,
        "about": event.description,
        "picked": any(one.why for one in chosen),
        "sessions": [_session(one, zone, several=_several_days(event, zone)) for one in chosen],
        "offer": picking.offer_words(offer),
        "answer_url": link,
        "sender_name": guest.sender,
        "signature": guest.signature,
    }
    return Composed(
        template_for(event.type, known), values,
        tuple(_evidence(event, house, values, facts, (seat_why, chosen))),
        seat, seat_why, chosen, offer, because,
    )  # fmt: skip


def _evidence(
    event: Happening,
    house: House,
    values: dict[str, Any],
    facts: list[str],
    picked: tuple[str, tuple[Pick, ...]],
) -> Iterable[dict[str, Any]]:
    of_event = {"id": public_id("event", event.event_id)}
    of_customer = {"id": public_id("customer", house.customer_id)}
    seat_why, chosen = picked
    if values["because"]:
        yield claim(values["because"], " ".join(facts), "customer", of_customer)
    for said, one in zip(values["sessions"], chosen, strict=True):
        if one.why:
            yield claim(f"{one.session.title}: {said['why']}", one.fact, "customer", of_customer)
    yield claim(
        f"{values['when']}, {values['where']}", "As the event is planned.", "event", of_event
    )
    yield claim(values["where"], seat_why, "customer", of_customer)
    if values["offer"]:
        yield claim(values["offer"], "As the event's offers are entered.", "event", of_event)


def _because(event: Happening, house: House, *, plural: bool) -> tuple[str, list[str]]:
    """Why this customer, in one sentence to them, with the facts; empty where nothing is known."""
    inner = [w for one in event.sessions for w in (one.title, *one.topics)]
    themes = about((event.name, event.topic or "", *inner))
    goal, goal_fact = _closest(house.goals, themes, "goal")
    challenge, challenge_fact = _closest(house.challenges, themes, "challenge")
    topics = [t for t in (event.topic, *(t for one in event.sessions for t in one.topics)) if t]
    liked = [one for one in house.interests if takes_up(one, themes, topics)]
    interest, interest_fact = _closest(liked, themes, "interest")
    facts = [fact for fact in (goal_fact or challenge_fact, interest_fact) if fact]
    what = "several of the sessions are worth your time" if plural else "it is worth your time"
    focus = (
        f"your focus on “{goal}”"
        if goal
        else f"that you work on “{challenge}”"
        if challenge
        else ""
    )
    if focus and interest:
        return f"Given {focus} and your interest in {interest}, I think {what}.", facts
    if focus:
        return f"Given {focus}, I think {what}.", facts
    if interest:
        return f"As {interest} is a topic of yours, I think {what}.", facts
    if house.topics:
        topic, came = max(house.topics.items(), key=lambda one: one[1])
        times = f"{came} of our events" if came > 1 else "one of our events"
        fact = f"Attendance on record: {came} on {topic}."
        return f"Your team came to {times} on {topic}, so I think {what}.", [fact]
    return "", []


def _closest(texts: Collection[str], themes: frozenset[str], kind: str) -> tuple[str, str]:
    found = [(len(words), text, words) for text in texts if (words := shared(text, themes))]
    if not found:
        return "", ""
    _, text, words = max(found, key=lambda one: one[0])
    return text, f"On record as {kind}: “{text}”. In common with the event: {', '.join(words)}."


def _several_days(event: Happening, zone: ZoneInfo) -> bool:
    first = event.starts_at.astimezone(zone).date()
    known = (one.starts_at for one in event.sessions if one.starts_at is not None)
    return any(at.astimezone(zone).date() != first for at in known)


def _session(one: Pick, zone: ZoneInfo, *, several: bool) -> dict[str, str]:
    """In the event's zone, which is named: the reader may be in another; with the day where it goes over
    several."""
    planned, said = one.session, ""
    if planned.starts_at is not None:
        at = planned.starts_at.astimezone(zone)
        day = f"{at:%A} {at.day} {at:%B}, " if several else ""
        said = f"{day}{at:%H:%M} ({zone.key})"
    return {
        "title": planned.title,
        "when": said,
        "speaker": planned.speaker or "",
        "about": _short(planned.description or ""),
        "why": one.why,
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_ABOUT else f"{text[: LONGEST_ABOUT - 1].rstrip()}…"


def _where(event: Happening, seat: str) -> str:
    if not event.in_person:
        return "Online, from your desk"
    if seat == "virtual":
        return f"{event.where} (full virtual access)"
    return event.where


def _local(event: Happening, guest: Guest, seat: str) -> str:
    """What time that is where the person is, for those who attend from there; empty where it is the same."""
    if seat != "virtual" or not guest.zone:
        return ""
    here, there = (
        event.starts_at.astimezone(_zone(guest.zone)),
        event.starts_at.astimezone(_zone(event.zone)),
    )
    if here.utcoffset() == there.utcoffset():
        return ""
    return f"It begins on {here:%A} {here.day} {here:%B} at {here:%H:%M} your time ({guest.zone})"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
