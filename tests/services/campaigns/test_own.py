"""Our own mails that went out in bulk stand in the ledger like everybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
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


def parts(session: Session, mails: list[OutboxMail]) -> None:
    """Each of these made one with a note of one lesson, as services.drafts.merging leaves them once they are sent."""
    for mail in mails:
        first = session.get_one(Draft, mail.draft_id)
        same = {
            "topic": "events", "customer_id": first.customer_id, "stakeholder_id": first.stakeholder_id,
            "text": "", "html": "", "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip
        second = Draft(
            dedup_key=f"note:{first.id}", kind="note", source="lesson", source_id=4, subject="Slides",
            state="cancelled", **same,
        )  # fmt: skip
        whole = Draft(
            dedup_key=f"merged:{first.id}", kind="merged", source="draft", source_id=first.id,
            subject="Slides", state="approved", **same,
        )  # fmt: skip
        session.add_all([second, whole])
        session.flush()
        first.state = "cancelled"
        first.merged_into_id = second.merged_into_id = whole.id
        mail.draft_id, mail.kind, mail.subject = whole.id, whole.kind, whole.subject
    session.flush()


def counted(campaign: Campaign) -> dict[str, object]:
    """All that is told of it but which it is."""
    told = {column.name: getattr(campaign, column.name) for column in Campaign.__table__.columns}
    return {
        name: told[name] for name in told if name not in ("id", "vendor_key", "name", "subject")
    }


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


def taken_in(session: Session, merged: int) -> list[Campaign]:
    """Those that come of mails of which the first so many were merged, with the same hits."""
    mails = sent(session, BULK)
    parts(session, mails[:merged])
    for mail, (kind, minutes) in zip(
        mails, [("click", 60), ("open", 61), ("reply", 90), ("bounce", 5)], strict=False
    ):
        hit(session, mail, kind, minutes)
    take_in_own(session, now=NOW)
    assert take_in_own(session, now=NOW) == 0
    return list(session.scalars(select(Campaign).order_by(Campaign.vendor_key)))


@pytest.mark.parametrize("merged", [1, BULK])
def test_mails_that_went_out_merged_count_in_a_campaign_as_those_that_went_alone(
    engine: Engine, merged: int
):
    with transaction(engine) as session:
        kept = session.begin_nested()
        (alone,) = taken_in(session, 0)
        expected, name = counted(alone), alone.name
        kept.rollback()
        session.expire_all()
        found = taken_in(session, merged)
        # The notes are a campaign of their own once they are as many.
        assert len(found) == (2 if merged == BULK else 1)
        assert [counted(one) for one in found] == [expected] * len(found)
        assert found[0].name == name


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
