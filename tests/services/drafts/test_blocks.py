from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, Mailbox, Person, Stakeholder, StakeholderEmail, Suppression, Touch
from services import drafts
from services.drafts import Block
from services.drafts import blocks as rules
from tests.services.drafts.world import make, open_it, person_without_address, queued
from tests.support.portfolio import Portfolio, portfolio

DAY = timedelta(days=1)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def codes(session: Session, draft: Draft, now: datetime) -> list[tuple[str, bool]]:
    return [(block.code, block.hard) for block in drafts.preflight(session, draft, now)]


def touch(session: Session, known: Portfolio, at: datetime, who: int | None = None) -> None:
    session.add(
        Touch(
            customer_id=known.techcorp,
            stakeholder_id=who or known.maria,
            channel="call",
            kind="call",
            what="Call about renewal",
            at=at,
        )
    )
    session.flush()


def test_nothing_speaks_against_a_whole_draft(session: Session, known: Portfolio, now: datetime):
    assert codes(session, make(session, known, now), now) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"text": "Hi {{first_name}},"}, "placeholder"),
        ({"subject": "For [First name]"}, "placeholder"),
        ({"subject": ""}, "no_subject"),
        ({"text": " \n"}, "no_text"),
    ],
)
def test_unfinished_words_block(
    session: Session, known: Portfolio, now: datetime, words: dict[str, str], code: str
):
    draft = make(session, known, now, **words)
    assert (code, True) in codes(session, draft, now)
    with pytest.raises(InvalidMove):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now, accepted=[code])


def test_person_without_an_address_blocks(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now, stakeholder_id=person_without_address(session, known, now))
    assert codes(session, draft, now) == [("no_address", True)]


@pytest.mark.parametrize(
    "address",
    [
        "jörg@techcorp.example",
        "a..b@techcorp.example",
        f"{'a' * 70}@techcorp.example",
        "a@te_c.example",
    ],
)
def test_address_that_mail_cannot_carry_blocks(
    session: Session, known: Portfolio, now: datetime, address: str
):
    draft = make(session, known, now)
    session.get_one(StakeholderEmail, "maria@techcorp.example").shown_as = address
    session.flush()
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("no_address", True)
    assert "Correct it" in block.words


@pytest.mark.parametrize("company", [True, False])
def test_sender_whom_mail_cannot_name_blocks(
    session: Session, known: Portfolio, now: datetime, *, company: bool
):
    """As who answers go to where the company's mailbox sends, else as who it is from."""
    if company:
        session.add(Mailbox(kind="smtp", address="team@ours.example", created_at=now))
    draft = make(session, known, now)
    assert draft.owner_id is not None
    session.get_one(Person, draft.owner_id).email = "dana..e@ours.example"
    session.flush()
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("mailbox", True)
    assert "sender's address" in block.words


def test_owner_who_has_left_blocks_until_somebody_else_has_it(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    session.get_one(Person, known.dana.person_id).active = False
    session.flush()
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("owner_gone", True)
    assert "Dana Example no longer works here" in block.words
    with pytest.raises(InvalidMove, match="Give the draft to somebody"):
        drafts.approve(session, draft.id, 1, by=known.morgan, now=now, accepted=["owner_gone"])
    assert known.erik.person_id is not None
    drafts.reassign(session, draft.id, 1, known.erik.person_id, by=known.morgan, now=now)
    assert codes(session, draft, now) == []


def test_weightier_mail_goes_before_a_lighter_one_that_waits_for_the_same_day(
    session: Session, known: Portfolio, now: datetime
):
    lighter = make(session, known, now, "a")
    heavier = make(session, known, now, "b", severity="high", subject="Down")
    for draft in (lighter, heavier):
        open_it(session, draft, known.dana, now)
    wanted = [(lighter.id, 1), (heavier.id, 1)]
    done = drafts.approve_many(session, wanted, by=known.dana, now=now)
    assert done.approved == (heavier.id,)
    assert [number for number, _ in done.left] == [lighter.id]
    (block,) = drafts.preflight(session, lighter, now)
    assert block.words == "Another mail to this person is in the send queue: “Down”."


def test_weightier_mail_is_warned_of_a_lighter_one_that_is_approved(
    session: Session, known: Portfolio, now: datetime
):
    lighter = make(session, known, now, "a")
    drafts.approve(session, lighter.id, 1, by=known.dana, now=now)
    heavier = make(session, known, now, "b", severity="high")
    assert codes(session, heavier, now) == [("duplicate", False)]


@pytest.mark.parametrize(
    ("reason", "topic", "code"),
    [
        ("unsubscribed", "events", "suppressed"),
        ("manual", "", "suppressed"),
        ("hard_bounce", "", "bounced"),
        ("unsubscribed", "support", None),
    ],
)
def test_suppression_blocks_its_topic(
    session: Session, known: Portfolio, now: datetime, reason: str, topic: str, code: str | None
):
    session.add(Suppression(email="maria@techcorp.example", topic=topic, reason=reason, at=now))
    draft = make(session, known, now)
    assert codes(session, draft, now) == ([(code, True)] if code else [])


def test_no_from_another_address_of_the_person_blocks(
    session: Session, known: Portfolio, now: datetime
):
    session.add(
        Suppression(
            email="maria@home.example", topic="", reason="unsubscribed",
            stakeholder_id=known.maria, at=now,
        )
    )  # fmt: skip
    assert codes(session, make(session, known, now), now) == [("suppressed", True)]


def test_stakeholder_marked_as_unsubscribed_blocks(
    session: Session, known: Portfolio, now: datetime
):
    session.get_one(Stakeholder, known.maria).unsubscribed = True
    assert codes(session, make(session, known, now), now) == [("suppressed", True)]


def test_reached_cap_blocks_until_a_later_day(session: Session, known: Portfolio, now: datetime):
    touch(session, known, now - 2 * DAY)
    touch(session, known, now - 3 * DAY)
    draft = make(session, known, now)
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("over_cap", True)
    assert "25 Nov 2026" in block.words
    revision = drafts.schedule(session, draft.id, 1, now + 5 * DAY, by=known.dana, now=now)
    assert codes(session, draft, now) == []
    drafts.approve(session, draft.id, revision, by=known.dana, now=now)
    assert len(queued(session, draft.id)) == 1


def test_contact_on_the_same_day_must_be_accepted(
    session: Session, known: Portfolio, now: datetime
):
    touch(session, known, now - timedelta(hours=1))
    draft = make(session, known, now)
    assert codes(session, draft, now) == [("duplicate", False)]
    with pytest.raises(InvalidMove, match="Call about renewal"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    done = drafts.approve(session, draft.id, 1, by=known.dana, now=now, accepted=["duplicate"])
    assert done.state == "approved"


def test_same_day_is_the_recipients(session: Session, known: Portfolio, now: datetime):
    """Noon in UTC is six in Chicago: a contact at five in UTC was the evening before."""
    touch(session, known, now.replace(hour=5))
    assert codes(session, make(session, known, now), now) == []


def test_draft_past_its_end_blocks(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now, expires_at=now + DAY)
    assert codes(session, draft, now) == []
    assert codes(session, draft, now + DAY) == [("too_late", True)]


def test_revoked_mailbox_blocks_and_paused_waits(session: Session, known: Portfolio, now: datetime):
    box = Mailbox(
        person_id=known.dana.person_id,
        kind="gmail",
        address="dana@ours.example",
        state="revoked",
        why="access was taken back",
        created_at=now,
    )
    session.add(box)
    draft = make(session, known, now)
    (block,) = drafts.preflight(session, draft, now)
    assert (block.code, block.hard) == ("mailbox", True)
    assert "access was taken back" in block.words
    box.state = "paused"
    session.flush()
    assert codes(session, draft, now) == []


def test_draft_of_nobody_blocks(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    draft.owner_id = None
    assert ("no_owner", True) in codes(session, draft, now)


@pytest.fixture
def major_ticket() -> Generator[None]:
    """A feature that has something against drafts to TechCorp's champion."""

    def check(
        _session: Session, wanted: Sequence[Draft], _now: datetime
    ) -> Mapping[int, Sequence[Block]]:
        return {
            draft.id: [
                Block("open_ticket", "Ticket TF-1 is open. Wait until it is solved.", hard=True)
            ]
            for draft in wanted
            if draft.kind == "event_follow_up"
        }

    before = list(rules._CHECKS)
    drafts.add_check(check)
    yield
    rules._CHECKS[:] = before


@pytest.mark.usefixtures("major_ticket")
def test_features_can_speak_against_a_draft(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    other = make(session, known, now, "two", stakeholder_id=known.tom, kind="personal")
    assert codes(session, draft, now) == [("open_ticket", True)]
    assert codes(session, other, now) == []
    with pytest.raises(InvalidMove, match="TF-1"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)


def test_many_are_judged_as_each_alone(session: Session, known: Portfolio, now: datetime):
    touch(session, known, now - 2 * DAY)
    touch(session, known, now - 3 * DAY)
    made = [
        make(session, known, now),
        make(session, known, now, "two", stakeholder_id=known.tom, text="Hi {{name}}"),
        make(session, known, now, "three", not_before=now + 6 * DAY),
        make(session, known, now, "four", customer_id=known.datapro, stakeholder_id=known.ines),
    ]
    together = rules.preflight_many(session, made, now)
    assert together == {draft.id: drafts.preflight(session, draft, now) for draft in made}
    assert [len(together[draft.id]) for draft in made] == [1, 1, 0, 0]
