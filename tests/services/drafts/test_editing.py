from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from services import drafts
from services.rendering import versions
from tests.services.drafts.world import WORDS, make
from tests.support.portfolio import Portfolio, portfolio

HOUR = timedelta(hours=1)
VALUES = {
    "subject": "Your questions",
    "first_name": "Maria",
    "message": "As promised.",
    "sender_name": "Dana",
    "signature": "",
}


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def test_html_follows_the_text(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    drafts.edit(session, draft.id, 1, subject="S", text="- one <b>\n- two", by=known.dana, now=now)
    assert "<li>" in draft.html
    assert "&lt;b&gt;" in draft.html


def test_saving_the_same_words_changes_nothing(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    same = {"subject": "After the webinar ", "text": WORDS.replace("\n", "\r\n")}
    assert drafts.edit(session, draft.id, 1, **same, by=known.dana, now=now) == 1
    assert draft.state == "approved"


def test_new_subject_keeps_the_templates_html(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now, template="spine/personal", values=VALUES)
    before = draft.html
    drafts.edit(session, draft.id, 1, subject="Other", text=draft.text, by=known.dana, now=now)
    assert (draft.subject, draft.html) == ("Other", before)


def test_templates_words_come_back(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now, template="spine/personal", values=VALUES)
    before = (draft.subject, draft.text, draft.html)
    drafts.edit(session, draft.id, 1, subject="Other", text="Other", by=known.dana, now=now)
    assert drafts.restore(session, draft.id, 2, by=known.dana, now=now) == 3
    assert (draft.subject, draft.text, draft.html) == before


def test_new_words_of_the_template_are_no_change_of_drafts_that_wait(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now, template="spine/personal", values=VALUES)
    old = versions.words_of(session, "spine/personal", 0)
    new = replace(old, text=f"Cheers!\n\n{old.text}")
    versions.save(session, "spine/personal", new, note="Warmer", based_on=0, by=known.ada, now=now)
    seen = drafts.view(session, known.dana, draft.id, now)
    assert seen.template_text == draft.text
    before = draft.text
    drafts.edit(session, draft.id, 1, subject="Other", text="Other", by=known.dana, now=now)
    drafts.restore(session, draft.id, 2, by=known.dana, now=now)
    assert draft.text == before
    assert (
        "Cheers!"
        in make(session, known, now, template="spine/personal", values=VALUES, key="2").text
    )


def test_own_words_have_nothing_to_come_back(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    with pytest.raises(BadInput, match="template"):
        drafts.restore(session, draft.id, 1, by=known.dana, now=now)


def test_two_editors_do_not_overwrite_each_other(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    drafts.edit(session, draft.id, 1, subject="First", text="First", by=known.dana, now=now)
    with pytest.raises(InvalidMove, match="changed since"):
        drafts.edit(session, draft.id, 1, subject="Late", text="Late", by=known.morgan, now=now)
    assert draft.subject == "First"


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_settled_draft_is_not_edited(session: Session, known: Portfolio, now: datetime, state: str):
    draft = make(session, known, now)
    if state == "rejected":
        drafts.reject(session, draft.id, 1, "no", by=known.dana, now=now)
    else:
        drafts.cancel(session, draft.id, "no", now=now)
    with pytest.raises(InvalidMove, match=state):
        drafts.edit(session, draft.id, 1, subject="x", text="x", by=known.dana, now=now)


def test_foreign_draft_is_as_unknown_as_none(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    for number in (draft.id, 999_999):
        with pytest.raises(NotFound, match="no such draft"):
            drafts.edit(session, number, 1, subject="x", text="x", by=known.erik, now=now)
        with pytest.raises(NotFound, match="no such draft"):
            drafts.view(session, known.erik, number, now)


@pytest.mark.parametrize("hours", [-2, 24 * 400])
def test_moment_out_of_reach_is_refused(
    session: Session, known: Portfolio, now: datetime, hours: int
):
    draft = make(session, known, now)
    with pytest.raises(BadInput):
        drafts.schedule(session, draft.id, 1, now + hours * HOUR, by=known.dana, now=now)


def test_moment_after_the_end_of_its_occasion_is_refused(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now, expires_at=now + HOUR)
    with pytest.raises(BadInput, match="too late"):
        drafts.schedule(session, draft.id, 1, now + 2 * HOUR, by=known.dana, now=now)


def test_schedule_can_be_lifted(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    assert drafts.schedule(session, draft.id, 1, now + HOUR, by=known.dana, now=now) == 2
    assert drafts.schedule(session, draft.id, 2, now + HOUR, by=known.dana, now=now) == 2
    assert drafts.schedule(session, draft.id, 2, None, by=known.dana, now=now) == 3
    assert draft.not_before is None


def test_new_owner_sees_the_draft_and_nothing_else_of_the_customer(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    other = make(session, known, now, "two", stakeholder_id=known.tom)
    drafts.reassign(session, draft.id, 1, known.erik.person_id or 0, by=known.dana, now=now)
    shown = [row.id for row in drafts.listing(session, known.erik).rows]
    assert shown == [draft.id]
    assert other.owner_id == known.dana.person_id
    with pytest.raises(NotFound):
        drafts.reassign(session, draft.id, 2, 999, by=known.dana, now=now)
