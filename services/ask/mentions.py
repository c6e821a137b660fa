"""What names alone can mean: a customer is shown, and of a sentence that was not understood what it speaks of."""

from __future__ import annotations

import re

from services.ask.answers import Answer, Choice, Choices, Text
from services.ask.book import Desk
from services.ask.handlers.insight import about, contact
from services.ask.names import Named, compared, find, mentioned
from services.ask.orders import leaders
from services.ask.saying import Unclear, meant

MOST = 5
_SIGNS = " \t\r\n.,;:!?"
_WHO_IS = re.compile(r"^(?:and )?who(?: is|['’]?s) ", re.IGNORECASE)
_CODE = re.compile(r"#?\b[A-Za-z]{1,6}-?\d[\d-]*\b|#\d+")


def named(desk: Desk, said: str) -> Answer | None:
    """Of the one customer that is all of it the picture; of several that begin so the question which. None where
    it is no name."""
    match = find(said.strip(_SIGNS), desk.customers)
    if match.one is None and not all(_begins(said, one) for one in match.several):
        return None
    if match.one is None and not match.several:
        return None
    try:
        one = meant(match, "customer", lambda key: f"Show customer {key}")
    except Unclear as unclear:
        return unclear.answer
    return about(desk, one.key, lambda key: f"Show customer {key}", leaders(desk))


def person(desk: Desk, said: str) -> Answer | None:
    """Of a contact's name, or who that is, whose contact it is; None where nobody is called so."""
    return contact(desk, _WHO_IS.sub("", said.strip(_SIGNS)))


def _begins(said: str, one: Named) -> bool:
    """Whether a word of the name begins so."""
    asked = compared(said)
    return bool(asked) and f" {asked}" in f" {compared(one.name)}"


def spoken_of(desk: Desk, said: str, *, only_look: bool) -> Answer | None:
    """What can be done about the customers, or the ticket, that a sentence names; None where it names none."""
    if ticket := _CODE.search(said):
        number = ticket[0].strip("#")
        if any(row.number.casefold() == number.casefold() for row in desk.tickets(search=number)):
            shown = (Choice(f"Show ticket {number}", f"Show ticket {number}"),)
            acts = () if only_look else (Choice(f"Follow up on {number}", f"Follow up on ticket {number}"),)  # fmt: skip
            return Answer((Text(f"About ticket {number} I can:"), Choices((*shown, *acts))))
    those = mentioned(said, desk.customers)[:MOST]
    if not those:
        return None
    names, keys = ", ".join(one.label for one in those), ", ".join(one.key for one in those)
    choices = [
        Choice(f"Show {names}", f"Show customers {keys}"),
        Choice(f"Tickets of {names}", f"Show tickets of {keys}"),
    ]
    if not only_look:
        choices += [
            Choice(f"Invite {names} to the next event", f"Invite {keys} to the next event"),
            Choice("Follow up on their last resolved ticket", f"Follow up with {keys} on their ticket"),
            Choice(f"Re-engage {names}", f"Re-engage {keys}"),
        ]  # fmt: skip
    return Answer(
        (Text(f"About {names} I can:"), Choices(tuple(choices))),
        customers=tuple(one.id for one in those),
    )
