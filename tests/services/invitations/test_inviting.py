"""Ranking and inviting on the database: who is on the list, what they are written, and what is logged."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import InvalidMove, NotFound
from data.tables import (
    Attendance,
    Customer,
    Draft,
    DraftAttachment,
    Event,
    FitModel,
    Invitation,
    Participant,
    Recommendation,
    Registration,
    Stakeholder,
    Ticket,
)
from data.tables.events import ATTENDED
from services import drafts
from services.access import SYSTEM, Viewer
from services.drafts import NewDraft, merging
from services.invitations import answers, catalogue
from services.invitations.calling_off import cancel_event
from services.invitations.catalogue import EventPlan, OfferPlan, SessionPlan
from services.invitations.inviting import Wishes, invite_many, preview
from services.invitations.inviting.guard import invitation_blocks
from services.invitations.learning import learning
from services.invitations.ranking import dismiss, rank, refit_nightly
from services.invitations.ranking.people import capped_people, contacts, leaving
from services.invitations.ranking.rank import BLOCKERS
from services.invitations.reconcile import reconcile
from services.invitations.records import TOPIC
from tests.services.attendance.world import event as past_event
from tests.services.attendance.world import seat
from tests.services.invitations.world import more_customers, sent
from tests.support.portfolio import Portfolio, portfolio

AUTOMATION = ("Automation", "Agents")


@pytest.fixture
def world(session: Session, now: datetime) -> SimpleNamespace:
    """TechCorp in Austin has a goal and came to two of three webinars on automation; DataPro to none."""
    known = portfolio(session, now)
    techcorp = session.get_one(Customer, known.techcorp)
    techcorp.goals, techcorp.interests = ["Scaling operations"], ["AI adoption"]
    techcorp.city, techcorp.country = "Austin", "United States"
    techcorp.industry, techcorp.segment = "Software", "Enterprise"
    for days in (90, 60, 30):
        number = past_event(session, now - timedelta(days=days), f"Webinar {days}", status="held")
        if days != 30:
            seat(session, number, known.techcorp, known.maria)
    start = now + timedelta(days=60)
    plan = EventPlan(
        name="Summit", type="conference", topic="Automation", starts_at=start,
        ends_at=start + timedelta(days=1, hours=3), zone="America/Los_Angeles", city="San Francisco",
        country="United States", virtual=True,
        sessions=(
            SessionPlan("Opening", starts_at=start),
            SessionPlan("Scaling with agents", topics=("Scaling operations",), starts_at=start),
            SessionPlan("Budget basics", topics=("Finance",)),
            SessionPlan("AI at work", topics=("AI",), starts_at=start + timedelta(days=1)),
        ),
        offers=(
            OfferPlan("Too late", deadline=(now - timedelta(days=1)).date()),
            OfferPlan("20 % off", code="CS20", deadline=(now + timedelta(days=30)).date()),
        ),
    )  # fmt: skip
    summit = catalogue.create(session, plan, by=known.ada, now=now)
    return SimpleNamespace(session=session, known=known, event=summit, now=now, start=start)


def _rows(world: SimpleNamespace, by: Viewer) -> dict[int, dict[str, Any]]:
    found = rank(world.session, by, world.event, world.now)
    return {row["customer_id"]: row for row in found.rows.iter_rows(named=True)}


def test_reasons_are_true_and_counted_anew_from_the_tables(world: SimpleNamespace) -> None:
    known: Portfolio = world.known
    found = rank(world.session, known.ada, world.event, world.now)
    reasons = {one.feature: one for one in found.reasons[known.techcorp]}
    assert reasons["rate"].sentence == "Came to 2 of 3 events they could have come to"
    held = world.session.scalars(select(Event.id).where(Event.status == "held")).all()
    came = world.session.scalars(
        select(Attendance.event_id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(Participant.customer_id == known.techcorp, Attendance.status == ATTENDED)
    ).all()
    assert reasons["rate"].facts == {"came": len(came), "offered": len(held)}
    assert reasons["challenge"].sentence == "Has the goal “Scaling operations”"
    assert found.reasons[known.datapro] == ()
    rows = {row["customer_id"]: row["chance"] for row in found.rows.iter_rows(named=True)}
    assert rows[known.techcorp] > rows[known.datapro]


def test_each_sees_their_own_customers_with_the_same_chances(world: SimpleNamespace) -> None:
    known: Portfolio = world.known
    assert set(_rows(world, known.dana)) == {known.techcorp}
    assert set(_rows(world, known.ada)) == {known.techcorp, known.datapro}
    mine, all_of_them = _rows(world, known.dana), _rows(world, known.ada)
    assert mine[known.techcorp]["chance"] == all_of_them[known.techcorp]["chance"]
    with pytest.raises(NotFound):
        invite_many(world.session, world.event, [known.datapro], by=known.dana, now=world.now)


def test_an_invitation_says_what_was_picked_and_why(world: SimpleNamespace) -> None:
    session, known = world.session, world.known
    seen = preview(session, known.dana, world.event, known.techcorp, world.now)
    made = invite_many(session, world.event, [known.techcorp], by=known.dana, now=world.now)
    draft = session.get_one(Draft, made.draft_ids[0])
    assert draft.subject == seen.subject == "You're invited: Summit (sessions you'll love)"
    assert draft.stakeholder_id == known.maria
    for said in (
        "Given your focus on “Scaling operations” and your interest in AI adoption",
        "- Scaling with agents, Wednesday 20 January, 04:00 (America/Los_Angeles)",
        "- AI at work",
        "(full virtual access)",
        "20 % off (code CS20)",
        "your time (America/Chicago)",
    ):
        assert said in draft.text
    assert "Budget basics" not in draft.text
    assert "Too late" not in draft.text
    row = session.get_one(Invitation, made.invitation_ids[0])
    assert (row.seat, row.state, row.arm in ("recommended", "chosen")) == (
        "virtual",
        "drafted",
        True,
    )
    assert f"/r/{row.token}" in draft.text
    assert row.reasons[0]["sentence"] in draft.text
    file = session.scalar(select(DraftAttachment).where(DraftAttachment.draft_id == draft.id))
    assert b"BEGIN:VEVENT" in file.content
    claims = " ".join(one["claim"] for one in draft.evidence)
    assert "Scaling operations" in claims
    assert "San Francisco" in claims
    assert session.scalars(select(Recommendation.customer_id)).all()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("conference", "in person or online"),
        ("webinar", "webinar"),
        ("roundtable", "a small round of people"),
    ],
)
def test_each_type_of_event_is_invited_to_in_its_own_words(
    world: SimpleNamespace, kind: str, said: str
) -> None:
    plan = EventPlan(
        name="Leaders", type=kind, topic="Automation", starts_at=world.start,
        ends_at=world.start + timedelta(hours=1), zone="UTC", virtual=True,
    )  # fmt: skip
    number = catalogue.create(world.session, plan, by=world.known.ada, now=world.now)
    made = invite_many(
        world.session, number, [world.known.techcorp], by=world.known.dana, now=world.now
    )
    draft = world.session.get_one(Draft, made.draft_ids[0])
    assert "Leaders" in draft.subject
    assert said in draft.text


def test_only_a_list_that_was_invited_from_is_kept_to_learn_from(world: SimpleNamespace) -> None:
    session, known, now = world.session, world.known, world.now
    some = more_customers(session, known, now, 12)
    logged = select(Recommendation.customer_id)
    invite_many(session, world.event, some[:1], by=known.dana, now=now)
    invite_many(session, world.event, some[1:], by=SYSTEM, now=now)
    assert session.scalars(logged).all() == []
    other = catalogue.create(session, EventPlan("Webinar", now + timedelta(days=5)), by=known.ada, now=now)  # fmt: skip
    at = now + timedelta(days=8)
    event = session.get_one(Event, other)
    event.starts_at, event.ends_at = at + timedelta(days=5), at + timedelta(days=5, hours=1)
    session.flush()
    rows = rank(session, known.dana, other, at).rows
    listed = rows.filter(rows["arm"].is_not_null())["customer_id"].to_list()
    assert len(listed) > 4
    invite_many(session, other, listed, by=known.dana, now=at)
    assert set(listed) <= set(session.scalars(logged))


def test_nobody_is_invited_twice_and_a_withdrawn_invitation_can_be_made_anew(
    world: SimpleNamespace,
) -> None:
    session, known, now = world.session, world.known, world.now
    both = [known.techcorp, known.datapro]
    first = invite_many(session, world.event, both, by=known.ada, now=now)
    assert len(first.draft_ids) == 2
    again = invite_many(session, world.event, both, by=known.ada, now=now)
    assert again.draft_ids == ()
    assert {why for _, why in again.left} == {"Invited already."}
    assert _rows(world, known.ada)[known.techcorp]["blocker"] == BLOCKERS["invited"]
    drafts.reject(session, first.draft_ids[0], 1, "Not now", by=known.dana, now=now)
    session.execute(
        update(Invitation).where(Invitation.id == first.invitation_ids[0]).values(state="withdrawn")
    )
    session.expire_all()
    third = invite_many(session, world.event, [known.techcorp], by=known.dana, now=now)
    assert third.invitation_ids == first.invitation_ids[:1]
    assert session.get_one(Invitation, third.invitation_ids[0]).draft_id == third.draft_ids[0]


def test_a_second_event_within_seven_days_finds_the_person_capped(world: SimpleNamespace) -> None:
    session, known, now = world.session, world.known, world.now
    invite_many(
        session, world.event, [known.datapro], by=known.ada, now=now,
        wishes=Wishes(people={known.datapro: known.ines}),
    )  # fmt: skip
    other = catalogue.create(
        session, EventPlan("Workshop", now + timedelta(days=80)), by=known.ada, now=now
    )
    found = rank(session, known.ada, other, now).rows
    rows = {row["customer_id"]: row["blocker"] for row in found.iter_rows(named=True)}
    assert rows[known.datapro] == BLOCKERS["capped"]
    assert rows[known.techcorp] is None
    left = invite_many(session, other, [known.datapro], by=known.ada, now=now).left
    assert "one invitation in seven days" in left[0][1]
    assert (
        rank(session, known.ada, other, now + timedelta(days=7)).rows["blocker"].null_count() == 2
    )


def test_an_invitation_that_leaves_as_a_part_of_another_mail_counts_when_that_leaves(
    world: SimpleNamespace,
) -> None:
    session, known, now = world.session, world.known, world.now
    wishes = Wishes(people={known.techcorp: known.maria})
    made = invite_many(
        session, world.event, [known.techcorp], by=known.dana, now=now, wishes=wishes
    )
    note = NewDraft(
        dedup_key="x", kind="follow_up", topic=TOPIC, customer_id=known.techcorp, subject="Hello",
        text="Hello", stakeholder_id=known.maria, source="customer", may_hold=False,
    )  # fmt: skip
    other = drafts.create(session, note, now=now)
    part = session.get_one(Draft, made.draft_ids[0])
    whole = merging.merge(
        session, part.id, part.revision, other_id=other or 0, by=known.dana, now=now
    )
    late = now + timedelta(days=9)
    row = session.get_one(Invitation, made.invitation_ids[0])
    row.draft_id = whole  # only to write the mail of the whole
    sent(session, row, late)
    row.draft_id = part.id
    merging.close_sent_parts(session, late, 100)
    reconcile(session, [world.event], late)
    assert row.state == "sent"
    assert leaving(session, [known.maria])["at"].to_list() == [late]
    event = catalogue.create(session, EventPlan("Workshop", late + timedelta(days=90)), by=known.ada, now=now)  # fmt: skip
    second = session.get_one(Event, event)
    (contact, *_) = contacts(session, second, [known.techcorp], late + timedelta(days=6))[
        known.techcorp
    ]
    assert contact.stakeholder_id == known.tom
    assert capped_people(session, event, late + timedelta(days=6), [known.maria])[
        "code"
    ].to_list() == ["too_soon"]
    assert capped_people(session, event, late + timedelta(days=8)).is_empty()


def test_what_has_happened_since_is_said_at_the_pre_flight(world: SimpleNamespace) -> None:
    session, known, now = world.session, world.known, world.now
    made = invite_many(session, world.event, [known.techcorp], by=known.dana, now=now)
    draft = session.get_one(Draft, made.draft_ids[0])
    assert invitation_blocks(session, [draft], now) == {}
    late = invitation_blocks(session, [draft], now + timedelta(days=40))
    assert [block.code for block in late[draft.id]] == ["offer_over"]
    # The last day is one of the event's zone, where it ends when it is the next one in UTC.
    pacific = ZoneInfo("America/Los_Angeles")
    last = datetime.combine((now + timedelta(days=30)).date(), time(20), pacific).astimezone(UTC)
    assert invitation_blocks(session, [draft], last) == {}
    after = invitation_blocks(session, [draft], last + timedelta(hours=5))
    assert [block.code for block in after[draft.id]] == ["offer_over"]
    session.get_one(Event, world.event).capacity = 1
    session.add(Registration(event_id=world.event, email="x@y.example", source="file", at=now, updated_at=now))  # fmt: skip
    session.flush()
    full = invitation_blocks(session, [draft], now)
    assert [block.code for block in full[draft.id]] == ["event_full"]
    cancel_event(session, world.event, "The venue is closed", by=known.ada, now=now)
    blocks = invitation_blocks(session, [draft], now)
    assert "event_cancelled" in [block.code for block in blocks[draft.id]]
    with pytest.raises(InvalidMove):
        rank(session, known.ada, world.event, now)


def test_a_programme_that_has_changed_is_said_at_the_pre_flight_and_shown_as_it_is(
    world: SimpleNamespace,
) -> None:
    session, known, now = world.session, world.known, world.now
    made = invite_many(session, world.event, [known.techcorp], by=known.dana, now=now)
    draft = session.get_one(Draft, made.draft_ids[0])
    token = session.get_one(Invitation, made.invitation_ids[0]).token
    shown = [one.title for one in answers.page(session, token, now).sessions]
    assert shown == ["Scaling with agents", "AI at work"]
    plan = catalogue.plan_of(session, world.event)
    _, _, budget, talk = plan.sessions
    at = world.start + timedelta(days=1, hours=2)
    later = replace(plan, sessions=(budget, replace(talk, starts_at=at)))
    catalogue.edit(session, world.event, later, by=known.ada, now=now)
    (block,) = invitation_blocks(session, [draft], now)[draft.id]
    assert (block.code, block.hard) == ("programme_changed", False)
    assert "“Scaling with agents”, “AI at work”" in block.words
    (one,) = answers.page(session, token, now).sessions
    assert (one.title, one.when) == (
        "AI at work",
        "Thursday 21 January, 06:00 (America/Los_Angeles)",
    )


def test_open_major_ticket_takes_a_customer_off_the_list_and_leaves_it_to_the_csm(
    world: SimpleNamespace,
) -> None:
    session, known = world.session, world.known
    row = {"desk": "zendesk", "subject": "Down", "customer_id": known.techcorp, "opened_at": world.now,
           "updated_at": world.now, "created_at": world.now, "source": "api"}  # fmt: skip
    calm = Ticket(number="1", number_key="1", state="open", severity="normal", **row)
    solved = Ticket(number="2", number_key="2", state="solved", severity="urgent", **row)
    session.add_all([calm, solved])
    session.flush()
    assert _rows(world, known.dana)[known.techcorp]["arm"] == "recommended"
    calm.severity = "high"
    session.flush()
    found = _rows(world, known.dana)[known.techcorp]
    assert (found["arm"], found["blocker"]) == (None, BLOCKERS["ticket"])
    made = invite_many(session, world.event, [known.techcorp], by=known.dana, now=world.now)
    draft = session.get_one(Draft, made.draft_ids[0])
    (block,) = invitation_blocks(session, [draft], world.now)[draft.id]
    assert (block.code, block.hard) == ("ticket_open", False)
    assert "Ticket 1" in block.words


def test_dismissing_a_topic_lowers_one_customer_and_nobody_else(world: SimpleNamespace) -> None:
    session, known, now = world.session, world.known, world.now
    before = _rows(world, known.ada)
    for _ in range(5):
        dismiss(session, known.techcorp, "automation", by=known.dana, now=now)
    after = _rows(world, known.ada)
    assert after[known.techcorp]["chance"] < before[known.techcorp]["chance"]
    assert after[known.datapro]["chance"] == before[known.datapro]["chance"]


def test_a_night_without_much_to_learn_from_changes_nothing(
    world: SimpleNamespace, engine: object
) -> None:
    from contextlib import nullcontext

    session: Session = world.session
    assert not refit_nightly(lambda: nullcontext(session), lambda: world.now)
    assert session.scalars(select(FitModel)).all() == []
    found = learning(session, world.known.ada, world.now)
    assert found.overall.of == 0
    assert found.lift.relative is None


def test_who_left_or_said_no_is_not_invited(world: SimpleNamespace) -> None:
    session, known, now = world.session, world.known, world.now
    session.execute(
        update(Stakeholder).where(Stakeholder.id == known.ines).values(unsubscribed=True)
    )
    assert _rows(world, known.ada)[known.datapro]["blocker"] == BLOCKERS["nobody"]
    session.get_one(Customer, known.datapro).churned_on = now.date()
    session.flush()
    assert known.datapro not in _rows(world, known.ada)


def test_what_is_kept_of_a_ranking_follows_every_change_and_nothing_that_was_taken_back(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        known = portfolio(session, now)
        event = catalogue.create(
            session, EventPlan(name="Summit", topic="AI", starts_at=now + timedelta(days=30)),
            by=known.ada, now=now,
        )  # fmt: skip

    def chance() -> float:
        with transaction(engine, read_only=True) as session:
            return rank(session, known.dana, event, now).rows["chance"][0]

    before = chance()
    with suppress(ZeroDivisionError), transaction(engine) as session:
        dismiss(session, known.techcorp, "AI", by=known.dana, now=now)
        assert rank(session, known.dana, event, now).rows["chance"][0] < before
        raise ZeroDivisionError
    assert chance() == before
    with transaction(engine) as session:
        dismiss(
            session, known.techcorp, "Else", by=known.dana, now=now
        )  # as many changes as before
    assert chance() == before
    with transaction(engine) as session:
        dismiss(session, known.techcorp, "AI", by=known.dana, now=now)
    assert chance() < before
    with transaction(engine) as session:
        plan = replace(catalogue.plan_of(session, event), topic="Security")
        catalogue.edit(session, event, plan, by=known.ada, now=now)
    assert chance() == before
