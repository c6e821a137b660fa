"""The exact bytes that people approve, made once per revision of a draft."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.pieces import pieces
from data.settings import settings
from data.tables import Draft, DraftAttachment, FrozenMail, Mailbox
from data.texts import one_line
from integrations import mime
from services import rendering, tracking
from services.drafts.facts import Person, leaves_at, recipients
from services.mailboxes import FromLine, from_line, mailbox_for

CHUNK = 500
"""Mails made at a time: each is held whole, twice."""

ASTRAY = (
    "A name or address of recipient or sender, or the sender's mailbox, has changed since the first approval. "
    "Take that approval back, and approve it anew."
)


@dataclass(frozen=True)
class _Way:
    """Who a mail is from, and the account it leaves by."""

    mailbox_id: int
    sender: FromLine


def freeze(
    session: Session,
    drafts: Sequence[Draft],
    now: datetime,
    people: Mapping[int, Person] | None = None,
) -> dict[int, FrozenMail]:
    """Each draft's frozen mail of its present revision, by draft id; made where there is none yet. `people`:
    their `recipients`, where these are at hand.

    InvalidMove when one was frozen for a first approval and would go another way by now.
    """
    found: dict[int, FrozenMail] = {}
    for start in range(0, len(drafts), CHUNK):
        found |= _freeze_chunk(session, drafts[start : start + CHUNK], now, people)
    return found


_DRAFTS = bindparam("drafts", expanding=True)
_FROZEN = select(FrozenMail).where(FrozenMail.draft_id.in_(_DRAFTS))
_FILES = (
    select(DraftAttachment)
    .where(DraftAttachment.draft_id.in_(_DRAFTS))
    .order_by(DraftAttachment.id)
)


def frozen(session: Session, drafts: Sequence[Draft]) -> dict[int, FrozenMail]:
    """Those of the drafts' present revisions that are frozen, by draft id."""
    revisions = {draft.id: draft.revision for draft in drafts}
    found: dict[int, FrozenMail] = {}
    for some in pieces(revisions):
        for mail in session.scalars(_FROZEN, {"drafts": some}):
            if mail.revision == revisions[mail.draft_id]:
                found[mail.draft_id] = mail
    return found


def astray(session: Session, drafts: Sequence[Draft]) -> set[int]:
    """Those of the drafts that `freeze` would refuse, by id."""
    there = frozen(session, drafts)
    halfway = [draft for draft in drafts if draft.id in there]
    people = recipients(session, [draft.stakeholder_id for draft in halfway])
    return _astray(halfway, there, people, _ways(session, halfway))


def _astray(
    drafts: Sequence[Draft],
    there: Mapping[int, FrozenMail],
    people: Mapping[int, Person],
    ways: Mapping[int, _Way],
) -> set[int]:
    return {
        draft.id
        for draft in drafts
        if draft.id in there
        and _differs(there[draft.id], people[draft.stakeholder_id], ways[draft.id])
    }


def _differs(mail: FrozenMail, person: Person, way: _Way) -> bool:
    """Whether what was frozen goes elsewhere, or names others, than what is shown now."""
    if (mail.recipient, mail.mailbox_id) != (person.address, way.mailbox_id):
        return True
    sender, recipient = _named(way, person)
    return not mime.written_to(mail.mime, sender, (recipient, mail.recipient))


def _named(way: _Way, person: Person) -> tuple[tuple[str, str], str]:
    """The sender's name and address and the recipient's name, as they stand in a mail."""
    return (one_line(way.sender.name), way.sender.address), one_line(person.name)


def _freeze_chunk(
    session: Session,
    drafts: Sequence[Draft],
    now: datetime,
    people: Mapping[int, Person] | None,
) -> dict[int, FrozenMail]:
    people = people or recipients(session, [draft.stakeholder_id for draft in drafts])
    ways = _ways(session, drafts)
    there = frozen(session, drafts)
    if _astray(drafts, there, people, ways):
        raise InvalidMove(ASTRAY)
    missing = [draft for draft in drafts if draft.id not in there]
    if missing:
        there |= _make(session, missing, people, ways, now)
    return there


def _ways(session: Session, drafts: Sequence[Draft]) -> dict[int, _Way]:
    known: dict[tuple[int | None, int | None], _Way] = {}
    for draft in drafts:
        which = (draft.mailbox_id, draft.owner_id)
        if which not in known:
            mailbox = (
                session.get_one(Mailbox, draft.mailbox_id)
                if draft.mailbox_id
                else mailbox_for(session, draft.owner_id)
            )
            known[which] = _Way(mailbox.id, from_line(session, mailbox, draft.owner_id))
    return {draft.id: known[draft.mailbox_id, draft.owner_id] for draft in drafts}


def _make(
    session: Session,
    drafts: Sequence[Draft],
    people: Mapping[int, Person],
    ways: dict[int, _Way],
    now: datetime,
) -> dict[int, FrozenMail]:
    """Each draft's, as it was written; not read again, since each holds a whole mail."""
    files = _attachments(session, drafts)
    plain = [_uninstrumented(draft, ways[draft.id].sender) for draft in drafts]
    marked = tracking.instrument_many(session, plain, base_url=settings().base_url)
    rows = []
    for draft, before, after in zip(drafts, plain, marked, strict=True):
        way, person = ways[draft.id], people[draft.stakeholder_id]
        assert person.address is not None, "the pre-flight refuses drafts without an address"
        (name, address), recipient = _named(way, person)
        mail = mime.Mail(
            message_id=before.message_id,
            sender_name=name,
            sender_address=address,
            recipient_name=recipient,
            recipient_address=person.address,
            subject=draft.subject,
            text=after.text,
            html=after.html,
            # A mail for later bears the day it leaves, not that of its approval.
            date=leaves_at(draft, now),
            unsubscribe_url=after.unsubscribe_url,
            headers={"Reply-To": way.sender.reply_to} if way.sender.reply_to else {},
            attachments=tuple(files[draft.id]),
        )
        rows.append(_row(draft, way, mail, after) | {"frozen_at": now})
    session.execute(insert(FrozenMail), rows)
    return {row["draft_id"]: FrozenMail(**row) for row in rows}


def as_sent(draft: Draft) -> tuple[str, str]:
    """Text and HTML as their recipient will read them. The address of the way out is made with the frozen
    mail, for its recipient alone, so it is left open here."""
    address = f"{settings().base_url.rstrip('/')}/u/…"
    return rendering.with_unsubscribe(draft.text, draft.html, address)


def _uninstrumented(draft: Draft, sender: FromLine) -> tracking.Uninstrumented:
    text, html = rendering.with_unsubscribe(draft.text, draft.html, tracking.UNSUBSCRIBE_MARK)
    domain = sender.address.rpartition("@")[2]
    message_id = f"o{draft.id}.{draft.revision}.{token_hex(12)}@{domain}"
    return tracking.Uninstrumented(html, text, message_id)


def _row(draft: Draft, way: _Way, mail: mime.Mail, marks: tracking.Instrumented) -> dict[str, Any]:
    body = mime.build(mail)
    return {
        "draft_id": draft.id,
        "revision": draft.revision,
        "sha256": sha256(body).hexdigest(),
        "mime": body,
        "message_id": mail.message_id,
        "recipient": mail.recipient_address,
        "mailbox_id": way.mailbox_id,
        "tracking": marks.tracking,
        "unsubscribe": marks.unsubscribe,
    }


def _attachments(session: Session, drafts: Sequence[Draft]) -> dict[int, list[mime.Attachment]]:
    found: dict[int, list[mime.Attachment]] = defaultdict(list)
    for some in pieces([draft.id for draft in drafts]):
        for row in session.scalars(_FILES, {"drafts": some}):
            found[row.draft_id].append(mime.Attachment(row.name, row.content_type, row.content))
    return found
