"""Which mails two different people must approve, by the rules and the customer as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from data.tables import Approval, Draft, OutboxMail
from data.tables.drafts import SEVERITIES
from services.customers.arr import Arr, arr_of
from services.outbox.policy import SendPolicy


def why_two(severity: str, arr: Arr, policy: SendPolicy) -> str | None:
    """Why two different people must approve a draft; None when one is enough."""
    from_arr, from_severity = policy.four_eyes_arr, policy.four_eyes_severity
    if from_arr is not None and arr.now is not None and arr.now >= from_arr:
        return f"The customer's ARR is {from_arr:,.0f} or more, so two people must approve it."
    if from_arr is not None and arr.highest is not None and arr.highest >= from_arr:
        return f"The customer's ARR was {from_arr:,.0f} or more within a month, so two people must approve it."
    if from_severity and SEVERITIES.index(severity) >= SEVERITIES.index(from_severity):
        return f"Its severity is {severity}, so two people must approve it."
    return None


def approved(session: Session, row: OutboxMail) -> bool:
    """A second wall: an edit takes the mail out of the queue, and voids the approvals besides."""
    return row.draft_id is None or bool(session.scalar(select(exists().where(*_live(row)))))


def second_missing(
    session: Session, row: OutboxMail, policy: SendPolicy, now: datetime
) -> str | None:
    """Why it must wait for a second person after all; None when it need not. The rules or the customer may
    have changed since one person's word was enough."""
    if policy.four_eyes_arr is None and policy.four_eyes_severity is None:
        return None
    found = session.execute(
        select(Draft.severity, Draft.customer_id).where(Draft.id == row.draft_id)
    ).first()
    if found is None:
        return None
    arr = arr_of(session, [found.customer_id], now)[found.customer_id]
    why = why_two(found.severity, arr, policy)
    if why is None:
        return None
    approvals = session.scalars(select(Approval).where(*_live(row))).all()
    return None if by_two([who(one) for one in approvals]) else why


def who(approval: Approval) -> frozenset[int]:
    """All whose word it may have been: the person's, or that of who made the token it came by."""
    people = (approval.person_id, approval.token_by)
    return frozenset(number for number in people if number is not None)


def by_two(approvals: Iterable[frozenset[int]]) -> bool:
    """Whether two of them are certainly of different people."""
    return any(one.isdisjoint(other) for one, other in combinations(approvals, 2))


def _live(row: OutboxMail) -> tuple[ColumnElement[bool], ...]:
    """Approvals of exactly these bytes that nobody has taken back."""
    return (
        Approval.draft_id == row.draft_id,
        Approval.sha256 == row.approved_hash,
        Approval.voided_at.is_(None),
    )
