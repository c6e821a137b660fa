"""Our own mails that went out in bulk stand in the ledger like everybody else's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import (
    Campaign,
    CampaignLink,
    CampaignMail,
    Draft,
    Mailbox,
    MailEvent,
    MailLink,
    OutboxMail,
    StakeholderEmail,
)
from services.campaigns.own import BULK, take_in_own
from tests.services.campaigns.mail_world import NOW, PERSON, SENT, customer


def sent(session: Session, people: int) -> list[OutboxMail]:
    """So many follow-ups of one event, each to another person of one customer."""
    names = [f"p{number}" for number in range(people)]
    number = customer(session, "DataFlow", "dataflow.example", *names)
    box = Mailbox(kind="eml", address="ana@ours.example", created_at=NOW)
    session.add(box)
    session.flush()
    found = []
    for row in session.scalars(select(StakeholderEmail).order_by(StakeholderEmail.email)):
        draft = Draft(
            dedup_key=row.email, kind="follow_up.thanks", topic="events", customer_id=number,
            stakeholder_id=row.stakeholder_id, subject="Thank you", text="", html="", source="event",
            source_id=5, state="approved", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(draft)
        session.flush()
        mail = OutboxMail(
            dedup_key=row.email, draft_id=draft.id, kind="follow_up.thanks", topic="events",
            customer_id=number, stakeholder_id=row.stakeholder_id, mailbox_id=box.id, recipient=row.email,
            subject="Thank you", raw=b"", approved_hash="", message_id=f"m-{row.email}",
            tracking=f"t-{row.email}", unsubscribe=f"u-{row.email}", state="sent", due_at=SENT,
            sent_at=SENT, created_at=SENT, updated_at=SENT,
        )  # fmt: skip
        session.add(mail)
        found.append(mail)
    session.flush()
    return found


def hit(
    session: Session, mail: OutboxMail, kind: str, minutes: int, *, hidden: bool = False
) -> None:
    link = None
    if kind == "click":
        link = MailLink(
            token=f"{mail.id}-{hidden}", message_id=mail.message_id, url="https://ours.example/guide",
            position=1, hidden=hidden,
        )  # fmt: skip
        session.add(link)
        session.flush()
    session.add(
        MailEvent(
            outbox_id=mail.id,
            kind=kind,
            at=SENT + timedelta(minutes=minutes),
            method="GET",
            link_id=link.id if link else None,
            ip=f"203.0.113.{mail.id}",
            user_agent=PERSON,
        )
    )
    session.flush()


def test_bulk_is_a_campaign_and_a_few_mails_are_none(engine: Engine):
    with transaction(engine) as session:
        sent(session, BULK - 1)
        assert take_in_own(session, now=NOW) == 0
        assert session.scalar(select(Campaign.id)) is None


def test_hits_of_our_own_mail_are_taken_in_once_and_judged(engine: Engine):
    with transaction(engine) as session:
        mails = sent(session, BULK)
        hit(session, mails[0], "click", 60)
        hit(session, mails[1], "click", 61, hidden=True)
        hit(session, mails[2], "reply", 90)
        assert take_in_own(session, now=NOW) == BULK + 3
        assert take_in_own(session, now=NOW) == 0
        hit(session, mails[3], "open", 24 * 60)
        assert take_in_own(session, now=NOW) == 1
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.vendor, campaign.mails, campaign.matched) == ("own", BULK, BULK)
        assert (campaign.clicked, campaign.clicked_human, campaign.replied) == (2, 1, 1)
        assert "Thank you" in campaign.name
        # Servers of our own tell of no delivery: what did not come back has arrived.
        hit(session, mails[4], "bounce", 5)
        take_in_own(session, now=NOW)
        session.refresh(campaign)
        assert (campaign.delivered, campaign.bounced_soft) == (BULK - 1, 1)
        assert (campaign.judged, campaign.judged_clicked) == (BULK - 1, 1)
        hidden = select(CampaignLink.url).where(CampaignLink.hidden)
        assert session.scalars(hidden).all() == ["hidden:link"]
        assert session.scalar(select(CampaignMail.opens).where(CampaignMail.opens > 0)) == 1


def test_what_happened_while_the_worker_stood_still_is_read_afterwards(engine: Engine):
    day = timedelta(days=1)
    with transaction(engine) as session:
        mails = sent(session, BULK)
        assert take_in_own(session, now=SENT + timedelta(hours=1)) == BULK
        hit(session, mails[0], "click", 24 * 60)
        assert take_in_own(session, now=SENT + 10 * day) == 1
        # A reply is recorded when its mailbox is read again, with the time it came.
        hit(session, mails[1], "reply", 25 * 60)
        assert take_in_own(session, now=SENT + 11 * day) == 1
        assert take_in_own(session, now=SENT + 11 * day) == 0
