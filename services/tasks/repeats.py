"""When a task that repeats is due again."""

from __future__ import annotations

import re
from datetime import datetime

from dateutil.rrule import rrulestr

from data.errors import BadInput

OFFERED = {
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": "Every working day",
    "FREQ=WEEKLY": "Every week",
    "FREQ=WEEKLY;INTERVAL=2": "Every two weeks",
    "FREQ=MONTHLY": "Every month",
    "FREQ=MONTHLY;INTERVAL=3": "Every quarter",
}
"""The rules people choose from, and what they call them."""
_ALWAYS_THERE = 28
_FREQUENCIES = ("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY")
_RULE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(?:;[A-Z]+=[A-Z0-9,+-]+)*")
"""One line of one rule: nothing that leaves days out or starts elsewhere."""
_INTERVAL = re.compile(r"INTERVAL=([^;\s]*)", re.IGNORECASE)
_STEPS = re.compile(r"0*[1-9]\d{0,2}")


def next_due(rule: str, due_at: datetime, now: datetime) -> datetime:
    """The first time after both `due_at` and `now`: whoever was away for a month has one task, not four.
    It has the hour of `due_at` in the zone that comes with that.

    BadInput when the rule is none of RFC 5545, repeats more often than daily, or ends.
    """
    if not rule.startswith(_FREQUENCIES) or "COUNT" in rule or "UNTIL" in rule:
        raise BadInput(
            "A task repeats daily, weekly, monthly or yearly, and until it is cancelled."
        )
    if not _RULE.fullmatch(rule):
        raise BadInput(f"This is no rule for repeating: {' '.join(rule.split())[:60]}")
    if not all(map(_STEPS.fullmatch, _INTERVAL.findall(rule))):
        # The library would look for the next one for ever.
        raise BadInput("A task repeats after one day, week, month or year, or after several.")
    # The library counts in whole seconds.
    try:
        series = rrulestr(anchored(rule, due_at.day), dtstart=due_at.replace(microsecond=0))
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"This is no rule for repeating: {rule[:60]}") from error
    following = series.after(max(due_at, now))
    if following is None:
        raise BadInput("With this rule the task would never come back.")
    return following


def anchored(rule: str, day: int) -> str:
    """A monthly rule that falls on the last day of the months that lack `day`, as people mean it; by RFC 5545
    such months are left out. The day stands in the rule: the task after a short month's is on it again."""
    if not rule.startswith("FREQ=MONTHLY") or "BY" in rule or day <= _ALWAYS_THERE:
        return rule
    days = ",".join(str(one) for one in range(_ALWAYS_THERE, day + 1))
    return f"{rule};BYMONTHDAY={days};BYSETPOS=-1"
