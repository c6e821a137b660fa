"""One draft with everything that its reviewer has to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from data.errors import AppError, NotFound
from data.tables import Customer, Draft, DraftAttachment, DraftEvent, OutboxMail, Person
from services import rendering
from services.access import Viewer
from services.customers.arr import arr_of
from services.drafts import merging
from services.drafts.access import may_approve, require_draft
from services.drafts.approving import live_approvals
from services.drafts.blocks import preflight
from services.drafts.facts import Person as Recipient
from services.drafts.facts import recipients
from services.drafts.freezing import as_sent
from services.drafts.holding import MERGED
from services.drafts.moves import allowed
from services.drafts.reading import READ
from services.drafts.records import (
    AttachmentInfo,
    DraftView,
    Move,
    Sending,
)
from services.drafts.ways import opened, ways
from services.drafts.wholes import carrier_of
from services.mailboxes import from_line, mailbox_found
from services.outbox import policy as policies
from services.outbox.four_eyes import who, why_two
from services.outbox.policy import SendPolicy
from services.outbox.quiet import open_at

MOST_MOVES = 100
_NEED_APPROVER = ("approve", "undo")


@dataclass(frozen=True)
class _Names:
    customer: str
    arr: Decimal | None
    owner: str | None


def view(session: Session, by: Viewer, draft_id: int, now: datetime) -> DraftView:
    """The draft as `by` reads it now. NotFound when it is not in their portfolio."""
    draft = require_draft(session, by, draft_id)
    names = _names(session, draft)
    people = recipients(session, [draft.stakeholder_id])
    person = people[draft.stakeholder_id]
    policy = policies.load(session)
    mail = carrier_of(session, draft)
    if mail.state != "approved":
        mail = draft  # it is nothing yet but what it is by itself
    sending = _sending(session, mail, person, policy) if mail.state == "approved" else None
    original = _original(session, draft)
    sent_text, sent_html = as_sent(draft)
    whole, parts = merging.ties(session, draft)
    way = ways(session, [draft], people)[draft.id]
    arr = arr_of(session, [draft.customer_id], now)[draft.customer_id]
    undecided = draft.state in ("pending", "held", "second_look") and whole is None
    blocks = preflight(session, draft, now, people, policy) if undecided else []
    return DraftView(
        id=draft.id,
        revision=draft.revision,
        state=mail.state,
        why=draft.why,
        kind=draft.kind,
        topic=draft.topic,
        severity=draft.severity,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        sent_text=sent_text,
        sent_html=sent_html,
        template=draft.template,
        template_subject=original.subject if original else None,
        template_text=original.text if original else None,
        customer_id=draft.customer_id,
        customer=names.customer,
        arr=names.arr,
        stakeholder_id=draft.stakeholder_id,
        recipient=person.name,
        address=person.address,
        zone=person.zone,
        owner_id=draft.owner_id,
        owner=names.owner,
        sender=_sender(session, draft),
        source=draft.source,
        source_id=draft.source_id,
        not_before=draft.not_before,
        opens_at=_opens_at(draft, person.zone, policy, now) if undecided else None,
        expires_at=draft.expires_at,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        evidence=tuple(draft.evidence),
        attachments=_attachments(session, draft.id),
        blocks=tuple(blocks),
        second_look=why_two(draft.severity, arr, policy),
        approved_by=_approved_by(session, mail),
        undo_until=sending.due_at if sending and sending.state == "queued" else None,
        sending=sending,
        history=_history(session, draft.id),
        actions=() if whole else _actions(session, by, draft, sending),
        seen=opened(session, by, [draft]).get(draft.id) == way,
        way=way,
        merged_into=whole,
        parts=parts,
        mergeable=merging.offers(session, by, draft, now),
    )


def attachment(session: Session, by: Viewer, draft_id: int, attachment_id: int) -> bytes:
    """The content of a file that goes with the draft."""
    require_draft(session, by, draft_id)
    row = session.get(DraftAttachment, attachment_id)
    if row is None or row.draft_id != draft_id:
        raise NotFound("There is no such attachment. Reload the page.")
    return row.content


_DRAFT_ID = bindparam("draft_id")
_NAMES = (
    select(Customer.name, Customer.arr, Person.name)
    .select_from(Draft)
    .join(Customer, Customer.id == Draft.customer_id)
    .outerjoin(Person, Person.id == Draft.owner_id)
    .where(Draft.id == _DRAFT_ID)
)
_FILES = (
    select(
        DraftAttachment.id, DraftAttachment.name, DraftAttachment.content_type,
        func.length(DraftAttachment.content),
    )
    .where(DraftAttachment.draft_id == _DRAFT_ID)
    .order_by(DraftAttachment.id)
)  # fmt: skip
_QUEUED = (
    select(
        OutboxMail.id, OutboxMail.state, OutboxMail.due_at, OutboxMail.sent_at, OutboxMail.reason
    )
    .where(OutboxMail.draft_id == _DRAFT_ID)
    .order_by(OutboxMail.id.desc())
    .limit(1)
)
_MOVES = (
    select(
        DraftEvent.at, Person.name, DraftEvent.move, DraftEvent.to_state, DraftEvent.revision,
        DraftEvent.why,
    )
    .outerjoin(Person, Person.id == DraftEvent.person_id)
    .where(DraftEvent.draft_id == _DRAFT_ID, DraftEvent.move != READ)
    .order_by(DraftEvent.id.desc())
    .limit(MOST_MOVES)
)  # fmt: skip


def _names(session: Session, draft: Draft) -> _Names:
    row = session.execute(_NAMES, {"draft_id": draft.id}).one()
    return _Names(row[0], row[1], row[2])


def _opens_at(
    draft: Draft, zone: str | None, policy: policies.SendPolicy, now: datetime
) -> datetime | None:
    wanted = max(draft.not_before or now, now)
    opens = open_at(wanted, zone, policy)
    return opens if opens > wanted else None


def _original(session: Session, draft: Draft) -> rendering.Rendered | None:
    """What it was made with: the template's words then, whatever they are now. None when these are gone."""
    if draft.template is None:
        return None
    try:
        made_with = (draft.template, draft.template_version, [draft.values])
        return rendering.render_version(session, *made_with)[0]
    except AppError:
        return None


def _sender(session: Session, draft: Draft) -> str | None:
    mailbox = mailbox_found(session, draft.owner_id)
    if mailbox is None:
        return None
    line = from_line(session, mailbox, draft.owner_id)
    return f"{line.name} <{line.address}>" if line.name else line.address


def _attachments(session: Session, draft_id: int) -> tuple[AttachmentInfo, ...]:
    rows = session.execute(_FILES, {"draft_id": draft_id})
    return tuple(AttachmentInfo(*row) for row in rows)


def _sending(
    session: Session, draft: Draft, person: Recipient, policy: SendPolicy
) -> Sending | None:
    row = session.execute(_QUEUED, {"draft_id": draft.id}).first()
    if row is None:
        return None
    sending = Sending(*row)
    if sending.state != "queued":
        return sending
    return replace(sending, due_at=open_at(sending.due_at, person.zone, policy))


def _approved_by(session: Session, draft: Draft) -> tuple[str, ...]:
    if draft.state not in ("second_look", "approved"):
        return ()
    people = [row.person_id for row in live_approvals(session, [draft]).get(draft.id, [])]
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).all())
    return tuple(names[number] for number in people)


def _history(session: Session, draft_id: int) -> tuple[Move, ...]:
    """Newest first; what somebody typed in one go is one line."""
    found: list[Move] = []
    for row in session.execute(_MOVES, {"draft_id": draft_id}):
        move = Move(*row)
        last = found[-1] if found else None
        if last and last.move == move.move == "edit" and last.who == move.who:
            continue
        found.append(move)
    return tuple(found)


def _actions(
    session: Session, by: Viewer, draft: Draft, sending: Sending | None
) -> tuple[str, ...]:
    """What the reader may do now, blocks aside: those are told in words."""
    moves = set(allowed(draft.state)) - {"merge", "recall"}
    if by.person_id is None or not may_approve(session, by, draft):
        moves -= set(_NEED_APPROVER)
    if draft.state == "second_look":
        given = live_approvals(session, [draft]).get(draft.id, [])
        if any(by.who & who(one) for one in given):
            moves.discard("approve")
    if draft.kind == MERGED:
        moves -= {"reopen"}
        if "cancel" in moves and may_approve(session, by, draft):
            moves.add("take_apart")
    if sending and sending.state in ("wire", "sent", "unknown", "review"):
        moves = set()
    return tuple(sorted(moves))
