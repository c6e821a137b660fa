"""Whom nobody has spoken with for so long."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.access.day import usable_zone
from services.ask.answers import MOST_ROWS, Answer, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.counting import NUMBER, number
from services.ask.grammar import Intent
from services.ask.saying import answered, customer_link, day, links, of_all, table
from services.plurals import plural
from services.touches import unspoken

USUAL, FARTHEST = 30, 3_650
"""Days: where none are named, and the most."""
LINKED = 3
_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_SOME = {"couple": 2, "few": 3}
_SPAN = re.compile(
    rf"(?:(?P<count>{NUMBER}|an?|couple|few)(?: of)?[ -])?(?P<unit>{'|'.join(_DAYS)})s?\b"
)
_FILLED = re.compile(
    r"\b(?:in|for|within|over|during|since|lately|recently|yet|at all|ever|the|last|past|this|any ?more|now|so far|more than|"
    r"at least|about|a|an|or|so|long|time|while|by|us|me|anybody|anyone)\b"
)
"""What stands around a number of days without saying more."""
TOUCH = "A contact is a mail that left, a call or a meeting on record."


def untouched(desk: Desk, intent: Intent) -> Answer:
    """Those without any contact first, then those whose last one is longest ago."""
    days, besides = _days(intent.slots.get("span", ""))
    return of_all(besides).then(_listed(desk, days))


def _listed(desk: Desk, days: int) -> Answer:
    rows = unspoken(desk.session, desk.by, since=desk.now - timedelta(days=days), until=desk.now)
    page = Link("customers", "Open Customers")
    if not rows:
        said = f"There was a contact with each of your customers in the last {plural(days, 'day')}. {TOUCH}"
        return answered(said, links(page))
    shown = rows[:MOST_ROWS]
    zone = ZoneInfo(usable_zone(desk.zone))
    today = desk.now.astimezone(zone).date()
    told = []
    for one, last in shown:
        on = last.astimezone(zone).date() if last else None
        told.append((desk.names.get(one, ""), day(on) if on else "Never", (today - on).days if on else None))  # fmt: skip
    first = f" The first {len(shown)}:" if len(rows) > len(shown) else ""
    numbers = tuple(one for one, _ in shown)
    return Answer(
        (
            Text("Without contact", "heading"),
            Text(f"{plural(len(rows), 'customer')} without any in the last {plural(days, 'day')}. {TOUCH}{first}"),
            table(("Customer", "Last contact", "Days since"), told),
            links(*[customer_link(one, f"Open {desk.names.get(one, '')}") for one in numbers[:LINKED]], page),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def _days(span: str) -> tuple[int, str]:
    """Of “60 days”, “two months”, “a couple of weeks”, the usual where nothing is named; and what is said besides, such as
    the healthcare of “in 60 days in healthcare”."""
    plain = " ".join(span.casefold().split())
    found = _SPAN.search(plain)
    around = f"{plain[: found.start()]} {plain[found.end() :]}" if found else plain
    besides = " ".join(_FILLED.sub(" ", around).split()).strip(" ,.")
    if found is None:
        return USUAL, besides
    told = found["count"] or "a"
    count = _SOME.get(told) or number(told) or 1
    return min(max(count * _DAYS[found["unit"]], 1), FARTHEST), besides
