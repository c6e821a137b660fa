"""From attendance on record to notifications, drafts and a clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import (
    Attendance,
    Customer,
    Draft,
    Event,
    EventResource,
    EventSession,
    FollowUp,
    InboundMail,
    Mailbox,
    Notification,
    OutboxMail,
    Stakeholder,
)
from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED
from services import drafts
from services.attendance import events, follow_up
from services.attendance.follow_up import clock
from services.attendance.follow_up.detect import recent_events
from services.attendance.follow_up.run import follow_up as run
from services.customers import merging
from tests.services.attendance.world import WEEK, event, seat, with_goals, within
from tests.services.drafts.world import open_it
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    with_goals(session, made)
    return made


def go(session: Session, event_id: int, now: datetime) -> int:
    return run(within(session), [event_id], lambda: now)


def all_drafts(session: Session) -> list[Draft]:
    return list(
        session.scalars(select(Draft).order_by(Draft.id).execution_options(populate_existing=True))
    )


def follow_ups(session: Session) -> list[FollowUp]:
    return list(
        session.scalars(
            select(FollowUp).order_by(FollowUp.id).execution_options(populate_existing=True)
        )
    )


def test_who_came_and_who_did_not_get_other_words(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, minutes=58, questions=1, asked=["Why retry?"])
    seat(session, held, known.techcorp, known.tom, NO_SHOW)
    seat(session, held, known.datapro, known.ines, REGISTERED)
    assert go(session, held, now) == 3
    maria, tom, ines = all_drafts(session)
    assert "thank you for joining" in maria.text
    assert "Why retry?" in maria.text
    assert "start to finish" in maria.text
    assert "Automate renewal reminders" in maria.text
    assert "something must have come up" in tom.text
    assert "something must have come up" in ines.text
    rows = {row.customer_id: row for row in follow_ups(session)}
    assert not rows[known.techcorp].no_show
    assert rows[known.techcorp].people == 1
    assert rows[known.datapro].no_show


def test_every_sentence_names_the_fact_it_rests_on(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK, polls_asked=4)
    part = EventSession(
        event_id=held, position=1, title="Rate limits", topics=["API"], takeaways=["Send a key."]
    )
    session.add(part)
    session.flush()
    session.add(
        EventResource(
            event_id=held, title="Recording", url="https://video.example.com/1", topics=[]
        )
    )
    seat(session, held, known.techcorp, known.maria, minutes=40, polls=3, downloads=2, feedback=5)
    go(session, held, now)
    (draft,) = all_drafts(session)
    claims = [one["claim"] for one in draft.evidence]
    facts = [one["fact"] for one in draft.evidence]
    assert "40 of 60 minutes." in facts
    for said in (
        "You were there for most of it, 40 minutes of 60.",
        "You answered 3 of 4 polls.",
        "You downloaded 2 files.",
        "Send a key.",
        "Recording",
    ):
        assert said in claims
        assert said in draft.text
    assert {one["screen"] for one in draft.evidence} == {"event", "customer"}
    assert all(one["query"]["id"] for one in draft.evidence)


def test_speaker_is_thanked_for_speaking(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, spoke=True)
    go(session, held, now)
    assert "thank you for speaking" in all_drafts(session)[0].text


def test_segment_has_its_own_words_where_there_are_some(
    session: Session, known: Portfolio, now: datetime
):
    session.get_one(Customer, known.techcorp).segment = "Enterprise"
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    seat(session, held, known.datapro, known.ines)
    go(session, held, now)
    assert [one.template for one in all_drafts(session)] == [
        "attendance/webinar_enterprise",
        "attendance/webinar",
    ]


def test_csm_is_told_the_same_day_with_relevance_and_ways_on(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, minutes=58, questions=2)
    go(session, held, now)
    (told,) = session.scalars(select(Notification))
    assert told.person_id == known.dana.person_id
    assert told.title == "TechCorp was at API best practices"
    assert "1 person attended, 58 minutes; 2 questions asked." in told.body
    assert "Goal “Automate renewal reminders” (automate)" in told.body
    assert "Recommended" in told.body
    assert [one["screen"] for one in told.actions] == ["drafts", "customer", "event"]
    (row,) = follow_ups(session)
    assert row.notified_at == now


def test_csm_of_people_nobody_has_on_record_is_told_what_to_do_first(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    session.get_one(Customer, known.techcorp).goals = []
    seat(session, held, known.techcorp, None, key="one@techcorp.example", minutes=50)
    seat(session, held, known.techcorp, None, key="two@techcorp.example", minutes=30)
    assert go(session, held, now) == 0
    (told,) = session.scalars(select(Notification))
    assert "2 people attended, 40 minutes on average." in told.body
    assert "no goal, challenge or interest of theirs is on record yet" in told.body
    assert "add who was there as stakeholders" in told.body
    assert "approve the drafts" not in told.body
    assert [one["screen"] for one in told.actions] == ["customer", "event"]


def test_doing_it_again_changes_nothing(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    assert go(session, held, now) == 1
    assert go(session, held, now + timedelta(hours=1)) == 0
    assert session.scalar(select(func.count()).select_from(Notification)) == 1
    assert follow_ups(session)[0].detected_at == now


def test_only_automatic_matches_count(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, band="review")
    seat(session, held, None, None, key="stranger")
    assert go(session, held, now) == 0
    assert follow_ups(session) == []


def test_cancelled_and_unsubscribed_people_get_no_mail(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, CANCELLED)
    seat(session, held, known.techcorp, known.tom)
    seat(session, held, known.datapro, known.ines)
    session.get_one(Stakeholder, known.ines).unsubscribed = True
    session.flush()
    assert go(session, held, now) == 1
    assert [one.stakeholder_id for one in all_drafts(session)] == [known.tom]


def test_registrations_alone_say_nothing_of_who_came(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, REGISTERED)
    assert go(session, held, now) == 0
    assert follow_ups(session) == []


def test_old_planned_and_cancelled_events_are_left_alone(session: Session, now: datetime):
    recent = event(session, now - timedelta(days=13))
    old = event(session, now - timedelta(days=15))
    running = event(session, now - timedelta(minutes=30))
    called_off = event(session, now - WEEK, status="cancelled")
    every = [recent, old, running, called_off]
    assert recent_events(session, now) == [recent]
    assert recent_events(session, now, among=every) == [recent]


def test_person_who_came_after_all_gets_the_other_mail_instead(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria, NO_SHOW)
    seat(session, held, known.datapro, known.ines)
    go(session, held, now)
    session.execute(update(Attendance).values(status=ATTENDED))
    assert go(session, held, now) == 1
    by_state = {one.state: one for one in all_drafts(session) if one.stakeholder_id == known.maria}
    assert "something must have come up" in by_state["cancelled"].text
    assert "thank you for joining" in by_state["pending"].text


def test_withdrawn_draft_is_made_again_when_the_facts_are_back(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    seat(session, held, known.datapro, known.ines)
    go(session, held, now)
    session.execute(
        update(Attendance).where(Attendance.participant_id == 1).values(status=CANCELLED)
    )
    follow_up.withdraw(session, [held], now)
    assert [one.state for one in all_drafts(session)] == ["cancelled", "pending"]
    assert [row.customer_id for row in follow_ups(session)] == [known.datapro]
    session.execute(update(Attendance).values(status=ATTENDED))
    assert go(session, held, now) == 1
    assert [one.state for one in all_drafts(session)] == ["cancelled", "pending", "pending"]


def test_draft_older_than_the_event_that_has_its_id_now_is_none_of_its_own(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    go(session, held, now - WEEK + timedelta(days=1))
    session.execute(update(Event).values(created_at=now - timedelta(days=1)))
    assert go(session, held, now) == 1
    clock.reconcile(session, now, event_id=held)
    assert [row.drafted_at for row in follow_ups(session)] == [now]


def test_corrected_file_leaves_no_draft_with_the_old_deeds(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    people = {known.maria: known.techcorp, known.ines: known.datapro, known.tom: known.techcorp}
    for who, house in people.items():
        few = who == known.maria
        seat(session, held, house, who, minutes=5.0 if few else 55.0, questions=0 if few else 3)
    go(session, held, now)
    old = {one.stakeholder_id: one for one in all_drafts(session)}
    assert set(old) == set(people)
    reader = known.erik
    open_it(session, old[known.ines], reader, now)
    session.execute(
        update(Attendance).values(
            minutes=case((Attendance.minutes > 50, 5.0), else_=55.0),
            questions=case((Attendance.questions > 0, 0), else_=3),
        )
    )
    assert go(session, held, now) == 2, "those that nobody had looked at"
    states = {one.id: one.state for one in all_drafts(session)}
    assert [states[old[who].id] for who in (known.maria, known.tom)] == ["cancelled"] * 2
    fresh = {
        one.stakeholder_id: one
        for one in all_drafts(session)
        if one.id > max(o.id for o in old.values())
    }
    assert (
        "for most of it" in fresh[known.maria].text or "start to finish" in fresh[known.maria].text
    )
    assert states[old[known.ines].id] == "pending"
    (block,) = [b for b in drafts.preflight(session, old[known.ines], now) if b.hard]
    assert block.code == "facts_changed"
    assert "minutes (55, now 5), questions (3, now 0)" in block.words
    assert not any(
        b.code == "facts_changed" for b in drafts.preflight(session, fresh[known.tom], now)
    )
    assert go(session, held, now) == 0, "and again changes nothing"
    made = follow_up.make_anew(session, old[known.ines].id, 1, by=reader, now=now)
    assert not [
        b
        for b in drafts.preflight(session, session.get_one(Draft, made), now)
        if b.code == "facts_changed"
    ]
    assert all_drafts(session)[-1].id == made


def test_course_is_followed_up_on_the_day_each_finishes_it(
    session: Session, known: Portfolio, now: datetime
):
    begun = now - 10 * WEEK
    course = event(session, begun, "Automation basics", type="training", source="skilljar")
    seat(session, course, known.techcorp, known.tom, joined_at=begun, completed=True)
    assert follow_up.catch_up(within(session), lambda: begun + timedelta(hours=2)) == 1
    seat(
        session, course, known.datapro, known.ines, joined_at=now - 2 * WEEK - WEEK, completed=True
    )
    seat(
        session,
        course,
        known.techcorp,
        known.maria,
        joined_at=now - timedelta(days=2),
        completed=True,
    )
    assert follow_up.catch_up(within(session), lambda: now) == 1
    last = all_drafts(session)[-1]
    assert last.stakeholder_id == known.maria
    day = now - timedelta(days=2)
    assert f"{day.day} {day:%B}" in last.text
    assert follow_up.catch_up(within(session), lambda: now) == 0
    assert {row.customer_id for row in follow_ups(session)} == {known.techcorp}, (
        "three weeks are too long ago"
    )
    assert follow_up.create_now(course, by=known.ada, now=now, transact=within(session)) == 1


def test_draft_a_person_rejected_stays_rejected(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    go(session, held, now)
    (draft,) = all_drafts(session)
    drafts.reject(session, draft.id, 1, "Spoke to her", by=known.dana, now=now)
    assert go(session, held, now) == 0


def test_csm_follows_up_the_own_portfolio_only(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - timedelta(days=90))
    seat(session, held, known.techcorp, known.maria)
    seat(session, held, known.datapro, known.ines)
    transact = within(session)
    assert follow_up.create_now(held, by=known.dana, now=now, transact=transact) == 1
    assert [one.stakeholder_id for one in all_drafts(session)] == [known.maria]
    assert follow_up.create_now(held, by=known.ada, now=now, transact=transact) == 1


def test_event_to_come_is_not_followed_up(session: Session, known: Portfolio, now: datetime):
    planned = event(session, now + WEEK, status="planned")
    with pytest.raises(InvalidMove):
        follow_up.create_now(planned, by=known.ada, now=now, transact=within(session))


def test_clock_reads_the_queue_and_the_replies(session: Session, known: Portfolio, now: datetime):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    go(session, held, now)
    (draft,) = all_drafts(session)
    open_it(session, draft, known.dana, now)
    later = now + timedelta(hours=2)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=later)
    clock.reconcile(session, later)
    (row,) = follow_ups(session)
    assert (row.drafted_at, row.approved_at, row.sent_at) == (now, later, None)
    mail = session.scalars(select(OutboxMail)).one()
    mail.state, mail.sent_at = "sent", later
    session.add(
        InboundMail(
            mailbox_id=session.scalars(select(Mailbox.id)).first(),
            provider_id="1",
            outbox_id=mail.id,
            kind="reply",
            sender="maria@techcorp.example",
            subject="Re",
            text="Yes",
            at=later + timedelta(hours=1),
            read_at=later + timedelta(hours=1),
        )
    )
    session.flush()
    assert clock.reconcile(session, later) == 1
    assert clock.reconcile(session, later) == 0
    (row,) = follow_ups(session)
    assert row.sent_at == later
    assert row.replied_at == later + timedelta(hours=1)


def test_event_is_over_an_hour_after_its_start_where_nobody_says(session: Session, now: datetime):
    silent = event(session, now - timedelta(minutes=59), duration_minutes=None)
    assert recent_events(session, now) == []
    session.get_one(Event, silent).starts_at = now - timedelta(minutes=61)
    session.flush()
    assert recent_events(session, now) == [silent]


def test_merged_customers_have_one_follow_up_of_the_event_both_were_at(
    session: Session, known: Portfolio, now: datetime
):
    held = event(session, now - WEEK)
    seat(session, held, known.techcorp, known.maria)
    seat(session, held, known.datapro, known.ines)
    go(session, held, now)
    merging.merge(session, known.techcorp, known.datapro, by=known.ada, now=now)
    assert [row.customer_id for row in follow_ups(session)] == [known.techcorp]


def test_event_of_several_days_is_followed_up_when_its_last_day_is_over(
    session: Session, known: Portfolio, now: datetime
):
    summit = event(
        session, now - timedelta(hours=30), "Summit", ends_at=now + timedelta(hours=10),
        duration_minutes=480.0,
    )  # fmt: skip
    seat(session, summit, known.techcorp, known.maria)
    assert follow_up.catch_up(within(session), lambda: now) == 0
    with pytest.raises(InvalidMove):
        follow_up.create_now(summit, by=known.ada, now=now, transact=within(session))
    assert follow_up.catch_up(within(session), lambda: now + timedelta(hours=11)) == 1
    long = event(
        session, now - 5 * WEEK, "Roadshow", ends_at=now - WEEK, duration_minutes=480.0
    )  # fmt: skip
    seat(session, long, known.datapro, known.ines)
    assert follow_up.catch_up(within(session), lambda: now) == 1


def test_enrolled_people_have_missed_no_course(session: Session, known: Portfolio, now: datetime):
    course = event(session, now - timedelta(days=3), "Basics", type="training", source="thinkific")
    seat(session, course, known.techcorp, known.maria, joined_at=now - timedelta(days=2))
    seat(session, course, known.techcorp, known.tom, status=REGISTERED)
    seat(session, course, known.datapro, known.ines, status=REGISTERED)
    assert follow_up.catch_up(within(session), lambda: now) == 1
    assert [(row.customer_id, row.no_show) for row in follow_ups(session)] == [
        (known.techcorp, False)
    ]
    shown = events.people(session, known.ada, course)
    assert sorted(shown["presence"]) == ["Came", "Registered", "Registered"]


def test_clock_of_a_course_begins_again_for_who_finishes_later(
    session: Session, known: Portfolio, now: datetime
):
    first = now - 2 * WEEK
    course = event(session, first, "Basics", type="training", source="skilljar")
    seat(session, course, known.techcorp, known.tom, joined_at=first, completed=True)
    follow_up.catch_up(within(session), lambda: first + timedelta(hours=2))
    (row,) = follow_ups(session)
    begun = row.detected_at
    row.sent_at = first + timedelta(hours=3)
    session.flush()
    later = now - timedelta(days=1)
    seat(session, course, known.techcorp, known.maria, joined_at=later, completed=True)
    assert follow_up.catch_up(within(session), lambda: now) == 1
    session.expire_all()
    told = session.scalars(select(Notification.at).order_by(Notification.at)).all()
    assert told == [begun, now]
    assert begun < row.detected_at == row.drafted_at == row.notified_at == now
    assert row.sent_at is None, "what was sent to the one is nothing for the other"
    follow_up.catch_up(within(session), lambda: now + timedelta(hours=1))
    session.expire_all()
    assert row.detected_at == now


def test_clock_of_a_course_is_the_old_one_when_the_later_finisher_is_taken_back(
    session: Session, known: Portfolio, now: datetime
):
    first = now - 2 * WEEK
    course = event(session, first, "Basics", type="training", source="skilljar")
    seat(session, course, known.techcorp, known.tom, joined_at=first, completed=True)
    follow_up.catch_up(within(session), lambda: first + timedelta(hours=2))
    (row,) = follow_ups(session)
    before = {stage: getattr(row, stage) for stage in ("detected_at", "notified_at", "drafted_at")}
    (draft,) = all_drafts(session)
    sent_at = first + timedelta(hours=3)
    open_it(session, draft, known.dana, sent_at)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=sent_at)
    mail = session.scalars(select(OutboxMail)).one()
    mail.state, mail.sent_at = "sent", sent_at
    session.flush()
    clock.reconcile(session, sent_at)
    maria = seat(session, course, known.techcorp, known.maria, joined_at=now - timedelta(days=1))
    follow_up.catch_up(within(session), lambda: now)
    session.expire_all()
    assert (row.detected_at, row.sent_at) == (now, None)
    session.delete(session.get_one(Attendance, (maria, course)))
    session.flush()
    gone = follow_up.withdraw(session, [course], now)
    session.expire_all()
    assert (gone.drafts, gone.notifications) == (1, 1)
    assert before == {stage: getattr(row, stage) for stage in before}
    assert row.sent_at == sent_at
