"""A summit to come, with people of two customers asked to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    Draft,
    Invitation,
    Mailbox,
    OutboxMail,
    Stakeholder,
    StakeholderEmail,
)
from services import drafts
from services.access import Viewer
from services.drafts import NewDraft
from services.invitations import catalogue, links
from services.invitations.catalogue import EventPlan
from services.invitations.records import INVITATION, SOURCE, TOPIC, invitation_key
from tests.support.portfolio import Portfolio


def summit(session: Session, starts_at: datetime, by: Viewer, **said: Any) -> int:
    """A planned event of two hours, online and in Austin; its id."""
    given = {
        "name": "Customer Success Summit",
        "type": "conference",
        "topic": "Automation",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "zone": "America/Chicago",
        "city": "Austin",
        "country": "United States",
        "join_url": "https://join.example/summit",
        "virtual": True,
        **said,
    }
    return catalogue.create(session, EventPlan(**given), by=by, now=starts_at)


def invited(
    session: Session, known: Portfolio, event_id: int, who: int, now: datetime, **said: Any
) -> Invitation:
    """An invitation with its draft, as the generator leaves them."""
    customer = known.datapro if who == known.ines else known.techcorp
    number = drafts.create(
        session,
        NewDraft(
            dedup_key=invitation_key(event_id, who),
            kind=INVITATION,
            topic=TOPIC,
            customer_id=customer,
            stakeholder_id=who,
            source=SOURCE,
            source_id=event_id,
            subject="You are invited",
            text="Come to the summit.",
        ),
        now=now,
    )
    row = Invitation(
        event_id=event_id,
        customer_id=customer,
        stakeholder_id=who,
        draft_id=number,
        token=links.new_tokens(session, 1)[0],
        created_at=now,
        updated_at=now,
        **said,
    )
    session.add(row)
    session.flush()
    return row


def sent(session: Session, invitation: Invitation, at: datetime, state: str = "sent") -> OutboxMail:
    """Its mail, as the send queue leaves it."""
    box = session.scalar(select(Mailbox).limit(1))
    if box is None:
        box = Mailbox(kind="eml", address="dana@ours.example", created_at=at)
        session.add(box)
        session.flush()
    key = f"{invitation.id}-{state}"
    mail = OutboxMail(
        dedup_key=key, draft_id=invitation.draft_id, kind=INVITATION, topic=TOPIC,
        customer_id=invitation.customer_id, stakeholder_id=invitation.stakeholder_id,
        mailbox_id=box.id, recipient="maria@techcorp.example", subject="You are invited", raw=b"",
        approved_hash="", message_id=f"{key}@ours.example", tracking=f"t{key}",
        unsubscribe=f"u{key}", state=state, due_at=at, wire_at=at,
        sent_at=at if state == "sent" else None, created_at=at, updated_at=at,
    )  # fmt: skip
    session.add(mail)
    draft = session.get_one(Draft, invitation.draft_id)
    draft.state = "approved"
    session.flush()
    return mail


def more_customers(session: Session, known: Portfolio, now: datetime, count: int) -> list[int]:
    """Customers of Dana's, each with a champion who can be written to."""
    made: list[int] = []
    for n in range(count):
        row = Customer(
            name=f"More {n}", csm_id=known.dana.person_id, created_at=now, updated_at=now
        )
        session.add(row)
        session.flush()
        who = Stakeholder(
            customer_id=row.id, first_name="P", last_name=f"N{n}", role="champion",
            created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(who)
        session.flush()
        address = f"p{n}@more{n}.example"
        session.add(StakeholderEmail(email=address, stakeholder_id=who.id, shown_as=address, is_primary=True))  # fmt: skip
        made.append(row.id)
    session.flush()
    return made
