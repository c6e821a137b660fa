"""An approval is for the recipient and the sender that its approver was shown, by name and address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import DraftEvent, Mailbox, Person, Stakeholder, StakeholderEmail
from services import drafts
from services.outbox import SendPolicy
from services.outbox import policy as policies
from tests.services.drafts.world import make, open_it, queued
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


Change = Callable[[Session, Portfolio, datetime], None]


def give_other_address(session: Session) -> None:
    session.delete(session.get_one(StakeholderEmail, "maria@techcorp.example"))
    session.flush()


def with_two(session: Session, known: Portfolio) -> None:
    session.add(
        StakeholderEmail(
            email="new@elsewhere.example",
            shown_as="new@elsewhere.example",
            stakeholder_id=known.maria,
        )
    )
    session.flush()


def connect(session: Session, known: Portfolio, now: datetime) -> None:
    session.add(
        Mailbox(
            kind="smtp",
            address="other@ours.example",
            person_id=known.dana.person_id,
            created_at=now,
        )
    )
    session.flush()


def rename_recipient(session: Session, known: Portfolio, _: datetime) -> None:
    session.get_one(Stakeholder, known.maria).last_name = "Completely Other"
    session.flush()


def rename_sender(session: Session, known: Portfolio, _: datetime) -> None:
    session.get_one(Person, known.dana.person_id).name = "Mallory"
    session.flush()


def answer_elsewhere(session: Session, known: Portfolio, _: datetime) -> None:
    """The company's account writes as before, and what is answered reaches another address."""
    session.get_one(Person, known.dana.person_id).email = "other@ours.example"
    session.flush()


CHANGES: dict[str, Change] = {
    "recipient": lambda session, *_: give_other_address(session),
    "sender": connect,
    "recipient's name": rename_recipient,
    "sender's name": rename_sender,
    "answers": answer_elsewhere,
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("many", [False, True])
def test_draft_that_goes_another_way_than_was_shown_is_opened_again_first(
    session: Session, known: Portfolio, now: datetime, what: str, many: bool
):
    with_two(session, known)
    if what == "answers":
        session.add(Mailbox(kind="smtp", address="team@ours.example", created_at=now))
    draft = make(session, known, now)
    open_it(session, draft, known.dana, now)
    assert drafts.view(session, known.dana, draft.id, now).seen
    CHANGES[what](session, known, now)
    assert not drafts.view(session, known.dana, draft.id, now).seen
    if many:
        done = drafts.approve_many(session, [(draft.id, 1)], by=known.dana, now=now)
        ((_, words),) = done.left
    else:
        with pytest.raises(InvalidMove) as refused:
            drafts.approve(session, draft.id, 1, by=known.dana, now=now)
        words = refused.value.message
    assert "open it again" in words
    assert queued(session, draft.id) == []

    open_it(session, draft, known.dana, now)
    assert drafts.view(session, known.dana, draft.id, now).seen
    done = drafts.approve_many(session, [(draft.id, 1)], by=known.dana, now=now)
    assert done.approved == (draft.id,)


def test_what_was_on_the_screen_counts_whatever_was_opened_since(
    session: Session, known: Portfolio, now: datetime
):
    """On another tab, or by a program that says what it was told."""
    with_two(session, known)
    draft = make(session, known, now)
    way = drafts.view(session, known.dana, draft.id, now).way
    give_other_address(session)
    open_it(session, draft, known.dana, now)
    with pytest.raises(InvalidMove, match="open it again"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now, way=way)
    fresh = drafts.view(session, known.dana, draft.id, now).way
    drafts.approve(session, draft.id, 1, by=known.dana, now=now, way=fresh)
    assert queued(session, draft.id)[0].recipient == "new@elsewhere.example"


def test_what_a_colleague_was_shown_is_theirs(session: Session, known: Portfolio, now: datetime):
    with_two(session, known)
    draft = make(session, known, now)
    open_it(session, draft, known.dana, now)
    give_other_address(session)
    open_it(session, draft, known.morgan, now)
    assert drafts.approve(session, draft.id, 1, by=known.morgan, now=now).state == "approved"


def test_first_mailbox_of_all_changes_nothing_that_was_shown(
    session: Session, known: Portfolio, now: datetime
):
    """The folder that the first approval makes writes in the CSM's own name."""
    one = make(session, known, now)
    two = make(session, known, now, "two", stakeholder_id=known.tom)
    for draft in (one, two):
        open_it(session, draft, known.dana, now)
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    assert two.state == "approved"


def test_own_words_do_not_stand_for_the_address(session: Session, known: Portfolio, now: datetime):
    """The page notes it once more after each change: who wrote was shown the address, too."""
    with_two(session, known)
    draft = make(session, known, now)
    drafts.edit(session, draft.id, 1, subject="New", text="New", by=known.dana, now=now)
    assert not drafts.view(session, known.dana, draft.id, now).seen
    open_it(session, draft, known.dana, now)
    give_other_address(session)
    done = drafts.approve_many(session, [(draft.id, 2)], by=known.dana, now=now)
    assert not done.approved


def test_draft_opened_before_its_addresses_were_kept_is_opened_again_first(
    session: Session, known: Portfolio, now: datetime
):
    with_two(session, known)
    draft = make(session, known, now)
    open_it(session, draft, known.dana, now)
    session.flush()
    session.execute(update(DraftEvent).values(way=None))
    give_other_address(session)
    assert [row.seen for row in drafts.listing(session, known.dana).rows] == [False]
    done = drafts.approve_many(session, [(draft.id, 1)], by=known.dana, now=now)
    ((_, words),) = done.left
    assert "open it first" in words
    assert queued(session, draft.id) == []

    open_it(session, draft, known.dana, now)
    done = drafts.approve_many(session, [(draft.id, 1)], by=known.dana, now=now)
    assert done.approved == (draft.id,)
    assert queued(session, draft.id)[0].recipient == "new@elsewhere.example"


def test_second_person_is_asked_to_open_it_too(session: Session, known: Portfolio, now: datetime):
    policies.save(session, replace(SendPolicy(), four_eyes_severity="low"), by=known.ada, now=now)
    with_two(session, known)
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    open_it(session, draft, known.morgan, now)
    give_other_address(session)
    with pytest.raises(InvalidMove, match="address"):
        drafts.approve(session, draft.id, 1, by=known.morgan, now=now)


@pytest.mark.parametrize("change", [rename_recipient, rename_sender])
@pytest.mark.parametrize("many", [False, True])
def test_second_person_approves_no_other_names_than_they_were_shown(
    session: Session, known: Portfolio, now: datetime, change: Change, many: bool
):
    """The mail was made for the first approval, and bears the names of then."""
    policies.save(session, replace(SendPolicy(), four_eyes_severity="low"), by=known.ada, now=now)
    one = make(session, known, now)
    two = make(session, known, now, "two", stakeholder_id=known.tom)
    for draft in (one, two):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    assert drafts.approve(session, two.id, 1, by=known.morgan, now=now).state == "approved"
    change(session, known, now)
    open_it(session, one, known.morgan, now)
    if many:
        ((_, words),) = drafts.approve_many(session, [(one.id, 1)], by=known.morgan, now=now).left
    else:
        with pytest.raises(InvalidMove) as refused:
            drafts.approve(session, one.id, 1, by=known.morgan, now=now)
        words = refused.value.message
    assert "Take that approval back" in words
    assert queued(session, one.id) == []
