"""Follow-ups that go out within another mail to the same person: the clock sees it, and nothing trips over it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, FollowUp, InboundMail, OutboxMail
from services import drafts
from services.attendance.events.viewing import people
from services.attendance.follow_up import breaches, clock, letting_go
from services.attendance.follow_up.run import follow_up
from services.attendance.history import history
from services.drafts import holding
from services.touches.planned import contacts
from tests.services.attendance.world import WEEK, event, seat, with_goals, within
from tests.services.drafts.world import open_it
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    with_goals(session, made)
    return made


@pytest.fixture
def whole(session: Session, known: Portfolio, now: datetime) -> Draft:
    """Two events' follow-ups to Maria as one mail, which has left and was answered."""
    for name in ("Limits", "Retries"):
        held = event(session, now - WEEK / 7, name)
        seat(session, held, known.techcorp, known.maria)
        assert follow_up(within(session), [held], lambda: now) == 1
    first, second = session.scalars(select(Draft).order_by(Draft.id)).all()
    assert (first.state, second.state) == ("pending", "held")
    made = session.get_one(
        Draft,
        drafts.merge(session, first.id, first.revision, other_id=second.id, by=known.dana, now=now),
    )
    open_it(session, made, known.dana, now)
    drafts.approve(session, made.id, made.revision, by=known.dana, now=now)
    mail = session.scalars(select(OutboxMail)).one()
    mail.state, mail.sent_at = "sent", now
    session.add(
        InboundMail(
            mailbox_id=mail.mailbox_id, provider_id="1", outbox_id=mail.id, kind="reply",
            sender="maria@techcorp.example", subject="Re", text="Yes", at=now, read_at=now,
        )
    )  # fmt: skip
    session.flush()
    return made


@pytest.mark.usefixtures("whole")
def test_both_count_as_approved_sent_and_answered(session: Session, now: datetime):
    clock.reconcile(session, now)
    rows = session.scalars(select(FollowUp).execution_options(populate_existing=True)).all()
    assert [(r.approved_at, r.sent_at, r.replied_at) for r in rows] == [(now, now, now)] * 2
    assert clock.reconcile(session, now) == 0


@pytest.mark.usefixtures("whole")
def test_one_that_left_within_it_can_be_let_go(session: Session, known: Portfolio, now: datetime):
    row = session.scalars(select(FollowUp)).first()
    assert row
    letting_go.waive(session, row.id, "Spoke on the phone", by=known.dana, now=now)
    assert {one.state for one in session.scalars(select(Draft))} == {"held", "approved"}


@pytest.mark.usefixtures("whole")
def test_neither_is_late_nor_rejected_nor_on_the_calendar_beside_it(
    session: Session, known: Portfolio, now: datetime
):
    clock.reconcile(session, now)
    after = now + timedelta(days=5)
    drafts.tend(session, now=now)
    assert breaches.breaches(session, known.dana, after, late=True).is_empty()
    assert contacts(session, now, stakeholder_id=known.maria) == []


def test_words_that_were_let_go_stop_no_other_draft_to_that_person(
    session: Session, whole: Draft, now: datetime
):
    whole.values = {}
    session.flush()
    tied = holding.merged_among(session, [whole.stakeholder_id])
    assert set(tied.values()) == {whole}
    drafts.tend(session, now=now)
    states = session.scalars(select(Draft.state).order_by(Draft.id)).all()
    assert states == ["cancelled", "cancelled", "approved"]


def test_screens_tell_that_both_went_out(
    session: Session, known: Portfolio, whole: Draft, now: datetime
):
    drafts.tend(session, now=now)
    parts = session.scalars(select(Draft).where(Draft.merged_into_id == whole.id)).all()
    for part in parts:
        told = people(session, known.dana, part.source_id or 0)
        assert told["draft"].to_list() == ["Sent"]
        with pytest.raises(InvalidMove, match="within another mail"):
            drafts.reopen(session, part.id, part.revision, by=known.dana, now=now)
    seen, _ = history(session, known.dana, known.techcorp)
    assert [(one.draft_id in {p.id for p in parts}, one.sent_at) for one in seen] == [
        (True, now)
    ] * 2
