"""Two mails to one person for one day made one: a draft of its own, while the two wait behind it.

They keep their source, words and evidence, so that taking it apart brings them back, and closing one of
them (its event is off) takes it apart by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, DraftAttachment, OutboxMail
from integrations.mime import Attachment
from services.access import Viewer, audit
from services.drafts import holding
from services.drafts.access import may_approve, require_approver, require_draft, require_revision
from services.drafts.approving import void
from services.drafts.creation import create
from services.drafts.holding import APART, MERGED, merged_among, parts_of
from services.drafts.moves import make_moves, require_move
from services.drafts.records import LONGEST_SUBJECT, SEVERITY_RANK, WAITING, Named, NewDraft
from services.drafts.words import joined
from services.ids import public_id
from services.outbox.returns import add_return

SOURCE = "draft"
CANDIDATES = ("pending", "held")
LATE = timedelta(days=30)
"""For so long after a merged mail went out its parts are looked for."""


def merge(
    session: Session, draft_id: int, revision: int, *, other_id: int, by: Viewer, now: datetime
) -> int:
    """Make one draft of two that wait for the same person and day; its id. It needs an approval of its own.

    InvalidMove when one has changed, moved or is part of a merged one already, or when they cannot be
    said in one mail; NotAllowed when one is not the asker's to approve.
    """
    first, second = (
        require_draft(session, by, number, lock=True) for number in sorted({draft_id, other_id})
    )
    if first.id != draft_id:
        first, second = second, first
    require_revision(first, revision)
    for draft in (first, second):
        require_approver(session, by, draft)
        require_move(draft, "merge")
    if why := _apart(first, second, merged_among(session, [first.stakeholder_id]), now):
        raise InvalidMove(why)
    number = create(session, _new(session, first, second, now), now=now)
    assert number is not None, "its key bears the moment"
    made = session.get_one(Draft, number)
    made.created_by = by.person_id
    why = f"It goes out in “{made.subject[:200]}”, which was made of it."
    make_moves(session, [(one, "held", why) for one in (first, second)], "merge", by=by, now=now)
    first.merged_into_id = second.merged_into_id = number
    first.why = second.why = why
    audit(session, by, "draft.merged", "draft", number, f"of {first.id} and {second.id}", now)
    return number


def take_apart(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """Drop a merged draft and bring the two back that it was made of: the weightier comes up, the other is
    held while they would meet. The id of the first.

    InvalidMove when it has left already.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    require_approver(session, by, draft)
    require_revision(draft, revision)
    if draft.kind != MERGED:
        raise InvalidMove("This draft was not made of others.")
    return _in_two(session, draft, "Taken apart again.", by=by, now=now)


@add_return
def give_parts_back(session: Session, row: OutboxMail, by: Viewer, now: datetime) -> None:
    """A merged mail that a person cancelled in the queue is taken apart, as its parts would wait behind it for
    good."""
    if row.draft_id is None or session.get_one(Draft, row.draft_id).kind != MERGED:
        return
    tied = (Draft.id == row.draft_id) | (Draft.merged_into_id == row.draft_id)
    free = session.scalars(
        select(Draft)
        .where(tied)
        .order_by(Draft.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(free) != session.scalar(select(func.count(Draft.id)).where(tied)):
        raise InvalidMove("Somebody is at this mail's draft just now. Try again in a moment.")
    whole = next(one for one in free if one.id == row.draft_id)
    if whole.state == "approved":
        _in_two(session, whole, "Cancelled in the send queue.", by=by, now=now)


def _in_two(session: Session, whole: Draft, why: str, *, by: Viewer, now: datetime) -> int:
    _drop(session, whole, why, by, now)
    parts = sorted(_held_parts(session, whole), key=lambda one: -SEVERITY_RANK[one.severity])
    _wait(parts)
    for part in parts[:1]:
        holding.release(session, part, by=by, now=now)
    session.flush()
    holding.release_next(session, [whole.stakeholder_id], now=now)
    return parts[0].id if parts else whole.id


def untie(session: Session, draft: Draft, *, by: Viewer | None, now: datetime) -> None:
    """Before a part is closed: the merged draft must not say any more what is off. InvalidMove when that
    has left already."""
    if draft.merged_into_id is None:
        return
    # Locked and read anew: somebody may be approving it just now.
    whole = session.get(Draft, draft.merged_into_id, with_for_update=True, populate_existing=True)
    if whole is not None and whole.state in (*WAITING, "approved"):
        _drop(session, whole, f"“{draft.subject[:200]}”, of which it was made, is off.", by, now)
        _wait(_held_parts(session, whole))
        session.flush()


def let_go(session: Session, whole: Draft, why: str, *, by: Viewer | None, now: datetime) -> None:
    """After a merged draft was closed: its parts are rejected with it, or else wait their turn again."""
    parts = _held_parts(session, whole)
    if whole.state != "rejected":
        _wait(parts)
        return
    make_moves(session, [(one, "rejected", why) for one in parts], "reject", by=by, now=now)
    for one in parts:
        one.why, one.merged_into_id = why, None


def _wait(parts: Sequence[Draft]) -> None:
    for part in parts:
        part.why = "It waits until no other mail to this person is under way."
        part.merged_into_id = None


def close_sent_parts(session: Session, now: datetime, most: int) -> int:
    """The parts of merged mails that have gone out are done; how many were closed."""
    sent = session.scalars(
        select(Draft)
        .join(OutboxMail, OutboxMail.draft_id == Draft.id)
        .where(Draft.source == SOURCE, Draft.kind == MERGED, Draft.state == "approved")
        .where(OutboxMail.state == "sent", OutboxMail.sent_at > now - LATE)
        .order_by(Draft.id)
    ).all()
    moved: list[tuple[Draft, str, str | None]] = []
    for whole in sent:
        why = f"It went out in “{whole.subject[:200]}”."
        moved += [(part, "cancelled", why) for part in _held_parts(session, whole)]
    moved = moved[:most]
    make_moves(session, moved, "cancel", by=None, now=now)
    for part, _, why in moved:
        part.why = why
    return len(moved)


_OTHERS = (
    select(Draft)
    .where(Draft.stakeholder_id == bindparam("person"), Draft.id != bindparam("draft_id"))
    .where(Draft.state.in_(CANDIDATES))
    .order_by(Draft.id)
)


def offers(session: Session, by: Viewer, draft: Draft, now: datetime) -> tuple[Named, ...]:
    """The drafts that this one could be merged with by `by`."""
    if draft.state not in CANDIDATES or not may_approve(session, by, draft):
        return ()
    others = session.scalars(_OTHERS, {"person": draft.stakeholder_id, "draft_id": draft.id}).all()
    if not others:
        return ()
    known = merged_among(session, [draft.stakeholder_id])
    return tuple(
        Named(other.id, other.subject)
        for other in others
        if not _apart(draft, other, known, now) and may_approve(session, by, other)
    )


def ties(session: Session, draft: Draft) -> tuple[Named | None, tuple[Named, ...]]:
    """The merged draft that this one waits behind, and the ones that this one was made of."""
    part = draft.merged_into_id is not None  # most are none, and nothing has to be asked
    whole = merged_among(session, [draft.stakeholder_id]).get(draft.id) if part else None
    return Named(whole.id, whole.subject) if whole else None, _parts(session, parts_of(draft))


def _parts(session: Session, numbers: Sequence[int]) -> tuple[Named, ...]:
    if not numbers:
        return ()
    asked = select(Draft.id, Draft.subject).where(Draft.id.in_(numbers))
    subjects = dict(session.execute(asked).all())
    return tuple(Named(number, subjects[number]) for number in numbers if number in subjects)


def _apart(first: Draft, second: Draft, known: Mapping[int, Draft], now: datetime) -> str | None:
    """Why the two cannot be one mail."""
    if first.id == second.id or first.stakeholder_id != second.stakeholder_id:
        return "Only two different drafts to the same person can become one."
    if first.id in known or second.id in known or MERGED in (first.kind, second.kind):
        return "One of these is merged already. Take that apart first."
    if first.topic != second.topic:
        return (
            "They are about different topics, and a person can say no to one and not to the other."
        )
    starts = [max(one.not_before or now, now) for one in (first, second)]
    ends = [one.expires_at for one in (first, second) if one.expires_at]
    if max(starts) - min(starts) >= APART:
        return "They are for different days. Schedule them for the same one first."
    if ends and min(ends) <= max(starts):
        return "One would come too late by the time the other may leave."
    return None


def _new(session: Session, first: Draft, second: Draft, now: datetime) -> NewDraft:
    both = (first, second)
    starts = [one.not_before for one in both if one.not_before]
    ends = [one.expires_at for one in both if one.expires_at]
    return NewDraft(
        dedup_key=f"merged:{first.id}:{second.id}:{now:%Y%m%dT%H%M%S%f}",
        kind=MERGED,
        topic=first.topic,
        customer_id=first.customer_id,
        stakeholder_id=first.stakeholder_id,
        source=SOURCE,
        source_id=first.id,
        values={"parts": [first.id, second.id]},
        subject=first.subject[:LONGEST_SUBJECT],
        text=joined(first.text, second.text),
        evidence=[*(entry for one in both for entry in one.evidence), *map(_entry, both)],
        attachments=_files(session, both),
        not_before=max(starts) if starts else None,
        expires_at=min(ends) if ends else None,
        severity=max((one.severity for one in both), key=SEVERITY_RANK.__getitem__),
        owner_id=first.owner_id,
        mailbox_id=first.mailbox_id,
        may_hold=False,
    )


def _entry(part: Draft) -> dict[str, Any]:
    """The way to the draft, and from there to what it was made for."""
    said = {"claim": "Made of", "fact": f"“{part.subject}”"}
    return said | {"screen": "draft", "query": {"id": public_id("draft", part.id)}}


def _files(session: Session, drafts: Sequence[Draft]) -> list[Attachment]:
    rows = session.scalars(
        select(DraftAttachment)
        .where(DraftAttachment.draft_id.in_([draft.id for draft in drafts]))
        .order_by(DraftAttachment.id)
    )
    return [Attachment(row.name, row.content_type, row.content) for row in rows]


def _held_parts(session: Session, whole: Draft) -> list[Draft]:
    return list(
        session.scalars(
            select(Draft)
            .where(Draft.merged_into_id == whole.id, Draft.state == "held")
            .order_by(Draft.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _drop(session: Session, whole: Draft, why: str, by: Viewer | None, now: datetime) -> None:
    if whole.state in ("approved", "second_look"):
        void(session, whole, why, by=by, now=now)
    make_moves(session, [(whole, "cancelled", why)], "cancel", by=by, now=now)
    whole.why = why
    audit(session, by, "draft.cancelled", "draft", whole.id, "", now)
    session.flush()
