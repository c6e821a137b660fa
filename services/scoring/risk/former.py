"""The outreach that customers had before: what of it is still open, and whether it came to a word with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, OutboxMail, Task
from services.drafts.records import OPEN
from services.drafts.wholes import carrier, standing
from services.scoring.risk.records import CHECK_IN, SOURCE
from services.touches import spoken
from services.touches.planned import ON_ITS_WAY


def under_way(session: Session, customer_ids: Collection[int]) -> set[int]:
    """The customers among them with a call still to be made, or a mail still to be decided on or to leave."""
    calls = select(Task.customer_id).where(
        Task.source == SOURCE, Task.state == "open", Task.customer_id.in_(customer_ids)
    )
    mails = select(Draft.customer_id).where(
        Draft.source == SOURCE, Draft.kind == CHECK_IN, Draft.customer_id.in_(customer_ids)
    )
    waiting = mails.where(standing().in_(OPEN))
    leaving = mails.join(OutboxMail, OutboxMail.draft_id == carrier()).where(
        OutboxMail.state.in_(ON_ITS_WAY)
    )
    found = (session.scalars(statement) for statement in (calls, waiting, leaving))
    return {number for numbers in found for number in numbers if number is not None}


def spoken_since(session: Session, signal_ids: Collection[int], now: datetime) -> set[int]:
    """The customers with whom somebody has spoken since these signals of theirs had outreach planned."""
    planned = (
        select(Customer.id)
        .join(Task, Task.customer_id == Customer.id)
        .where(Task.source == SOURCE, Task.source_id.in_(signal_ids))
        .where(spoken(Customer.id, Task.created_at, now))
    )
    return set(session.scalars(planned))


def rounds(session: Session, signal_ids: Collection[int]) -> dict[int, int]:
    """How often each of these signals has had its outreach planned; none is not named."""
    rows = session.execute(
        select(Task.source_id, func.count())
        .where(Task.source == SOURCE, Task.source_id.in_(signal_ids))
        .group_by(Task.source_id)
    )
    return {number: count for number, count in rows if number is not None}
