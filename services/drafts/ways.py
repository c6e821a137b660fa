"""Whom drafts go to and from whom, by name and address, as their readers were shown it: an approval is for that, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.pieces import pieces
from data.tables import Draft, DraftEvent, Mailbox
from services.access import Viewer
from services.drafts.facts import Person, recipients
from services.mailboxes import FromLine, from_line, mailbox_found

OTHER_WAY = (
    "A name or an address of recipient or sender may have changed since you opened this draft. "
    "Nothing was approved: open it again, and look at both."
)
UNSAID = (
    "Say which recipient and sender you approve: read this draft again, and give its `way` back with the approval. "
    "Nothing was approved."
)


def ways(
    session: Session, drafts: Sequence[Draft], people: Mapping[int, Person] | None = None
) -> dict[int, str]:
    """By draft, what stands for the names and addresses of now. A digest, so that no address is kept with who read
    what. `people`: their `recipients`, where these are at hand."""
    people = people or recipients(session, [draft.stakeholder_id for draft in drafts])
    senders: dict[tuple[int | None, int | None], FromLine] = {}
    found: dict[int, str] = {}
    for draft in drafts:
        which = (draft.mailbox_id, draft.owner_id)
        if which not in senders:
            senders[which] = _sender(session, *which)
        to, sender = people[draft.stakeholder_id], senders[which]
        said = (draft.id, to.name, to.address, sender.name, sender.address, sender.reply_to)
        found[draft.id] = sha256(repr(said).encode()).hexdigest()
    return found


_OPENED = (
    select(DraftEvent.draft_id, DraftEvent.way)
    .join(Draft, Draft.id == DraftEvent.draft_id)
    .where(
        DraftEvent.draft_id.in_(bindparam("drafts", expanding=True)),
        DraftEvent.revision == Draft.revision,
        DraftEvent.person_id == bindparam("person_id"),
        DraftEvent.way.is_not(None),
    )
    .order_by(DraftEvent.id)
)


def opened(session: Session, by: Viewer, drafts: Sequence[Draft]) -> dict[int, str]:
    """By draft, what `by` was shown when they last opened its present revision."""
    found: dict[int, str] = {}
    for some in pieces([draft.id for draft in drafts]):
        rows = session.execute(_OPENED, {"drafts": some, "person_id": by.person_id})
        found |= {row.draft_id: row.way for row in rows}
    return found


def turned(
    session: Session, by: Viewer, drafts: Sequence[Draft], people: Mapping[int, Person]
) -> set[int]:
    """Those of the drafts that would go another way than `by` was shown, by id."""
    shown, now = opened(session, by, drafts), ways(session, drafts, people)
    return {number for number, way in shown.items() if way != now[number]}


def require_way(
    session: Session,
    by: Viewer,
    draft: Draft,
    way: str | None,
    people: Mapping[int, Person] | None = None,
) -> None:
    """InvalidMove when it would go another way than was shown: `way`, or when `by` last opened it.

    What a program reads is not kept, and what its owner opened is not what it was told: it has to say.
    """
    if by.token and not way:
        raise InvalidMove(UNSAID)
    shown = way or opened(session, by, [draft]).get(draft.id)
    if shown is not None and shown != ways(session, [draft], people)[draft.id]:
        raise InvalidMove(OTHER_WAY)


def _sender(session: Session, mailbox_id: int | None, owner_id: int | None) -> FromLine:
    """The folder that is made where there is no mailbox writes in its owner's name, as it will."""
    chosen = session.get(Mailbox, mailbox_id) if mailbox_id else mailbox_found(session, owner_id)
    folder = Mailbox(kind="eml", address="", display_name="")
    return from_line(session, chosen or folder, owner_id)
