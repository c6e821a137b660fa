"""What a draft knew of a person when it was written, beside what is known by now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.attendance.follow_up.records import Deeds

KNOWN = "known"
"""Of a draft's values: the deeds that it was written from."""
_WORDS = {
    "came": "whether they came",
    "minutes": "minutes",
    "questions": "questions",
    "asked": "what they asked",
    "polls": "polls answered",
    "downloads": "downloads",
    "feedback": "feedback",
    "spoke": "whether they spoke",
    "completed": "completion",
    "passed": "the test",
    "sessions": "sessions",
    "on": "the day",
}
_SHOWN = ("minutes", "questions", "polls", "downloads")
_MOMENT = 0.5
"""Minutes; less is the rounding of two files."""


def snapshot(deeds: Deeds) -> dict[str, Any]:
    """As it comes back from the draft's values."""
    return json.loads(json.dumps(asdict(deeds), default=str))


def changed(known: Mapping[str, Any] | None, deeds: Deeds) -> list[str]:
    """In words what is another by now; nothing where the draft does not say what it knew."""
    if not known:
        return []
    now = snapshot(deeds)
    return [
        _told(name, known.get(name), value)
        for name, value in now.items()
        if _differs(name, known.get(name), value)
    ]


def _differs(name: str, before: Any, after: Any) -> bool:
    if name == "minutes" and before is not None and after is not None:
        return abs(before - after) >= _MOMENT
    return before != after


def _told(name: str, before: Any, after: Any) -> str:
    if name not in _SHOWN:
        return _WORDS[name]
    return f"{_WORDS[name]} ({_figure(before)}, now {_figure(after)})"


def _figure(value: Any) -> str:
    return "not known" if value is None else f"{value:.0f}"
