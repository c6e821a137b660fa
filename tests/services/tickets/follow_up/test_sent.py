"""What comes after sending: tasks out of promises, replies, and the rating page's answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import (
    Draft,
    InboundMail,
    Notification,
    OutboxMail,
    Person,
    Promise,
    Rating,
    RiskSignal,
    Task,
    TicketFollowUp,
    TimelineEntry,
)
from services import drafts
from services.access import SYSTEM
from services.mailboxes import mailbox_for
from services.tickets import ratings
from services.tickets.afterwards import report
from services.tickets.assessing import assess_due
from services.tickets.follow_up.command import follow_up
from services.tickets.follow_up.sent import reconcile
from services.tickets.one_ticket import get_ticket
from tests.support import desk
from tests.support.desk import OPENED, SOLVED

NOW = SOLVED + timedelta(hours=30)
SENT = NOW + timedelta(minutes=5)


def drafted(session: Session) -> tuple[Draft, TicketFollowUp]:
    one = desk.customer(session)
    ticket = desk.ticket(session, now=NOW, escalated_to="engineering", csat=None)
    number = follow_up(session, desk.csm_of(session, one), ticket.id, now=NOW)
    return session.get_one(Draft, number), session.scalars(select(TicketFollowUp)).one()


def send(session: Session, draft: Draft) -> OutboxMail:
    owner = draft.owner_id
    by = desk.csm_of(session, session.get_one(desk.Customer, draft.customer_id))
    mailbox_for(session, owner)
    drafts.approve(session, draft.id, draft.revision, by=by, now=NOW, accepted=("no_direct_phone",))
    mail = session.scalars(select(OutboxMail).where(OutboxMail.draft_id == draft.id)).one()
    mail.state, mail.sent_at = "sent", SENT
    session.flush()
    return mail


def test_a_promise_becomes_a_task_in_seven_days_once_the_mail_has_left(session: Session):
    draft, one = drafted(session)
    reconcile(session, NOW)
    assert session.scalars(select(Task)).all() == []
    send(session, draft)
    reconcile(session, SENT)
    reconcile(session, SENT + timedelta(hours=1))
    task = session.scalars(select(Task)).one()
    assert task.title == "Check API metrics (TechFlow, ticket TF-2024-0847)"
    assert task.due_at.date() == (SENT + timedelta(days=7)).date()
    assert (one.state, one.sent_at) == ("sent", SENT)
    assert session.scalars(select(Promise.state)).one() == "set"
    titles = session.scalars(select(TimelineEntry.title)).all()
    assert "Followed up on ticket TF-2024-0847: satisfaction check" in titles


def test_a_day_that_is_promised_is_one_of_whoever_promised(session: Session):
    draft, _ = drafted(session)
    customer = session.get_one(desk.Customer, draft.customer_id)
    session.get_one(
        Person, customer.csm_id
    ).time_zone = "Pacific/Auckland"  # Thursday morning there
    by = desk.csm_of(session, customer)
    text = "Hi David,\n\nI will call you on Friday about ticket TF-2024-0847.\n\nAna"
    drafts.edit(session, draft.id, draft.revision, subject=draft.subject, text=text, by=by, now=NOW)
    view = get_ticket(session, by, session.scalars(select(TicketFollowUp.ticket_id)).one(), NOW)
    assert view.follow_up is not None
    assert [one.days for one in view.follow_up.promises] == [1]
    send(session, draft)
    reconcile(session, SENT)
    assert f"{session.scalars(select(Task)).one().due_at:%A %d}" == "Friday 30"


def test_the_edited_words_are_what_counts(session: Session):
    draft, _ = drafted(session)
    by = desk.csm_of(session, session.get_one(desk.Customer, draft.customer_id))
    text = "Hi David,\n\nI will call you tomorrow about ticket TF-2024-0847.\n\nAna"
    drafts.edit(session, draft.id, draft.revision, subject=draft.subject, text=text, by=by, now=NOW)
    view = get_ticket(session, by, session.scalars(select(TicketFollowUp.ticket_id)).one(), NOW)
    assert view.follow_up is not None
    assert [(p.what, p.days) for p in view.follow_up.promises] == [
        ("call you about ticket TF-2024-0847", 1)
    ]
    session.refresh(draft)
    send(session, draft)
    reconcile(session, SENT)
    due = session.scalars(select(Task.due_at)).one()
    assert due.date() == (SENT + timedelta(days=1)).date()


def test_what_is_solved_again_after_the_mail_can_be_followed_up_again(session: Session):
    draft, one = drafted(session)
    send(session, draft)
    reconcile(session, SENT)
    by = desk.csm_of(session, session.get_one(desk.Customer, draft.customer_id))
    with pytest.raises(InvalidMove, match="has been followed up"):
        follow_up(session, by, one.ticket_id, now=SENT)
    again = SENT + timedelta(days=2)
    desk.reopen(session, desk.NUMBER, SENT + timedelta(days=1))
    desk.ticket(session, solved=again, now=again)
    session.expire_all()
    second = session.get_one(Draft, follow_up(session, by, one.ticket_id, now=again))
    assert "came back once after we had called it solved" in second.text


def test_a_rejected_draft_is_left_and_its_reason_kept(session: Session):
    draft, one = drafted(session)
    by = desk.csm_of(session, session.get_one(desk.Customer, draft.customer_id))
    drafts.reject(
        session, draft.id, draft.revision, "Spoke with David on the phone", by=by, now=NOW
    )
    reconcile(session, NOW)
    assert (one.state, one.why) == ("left", "Rejected: Spoke with David on the phone")


def test_a_reply_is_seen_once_and_none_when_a_machine_wrote_it_after_all(session: Session):
    draft, one = drafted(session)
    mail = send(session, draft)
    reconcile(session, SENT)
    session.add(
        InboundMail(
            mailbox_id=mail.mailbox_id, provider_id="1", outbox_id=mail.id, kind="reply",
            sender="david@techflow.example", subject="Re", text="All good", at=SENT + timedelta(hours=3),
            read_at=SENT + timedelta(hours=4),
        )
    )  # fmt: skip
    session.flush()
    assert reconcile(session, SENT + timedelta(hours=5)) == 1
    assert one.replied_at == SENT + timedelta(hours=3)
    assert reconcile(session, SENT + timedelta(hours=6)) == 0
    session.query(InboundMail).one().kind = "auto_reply"
    session.flush()
    reconcile(session, SENT + timedelta(hours=7))
    assert one.replied_at is None


def rating(session: Session) -> Rating:
    drafted(session)
    return session.scalars(select(Rating)).one()


def test_looking_at_the_rating_page_changes_nothing(session: Session):
    one = rating(session)
    shown = ratings.page(session, one.token, NOW)
    assert (shown.number, shown.score, shown.closed) == ("TF-2024-0847", None, None)
    assert session.is_modified(one) is False
    assert one.score is None


def test_a_poor_rating_calls_somebody_at_once_and_a_better_one_calms(session: Session):
    one = rating(session)
    ratings.rate(session, one.token, "1", now=NOW)
    ratings.rate(session, one.token, "1", now=NOW)
    told = session.scalars(select(Notification).where(Notification.kind == "ticket_rating")).one()
    assert told.urgent
    signal = session.scalars(select(RiskSignal).where(RiskSignal.kind == "ticket")).one()
    assert signal.state == "open"
    assert "was rated 1 of 5" in session.scalars(select(Task.title)).one()
    ratings.rate(session, one.token, "4", "Sorted now", now=NOW + timedelta(days=1))
    assert (one.score, one.comment) == (4, "Sorted now")
    session.refresh(signal)
    assert signal.state == "closed"


def test_other_scores_are_refused(session: Session):
    one = rating(session)
    for score in ("0", "6", "", "good", "1; drop", "٣"):
        with pytest.raises(BadInput):
            ratings.rate(session, one.token, score, now=NOW)
    assert one.score is None


def test_a_rating_closes_after_two_months_and_strange_tokens_are_nobodys(session: Session):
    one = rating(session)
    with pytest.raises(InvalidMove, match="closed"):
        ratings.rate(session, one.token, "3", now=NOW + timedelta(days=61))
    for token in ("", "x" * 34, one.token[:-1], f"{one.token}a"):
        with pytest.raises(NotFound):
            ratings.page(session, token, NOW)
    assert OPENED < NOW


def test_two_weeks_later_confidence_is_back_or_it_is_a_risk(session: Session):
    draft, one = drafted(session)
    send(session, draft)
    reconcile(session, SENT)
    assert assess_due(session, SENT + timedelta(days=13)) == 0
    rated = session.scalars(select(Rating)).one()
    ratings.rate(session, rated.token, "2", now=SENT + timedelta(days=1))
    assert assess_due(session, SENT + timedelta(days=14)) == 1
    assert assess_due(session, SENT + timedelta(days=15)) == 0
    assert (one.why or "").startswith("Confidence is not back: rated 2 of 5")
    signal = session.scalars(select(RiskSignal).where(RiskSignal.kind == "ticket")).one()
    assert (signal.state, "not back" in signal.sentence) == ("open", True)
    assert any("is not back" in title for title in session.scalars(select(Task.title)))


def test_the_report_counts_what_left_and_what_came_of_it(session: Session):
    draft, _ = drafted(session)
    send(session, draft)
    reconcile(session, SENT)
    ratings.rate(session, session.scalars(select(Rating.token)).one(), "5", now=SENT)
    found = report(session, SYSTEM, SENT + timedelta(days=40))
    check = next(one for one in found.levels if one.level == "satisfaction_check")
    assert (check.sent, check.good.hits, check.poor, check.replied.hits) == (1, 1, 0, 0)
    assert (found.followed, found.others) == (1, 0)
    assert [days for days, _ in found.health] == [0, 7, 14, 30]
    assert all(lift.points is None for _, lift in found.health)
