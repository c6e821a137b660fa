"""Approval: who said yes to exactly which bytes, and the way into the send queue from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from data.errors import AppError, InvalidMove
from data.pieces import pieces
from data.tables import Approval, AuditEntry, Draft, FrozenMail
from services import outbox
from services.access import Viewer, audit
from services.customers.arr import arr_of
from services.drafts import second_looks
from services.drafts.access import (
    lock_drafts,
    may_approve,
    require_approver,
    require_draft,
    require_revision,
)
from services.drafts.blocks import preflight, preflight_many
from services.drafts.facts import Person, leaves_at, really_leaves, recipients
from services.drafts.freezing import ASTRAY, astray, freeze, frozen
from services.drafts.moves import make_move, make_moves, require_move
from services.drafts.reading import seen_among
from services.drafts.records import Block, ManyOutcomes, Outcome
from services.drafts.ways import OTHER_WAY, require_way, turned
from services.outbox import four_eyes
from services.outbox import policy as policies
from services.outbox.policy import SendPolicy

MOST_AT_ONCE = 10_000
TWICE = (
    "You have approved this one already, yourself or by a token: a second person has to look at it now. "
    "Where the rule for two no longer holds, take your approval back and approve it again."
)
NOT_SEEN = "Not looked at yet in its present form: open it first."


def approve(  # noqa: PLR0913 - what was on the screen, piece by piece
    session: Session,
    draft_id: int,
    revision: int,
    *,
    by: Viewer,
    now: datetime,
    accepted: Collection[str] = (),
    way: str | None = None,
) -> Outcome:
    """Say yes to this revision. It joins the send queue, or waits for a second person where two must.

    `accepted` are codes of blocks that are not hard and that the approver has seen, `way` is the view's.
    InvalidMove when the draft, a name or an address has changed since, when a block stands, or by the same person
    twice; NotAllowed when it is not theirs to approve.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    require_approver(session, by, draft)
    require_move(draft, "approve")
    require_revision(draft, revision)
    # Who it goes to is read once: what is checked, what was shown and what is frozen are the same address.
    people = recipients(session, [draft.stakeholder_id])
    policy = policies.load(session)
    require_clear(preflight(session, draft, now, people, policy), accepted)
    if _again(by, _approvers(session, [draft]).get(draft.id, ())):
        raise InvalidMove(TWICE)
    require_way(session, by, draft, way, people)
    return _approve(session, [draft], people, policy, by, now)[0]


def approve_many(
    session: Session, wanted: Sequence[tuple[int, int]], *, by: Viewer, now: datetime
) -> ManyOutcomes:
    """The same for many (draft id, revision): those that the approver has opened in this form and nothing
    at all speaks against. The others are left, each with its reason.
    """
    revisions = dict(wanted[:MOST_AT_ONCE])
    drafts = lock_drafts(session, by, list(revisions))
    left: dict[int, str] = dict.fromkeys(revisions, "Not in your portfolio.")
    ready: list[Draft] = []
    seen = seen_among(session, by, list(drafts))
    done = _approvers(session, list(drafts.values()))
    people = recipients(session, [draft.stakeholder_id for draft in drafts.values()])
    policy = policies.load(session)
    blocks = preflight_many(session, list(drafts.values()), now, people, policy)
    gone = astray(session, [draft for draft in drafts.values() if draft.state == "second_look"])
    otherwise = turned(session, by, list(drafts.values()), people)
    for draft in drafts.values():
        try:
            require_approver(session, by, draft)
            require_move(draft, "approve")
            require_revision(draft, revisions[draft.id])
            if draft.id not in seen:
                raise InvalidMove(NOT_SEEN)
            if _again(by, done.get(draft.id, ())):
                raise InvalidMove(TWICE)
            require_clear(blocks[draft.id], ())
            if draft.id in gone:
                raise InvalidMove(ASTRAY)
            if draft.id in otherwise:
                raise InvalidMove(OTHER_WAY)
        except AppError as error:
            left[draft.id] = error.message
        else:
            ready.append(draft)
            left.pop(draft.id)
    outcomes = _approve(session, ready, people, policy, by, now)
    return ManyOutcomes(
        approved=tuple(one.draft_id for one in outcomes if one.state == "approved"),
        second_look=tuple(one.draft_id for one in outcomes if one.state == "second_look"),
        left=tuple(left.items()),
    )


def require_clear(blocks: Sequence[Block], accepted: Collection[str]) -> None:
    """InvalidMove, in the block's words, when one stands that is hard or was not accepted."""
    standing = [block for block in blocks if block.hard or block.code not in accepted]
    if standing:
        raise InvalidMove(" ".join(block.words for block in standing))


def live_approvals(session: Session, drafts: Sequence[Draft]) -> dict[int, list[Approval]]:
    """By draft: approvals of its present revision, for the very bytes that are frozen, not voided."""
    revisions = {draft.id: draft.revision for draft in drafts}
    hashes = {number: mail.sha256 for number, mail in frozen(session, drafts).items()}
    found: dict[int, list[Approval]] = defaultdict(list)
    for some in pieces(revisions):
        rows = session.scalars(
            select(Approval)
            .where(Approval.draft_id.in_(some), Approval.voided_at.is_(None))
            .order_by(Approval.id)
        )
        for row in rows:
            same = (revisions[row.draft_id], hashes.get(row.draft_id))
            if (row.revision, row.sha256) == same:
                found[row.draft_id].append(row)
    return found


def _again(by: Viewer, before: Collection[frozenset[int]]) -> bool:
    return any(not by.who.isdisjoint(one) for one in before)


def _approvers(session: Session, drafts: Sequence[Draft]) -> dict[int, list[frozenset[int]]]:
    waiting = [draft for draft in drafts if draft.state == "second_look"]
    return {
        number: [four_eyes.who(row) for row in rows]
        for number, rows in live_approvals(session, waiting).items()
    }


def _approve(
    session: Session,
    drafts: Sequence[Draft],
    people: Mapping[int, Person],
    policy: SendPolicy,
    by: Viewer,
    now: datetime,
) -> list[Outcome]:
    """Everything was checked, and the drafts are locked."""
    assert by.person_id is not None, "require_approver lets no one else through"
    mails = freeze(session, drafts, now, people)
    before = _approvers(session, drafts)
    arr = arr_of(session, [draft.customer_id for draft in drafts], now)
    rows, queued, moved = [], [], []
    states: dict[int, str] = {}
    for draft in drafts:
        mail = mails[draft.id]
        rows.append(
            {
                "draft_id": draft.id,
                "revision": draft.revision,
                "sha256": mail.sha256,
                "person_id": by.person_id,
                "token_by": by.token_by,
                "at": now,
            }
        )
        enough = four_eyes.by_two([*before.get(draft.id, ()), by.who])
        why = four_eyes.why_two(draft.severity, arr[draft.customer_id], policy)
        state = "second_look" if why and not enough else "approved"
        moved.append((draft, state, None))
        draft.why = why if state == "second_look" else None
        due = max(now + timedelta(seconds=policy.undo_seconds), leaves_at(draft, now))
        states[draft.id] = state
        if state == "approved":
            queued.append(_approved(draft, mail, by.person_id, due))
    make_moves(session, moved, "approve", by=by, now=now)
    if rows:
        session.execute(insert(Approval), rows)
        session.execute(insert(AuditEntry), [_audited(draft, by, now) for draft in drafts])
    outbox.enqueue_many(session, queued, now=now)
    halfway = [draft for draft in drafts if states[draft.id] == "second_look"]
    if halfway:
        second_looks.tell(session, halfway, by.who, by.name, now=now)
    return _outcomes(drafts, states, queued, people, policy)


def _outcomes(
    drafts: Sequence[Draft],
    states: Mapping[int, str],
    queued: Sequence[outbox.Approved],
    people: Mapping[int, Person],
    policy: SendPolicy,
) -> list[Outcome]:
    """The queue keeps when each is due, since quiet hours may be changed until then; people are told when
    it will leave by those of now."""
    due = {
        one.draft_id: (one.stakeholder_id, one.due_at)
        for one in queued
        if one.draft_id is not None and one.stakeholder_id is not None
    }
    leaves = really_leaves(people, due, policy)
    return [
        Outcome(
            draft.id,
            states[draft.id],
            draft.subject,
            leaves.get(draft.id),
            quiet=draft.id in leaves and leaves[draft.id] > due[draft.id][1],
        )
        for draft in drafts
    ]


def _audited(draft: Draft, by: Viewer, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "person_id": by.person_id,
        "action": "draft.approved",
        "entity": "draft",
        "entity_id": draft.id,
        "what": f"revision {draft.revision}",
        "detail": None,
    }


def _approved(draft: Draft, mail: FrozenMail, person_id: int, due: datetime) -> outbox.Approved:
    return outbox.Approved(
        dedup_key=f"draft:{draft.id}:{draft.revision}",
        draft_id=draft.id,
        kind=draft.kind,
        topic=draft.topic,
        customer_id=draft.customer_id,
        stakeholder_id=draft.stakeholder_id,
        owner_id=draft.owner_id,
        mailbox_id=mail.mailbox_id,
        recipient=mail.recipient,
        subject=draft.subject,
        raw=mail.mime,
        approved_hash=mail.sha256,
        approved_by=person_id,
        message_id=mail.message_id,
        tracking=mail.tracking,
        unsubscribe=mail.unsubscribe,
        due_at=due,
        expires_at=draft.expires_at,
    )


def undo_approval(
    session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime
) -> int:
    """Take an approval back while the mail has not left; the draft's new revision.

    InvalidMove when it is on its way already.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    if not may_approve(session, by, draft):
        require_approver(session, by, draft)
    require_move(draft, "undo")
    require_revision(draft, revision)
    void(session, draft, "the approval was taken back", by=by, now=now)
    make_move(session, draft, "undo", "pending", by=by, now=now)
    draft.why = None
    audit(session, by, "draft.approval_undone", "draft", draft.id, "", now)
    return draft.revision


def void(session: Session, draft: Draft, why: str, *, by: Viewer | None, now: datetime) -> None:
    """Before anything about a draft changes: what was approved of it no longer counts, what is queued
    comes back, and there is a new revision. InvalidMove when it may have left already."""
    if draft.state == "approved" and not outbox.withdraw(session, draft.id, why, by=by, now=now):
        raise InvalidMove(
            "This mail is on its way or sent already, so it can no longer be changed. "
            "See it in the send queue."
        )
    session.execute(
        update(Approval)
        .where(Approval.draft_id == draft.id, Approval.voided_at.is_(None))
        .values(voided_at=now, voided_why=why[:200])
        .execution_options(synchronize_session=False)
    )
    draft.revision += 1
