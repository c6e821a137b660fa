"""Two mails to one person for one day become one, and two again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound
from data.tables import Draft, OutboxMail
from integrations.mime import Attachment
from services import drafts, outbox, touches
from services.drafts import Block, add_check, blocks
from services.drafts.words import joined
from services.ids import public_id
from services.outbox import moves
from tests.services.drafts.world import make, open_it, queued
from tests.support.portfolio import Portfolio, portfolio

HOUR = timedelta(hours=1)
FIRST = "Hi Maria,\n\nthe guide is ready.\n\nBest regards,\nDana"
SECOND = "Hi Maria,\n\nyou have seats left.\n\nShall we talk?\n\nBest regards,\nDana"


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


@pytest.fixture
def two(session: Session, known: Portfolio, now: datetime) -> tuple[Draft, Draft]:
    """One that waits, and one that is held because of it."""
    fact = {"claim": "came", "fact": "Webinar", "screen": "events", "query": {}}
    file = Attachment("event.ics", "text/calendar", b"BEGIN:VCALENDAR")
    first = make(
        session, known, now, "a", text=FIRST, evidence=[fact], source="lesson", source_id=7,
        not_before=now + 2 * HOUR, expires_at=now + 30 * HOUR,
    )  # fmt: skip
    second = make(
        session, known, now, "b", text=SECOND, subject="Seats", attachments=(file,), source="lesson", source_id=8,
        not_before=now + 3 * HOUR, expires_at=now + 20 * HOUR,
    )  # fmt: skip
    assert (first.state, second.state) == ("pending", "held")
    return first, second


def merged(session: Session, known: Portfolio, pair: tuple[Draft, Draft], now: datetime) -> Draft:
    first, second = pair
    number = drafts.merge(
        session, first.id, first.revision, other_id=second.id, by=known.dana, now=now
    )
    return session.get_one(Draft, number)


def states(session: Session, *pair: Draft) -> list[str]:
    session.flush()
    for one in pair:
        session.refresh(one)
    return [one.state for one in pair]


def test_merged_draft_says_both_and_keeps_what_they_rest_on(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    seen = drafts.view(session, known.dana, two[0].id, now)
    assert [one.id for one in seen.mergeable] == [two[1].id]
    made = merged(session, known, two, now)
    assert made.text == (
        "Hi Maria,\n\nthe guide is ready.\n\nyou have seats left.\n\nShall we talk?\n\n"
        "Best regards,\nDana"
    )
    assert (made.not_before, made.expires_at) == (now + 3 * HOUR, now + 20 * HOUR)
    assert [entry["fact"] for entry in made.evidence] == [
        "Webinar", "“After the webinar”", "“Seats”",
    ]  # fmt: skip
    assert made.evidence[2]["query"] == {"id": public_id("draft", two[1].id)}
    assert states(session, *two) == ["held", "held"]
    assert [(one.source, one.source_id) for one in two] == [("lesson", 7), ("lesson", 8)]
    shown = drafts.view(session, known.dana, made.id, now)
    assert [part.id for part in shown.parts] == [one.id for one in two]
    assert [file.name for file in shown.attachments] == ["event.ics"]
    assert not [block for block in shown.blocks if block.hard or block.code == "duplicate"]
    part = drafts.view(session, known.dana, two[0].id, now)
    assert part.merged_into is not None
    assert (part.merged_into.id, part.actions, part.blocks) == (made.id, (), ())


def test_taking_it_apart_brings_both_back(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    open_it(session, made, known.dana, now)
    drafts.approve(session, made.id, 1, by=known.dana, now=now)
    drafts.take_apart(session, made.id, 1, by=known.dana, now=now)
    assert states(session, made, *two) == ["cancelled", "pending", "held"]
    assert [row.state for row in queued(session, made.id)] == ["cancelled"]
    assert merged(session, known, two, now + HOUR).id != made.id


def test_nothing_goes_out_twice_while_merged(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    first = two[0]
    drafts.schedule(session, made.id, 1, now + 19 * HOUR, by=known.dana, now=now)
    drafts.tend(session, now=now)
    for act in (
        lambda: drafts.release(session, first.id, 1, by=known.dana, now=now),
        lambda: drafts.edit(session, first.id, 1, subject="x", text="y", by=known.dana, now=now),
        lambda: drafts.approve(session, first.id, 1, by=known.dana, now=now),
        lambda: merged(session, known, two, now),
        lambda: drafts.merge(session, made.id, 2, other_id=first.id, by=known.dana, now=now),
    ):
        with pytest.raises(InvalidMove):
            act()
    assert states(session, *two) == ["held", "held"]


def sent(session: Session, draft: Draft, now: datetime) -> None:
    [row] = queued(session, draft.id)
    for way in (("queued", "claimed"), ("claimed", "wire"), ("wire", "sent")):
        assert moves.move(session, row.id, way, now=now, sent_at=now, wire_at=now)


def test_parts_are_done_once_the_merged_mail_is_sent(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    drafts.approve(session, made.id, 1, by=known.dana, now=now)
    later = now + 21 * HOUR
    sent(session, made, later)
    drafts.tend(session, now=later)
    assert states(session, made, *two) == ["approved", "cancelled", "cancelled"]
    assert two[0].why == "It went out in “After the webinar”."
    assert session.scalars(select(OutboxMail.draft_id)).all() == [made.id]


def test_part_whose_occasion_is_gone_takes_the_merged_mail_back(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    drafts.approve(session, made.id, 1, by=known.dana, now=now)
    assert drafts.cancel_for(session, "lesson", 8, "It is off.", now=now) == (1, 0)
    assert states(session, made, *two) == ["cancelled", "pending", "cancelled"]
    assert [row.state for row in queued(session, made.id)] == ["cancelled"]


def test_part_of_a_mail_that_is_sent_counts_as_gone(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    drafts.approve(session, made.id, 1, by=known.dana, now=now)
    sent(session, made, now)
    assert drafts.cancel_for(session, "lesson", 8, "It is off.", now=now) == (0, 1)
    assert states(session, made, *two) == ["approved", "held", "held"]


def test_merged_mail_cancelled_in_the_queue_is_taken_apart(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    made = merged(session, known, two, now)
    drafts.approve(session, made.id, 1, by=known.dana, now=now)
    [row] = queued(session, made.id)
    outbox.cancel(session, row.id, by=known.dana, now=now)
    assert states(session, made, *two) == ["cancelled", "pending", "held"]
    assert [one.merged_into_id for one in two] == [None, None]
    planned = touches.contacts(session, now, stakeholder_id=known.maria)
    assert [one.draft_id for one in planned] == [one.id for one in two]
    assert [row.state for row in queued(session, made.id)] == ["cancelled"]
    drafts.approve(session, two[0].id, 1, by=known.dana, now=now)


def test_mail_cancelled_in_the_queue_that_was_made_of_none_stays_approved(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    drafts.approve(session, two[0].id, 1, by=known.dana, now=now, accepted=["duplicate"])
    outbox.cancel(session, queued(session, two[0].id)[0].id, by=known.dana, now=now)
    assert states(session, two[0]) == ["approved"]


@pytest.mark.parametrize(("ended", "parts"), [("rejected", "rejected"), ("expired", "mixed")])
def test_end_of_the_merged_draft_is_the_parts_too_where_a_person_said_no(
    session: Session,
    known: Portfolio,
    now: datetime,
    two: tuple[Draft, Draft],
    ended: str,
    parts: str,
):
    made = merged(session, known, two, now)
    if ended == "rejected":
        drafts.reject(session, made.id, 1, "Not now", by=known.dana, now=now)
        with pytest.raises(InvalidMove, match="Take those up again"):
            drafts.reopen(session, made.id, 1, by=known.dana, now=now)
        assert states(session, *two) == [parts, parts]
    else:
        drafts.tend(session, now=now + 21 * HOUR)
        drafts.tend(session, now=now + 21 * HOUR)
        # The second one's own time is over as well; the first still has nine hours.
        assert states(session, made, *two) == ["cancelled", "pending", "cancelled"]


def test_what_a_feature_has_against_a_part_it_has_against_the_whole(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr(blocks, "_CHECKS", [])
    off = Block("off", "The event is off.", hard=True)
    add_check(lambda _s, asked, _n: {d.id: [off] for d in asked if d.source_id == 8})
    made = merged(session, known, two, now)
    assert off in drafts.preflight(session, made, now)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"topic": "support"}, "different topics"),
        ({"not_before": 72 * HOUR}, "different days"),
        ({"stakeholder_id": "tom"}, "same person"),
    ],
)
def test_what_does_not_belong_together_stays_apart(
    session: Session, known: Portfolio, now: datetime, change: dict[str, object], words: str
):
    first = make(session, known, now, "a")
    values = dict(change)
    if "not_before" in values:
        values["not_before"] = now + 72 * HOUR
    if "stakeholder_id" in values:
        values["stakeholder_id"] = known.tom
    second = make(session, known, now, "b", **values)
    assert drafts.view(session, known.dana, first.id, now).mergeable == ()
    with pytest.raises(InvalidMove, match=words):
        merged(session, known, (first, second), now)


def test_colleague_merges_nothing_of_others(
    session: Session, known: Portfolio, now: datetime, two: tuple[Draft, Draft]
):
    with pytest.raises(NotFound):
        drafts.merge(session, two[0].id, 1, other_id=two[1].id, by=known.erik, now=now)
    assert states(session, *two) == ["pending", "held"]


PARAGRAPHS = st.lists(st.text("ab \t", min_size=1).map(str.strip).filter(bool), max_size=5)


@given(PARAGRAPHS, PARAGRAPHS, PARAGRAPHS, PARAGRAPHS)
def test_joined_text_says_everything_and_what_both_say_once(
    start: list[str], one: list[str], other: list[str], end: list[str]
):
    text = joined("\n\n".join([*start, *one, *end]), "\n\n".join([*start, *other, *end]))
    found = [part for part in text.split("\n\n") if part]
    assert found[: len(start)] == start
    assert found[len(found) - len(end) :] == end
    assert set(found) == {*start, *one, *other, *end}
    assert len(found) <= len(start) + len(one) + len(other) + len(end)
