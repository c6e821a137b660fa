"""Sessions, seat and offer for one person, each with why it is theirs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.invitations.catalogue.records import OfferPlan, SessionPlan
from services.invitations.inviting.records import Happening, House, Pick
from services.terms import about, shared, takes_up, terms

MOST_PICKS = 3
NEAR_KM = 300.0
_GOAL, _CHALLENGE, _INTEREST, _INDUSTRY, _TOPIC = 4.0, 3.5, 3.0, 2.0, 1.0


def picks(sessions: Sequence[SessionPlan], house: House) -> tuple[Pick, ...]:
    """The up to MOST_PICKS sessions that fit best, in the order of the programme.

    Where none has anything to do with the customer, the first ones, without a why.
    """
    found = [(_speaks(one, house), place, one) for place, one in enumerate(sessions)]
    best = sorted((one for one in found if one[0]), key=lambda one: (-_weight(one[0]), one[1]))
    chosen = best[:MOST_PICKS] or found[:MOST_PICKS]
    ordered = sorted(chosen, key=lambda one: one[1])
    return tuple(_pick(one, grounds) for grounds, _, one in ordered)


@dataclass(frozen=True, order=True)
class _Ground:
    """What speaks for a session: in words to the person, in words to the CSM, and the fact behind it."""

    weight: float
    why: str
    reason: str
    fact: str


def _pick(session: SessionPlan, grounds: Sequence[_Ground]) -> Pick:
    if not grounds:
        return Pick(session, "", "", "")
    best = max(grounds)
    return Pick(session, best.why, best.reason, best.fact)


def _weight(grounds: Sequence[_Ground]) -> float:
    return sum(one.weight for one in grounds)


def _speaks(session: SessionPlan, house: House) -> list[_Ground]:
    names = about((session.title, *session.topics))
    themes = names | terms(session.description or "")
    found: list[_Ground] = []
    for weight, texts, kind, why, reason in (
        (_GOAL, house.goals, "goal", "fits your goal “{}”", "fits their goal “{}”"),
        (
            _CHALLENGE, house.challenges, "challenge",
            "takes up “{}”, which you are working on", "takes up “{}”, which they are working on",
        ),
        (
            _INTEREST, house.interests, "interest",
            "is about {}, a topic of yours", "is about {}, a topic of theirs",
        ),
    ):  # fmt: skip
        for text in texts:
            if words := _common(text, kind, session, names, themes):
                common = ", ".join(words)
                fact = f"On record as {kind}: “{text}”. In common with the session: {common}."
                said = (why.format(text), reason.format(text), fact)
                found.append(_Ground(weight + 0.1 * len(words), *said))
    if house.industry and takes_up(house.industry, names, ()):
        fact = f"The customer's industry on record is {house.industry}."
        said = f"is for {house.industry} companies such as"
        found.append(_Ground(_INDUSTRY, f"{said} yours", f"{said} theirs", fact))
    for topic in session.topics:
        came = house.topics.get(" ".join(topic.casefold().split()), 0)
        if came:
            times = f"{came} of our events" if came > 1 else "one of our events"
            fact = f"Attendance on record: {came} on {topic}."
            said = f"goes on from {times} on {topic} that"
            weight = _TOPIC + 0.1 * came
            words_of = (f"{said} your team came to", f"{said} their team came to", fact)
            found.append(_Ground(weight, *words_of))
    return found


def _common(
    text: str, kind: str, session: SessionPlan, names: frozenset[str], themes: frozenset[str]
) -> tuple[str, ...]:
    """The words in common where they are enough to say that the session is about it: of a goal or challenge
    one in the title or a topic, or two anywhere; an interest has to be taken up whole."""
    words = shared(text, themes)
    if kind == "interest":
        return words if takes_up(text, names, session.topics) else ()
    return words if terms(text) & names or len(terms(text) & themes) > 1 else ()


def seat(event: Happening, house: House) -> tuple[str, str]:
    """`virtual` or `in_person`, and why, in words for the CSM."""
    if not event.in_person:
        return "virtual", "The event is online."
    if not event.virtual:
        return "in_person", "There are no virtual seats."
    if house.km is not None and house.city:
        away = f"{house.city} is {house.km:,.0f} km from {event.city}"
        if house.km <= NEAR_KM:
            return "in_person", f"{away}: near enough to come."
        return "virtual", f"{away}: a virtual seat is the better fit."
    return "virtual", "Where they are is not known, so a virtual seat is offered first."


def offer(event: Happening, house: House, today: date) -> OfferPlan | None:
    """The one that ends first, of those for this segment that are not over on `today`, the event's day."""
    open_ones = [
        one
        for one in event.offers
        if (not one.segments or house.segment in one.segments)
        and (one.deadline is None or one.deadline >= today)
    ]
    return min(
        open_ones, key=lambda one: (one.deadline is None, one.deadline or date.max), default=None
    )


def offer_words(one: OfferPlan | None) -> str:
    """`20% off for partners (code CS20), until 14 March. Also for colleagues.`"""
    if one is None:
        return ""
    code = f" (code {one.code})" if one.code else ""
    until = f", until {one.deadline.day} {one.deadline:%B}" if one.deadline else ""
    detail = f" {one.detail.rstrip('.')}." if one.detail else ""
    return f"{one.title.rstrip('.')}{code}{until}.{detail}"
