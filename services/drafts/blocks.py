"""What speaks against sending drafts, with everything that features have to say about theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Draft
from services.drafts.checks import decide
from services.drafts.facts import Person, gather
from services.drafts.holding import parts_of
from services.drafts.records import Block
from services.outbox import policy as policies
from services.outbox.policy import SendPolicy

Check = Callable[[Session, Sequence[Draft], datetime], Mapping[int, Sequence[Block]]]
"""Blocks by draft id, of those drafts it has something against. Asked about many drafts at once."""
_CHECKS: list[Check] = []


def add_check(check: Check) -> Check:
    """Let a feature speak: an open major ticket, an event that was cancelled. Usable as a decorator, on a
    function of a module that is imported wherever drafts are approved."""
    if check not in _CHECKS:
        _CHECKS.append(check)
    return check


def preflight(
    session: Session,
    draft: Draft,
    now: datetime,
    people: Mapping[int, Person] | None = None,
    policy: SendPolicy | None = None,
) -> list[Block]:
    """What speaks against sending this draft as things stand; those that must be put right first. `people`:
    its recipient, and `policy`: the one in force, where they are at hand."""
    return preflight_many(session, [draft], now, people, policy)[draft.id]


def _parts(session: Session, wholes: Mapping[int, int]) -> list[Draft]:
    return [
        part
        for some in pieces(wholes)
        for part in session.scalars(select(Draft).where(Draft.id.in_(some)))
    ]


def preflight_many(
    session: Session,
    drafts: Sequence[Draft],
    now: datetime,
    people: Mapping[int, Person] | None = None,
    policy: SendPolicy | None = None,
) -> dict[int, list[Block]]:
    """The same for many, by draft id."""
    facts = gather(session, drafts, policy or policies.load(session), now, people)
    blocks = {draft.id: decide(draft, facts[draft.id]) for draft in drafts}
    # A feature speaks of the drafts it made: what it has against a part it has against the whole.
    wholes = {part: draft.id for draft in drafts for part in parts_of(draft)}
    asked = [*drafts, *_parts(session, wholes)]
    for check in _CHECKS:
        for number, found in check(session, asked, now).items():
            blocks[wholes.get(number, number)].extend(found)
    return {
        number: sorted(found, key=lambda block: not block.hard) for number, found in blocks.items()
    }
