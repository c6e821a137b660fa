"""Reminders, for the day that is named."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services import tasks
from services.access.day import zone_of
from services.ask.answers import Answer, Choice, Choices, Link, Text
from services.ask.book import Desk
from services.ask.counting import NUMBER
from services.ask.dates import WEEKDAYS, Named, find_day
from services.ask.grammar import Intent
from services.ask.names import mentioned
from services.ask.saying import Unclear, answered, customer_link, day, links, moment
from services.plurals import plural
from services.tasks import NewTask

USUAL, FARTHEST = 7, 3_660
"""Days: when none is named, and the most."""
PAGE = Link("today", "Open Today")
NO_DAY = Text("No day was named; for another say “… on Friday” or “… in 3 days”.")
WHAT = "Nothing was set yet. Say what of, and when, such as “Remind me to call TechCorp on Friday”."
_NOTHING = re.compile(
    r"[\W_]*(?:(?:of|about|to do) )?(?:nothing|none|no|never ?mind|-)[\W_]*", re.IGNORECASE
)
_PAST = (
    rf"(?P<past>(?:the )?(?:day before )?yesterday(?: (?:morning|afternoon|evening))?|last (?:night|week|month|quarter|year|{'|'.join(WEEKDAYS)})"
    rf"|(?:{NUMBER}|an?|a couple of|a few) (?:minutes?|hours?|days?|weeks?|months?|years?) ago)(?!['’\w]| of\b)"
)
_ABOUT = "about|from|of|since|for|after|before|during|said|was|were|did|had|got|came|sent|made"
_PAST_FIRST = re.compile(rf"(?:on |at )?{_PAST}(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PAST_LAST = re.compile(rf"(?P<rest>.+?)(?<!\w)(?:on )?{_PAST}[\s.!?]*", re.IGNORECASE | re.DOTALL)
_SPOKEN_ABOUT = re.compile(
    rf"\b(?:{_ABOUT}|\w+ed)(?: (?:it|them|us|me|we|the))?\s*$", re.IGNORECASE
)
"""In front of a past day that is no day to be reminded on."""
_NO_HOUR = re.compile(
    r"\bat (?P<hour>(?:2[4-9]|[3-9]\d):\d\d|\d{1,2}:[6-9]\d)(?![\d:])", re.IGNORECASE
)
_LED = re.compile(r"(?:(?:please|to|about|that|for|of|me|at)(?:[ ,:]+|$))+", re.IGNORECASE)


def remind(desk: Desk, intent: Intent) -> Answer:
    said = f"{intent.slots.get('when', '')} {intent.slots.get('what', '')}".strip()
    if not said:
        raise Unclear(answered(WHAT, links(PAGE), tone="note"))
    if _NOTHING.fullmatch(said):
        raise Unclear(answered("No reminder was set.", links(PAGE), tone="note"))
    zone = zone_of(desk.session, desk.by.person_id)
    today = desk.now.astimezone(ZoneInfo(zone)).date()
    _refuse_past(said, today)
    named = find_day(said, today)
    title = _title(named.rest if named else said)
    _refuse_no_hour(said)
    on = _day(named, title, today) if named else today + timedelta(days=USUAL)
    exact = _moment(named, on, desk.now, ZoneInfo(zone)) if named else None
    due = exact or datetime.combine(on, time(), UTC)
    on = exact.astimezone(ZoneInfo(zone)).date() if exact else on
    customer = _about(desk, title)
    new = NewTask("", title, due, desk.by.person_id, customer, whole_day=exact is None)
    made = tasks.add_own(desk.session, new, by=desk.by, now=desk.now)
    when = f"{on:%A}, {moment(due, zone) if exact else day(on)}, {_ahead((on - today).days)}"
    of, page = "", [PAGE]
    if customer:
        of = f" It is about {desk.names[customer]}."
        page.append(customer_link(customer, desk.names[customer]))
    return answered(
        f"Reminder set for {when}: {title}.{of}", *(() if named else (NO_DAY,)), links(*page), tone="good",
        customers=(customer,) if customer else (), deeds=(("task", made),),
    )  # fmt: skip


def _refuse_no_hour(said: str) -> None:
    if found := _NO_HOUR.search(said):
        told = f"There is no such time as {found['hour']}. Name one from 0:00 to 23:59."
        raise Unclear(answered(told, tone="note"))


def _refuse_past(said: str, today: date) -> None:
    """Unclear of a day that is over, where it stands first or last and is none that is spoken about."""
    found = _PAST_FIRST.fullmatch(said) or _PAST_LAST.fullmatch(said)
    if found is None or find_day(found["rest"], today) or _SPOKEN_ABOUT.search(found["rest"]):
        return
    words, of = found["past"], _title(found["rest"].strip())
    choices = tuple(
        Choice(one, f"Remind me {one.lower()} to {of}") for one in ("Tomorrow", "In a week")
    )
    asked = f"{words[0].upper()}{words[1:]} is over. Name a day to come, or take one of these:"
    raise Unclear(Answer((Choices(choices, asked),)))


def _moment(named: Named, on: date, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The hour, where one is named; of an hour alone the next time that the clock says so."""
    if named.after is not None:
        return (now + named.after).replace(second=0, microsecond=0)
    if named.at is None:
        return None
    due = datetime.combine(on, named.at, zone)
    if due < now and named.next_day:
        return datetime.combine(on + timedelta(days=1), named.at, zone)
    if due < now:
        over = f"{moment(due, zone.key)} is over. Name a time to come."
        raise Unclear(answered(over, tone="note"))
    return due


def _title(said: str) -> str:
    led = _LED.match(said)
    words = (said[led.end() :] if led else said).strip(" ,;:.!?")[:200]
    return f"{words[0].upper()}{words[1:]}" if words else "Follow up"


def _day(named: Named, title: str, now: date) -> date:
    """The one day that is meant; Unclear says what is wrong with it."""
    if named.repeats:
        said = "A reminder here is for one day. Those that repeat are added on the page Today, under Tasks."
        raise Unclear(answered(said, links(PAGE), tone="note"))
    if not named.days:
        raise Unclear(answered("There is no such day. Name it again, such as “on 4 December”.", tone="note"))  # fmt: skip
    if len(named.days) > 1:
        at = f" at {named.at:%H:%M}" if named.at else ""
        choices = tuple(Choice(day(one), f"Remind me on {one:%Y-%m-%d}{at} to {title}") for one in named.days)  # fmt: skip
        raise Unclear(Answer((Choices(choices, "Which day do you mean?"),)))
    on = min(named.days)
    if on < now:
        raise Unclear(answered(f"{day(on)} is over. Name a day to come.", tone="note"))
    if (on - now).days > FARTHEST:
        raise Unclear(answered(f"{day(on)} is too far off. Name a day within ten years.", tone="note"))  # fmt: skip
    return on


def _about(desk: Desk, title: str) -> int | None:
    """The customer that is named, else the only one of the last answer."""
    named = mentioned(title, desk.customers)
    if named:
        return named[0].id if len(named) == 1 else None
    just = set(desk.just_named)
    return just.pop() if len(just) == 1 and just <= set(desk.names) else None


def _ahead(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days) or f"in {plural(days, 'day')}"
