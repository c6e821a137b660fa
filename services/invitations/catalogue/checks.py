"""What a planned event must be like to be kept. BadInput says what to change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import BadInput
from data.tables.events import EVENT_TYPES
from services.invitations.catalogue.records import (
    SESSION_KINDS,
    EventPlan,
    OfferPlan,
    SessionPlan,
)
from services.web_addresses import may_be_entered

_UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST_EVENT = timedelta(days=31)
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_TITLE, LONGEST_TEXT = 300, 5_000
MOST_SESSIONS, MOST_OFFERS, MOST_WORDS = 200, 20, 30
MOST_SEATS = 1_000_000
MOST_REMINDERS, LONGEST_BEFORE = 4, 14 * 24 * 60
"""Minutes before the start at which somebody may be reminded at the earliest."""


def check(plan: EventPlan) -> None:
    """Everything about a plan that can be told without the database."""
    check_characters(plan, *plan.sessions, *plan.offers)
    if not 0 < len(plan.name.strip()) <= LONGEST_TITLE:
        raise BadInput(f"Give the event a name of up to {LONGEST_TITLE} characters.")
    if plan.type not in EVENT_TYPES:
        raise BadInput("Choose one of the types in the list.")
    zone(plan.zone)
    _check_times(plan)
    _check_place(plan)
    if plan.capacity is not None and not 0 < plan.capacity <= MOST_SEATS:
        raise BadInput("The capacity is a number of seats from 1; leave it empty for no limit.")
    if plan.description and len(plan.description) > LONGEST_TEXT:
        raise BadInput(f"The description can have {LONGEST_TEXT:,} characters. Make it shorter.")
    _check_reminders(plan.reminders)
    if len(plan.sessions) > MOST_SESSIONS or len(plan.offers) > MOST_OFFERS:
        raise BadInput(f"An event can have {MOST_SESSIONS} sessions and {MOST_OFFERS} offers.")
    for one in plan.sessions:
        check_session(one, plan.starts_at, plan.ends_at)
    for one in plan.offers:
        _check_offer(one)


def check_characters(*parts: EventPlan | SessionPlan | OfferPlan) -> None:
    """What no database keeps, or no mail can carry."""
    for part in parts:
        for value in vars(part).values():
            words = value if isinstance(value, tuple) else (value,)
            if any(isinstance(one, str) and _UNKEPT.search(one) for one in words):
                raise BadInput("A text holds a character that cannot be kept. Type it anew.")


def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"There is no time zone {name[:60]}. Write one as Europe/Berlin.") from None


def _check_times(plan: EventPlan) -> None:
    if plan.starts_at.tzinfo is None or (plan.ends_at and plan.ends_at.tzinfo is None):
        raise BadInput("The times of an event need a time zone.")
    if not FIRST_YEAR <= plan.starts_at.year <= LAST_YEAR:
        raise BadInput(f"An event takes place between the years {FIRST_YEAR} and {LAST_YEAR}.")
    if plan.ends_at and not plan.starts_at < plan.ends_at <= plan.starts_at + LONGEST_EVENT:
        raise BadInput("The event ends after it starts, and within a month. Correct its times.")


def _check_place(plan: EventPlan) -> None:
    if not plan.virtual and not plan.city:
        raise BadInput("Say in which city it takes place, or that one can take part from anywhere.")
    if (plan.latitude is None) != (plan.longitude is None):
        raise BadInput("Coordinates are a latitude and a longitude. Give both, or none.")
    if plan.latitude is not None and not -90 <= plan.latitude <= 90:
        raise BadInput("A latitude lies between -90 and 90 degrees.")
    if plan.longitude is not None and not -180 <= plan.longitude <= 180:
        raise BadInput("A longitude lies between -180 and 180 degrees.")
    for url in (plan.join_url, plan.registration_url):
        if url and not may_be_entered(url):
            raise BadInput(f"“{url[:60]}” is no web address. It begins with https://.")


def _check_reminders(minutes: Sequence[int] | None) -> None:
    if minutes is None:
        return
    if len(minutes) > MOST_REMINDERS:
        raise BadInput(f"An event can have {MOST_REMINDERS} reminders.")
    if any(not 0 < one <= LONGEST_BEFORE for one in minutes):
        raise BadInput("A reminder goes out up to 14 days before the event.")


def check_session(one: SessionPlan, starts_at: datetime, ends_at: datetime | None) -> None:
    if not 0 < len(one.title.strip()) <= LONGEST_TITLE:
        raise BadInput(f"Each session needs a title of up to {LONGEST_TITLE} characters.")
    if one.kind is not None and one.kind not in SESSION_KINDS:
        raise BadInput(f"{one.kind} is no kind of session. Use one of {', '.join(SESSION_KINDS)}.")
    if one.minutes is not None and not 0 < one.minutes <= 24 * 60:
        raise BadInput(f"“{one.title[:60]}”: a session takes between 1 minute and a day.")
    if one.starts_at is None:
        return
    if one.starts_at.tzinfo is None:
        raise BadInput("The times of a session need a time zone.")
    last = ends_at or starts_at + timedelta(days=1)
    if not starts_at <= one.starts_at < last:
        raise BadInput(f"“{one.title[:60]}” does not begin within the event. Correct its time.")


def _check_offer(one: OfferPlan) -> None:
    if not 0 < len(one.title.strip()) <= 200:
        raise BadInput("Each offer needs a title of up to 200 characters.")
    if len(one.code or "") > 60 or len(one.detail or "") > 500:
        raise BadInput("The code of an offer can have 60 characters, its detail 500.")


def clean(words: Sequence[str], limit: int = 100) -> list[str]:
    """Without doubles, blanks and more than fit."""
    found = (" ".join(word.split())[:limit] for word in words)
    return list(dict.fromkeys(word for word in found if word))[:MOST_WORDS]
