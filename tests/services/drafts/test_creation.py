from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Draft, DraftAttachment, DraftEvent
from integrations.mime import Attachment
from services import drafts
from services.drafts import Filters
from tests.services.drafts.world import make, new_draft
from tests.support.portfolio import Portfolio, portfolio

DAY = timedelta(days=1)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def test_draft_belongs_to_the_csm_of_its_customer(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    assert draft.owner_id == known.dana.person_id
    assert (draft.state, draft.revision) == ("pending", 1)
    assert "<a href=" in draft.html


def test_same_occasion_makes_one_draft(session: Session, known: Portfolio, now: datetime):
    first = drafts.create(session, new_draft(known), now=now)
    assert first is not None
    assert drafts.create(session, new_draft(known, subject="Another"), now=now) is None
    assert drafts.create_many(session, [new_draft(known), new_draft(known)], now=now) == []
    assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_many_are_made_in_the_order_given_with_their_files(
    session: Session, known: Portfolio, now: datetime
):
    file = Attachment("webinar.ics", "text/calendar", b"BEGIN:VCALENDAR")
    wanted = [
        new_draft(known, "a", attachments=(file,)),
        new_draft(known, "b", stakeholder_id=known.tom, subject="Second"),
        new_draft(known, "a"),
    ]
    made = drafts.create_many(session, wanted, now=now)
    subjects = [session.get_one(Draft, number).subject for number in made]
    assert subjects == ["After the webinar", "Second"]
    kept = session.scalars(select(DraftAttachment)).one()
    assert (kept.draft_id, kept.content) == (made[0], b"BEGIN:VCALENDAR")
    moves = session.execute(select(DraftEvent.draft_id, DraftEvent.move)).all()
    assert sorted(tuple(move) for move in moves) == [(made[0], "create"), (made[1], "create")]


def test_template_is_filled_and_its_version_kept(session: Session, known: Portfolio, now: datetime):
    values = {
        "subject": "Your questions",
        "first_name": "Maria",
        "message": "See <b>this</b>",
        "sender_name": "Dana",
        "signature": "",
    }
    draft = make(session, known, now, template="spine/personal", values=values, text="", subject="")
    assert draft.subject == "Your questions"
    assert "Hi Maria," in draft.text
    assert "<b>this</b>" not in draft.html
    assert draft.values == values


def test_missing_value_is_named_and_nothing_is_made(
    session: Session, known: Portfolio, now: datetime
):
    wrong = new_draft(known, "b", template="spine/personal", values={"first_name": "Maria"})
    with pytest.raises(BadInput, match=r"subject|message|sender_name"):
        drafts.create_many(session, [new_draft(known), wrong], now=now)
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "spam"},
        {"severity": "huge"},
        {"subject": "", "text": ""},
        {"subject": "x" * 201},
        {"text": "x" * 50_001},
        {"dedup_key": ""},
        {"attachments": (Attachment("a.bin", "application/octet-stream", bytes(11 * 2**20)),)},
    ],
    ids=["topic", "severity", "no words", "subject", "text", "key", "attachment"],
)
def test_values_that_cannot_be_used_are_refused(
    session: Session, known: Portfolio, now: datetime, wrong: dict[str, object]
):
    with pytest.raises(BadInput):
        drafts.create(session, replace(new_draft(known), **wrong), now=now)


def test_recipient_of_another_customer_is_refused(
    session: Session, known: Portfolio, now: datetime
):
    with pytest.raises(NotFound):
        drafts.create(session, new_draft(known, stakeholder_id=known.ines), now=now)


def test_person_writes_to_their_own_customers_only(
    session: Session, known: Portfolio, now: datetime
):
    with pytest.raises(NotFound):
        drafts.write(session, known.datapro, known.ines, by=known.dana, now=now)
    number = drafts.write(session, known.techcorp, known.maria, by=known.dana, now=now)
    draft = session.get_one(Draft, number)
    assert (draft.kind, draft.owner_id) == ("personal", known.dana.person_id)
    codes = {block.code for block in drafts.preflight(session, draft, now)}
    assert "placeholder" in codes


def test_line_breaks_in_a_subject_become_blanks(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now, subject="Hello\r\nBcc: all@example.com")
    assert draft.subject == "Hello Bcc: all@example.com"


def test_second_mail_to_a_person_is_held_until_the_first_is_settled(
    session: Session, known: Portfolio, now: datetime
):
    first = make(session, known, now)
    second = make(session, known, now, "two", subject="Second")
    assert second.state == "held"
    assert "After the webinar" in (second.why or "")
    drafts.reject(session, first.id, 1, "not needed", by=known.dana, now=now)
    assert session.get_one(Draft, second.id).state == "pending"


def test_weightier_mail_is_not_held_nor_is_one_for_another_day(
    session: Session, known: Portfolio, now: datetime
):
    make(session, known, now)
    urgent = make(session, known, now, "two", severity="critical")
    later = make(session, known, now, "three", not_before=now + 3 * DAY)
    same_later = make(session, known, now, "four", not_before=now + 3 * DAY)
    assert (urgent.state, later.state, same_later.state) == ("pending", "pending", "held")


def test_held_draft_can_be_released_by_hand_and_then_warns(
    session: Session, known: Portfolio, now: datetime
):
    make(session, known, now)
    held = make(session, known, now, "two")
    drafts.release(session, held.id, 1, by=known.dana, now=now)
    blocks = drafts.preflight(session, held, now)
    assert [(block.code, block.hard) for block in blocks] == [("duplicate", False)]


def test_draft_that_would_come_too_late_is_cancelled_by_time(
    session: Session, known: Portfolio, now: datetime
):
    late = make(session, known, now, expires_at=now + DAY)
    other = make(session, known, now, "two", stakeholder_id=known.tom, expires_at=now + 3 * DAY)
    waits = make(session, known, now, "three")
    assert waits.state == "held"
    assert drafts.tend(session, now=now + 2 * DAY) == 2
    assert (late.state, other.state, waits.state) == ("cancelled", "pending", "pending")
    assert drafts.listing(session, known.dana, Filters(states=("cancelled",))).rows[0].id == late.id
