"""Approved drafts that the last gate sends back: by now two people must approve them, and one has."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, OutboxMail, Person
from services import notifications
from services.drafts import second_looks
from services.drafts.approving import live_approvals
from services.drafts.moves import make_move
from services.ids import public_id
from services.notifications import Action
from services.outbox.four_eyes import who
from services.outbox.recalls import add_recall

KIND = "mail_recalled"


@add_recall
def wait_for_second(session: Session, row: OutboxMail, why: str, now: datetime) -> bool:
    """Its approval stays; a second one sends it. False while somebody else has the draft locked: they may
    wait for the queue's row, which the gate holds."""
    draft = session.scalar(
        select(Draft)
        .where(Draft.id == row.draft_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if draft is None:
        return False
    if draft.state != "approved":
        return True  # somebody has taken it back themselves
    make_move(session, draft, "recall", "second_look", by=None, now=now, why=why)
    draft.why = why
    session.flush()
    approvals = live_approvals(session, [draft]).get(draft.id, [])
    first = session.get(Person, approvals[0].person_id) if approvals else None
    if first is not None:
        second_looks.tell(session, [draft], who(approvals[0]), first.name, now=now)
    _tell_owner(session, draft, why, now)
    return True


def _tell_owner(session: Session, draft: Draft, why: str, now: datetime) -> None:
    if draft.owner_id is None:
        return
    notifications.notify(
        session,
        draft.owner_id,
        f"{KIND}:{draft.id}:{draft.revision}",
        KIND,
        f"A mail was not sent: it waits for a second person: {draft.subject}",
        f"{why} It leaves once somebody other than who approved it does so, too.",
        customer_id=draft.customer_id,
        actions=[Action("Open", "draft", (("id", public_id("draft", draft.id)),))],
        now=now,
    )
