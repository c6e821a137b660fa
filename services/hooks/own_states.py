"""What states of a desk's own making mean: told by the desk, counted, and named by an admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import HookDelivery, Integration
from integrations.hooks import VENDORS
from integrations.own_states import state_key
from services.access import Viewer, audit
from services.hooks.accounts import in_use
from services.hooks.kept import meanings, set_option, unnamed
from services.hooks.receiving import ask_for_tickets

MEANINGS = ("new", "open", "pending", "on_hold", "solved", "closed")
MOST_STATES = 100
_LONGEST = 100


def name_states(
    session: Session,
    integration_id: int,
    said: Mapping[str, str | None],
    *,
    by: Viewer,
    now: datetime,
) -> bool:
    """Say what states mean, by their names as the desk tells them: one of MEANINGS, None to forget it.

    Those that are not among `said` stay. True when one of them was told before it was named: then what the
    desk has sent (as far as it is kept) is read again, so that its tickets follow.
    """
    row = in_use(session, integration_id, by)
    if not VENDORS[row.vendor].names_states:
        raise BadInput("The states of this system are known: there is nothing to name.")
    given = {" ".join(word.split())[:_LONGEST]: means for word, means in said.items()}
    if any(means is not None and means not in MEANINGS for means in given.values()):
        raise BadInput(f"A state means one of {', '.join(MEANINGS)}.")
    given.pop("", None)
    keys = {state_key(word) for word in given}
    kept = {word: means for word, means in meanings(row).items() if state_key(word) not in keys}
    kept |= {word: means for word, means in given.items() if means is not None}
    if len(kept) > MOST_STATES:
        raise BadInput(f"At most {MOST_STATES} states can be named. Forget those not in use.")
    named = {state_key(word) for word, means in given.items() if means is not None}
    again = any(state_key(word) in named for word in unnamed(row))
    set_option(row, "states", kept)
    if again:
        _read_again(session, row, now)
    words = ", ".join(f"{word}: {means or 'forgotten'}" for word, means in sorted(given.items()))
    audit(session, by, "integration.states_named", "integration", row.id, words[:200], now)
    return again


def _read_again(session: Session, row: Integration, now: datetime) -> None:
    """What is still unnamed is counted anew by that."""
    set_option(row, "unnamed_states", None)
    session.execute(
        update(HookDelivery)
        .where(HookDelivery.integration_id == row.id, HookDelivery.state == "done")
        .values(state="new")
        .execution_options(synchronize_session=False)
    )
    ask_for_tickets(session, now)


def held(session: Session, integration_id: int) -> Integration:
    """The row, held for update, for the worker to read meanings of and count what is unnamed."""
    return session.get_one(Integration, integration_id, with_for_update=True)


def count_unnamed(row: Integration, told: Mapping[str, int]) -> None:
    """Add to how often they were told; of very many, those told first are kept."""
    counted = unnamed(row)
    for word, times in told.items():
        if word in counted or len(counted) < MOST_STATES:
            counted[word] = counted.get(word, 0) + times
    if told:
        set_option(row, "unnamed_states", counted)
