"""How answers are worded, and asking back where a name could mean several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.ask.answers import (
    MOST_ROWS,
    Answer,
    Block,
    Choice,
    Choices,
    DraftShown,
    Link,
    Links,
    SpokenOf,
    Table,
    Text,
)
from services.ask.names import Match, Named
from services.ids import public_id


class Unclear(Exception):
    """Nothing was done yet: the answer asks back, or says what is not known."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("unclear")
        self.answer = answer


MOST_MAILS = 10
"""Shown in one answer."""
WHERE = {
    "customer": ("customers", "Look among your customers"),
    "event": ("events", "Look among the events"),
    "campaign": ("campaigns", "Look among the campaigns"),
    "ticket": ("tickets", "Look among the tickets"),
}

_DRAFTS, _RISK = Link("drafts", "Open Drafts"), Link("risk", "Open Risk")
_EVENTS, _INVITATIONS = Link("events", "Open Events"), Link("invitations", "Open Invitations")
_TICKETS, _TODAY = Link("tickets", "Open Tickets"), Link("today", "Open Today")
_ADVOCACY, _CAMPAIGNS = Link("advocacy", "Open Advocacy"), Link("campaigns", "Open Campaigns")
PAGES = {
    "send": _DRAFTS,
    "waiting": _DRAFTS,
    "sent": _DRAFTS,
    "edit": _DRAFTS,
    "undo": _DRAFTS,
    "create_advocacy": _ADVOCACY,
    "candidates": _ADVOCACY,
    "detect": _RISK,
    "declining": _RISK,
    "reengage": _RISK,
    "why": _RISK,
    "ticket": _TICKETS,
    "one_ticket": _TICKETS,
    "tickets": _TICKETS,
    "whom": _INVITATIONS,
    "invited": _INVITATIONS,
    "invite": _INVITATIONS,
    "attendees": _EVENTS,
    "missed": _EVENTS,
    "event_follow_up": _EVENTS,
    "coming": _EVENTS,
    "campaign": _CAMPAIGNS,
    "engaged": _CAMPAIGNS,
    "customer": Link("customers", "Open Customers"),
    "untouched": Link("customers", "Open Customers"),
    "remind": _TODAY,
    "today": _TODAY,
    "file": Link("upload", "Open Upload"),
}
"""By the kind of a command, where the same is done by hand."""


def meant(match: Match, noun: str, rephrase: Callable[[str], str]) -> Named:
    """The one that is meant; Unclear asks which, by buttons that say the whole command with its id."""
    if match.one is not None:
        return match.one
    screen, label = WHERE[noun]
    links = Links((Link(screen, label),))
    if not match.several:
        asked = f"“{match.typed}”" if match.typed else f"that {noun}"
        said = f"I know no {noun} called {asked} that you can see. Check the name, or look it up."
        raise Unclear(Answer((Text(said, "note"), links)))
    choices = tuple(Choice(one.label, rephrase(one.key)) for one in match.several)
    question = f"Which {noun} do you mean by “{match.typed}”?"
    if len(choices) == 1:
        question = f"I know no {noun} called “{match.typed}”. Did you mean this one?"
    elif match.more:
        question += f" There are {match.more:,} more: say more of the name for one of those."
    named = tuple(one.id for one in match.several) if noun == "customer" else ()
    raise Unclear(Answer((Choices(choices, question), links), customers=named))


def all_meant(matches: Sequence[Match], noun: str, rephrase: Callable[[str], str]) -> list[Named]:
    """As `meant` for a list; the first that is unclear is asked about, and those that are clear are offered alone."""
    found = _known(matches)
    for place, one in enumerate(matches):
        if one.one is None:
            try:
                meant(one, noun, _again(matches, place, rephrase))
            except Unclear as unclear:
                raise Unclear(unclear.answer.then(_alone(found, rephrase))) from None
    return found


def those_meant(
    matches: Sequence[Match], noun: str, rephrase: Callable[[str], str]
) -> tuple[list[Named], Answer]:
    """Of a list that is only looked at those that are clear, and what is said of the others. Unclear where none is."""
    found, others = _known(matches), Answer(())
    if not found:
        return all_meant(matches, noun, rephrase), others
    for place, one in enumerate(matches):
        if one.one is None:
            try:
                meant(one, noun, _again(matches, place, rephrase))
            except Unclear as unclear:
                new = [block for block in unclear.answer.blocks if block not in others.blocks]
                others = others.then(replace(unclear.answer, blocks=tuple(new)))
    return found, others


def _known(matches: Sequence[Match]) -> list[Named]:
    return list({one.one.id: one.one for one in matches if one.one}.values())


def _again(
    matches: Sequence[Match], place: int, rephrase: Callable[[str], str]
) -> Callable[[str], str]:
    """The whole command with another name at this place."""
    keys = [one.one.key if one.one else one.typed for one in matches]
    return lambda key: rephrase(", ".join([*keys[:place], key, *keys[place + 1 :]]))


def _alone(found: Sequence[Named], rephrase: Callable[[str], str]) -> Answer:
    if not found:
        return Answer(())
    names, keys = ", ".join(one.label for one in found), ", ".join(one.key for one in found)
    return Answer((Choices((Choice(f"Only {names}", rephrase(keys)),), "Or go on without it?"),))


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    shown = [tuple(_cell(cell) for cell in row) for row in rows][:MOST_ROWS]
    return Table(tuple(heads), tuple(shown))


def mails(drafts: Sequence[int], most: int = MOST_MAILS) -> tuple[Block, ...]:
    """The first of them to read, and where the others are."""
    shown = tuple(DraftShown(number) for number in drafts[:most])
    if len(drafts) <= most:
        return shown
    more = len(drafts) - most
    others = "one is" if more == 1 else f"{more:,} are"
    said = f"The first {most} mails are here, the other {others} on the Drafts page."
    return Text(said), *shown


def links(*some: Link) -> Links:
    return Links(some)


def links_of(kind: str) -> tuple[Links, ...]:
    """The page on which a command that was refused can be done by hand."""
    found = PAGES.get(kind)
    return (links(found),) if found else ()


def customer_link(number: int, name: str) -> Link:
    return Link("customer", name, {"id": public_id("customer", number)})


def answered(words: str, *blocks: Any, tone: Any = "plain", **more: Any) -> Answer:
    return Answer((Text(words, tone), *blocks), **more)


def joined(answers: Sequence[Answer]) -> Answer:
    """One after the other."""
    whole = answers[0]
    for one in answers[1:]:
        whole = whole.then(one)
    return whole


def together(answers: Sequence[Answer]) -> Answer:
    """As `joined`, of several that came of one command: whatever is said next can mean any of them."""
    spoken = [one.spoken_of for one in answers]
    customers = dict.fromkeys(number for one in spoken for number in one.customers)
    drafts = dict.fromkeys(number for one in spoken for number in one.drafts)
    every = SpokenOf(customers=tuple(customers), drafts=tuple(drafts))
    return joined(answers).then(Answer((), spoken_of=every))


def day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else "–"


def moment(value: datetime | None, zone: str) -> str:
    if value is None:
        return "–"
    local = _local(value, zone)
    return f"{day(local.date())}, {local:%H:%M %Z}"


def day_of(value: datetime, zone: str) -> str:
    """The day of a moment, in the zone named."""
    return day(_local(value, zone).date())


def _local(value: datetime, zone: str) -> datetime:
    try:
        return value.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return value.astimezone(UTC)


def money(amount: float | None, currency: str | None = "USD") -> str:
    return "–" if amount is None else f"{amount:,.0f} {currency or ''}".strip()


def _cell(value: Any) -> Any:
    if isinstance(value, date):
        return day(value)
    return value if isinstance(value, int | float | str) or value is None else str(value)


def of_all(rest: str) -> Answer:
    """That a list is not narrowed as was asked, such as “in Germany”; nothing where no more was asked."""
    told = f"This is of all customers you see: I cannot narrow it to what is “{rest}”. Its page has filters."
    return Answer((Text(told, "note"),) if rest else ())
