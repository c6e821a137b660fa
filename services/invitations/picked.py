"""Sessions that were picked for somebody, as the programme has them today. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.invitations.catalogue.records import SessionPlan


def still_on(
    picked: Sequence[Mapping[str, Any]], programme: Sequence[SessionPlan]
) -> list[tuple[SessionPlan, str]]:
    """Those that are still in the programme, as they are now, each with why it was picked."""
    found = ((_of(one, programme), one) for one in picked)
    return [(now, str(one.get("why") or "")) for now, one in found if now is not None]


def no_longer_so(
    picked: Sequence[Mapping[str, Any]], programme: Sequence[SessionPlan]
) -> list[str]:
    """The titles of those that are off, are called otherwise, or begin at another time."""
    found = ((_of(one, programme), one) for one in picked)
    return [
        str(one["title"])
        for now, one in found
        if now is None or (now.title, now.starts_at) != (one["title"], _moment(one))
    ]


def _of(one: Mapping[str, Any], programme: Sequence[SessionPlan]) -> SessionPlan | None:
    """By its number, else by its title: a programme that is brought in anew has other numbers."""
    found = [now for now in programme if now.id and now.id == one.get("session_id")]
    return next(iter(found or [now for now in programme if now.title == one.get("title")]), None)


def _moment(one: Mapping[str, Any]) -> datetime | None:
    said = one.get("starts_at")
    return datetime.fromisoformat(said) if said else None
