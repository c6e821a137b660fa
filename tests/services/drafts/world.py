"""Drafts for tests: to Maria and Tom of TechCorp, from Dana."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, OutboxMail, Stakeholder
from services import drafts
from services.access import Viewer
from services.drafts import NewDraft
from tests.support.portfolio import Portfolio

WORDS = "Hi Maria,\n\nthe guide is at https://docs.example.com/guide.\n\nBest regards,\nDana"


def new_draft(known: Portfolio, key: str = "one", **values: Any) -> NewDraft:
    given: dict[str, Any] = {
        "dedup_key": key,
        "kind": "event_follow_up",
        "topic": "events",
        "customer_id": known.techcorp,
        "stakeholder_id": known.maria,
        "source": "event",
        "subject": "After the webinar",
        "text": WORDS,
        **values,
    }
    return NewDraft(**given)


def make(
    session: Session, known: Portfolio, now: datetime, key: str = "one", **values: Any
) -> Draft:
    number = drafts.create(session, new_draft(known, key, **values), now=now)
    assert number is not None
    return session.get_one(Draft, number)


def open_it(session: Session, draft: Draft, by: Viewer, now: datetime) -> None:
    drafts.note_read(session, draft.id, draft.revision, by=by, now=now)


def queued(session: Session, draft_id: int) -> list[OutboxMail]:
    """The draft's rows in the send queue, newest last."""
    return list(
        session.scalars(
            select(OutboxMail)
            .where(OutboxMail.draft_id == draft_id)
            .order_by(OutboxMail.id)
            .execution_options(populate_existing=True)
        )
    )


def person_without_address(session: Session, known: Portfolio, now: datetime) -> int:
    someone = Stakeholder(
        customer_id=known.techcorp,
        first_name="No",
        last_name="Mail",
        created_at=now,
        updated_at=now,
    )
    session.add(someone)
    session.flush()
    return someone.id
