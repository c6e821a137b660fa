"""What tests hold true about drafts and mails, kept and judged beside the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Approval, Draft, OutboxMail
from services.access import Viewer


@dataclass(frozen=True)
class Seen:
    """A draft as somebody has it on the screen, perhaps for long."""

    draft_id: int
    revision: int
    text: str
    who: Viewer


@dataclass
class Known:
    """What this test holds true about a draft, kept beside the app."""

    text: str
    critical: bool
    approvers: set[int] = field(default_factory=set[int])
    approved: bool = False
    sent: list[str] = field(default_factory=list[str])


def marker(raw: bytes) -> str:
    """The words of a mail that tell its versions apart."""
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    assert body is not None
    return next(w for w in body.get_content().split() if w.startswith("version"))


def holds(session: Session) -> None:
    """What must be true of the database by itself, at any moment."""
    alive = ("queued", "claimed", "wire", "sent", "unknown", "review")
    seen: set[int] = set()
    for row in session.scalars(select(OutboxMail).where(OutboxMail.state.in_(alive))):
        assert row.draft_id is not None
        assert row.draft_id not in seen, "two mails of one draft under way"
        seen.add(row.draft_id)
        assert sha256(row.raw).hexdigest() == row.approved_hash
        draft = session.get_one(Draft, row.draft_id)
        live = session.scalars(
            select(Approval).where(Approval.draft_id == row.draft_id, Approval.voided_at.is_(None))
        ).all()
        assert draft.state == "approved"
        assert live
        assert {(one.sha256, one.revision) for one in live} == {(row.approved_hash, draft.revision)}
