"""A word to somebody who takes our mail well: a draft to begin from, or that somebody spoke with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.once import add_once
from data.tables import CampaignRecipient, Customer, Person, Stakeholder, Task
from services import drafts, tasks
from services.access import Viewer, audit, visible
from services.campaigns.insight.customer import clicked_topics
from services.mailboxes import OUR_TEAM, below_name

TOPIC = "relationship"
"""Of the mail that one writes to them."""
SOURCE = "campaign_contact"
TEMPLATE = "campaigns/conversation"


def write_to(session: Session, recipient_id: int, why: str, *, by: Viewer, now: datetime) -> int:
    """The id of a draft that asks them for a conversation and waits for approval; `why` is kept with it.
    NotFound for people of others, InvalidMove where there is one of this day already."""
    who, customer = _person(session, by, recipient_id)
    me = session.get(Person, by.person_id) if by.person_id else None
    name = me.name if me else OUR_TEAM
    theirs = clicked_topics(session, [customer.id], now).sort("at", descending=True)
    topics = [
        row[1]
        for row in theirs.select("recipient_id", "topic").iter_rows()
        if row[0] == recipient_id
    ]
    new = drafts.NewDraft(
        dedup_key=f"{SOURCE}:{who.id}:{now.date()}",
        kind="campaign_follow_up",
        topic=TOPIC,
        customer_id=customer.id,
        stakeholder_id=who.id,
        source=SOURCE,
        source_id=recipient_id,
        template=TEMPLATE,
        values={
            "first_name": who.first_name or "there",
            "customer": customer.name,
            "about": "",
            "topic": topics[0] if topics else "",
            "sender_name": name,
            "signature": below_name(session, by.person_id, name),
        },
        evidence=[{"claim": "Takes our mail well", "fact": why[:300], "screen": None, "query": {}}],
        owner_id=by.person_id,
    )
    made = drafts.create(session, new, now=now, by=by)
    if made is None:
        raise InvalidMove("A mail to them was begun today already. Look under Drafts.")
    return made


def say_contacted(
    session: Session, recipient_id: int, *, by: Viewer, now: datetime
) -> tuple[int, tasks.Closing]:
    """Somebody spoke with them in a way the app did not see: kept as a task that is done, and a contact, once a
    day. The task's id, and by which moment this is taken back, unless it was said before."""
    who, customer = _person(session, by, recipient_id)
    full = f"{who.first_name} {who.last_name}".strip()
    key = f"{SOURCE}:{who.id}:{now.date()}"
    number = add_once(
        session, Task, dedup_key=key, owner_id=by.person_id,
        customer_id=customer.id, stakeholder_id=who.id, title=f"Spoke with {full}"[:300], detail="",
        due_at=now, source=SOURCE, source_id=recipient_id, state="done", done_at=now,
        done_by=by.person_id, created_by=by.person_id, created_at=now, updated_at=now,
    )  # fmt: skip
    if number is not None:
        tasks.note_call(session, session.get_one(Task, number), by=by)
        audit(session, by, "campaign.contacted", "stakeholder", who.id, full, now)
        return number, tasks.Closing(now)
    said = session.scalars(select(Task).where(Task.dedup_key == key)).one()
    if said.state == "done":
        return said.id, tasks.Closing(None, tasks.who_did(session, said, by))
    if said.state == "cancelled":  # it was taken back
        tasks.move(session, said.id, "open", by=by, now=now)
    tasks.move(session, said.id, "done", by=by, now=now)
    return said.id, tasks.Closing(now)


def unsay_contacted(
    session: Session, task_id: int, said_at: datetime, *, by: Viewer, now: datetime
) -> None:
    """Nobody spoke with them after all. InvalidMove where somebody has said otherwise since."""
    tasks.open_again(session, task_id, said_at, by=by, now=now)
    tasks.move(session, task_id, "cancelled", by=by, now=now)


def _person(session: Session, by: Viewer, recipient_id: int) -> tuple[Stakeholder, Customer]:
    found = session.execute(
        select(CampaignRecipient.stakeholder_id, Customer)
        .join(Customer, Customer.id == CampaignRecipient.customer_id)
        .where(CampaignRecipient.id == recipient_id, visible(by))
    ).first()
    if found is None:
        raise NotFound("There is no such person in your portfolio. Reload the page.")
    number, customer = found
    who = session.get(Stakeholder, number) if number else None
    if who is None:
        raise BadInput("Add them to the customer's stakeholders first, then write to them.")
    return who, customer
