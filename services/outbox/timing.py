"""How long the send queue waits for what. Tests shorten it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MOST_REFUSALS = 12
"""Times a provider may put a message off before it fails: about five hours."""
MOST_CLAIMS = 25
"""Claims after which a message that ends its worker each time is given up."""


@dataclass(frozen=True)
class Timing:
    """`lease` covers everything up to the wire; from there on it lasts as long as the sender's longest
    call and `margin`. An unknown outcome is first looked up after `settle`, then each `look_every`, and
    goes to a person `give_up` after the call. That it was not sent is believed `sure` after the call, when
    no request can still be under way at the provider. All in seconds."""

    lease: float = 60
    margin: float = 30
    settle: float = 15
    sure: float = 120
    look_every: float = 30
    give_up: float = 600
    backoff: float = 60
    longest_backoff: float = 3600


def backoff(timing: Timing, attempts: int, asked: timedelta | None = None) -> timedelta:
    """How long to leave a message after its provider put it off: doubled each time, and never less than
    the provider asked for."""
    own = min(timing.backoff * 2 ** min(max(attempts - 1, 0), 12), timing.longest_backoff)
    return max(timedelta(seconds=own), asked or timedelta())
