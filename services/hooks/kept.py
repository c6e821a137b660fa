"""What an integration keeps beside its columns: secrets that hold as well, and what its states mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data.tables import Integration

NOTED_EVERY = timedelta(minutes=1)
"""How often it is kept that something came, believed or not: thousands may come at once."""


@dataclass(frozen=True)
class MoreSecret:
    """A secret beside the first, by the name an admin gave it."""

    id: int
    name: str


@dataclass(frozen=True)
class OwnState:
    """A state of the desk's own making: what an admin said it means, None until then; how often it was told
    meanwhile."""

    said: str
    means: str | None
    told: int


def former_until(row: Integration) -> datetime | None:
    """How long the secret before is believed; None where there is none."""
    said: Any = row.options.get("former_until") if row.former_secret else None
    return datetime.fromisoformat(said) if said else None


def refused_at(row: Integration) -> datetime | None:
    """When something last came that was not believed, to the minute."""
    said: Any = row.options.get("refused_at")
    return datetime.fromisoformat(said) if said else None


def refused_since(row: Integration) -> datetime | None:
    """When something came that was not believed, if nothing that was came afterwards. Both moments are kept
    once a minute, so one must be a minute later to count."""
    at = refused_at(row)
    return at if at and (row.heard_at is None or at > row.heard_at + NOTED_EVERY) else None


def more_secrets(row: Integration) -> list[dict[str, Any]]:
    """Each with its id, name and the sealed secret as text."""
    return list(row.options.get("more_secrets", []))


def meanings(row: Integration) -> dict[str, str]:
    """States of the desk's own making, each with the app's word for it."""
    return dict(row.options.get("states", {}))


def unnamed(row: Integration) -> dict[str, int]:
    """States of the desk's own making that nobody has named, each with how often it was told."""
    return dict(row.options.get("unnamed_states", {}))


def own_states(row: Integration) -> tuple[OwnState, ...]:
    """Those to be named first, the most often told first of all; then the named ones by name."""
    waiting = sorted(unnamed(row).items(), key=lambda one: (-one[1], one[0]))
    named = sorted(meanings(row).items())
    return (
        *(OwnState(said, None, told) for said, told in waiting),
        *(OwnState(said, means, 0) for said, means in named),
    )


def set_option(row: Integration, name: str, value: Any) -> None:
    """Keep it; an empty one is left out. The row must be held for update: others change options too."""
    left = {key: kept for key, kept in row.options.items() if key != name}
    row.options = left | {name: value} if value else left
