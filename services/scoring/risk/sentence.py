"""The evidence of a risk signal: its facts, and the sentence they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

LEVEL_WORDS = {"alert": "Alert", "watch": "Watch"}
STATE_WORDS = {"open": "Open", "acknowledged": "Acknowledged", "closed": "Closed"}
_ROUNDED = ("z", "z_event", "z_seats", "z_mail", "expected", "actual", "below", "bar")
_COUNTS = (
    "current",
    "previous",
    "current_events",
    "previous_events",
    "missed",
    "eligible",
    "attended_before",
)


def facts_of(row: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    """What is kept with the signal, as JSON: a row of `judged`."""
    rounded = {n: None if row[n] is None else round(float(row[n]), 3) for n in _ROUNDED}
    last: date | None = row["last_attended"]
    return (
        rounded
        | {name: int(row[name]) for name in _COUNTS}
        | {
            "fused": bool(row["fused"]),
            "last_attended": last.isoformat() if last else None,
            "as_of": as_of.isoformat(),
        }
    )


def sentence_of(facts: Mapping[str, Any]) -> str:
    """What a CSM reads: expected against seen, the halves of the year, what was missed in a row."""
    parts = [
        f"Recent events weigh most here: going by their own past and how full the events were, about "
        f"{facts['expected']:.1f} visits were to be expected; weighed the same way, there were "
        f"{facts['actual']:.1f}."
    ]
    parts.append(f"{_visits(facts['current'])} in the last six months, {facts['previous']} before.")
    missed = facts["missed"]
    if missed:
        parts.append(
            "Missed the last event." if missed == 1 else f"Missed the last {missed} events."
        )
    if facts["fused"]:
        parts.append("They answer mail less than before as well." if (facts["z_mail"] or 0) > 0
                     else "They answer mail as before.")  # fmt: skip
    return " ".join(parts)


def short_of(facts: Mapping[str, Any]) -> str:
    """For lists and notifications: one line, without a full stop."""
    told = f"{_visits(facts['current'])} in six months, {facts['previous']} in those before"
    missed = facts["missed"]
    return f"Missed the last {missed} events; {told}" if missed > 1 else told


def _visits(count: int) -> str:
    return f"{count} visit" if count == 1 else f"{count} visits"
