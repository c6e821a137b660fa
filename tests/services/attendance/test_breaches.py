"""What was promised and not kept, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Draft, FollowUp, Stakeholder
from services import drafts
from services.attendance.follow_up import breaches, clock, letting_go
from services.attendance.follow_up.run import follow_up as run
from tests.services.attendance.world import WEEK, event, seat, within
from tests.services.drafts.world import open_it
from tests.support.portfolio import Portfolio, portfolio

HOUR = timedelta(hours=1)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    held = event(session, now - WEEK)
    seat(session, held, made.techcorp, made.maria)
    seat(session, held, made.datapro, made.ines)
    run(within(session), [held], lambda: now)
    clock.reconcile(session, now)
    return made


def reasons(session: Session, by: object, at: datetime, *, late: bool = False) -> dict[str, str]:
    found = breaches.breaches(session, by, at, late=late)  # type: ignore[arg-type]
    return dict(found.select("customer", "reason").iter_rows())


def test_nothing_is_late_on_the_day(session: Session, known: Portfolio, now: datetime):
    assert breaches.breaches(session, known.ada, now + HOUR).is_empty()
    running = {
        one.promise: (one.kept, one.running) for one in breaches.clocks(session, known.ada, now)
    }
    assert running["told the same day"] == (2, 0)
    assert running["sent within 72 hours"] == (0, 2)


def test_mail_that_nobody_approves_is_overdue_after_three_days(
    session: Session, known: Portfolio, now: datetime
):
    late = now + 73 * HOUR
    assert reasons(session, known.ada, late) == {
        "TechCorp": "1 draft is waiting for approval.",
        "DataPro": "1 draft is waiting for approval.",
    }
    found = breaches.breaches(session, known.ada, late)
    assert found["broken"].unique().to_list() == ["not sent within 72 hours"]


def test_csm_sees_the_own_and_the_manager_all(session: Session, known: Portfolio, now: datetime):
    late = now + 73 * HOUR
    assert list(reasons(session, known.dana, late)) == ["TechCorp"]
    assert len(reasons(session, known.morgan, late)) == 2


def test_customer_nobody_looks_after_is_not_told_and_says_so(
    session: Session, known: Portfolio, now: datetime
):
    session.execute(update(Customer).values(csm_id=None))
    held = event(session, now - 2 * HOUR, "Second webinar")
    seat(session, held, known.techcorp, known.maria)
    run(within(session), [held], lambda: now)
    clock.reconcile(session, now)
    found = breaches.breaches(session, known.ada, now + 24 * HOUR)
    row = found.filter(event="Second webinar").row(0, named=True)
    assert row["notified"] == "overdue"
    assert row["reason"].startswith("Nobody looks after this customer")


def test_customer_without_a_stakeholder_who_was_there_says_so(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - 2 * HOUR, "Second webinar")
    seat(session, held, known.techcorp, None, key="new person")
    run(within(session), [held], lambda: now)
    clock.reconcile(session, now)
    found = breaches.breaches(session, known.ada, now + 25 * HOUR).filter(event="Second webinar")
    assert found["broken"].to_list() == ["not drafted within 24 hours"]
    assert "Nobody who was there is a stakeholder" in found["reason"][0]


def test_mail_sent_late_is_listed_only_when_asked_for(
    session: Session, known: Portfolio, now: datetime
):
    at = now + 80 * HOUR
    session.execute(update(FollowUp).values(sent_at=at))
    assert breaches.breaches(session, known.ada, at + HOUR).is_empty()
    assert set(reasons(session, known.ada, at + HOUR, late=True).values()) == {"Done, but late."}


def test_approved_mail_waits_in_the_queue(session: Session, known: Portfolio, now: datetime):
    draft = session.scalars(select(Draft).where(Draft.stakeholder_id == known.maria)).one()
    open_it(session, draft, known.dana, now)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=now)
    assert reasons(session, known.dana, now + 73 * HOUR) == {
        "TechCorp": "It waits in the send queue."
    }


def test_letting_go_needs_a_reason_and_cancels_what_waits(
    session: Session, known: Portfolio, now: datetime
):
    row = session.scalars(select(FollowUp).where(FollowUp.customer_id == known.techcorp)).one()
    with pytest.raises(BadInput):
        letting_go.waive(session, row.id, "  ", by=known.dana, now=now)
    with pytest.raises(NotFound):
        letting_go.waive(session, row.id, "Spoke by phone", by=known.erik, now=now)
    letting_go.waive(session, row.id, "Spoke by phone", by=known.dana, now=now)
    draft = session.scalars(select(Draft).where(Draft.stakeholder_id == known.maria)).one()
    assert draft.state == "cancelled"
    assert reasons(session, known.dana, now + 90 * HOUR) == {}
    assert b"Spoke" not in breaches.export(
        session, known.ada, now + 90 * HOUR, late=False, form="csv"
    )


def test_what_was_let_go_is_taken_up_again_with_the_drafts_that_went_with_it(
    session: Session, known: Portfolio, now: datetime
):
    row = session.scalars(select(FollowUp).where(FollowUp.customer_id == known.techcorp)).one()
    at = letting_go.waive(session, row.id, "Spoke by phone", by=known.dana, now=now)
    with pytest.raises(InvalidMove, match="already: Spoke by phone"):
        letting_go.waive(session, row.id, "Not worth it", by=known.morgan, now=now + HOUR)
    with pytest.raises(NotFound):
        letting_go.take_up_again(session, row.id, at, by=known.erik, now=now)
    assert letting_go.take_up_again(session, row.id, at, by=known.dana, now=now + HOUR) == 1
    assert reasons(session, known.dana, now + 90 * HOUR) == {
        "TechCorp": "1 draft is waiting for approval."
    }
    with pytest.raises(InvalidMove):
        letting_go.take_up_again(session, row.id, at, by=known.dana, now=now + HOUR)


def test_undo_leaves_what_others_let_go_or_rejected_since(
    session: Session, known: Portfolio, now: datetime
):
    row = session.scalars(select(FollowUp).where(FollowUp.customer_id == known.techcorp)).one()
    draft = session.scalars(select(Draft).where(Draft.stakeholder_id == known.maria)).one()
    drafts.reject(session, draft.id, draft.revision, "No", by=known.dana, now=now)
    first = letting_go.waive(session, row.id, "Spoke by phone", by=known.dana, now=now)
    assert letting_go.take_up_again(session, row.id, first, by=known.dana, now=now) == 0
    assert draft.state == "rejected"
    letting_go.waive(session, row.id, "Spoke by phone", by=known.morgan, now=now + HOUR)
    with pytest.raises(InvalidMove):
        letting_go.take_up_again(session, row.id, first, by=known.dana, now=now + HOUR)
    assert row.waived_at == now + HOUR


def test_nobody_else_is_drafted_for_after_letting_go(
    session: Session, known: Portfolio, now: datetime
):
    row = session.scalars(select(FollowUp).where(FollowUp.customer_id == known.techcorp)).one()
    letting_go.waive(session, row.id, "Spoke by phone", by=known.dana, now=now)
    seat(session, row.event_id, known.techcorp, known.tom)
    assert run(within(session), [row.event_id], lambda: now) == 0
    assert session.get_one(Stakeholder, known.tom).unsubscribed is False


def test_counts_of_an_event_are_those_of_its_rows(
    session: Session, known: Portfolio, now: datetime
):
    row = session.scalars(select(FollowUp).where(FollowUp.customer_id == known.techcorp)).one()
    row.sent_at, row.replied_at = now, now + HOUR
    session.flush()
    for by in (known.ada, known.dana, known.erik):
        rows = breaches.of_event(session, by, now, row.event_id)
        told = [rows.height, *(rows[name].count() for name in ("sent_at", "replied_at"))]
        counted = breaches.counts_of_event(session, by, row.event_id)
        assert [counted.all, counted.sent, counted.replied] == told
    assert breaches.counts_of_event(session, known.ada, row.event_id).replied == 1
