"""Whom a command is about: customers by name, "them", or "the top three" of what the command has to offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from services.ask import orders
from services.ask.answers import Answer, Choice, Choices, Text
from services.ask.book import Desk
from services.ask.counting import count as counted
from services.ask.counting import top
from services.ask.names import find_all
from services.ask.orders import Order
from services.ask.saying import Unclear, all_meant, answered, those_meant

THEM = frozenset([
    "them", "these", "those", "both", "both of them", "all", "all of them", "everyone", "everybody",
    "these customers", "those customers", "them all",
])  # fmt: skip
"""The customers of the last answer."""
EVERY = re.compile(
    r"(?:all|every|each)(?: of)?(?: (?:my|our|the))? (?:customers?|accounts?|clients?)"
)
_LEFT_OUT = re.compile(
    r"(?:\S,? (?=(?:(?:but|and) not|except|excluding|apart from|other than) )|"
    r"\b(?:all|every\w*|each|top)\b.* (?=(?:but|without|minus) ))(?P<whom>.+)",
    re.IGNORECASE,
)
OF_THEM = (" of them", " of these", " of those")


@dataclass(frozen=True)
class Chosen:
    """`ids` of customers, the best first; `notes` say so where they are fewer than were asked for. `unknown`: what
    is said of names that are not known, or could mean several."""

    ids: tuple[int, ...]
    notes: tuple[Text, ...] = ()
    unknown: Answer = field(default_factory=lambda: Answer(()))


def choose(
    desk: Desk, typed: str, rephrase: Callable[[str], str], order: Order, *, looking: bool = False
) -> Chosen:
    """Those that are meant. Unclear asks back, or says that nobody was spoken of. `looking`: nothing is done about
    them, so of a list of names those that are known are taken without the others."""
    if left_out := _LEFT_OUT.search(typed):
        said = (
            f"I cannot leave anybody out of a list: “{left_out['whom']}”. Name only those you mean."
        )
        raise Unclear(answered(said, tone="note"))
    count = top(typed)
    of_them = count is not None and typed.casefold().endswith(OF_THEM)
    if of_them or typed.casefold() in THEM:
        spoken = desk.spoken_of.customers
        if not spoken:
            raise Unclear(answered("Whom? Name the customers, such as “TechCorp and DataFlow”."))
        return cut(len(spoken), spoken, order) if count is None else Chosen(spoken[:count])
    if EVERY.fullmatch(typed.casefold()):
        return _everybody(desk, rephrase, order)
    if count is None and (group := orders.group(desk, typed)):
        return _of_group(*group, order)
    if count is None:
        return _named(desk, typed, rephrase, order, looking=looking)
    return cut(count, order.best(min(count, order.most)), order)


def _named(
    desk: Desk, typed: str, rephrase: Callable[[str], str], order: Order, *, looking: bool
) -> Chosen:
    matches, others = find_all(typed, desk.customers), Answer(())
    if looking:
        found, others = those_meant(matches, "customer", rephrase)
    else:
        found = all_meant(matches, "customer", rephrase)
    return replace(cut(len(found), [one.id for one in found], order), unknown=others)


def _everybody(desk: Desk, rephrase: Callable[[str], str], order: Order) -> Chosen:
    if len(desk.customers) <= order.most:
        return Chosen(tuple(one.id for one in desk.customers))
    most = f"the top {order.most}"
    said = f"At most {order.most} customers are taken at once. Name them, or take the first."
    raise Unclear(answered(said, Choices((Choice(f"Take {most}", rephrase(most)),)), tone="note"))


def _of_group(such: Order, asked: str, order: Order) -> Chosen:
    """Of those who have something in common, as many as the command takes."""
    count = counted(asked)
    found = such.best(order.most if count is None else min(count, order.most))
    if not found:
        raise Unclear(answered(f"No customer of yours is {such.such}.", tone="note"))
    return cut(count or len(found), found, Order(such.best, such.such, order.most))


def cut(asked: int, found: Sequence[int], order: Order) -> Chosen:
    """The first of them, with what to say about a number that is not kept."""
    taken = tuple(found[: order.most])
    if asked > order.most and len(taken) == order.most:
        said = (
            f"These are the first {order.most} of {asked:,}: more are not taken at once. "
            "Name the others in a second command."
        )
    elif 0 < len(taken) < asked:
        only = "one is" if len(taken) == 1 else f"{len(taken)} are"
        said = f"You asked for {asked:,}: only {only} {order.such}."
    else:
        return Chosen(taken)
    return Chosen(taken, (Text(said, "note"),))
