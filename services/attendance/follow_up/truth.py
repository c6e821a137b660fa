"""Whether what drafts say of people is still so on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from data.tables import Event
from services.attendance.follow_up.deeds import KNOWN, changed
from services.attendance.follow_up.loading import guests, present_at

GONE = "What it speaks of is no longer on record. Reject it, or write another mail."


def differences(
    session: Session, event_id: int, knew: Mapping[int, tuple[int, Mapping[str, Any] | None]]
) -> dict[int, str]:
    """What is wrong with drafts about an event, in a sentence. `knew`: by draft, its recipient and its values."""
    if session.get(Event, event_id) is None:
        return dict.fromkeys(knew, GONE)
    people = present_at(session, event_id)
    present = {
        guest.stakeholder_id: guest.deeds
        for guest in guests(session, event_id, people, {who for who, _ in knew.values()})
    }
    found: dict[int, str] = {}
    for number, (who, values) in knew.items():
        if who not in present:
            found[number] = GONE
        elif names := changed((values or {}).get(KNOWN), present[who]):
            found[number] = (
                f"What is known of this person has changed since it was written: {', '.join(names)}. "
                "Make it anew, or reject it."
            )
    return found
