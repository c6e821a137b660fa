"""What an admin asks of an integration on its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE = "integrations"


@dataclass(frozen=True)
class Asked:
    """`what` is check, rotate, forget, on, off, remove, add_secret, drop_secret or states. `secret` goes with rotate
    and add_secret, `name` with add_secret, `which` with drop_secret, `states` with states."""

    number: int
    what: str
    secret: str = ""
    name: str = ""
    which: int = 0
    states: Mapping[str, str | None] = field(default_factory=dict)
