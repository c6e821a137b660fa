"""Drafts: list, read, approve, reject."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.auth import By
from data.db import transaction
from services import drafts
from services.clock import utc_now
from services.drafts import DraftRow, DraftView, Filters
from services.ids import public_id, read_id

router = APIRouter(prefix="/drafts", tags=["drafts"])
State = Literal["pending", "held", "second_look", "approved", "rejected", "cancelled"]
Severity = Literal["low", "normal", "high", "critical"]


class DraftLine(BaseModel):
    id: str
    revision: int = Field(
        description="Counts the changes; every decision names the one it is about"
    )
    state: str
    kind: str
    severity: str
    subject: str
    customer_id: str
    customer: str
    recipient: str
    owner: str | None
    not_before: datetime | None
    expires_at: datetime | None
    created_at: datetime
    sending: str | None = Field(description="Where it is in the send queue, once approved")


class DraftList(BaseModel):
    drafts: list[DraftLine]
    after: str | None = Field(description="Ask again with this for the next page; null on the last")


class BlockSaid(BaseModel):
    code: str
    words: str
    hard: bool = Field(description="Must be put right; others can be accepted when approving")


class AttachmentSaid(BaseModel):
    name: str
    type: str = Field(description="Its content type")
    size: int = Field(description="In bytes")


class OneDraft(DraftLine):
    text: str
    html: str
    address: str | None
    sender: str | None
    way: str = Field(
        description="Stands for recipient and sender, by name and address; an approval needs it back"
    )
    time_zone: str = Field(description="The recipient's")
    evidence: list[dict[str, Any]]
    attachments: list[AttachmentSaid] = Field(
        description="Files that go with it: an approval is of these, too"
    )
    blocks: list[BlockSaid]
    second_look: str | None = Field(
        description="Why two people must approve it; null: one is enough"
    )
    approved_by: list[str]
    why: str | None = Field(description="Why it is held, rejected or cancelled")
    actions: list[str] = Field(description="What you may do with it now")


Revision = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Approve(BaseModel):
    revision: Revision
    accept: list[str] = Field(
        [], description="Codes of blocks that are not hard, to go on in spite of"
    )
    way: str | None = Field(
        None,
        max_length=64,
        description="The draft's, as you read it. Without it, and when a name or address is another by now: 409; read the "
        "draft again",
    )


class Reject(BaseModel):
    revision: Revision
    why: str = Field(max_length=500)


class Decided(BaseModel):
    id: str
    state: str
    revision: int
    due_at: datetime | None = Field(default=None, description="When it leaves at the earliest")


@router.get("", summary="Drafts of your customers, those that wait unless you say otherwise")
def list_drafts(  # noqa: PLR0913 - the filters
    by: By,
    state: Annotated[list[State] | None, Query()] = None,
    kind: str | None = None,
    severity: Severity | None = None,
    customer_id: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DraftList:
    wanted = Filters(
        states=tuple(state) if state else ("pending", "second_look"),
        kind=kind,
        severity=severity,
        customer_id=read_id("customer", customer_id) if customer_id else None,
    )
    with transaction(read_only=True) as session:
        page = drafts.listing(session, by, wanted, after=after, limit=limit)
    return DraftList(drafts=[DraftLine(**_line(row)) for row in page.rows], after=page.after)


@router.get(
    "/{draft_id}", summary="One draft with what it rests on and what speaks against sending"
)
def read_draft(draft_id: str, by: By) -> OneDraft:
    with transaction(read_only=True) as session:
        found = drafts.view(session, by, read_id("draft", draft_id), utc_now())
    return OneDraft(
        **_line(found),
        text=found.text,
        html=found.html,
        address=found.address,
        sender=found.sender,
        way=found.way,
        time_zone=found.zone,
        evidence=[dict(one) for one in found.evidence],
        attachments=[
            AttachmentSaid(name=file.name, type=file.content_type, size=file.size)
            for file in found.attachments
        ],
        blocks=[BlockSaid(code=b.code, words=b.words, hard=b.hard) for b in found.blocks],
        second_look=found.second_look,
        approved_by=list(found.approved_by),
        why=found.why,
        actions=list(found.actions),
    )


@router.post("/{draft_id}/approve", summary="Approve a draft as it stands in this revision")
def approve_draft(draft_id: str, said: Approve, by: By) -> Decided:
    number = read_id("draft", draft_id)
    with transaction() as session:
        done = drafts.approve(
            session, number, said.revision, by=by, now=utc_now(), accepted=said.accept, way=said.way
        )
    return Decided(id=draft_id, state=done.state, revision=said.revision, due_at=done.due_at)


@router.post("/{draft_id}/reject", summary="Decide that a draft is not sent, and say why")
def reject_draft(draft_id: str, said: Reject, by: By) -> Decided:
    number = read_id("draft", draft_id)
    with transaction() as session:
        revision = drafts.reject(session, number, said.revision, said.why, by=by, now=utc_now())
    return Decided(id=draft_id, state="rejected", revision=revision, due_at=None)


def _line(row: DraftRow | DraftView) -> dict[str, Any]:
    sending = row.sending.state if isinstance(row, DraftView) and row.sending else row.sending
    return {
        "id": public_id("draft", row.id),
        "customer_id": public_id("customer", row.customer_id),
        "sending": sending,
    } | {
        name: getattr(row, name)
        for name in (
            "revision", "state", "kind", "severity", "subject", "customer", "recipient", "owner",
            "not_before", "expires_at", "created_at",
        )
    }  # fmt: skip
