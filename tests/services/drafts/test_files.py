"""Files that go with drafts, and the names they go under."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Draft, DraftAttachment, FrozenMail
from integrations.mime import Attachment
from services import drafts
from tests.services.drafts.world import make, new_draft, open_it
from tests.support.portfolio import Portfolio, portfolio

FILE = Attachment("event.ics", "text/calendar", b"BEGIN:VCALENDAR")


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def names(session: Session, draft: Draft) -> list[str]:
    asked = select(DraftAttachment.name).where(DraftAttachment.draft_id == draft.id)
    return list(session.scalars(asked.order_by(DraftAttachment.id)))


def spoil(session: Session, draft: Draft, name: str) -> None:
    """As one was kept before names were looked at."""
    asked = select(DraftAttachment).where(DraftAttachment.draft_id == draft.id)
    session.scalars(asked).one().name = name
    session.flush()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Q1/Q2.ics", "Q1-Q2.ics"),
        ('the "big" one.ics', "the -big- one.ics"),
        ("a\r\nBcc: x.ics", "a Bcc- x.ics"),
        ("", "file"),
        (f"{'x' * 300}.ics", f"{'x' * 196}.ics"),
        ("Einladung für Jörg.ics", "Einladung für Jörg.ics"),
    ],
)
def test_name_that_no_file_can_have_is_made_one(
    session: Session, known: Portfolio, now: datetime, given: str, kept: str
):
    draft = make(session, known, now, attachments=(replace(FILE, name=given),))
    assert names(session, draft) == [kept]
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    raw = session.scalars(select(FrozenMail.mime)).one()
    found = [part.get_filename() for part in message_from_bytes(raw).walk()]
    assert kept in found


def test_files_of_one_name_get_several(session: Session, known: Portfolio, now: datetime):
    several = (FILE, replace(FILE, name="Event.ics"), replace(FILE, name="event-2.ics"))
    draft = make(session, known, now, attachments=several)
    assert names(session, draft) == ["event.ics", "Event-2.ics", "event-2-2.ics"]


def test_merged_mail_has_each_file_under_a_name_of_its_own(
    session: Session, known: Portfolio, now: datetime
):
    first = make(session, known, now, "a", attachments=(FILE,))
    second = make(session, known, now, "b", attachments=(replace(FILE, content=b"B"),))
    number = drafts.merge(session, first.id, 1, other_id=second.id, by=known.dana, now=now)
    assert names(session, session.get_one(Draft, number)) == ["event.ics", "event-2.ics"]


def test_content_type_that_is_none_is_refused(session: Session, known: Portfolio, now: datetime):
    wrong = new_draft(known, attachments=(replace(FILE, content_type="text/calendar\r\nX: y"),))
    with pytest.raises(BadInput, match="content type"):
        drafts.create(session, wrong, now=now)


def test_name_that_was_kept_before_blocks_its_draft(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now, attachments=(FILE,))
    spoil(session, draft, "Q1/Q2.ics")
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("file", True)
    assert "“Q1/Q2.ics”" in block.words
    with pytest.raises(InvalidMove, match="Reject this draft"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)


def test_name_that_was_kept_before_keeps_no_other_from_being_approved(
    session: Session, known: Portfolio, now: datetime
):
    spoilt = make(session, known, now, "a", attachments=(FILE,))
    whole = make(session, known, now, "b", stakeholder_id=known.tom)
    spoil(session, spoilt, 'a".ics')
    for draft in (spoilt, whole):
        open_it(session, draft, known.dana, now)
    done = drafts.approve_many(session, [(spoilt.id, 1), (whole.id, 1)], by=known.dana, now=now)
    assert done.approved == (whole.id,)
    assert [number for number, _ in done.left] == [spoilt.id]
