"""The touch calendar: what was, what is planned, and what should rather be one mail or wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Draft, OutboxMail, Stakeholder
from services import touches
from services.touches import Caps
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import mailbox, sent_mail

DAY = timedelta(days=1)
WIDE = Caps(100, 100)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def _draft(
    session: Session,
    known: Portfolio,
    now: datetime,
    name: str,
    *,
    not_before: datetime | None = None,
) -> int:
    row = Draft(
        dedup_key=name,
        kind="personal",
        topic="events",
        customer_id=known.techcorp,
        stakeholder_id=known.maria,
        subject=name,
        text="",
        html="",
        source="test",
        not_before=not_before,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def _hints(session: Session, known: Portfolio, now: datetime, caps: Caps = WIDE):
    return touches.calendar(session, known.dana, known.techcorp, now, caps=caps).hints


def test_two_drafts_to_one_person_on_one_day_are_to_be_merged(
    session: Session, known: Portfolio, now: datetime
):
    first = _draft(session, known, now, "Invitation")
    second = _draft(session, known, now, "Thanks", not_before=now + timedelta(hours=1))
    _draft(session, known, now, "Later", not_before=now + 3 * DAY)
    (hint,) = _hints(session, known, now)
    assert (hint.code, hint.draft_ids) == ("merge", (first, second))


def test_draft_waits_for_the_day_after_a_mail_that_is_queued(
    session: Session, known: Portfolio, now: datetime
):
    sent_mail(session, known, mailbox(session, now), now + timedelta(hours=2), state="queued")
    draft = _draft(session, known, now, "Invitation")
    (hint,) = _hints(session, known, now)
    assert (hint.code, hint.draft_ids, hint.until) == ("hold", (draft,), now.date() + DAY)


def test_the_day_is_that_of_the_recipient(session: Session, known: Portfolio, now: datetime):
    """Noon and 23:00 in UTC are one day in London and two in Tokyo."""
    for name, hours in (("Noon", 0), ("Night", 11)):
        _draft(session, known, now, name, not_before=now + timedelta(hours=hours))
    maria = session.get_one(Stakeholder, known.maria)
    for zone, expected in (("Europe/London", ["merge"]), ("Asia/Tokyo", [])):
        maria.time_zone = zone
        session.flush()
        assert [hint.code for hint in _hints(session, known, now)] == expected


def test_unknown_zone_does_not_hurt(session: Session, known: Portfolio, now: datetime):
    session.get_one(Stakeholder, known.maria).time_zone = "Mars/Olympus"
    _draft(session, known, now, "Invitation")
    assert len(touches.calendar(session, known.dana, known.techcorp, now).contacts) == 1


def test_draft_over_the_cap_is_held_until_there_is_room(
    session: Session, known: Portfolio, now: datetime
):
    touches.add(
        session, known.techcorp, known.maria, "call", "Talk", now - 2 * DAY, by=known.dana, now=now
    )
    _draft(session, known, now, "Invitation")
    (hint,) = _hints(session, known, now, Caps(1, 0))
    assert hint.code == "hold"
    assert hint.until == now + 5 * DAY + timedelta(microseconds=1)


def test_calendar_tells_what_was_what_is_queued_and_what_waits(
    session: Session, known: Portfolio, now: datetime
):
    box = mailbox(session, now)
    gone = session.get_one(OutboxMail, sent_mail(session, known, box, now - DAY).outbox_id)
    touches.reserve(session, gone, now - DAY)
    sent_mail(session, known, box, now + DAY, state="queued")
    _draft(session, known, now, "Invitation")
    found = touches.calendar(session, known.dana, known.techcorp, now).contacts
    assert [contact.state for contact in found] == ["done", "draft", "queued"]
    assert {contact.stakeholder for contact in found} == {"Maria Lopez"}


def test_calendar_of_anothers_customer_is_not_there(
    session: Session, known: Portfolio, now: datetime
):
    with pytest.raises(NotFound):
        touches.calendar(session, known.erik, known.techcorp, now)


def test_other_contacts_of_the_day_leave_out_the_draft_itself(
    session: Session, known: Portfolio, now: datetime
):
    mine = _draft(session, known, now, "Invitation")
    other = _draft(session, known, now, "Thanks")
    found = touches.same_day(session, known.maria, now, draft_id=mine)
    assert [contact.draft_id for contact in found] == [other]
    assert touches.same_day(session, known.tom, now) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channel": "mail"}, "Choose one of"),
        ({"what": "  "}, "what it was about"),
        ({"at": timedelta(days=400)}, "within a year"),
        ({"stakeholder_id": "ines"}, "not a stakeholder"),
    ],
)
def test_touch_that_makes_no_sense_is_refused(
    session: Session, known: Portfolio, now: datetime, change: dict[str, object], words: str
):
    values = {"stakeholder_id": known.maria, "channel": "call", "what": "Talk", "at": now} | change
    if values["stakeholder_id"] == "ines":
        values["stakeholder_id"] = known.ines
    if isinstance(values["at"], timedelta):
        values["at"] = now + values["at"]
    with pytest.raises(BadInput, match=words):
        touches.add(session, known.techcorp, by=known.dana, now=now, **values)  # pyright: ignore[reportArgumentType]
