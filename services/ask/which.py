"""Which event or campaign is meant: by its name, as one of a kind ("the webinar"), or the one spoken of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from services.ask.answers import Link
from services.ask.book import Desk, Happened, Mailing
from services.ask.dates import MONTHS
from services.ask.names import Match, Named, find, find_all
from services.ask.saying import Unclear, all_meant, answered, links, meant
from services.ask.words import told
from services.campaigns.report import KIND_WORDS
from services.errors import InvalidMove

TYPES = {
    "webinar": "webinar", "webinars": "webinar", "user group": "user_group", "meetup": "user_group",
    "conference": "conference", "summit": "conference", "training": "training", "workshop": "workshop",
    "roundtable": "roundtable", "event": "", "one": "", "it": "", "that": "", "this": "",
}  # fmt: skip
"""Words that can stand for an event without naming it; without a type for any."""
KINDS = {
    **{word.casefold(): kind for kind, word in KIND_WORDS.items() if kind != "other"},
    "campaign": "", "mailing": "", "it": "", "that": "", "this": "", "one": "",
}  # fmt: skip
"""As TYPES, for campaigns."""
_LAST = ("last", "latest", "past", "previous", "recent", "most recent", "newest")
_NEXT = ("next", "upcoming", "coming")
_WHEN = re.compile(rf"\b(?:(?:in|of) )?(20\d\d|{'|'.join(MONTHS)})\b")


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """A word of these with what may stand in front of it: "our last webinar"."""
    when = "|".join((*_LAST, *_NEXT))
    longest_first = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:the |our |that |this |my )?(?:({when}) )?({longest_first})s?")


def _kind_of(kinds: re.Pattern[str], typed: str) -> re.Match[str] | None:
    return kinds.fullmatch(told(typed).plain.strip())


_ANY_EVENT, _ANY_CAMPAIGN = _any_of([*TYPES]), _any_of([*KINDS])


def event(desk: Desk, typed: str, *, over: bool) -> Match:
    """The event that is meant. `the webinar` is the one spoken of, else the next (with `over` the last)
    of its type; `the last webinar` is over whatever is asked for. A name that fits a past and a coming one
    means the one that can be meant; one that fits a single other means that. `the 2027 summit` and `the summit in
    February` are of then."""
    found = _among(desk, desk.events, typed, over=over)
    if found.several or (found.one and not _of_another_time(found.one, typed)):
        return found
    return _of_then(desk, typed, over=over)


def _of_another_time(one: Named, typed: str) -> bool:
    """Whether a year or a month is named that is neither in its name nor when it is."""
    assert isinstance(one, Happened)
    name = told(one.name).plain
    when = [word for word in _WHEN.findall(told(typed).plain) if word not in name]
    return one.starts_at is not None and bool(when) and not _is_of(one.starts_at, when)


def _of_then(desk: Desk, typed: str, *, over: bool) -> Match:
    """What is meant without the year and the month, of the events of then. Where none is of then, or several, it is
    asked and not taken."""
    plain = told(typed).plain
    when, rest = _WHEN.findall(plain), " ".join(_WHEN.sub(" ", plain).split())
    if not when or not rest:
        return Match(typed)
    known = [one for one in desk.events if one.starts_at and _is_of(one.starts_at, when)]
    found = _among(desk, known, rest, over=over)
    if found.one:
        others = [one for one in known if one.id != found.one.id]
        second = _among(desk, others, rest, over=over).one
        return Match(typed, several=(found.one, second)) if second else Match(typed, found.one)
    near = found if found.several else _among(desk, desk.events, rest, over=over)
    return Match(typed, several=(near.one,) if near.one else near.several)


def _is_of(at: datetime, when: Sequence[str]) -> bool:
    """Whether each of these, a year or the name of a month, is that of `at`."""
    return all(word in (f"{at:%Y}", MONTHS[at.month - 1]) for word in when)


def _among(desk: Desk, known: Sequence[Happened], typed: str, *, over: bool) -> Match:
    """The one of these that is meant by its name or its kind."""
    any_one = _kind_of(_ANY_EVENT, typed)
    over = over or bool(any_one and any_one[1] in _LAST)
    fitting = [one for one in known if one.over == over]
    if any_one is None:
        found = find(typed, fitting)
        return found if found.one or found.several else Match(typed, find(typed, known).one)
    when, word = any_one.groups()
    # A summit is known by its name; a webinar that happens to be called so is only one of many.
    by_name = (
        find(typed, fitting).one if TYPES[word] not in ("", _typed(word)) and not when else None
    )
    wanted = [one for one in fitting if not TYPES[word] or one.type == TYPES[word]]
    if not wanted and TYPES[word]:
        wanted = [one for one in fitting if word.rstrip("s") in one.name.casefold()]
    spoken = next((one for one in wanted if one.id == desk.spoken_of.event_id), None)
    if spoken and (when is None or (over and when in _LAST)):
        return Match(typed, spoken)
    return Match(typed, by_name or _first(wanted, over=over))


def to_come(desk: Desk, typed: str, rephrase: Callable[[str], str]) -> list[Happened]:
    """One event, or each of several that are named, to which one can invite."""
    matches = [event(desk, typed, over=False)]
    if matches[0].one is None:
        parts = find_all(typed, desk.events, lambda piece: event(desk, piece, over=False))
        if any(one.one or _kind_of(_ANY_EVENT, one.typed) for one in parts):
            matches = parts
    for one in matches:
        if one.one is None and not one.several:
            _refuse(desk, one.typed)
    found = [one for one in all_meant(matches, "event", rephrase) if isinstance(one, Happened)]
    for one in found:
        if one.over:
            raise InvalidMove(f"{one.label} is over: nobody can be invited to it any more.")
    return found


def _refuse(desk: Desk, typed: str) -> None:
    """Say of a name that fits nothing to come what it fits of what was."""
    past = [one for one in desk.events if one.over]
    last = event(desk, typed, over=True).one
    near = (last,) if last else find(typed, past).several
    if not near:
        return
    named = ", ".join(one.label for one in near[:3])
    said = f"No event to come fits “{typed}”. {named}: over, so nobody can be invited any more."
    plan = links(Link("events", "Look among the events"), Link("plan_event", "Plan an event"))
    raise Unclear(answered(said, plan, tone="note"))


def held(desk: Desk, typed: str, rephrase: Callable[[str], str]) -> Happened:
    """An event that is over."""
    found = meant(event(desk, typed, over=True), "event", rephrase)
    assert isinstance(found, Happened)
    if not found.over:
        raise InvalidMove(f"{found.label} is not over yet.")
    return found


def either(desk: Desk, typed: str, rephrase: Callable[[str], str]) -> Happened:
    """An event to come, else one that is over."""
    found = event(desk, typed, over=False)
    if found.one is None and not found.several:
        found = event(desk, typed, over=True)
    one = meant(found, "event", rephrase)
    assert isinstance(one, Happened)
    return one


def one_of_events(typed: str) -> bool:
    """Whether it stands for an event without naming it: "the last webinar"."""
    any_one = _kind_of(_ANY_EVENT, typed)
    return bool(any_one and any_one[2] not in KINDS)


def campaign(desk: Desk, typed: str) -> Match:
    """The campaign that is meant. `the newsletter` is the one spoken of, else the last of its kind."""
    any_one = _kind_of(_ANY_CAMPAIGN, typed)
    if any_one is None:
        return find(typed, desk.campaigns)
    when, word = any_one.groups()
    fitting = [one for one in desk.campaigns if _of_kind(one, word)]
    spoken = [one for one in fitting if one.id == desk.spoken_of.campaign_id and when is None]
    found: Named | None = next(iter(spoken or fitting), None)
    return Match(typed, found)


def _of_kind(one: Mailing, word: str) -> bool:
    return not KINDS[word] or one.kind == KINDS[word] or word in one.name.casefold()


def _typed(word: str) -> str:
    return word.rstrip("s").replace(" ", "_")


def _first(some: list[Happened], *, over: bool) -> Happened | None:
    """The next to come, or the last that was."""
    choose: Callable[..., Happened] = max if over else min
    return choose(some, key=lambda one: (one.starts_at, one.id)) if some else None
