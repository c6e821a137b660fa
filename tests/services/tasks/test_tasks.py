from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Person, Touch
from services import tasks
from services.tasks.repeats import OFFERED, next_due
from services.timeline import timeline
from services.touches import Caps, over_cap, spoken
from tests.support.portfolio import Portfolio, portfolio

START = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def call(us: Portfolio, now: datetime, **changes: object) -> tasks.NewTask:
    task = tasks.NewTask(
        dedup_key="call:techcorp",
        title="Call Maria",
        due_at=now + timedelta(days=2),
        owner_id=us.dana.person_id,
        customer_id=us.techcorp,
    )
    return replace(task, **changes)


def test_same_occasion_makes_one_task(session: Session, us: Portfolio, now: datetime):
    assert tasks.add(session, call(us, now), now=now) is not None
    assert tasks.add(session, call(us, now), now=now) is None
    assert len(tasks.listing(session, us.dana, now)) == 1


def test_done_task_leaves_the_list_and_can_come_back(
    session: Session, us: Portfolio, now: datetime
):
    number = tasks.add(session, call(us, now), now=now)
    assert number is not None
    assert tasks.move(session, number, "done", by=us.dana, now=now) is None
    assert tasks.listing(session, us.dana, now) == []
    assert [t.done_at for t in tasks.listing(session, us.dana, now, state="done")] == [now]
    tasks.move(session, number, "open", by=us.dana, now=now)
    assert [t.done_at for t in tasks.listing(session, us.dana, now)] == [None]
    tasks.move(session, number, "cancelled", by=us.dana, now=now)
    with pytest.raises(InvalidMove):
        tasks.move(session, number, "done", by=us.dana, now=now)


def test_snoozed_task_hides_until_its_time_and_still_is_late(
    session: Session, us: Portfolio, now: datetime
):
    number = tasks.add(session, call(us, now, due_at=now - timedelta(days=3)), now=now)
    assert number is not None
    tasks.snooze(session, number, now + timedelta(hours=4), by=us.dana, now=now)
    assert tasks.listing(session, us.dana, now) == []
    assert [t.late for t in tasks.listing(session, us.dana, now, after=now.date())] == [True]
    (later,) = tasks.listing(session, us.dana, now + timedelta(hours=5))
    assert later.late
    with pytest.raises(BadInput):
        tasks.snooze(session, number, now, by=us.dana, now=now)


def test_repeating_task_comes_back_once_after_a_long_absence(
    session: Session, us: Portfolio, now: datetime
):
    weekly = call(us, now, repeats="FREQ=WEEKLY", due_at=now - timedelta(days=30))
    number = tasks.add(session, weekly, now=now)
    assert number is not None
    following = tasks.move(session, number, "done", by=us.dana, now=now)
    assert following is not None
    (task,) = tasks.listing(session, us.dana, now)
    assert now < task.due_at <= now + timedelta(days=7)
    assert task.due_at.weekday() == weekly.due_at.weekday()
    tasks.move(session, number, "open", by=us.dana, now=now)
    assert tasks.move(session, number, "done", by=us.dana, now=now) is None


@pytest.mark.parametrize("then", ["open", "done"])
def test_task_done_again_later_begins_no_second_series(
    session: Session, us: Portfolio, now: datetime, then: str
):
    first = tasks.add(session, call(us, now, repeats="FREQ=WEEKLY"), now=now)
    assert first is not None
    second = tasks.move(session, first, "done", by=us.dana, now=now)
    assert second is not None
    if then == "done":
        tasks.move(session, second, "done", by=us.dana, now=now)
    before = tasks.listing(session, us.dana, now)
    tasks.move(session, first, "open", by=us.dana, now=now)
    later = now + timedelta(days=40)
    assert tasks.move(session, first, "done", by=us.dana, now=later) is None
    assert [t.id for t in tasks.listing(session, us.dana, now)] == [t.id for t in before]


@pytest.mark.parametrize("days", [0, 40])
def test_series_goes_on_where_its_next_task_was_cancelled_meanwhile(
    session: Session, us: Portfolio, now: datetime, days: int
):
    first = tasks.add(session, call(us, now, repeats="FREQ=WEEKLY"), now=now)
    assert first is not None
    second = tasks.move(session, first, "done", by=us.dana, now=now)
    assert second is not None
    tasks.move(session, first, "open", by=us.dana, now=now)
    tasks.move(session, second, "cancelled", by=us.dana, now=now)
    later = now + timedelta(days=days)
    following = tasks.move(session, first, "done", by=us.dana, now=later)
    (task,) = tasks.listing(session, us.dana, later)
    assert (task.id, task.state) == (following, "open")
    assert task.due_at > later


@given(st.sampled_from(list(OFFERED)), MOMENTS, MOMENTS)
def test_next_time_is_always_to_come(rule: str, due: datetime, now: datetime):
    following = next_due(rule, due, now)
    assert following > max(due, now)
    assert following.time() == due.time()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=1",
        "FREQ=DAILY;UNTIL=20200101T000000Z",
        "often",
        "",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;interval=00;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=+0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY\nEXDATE:20261118T120000Z",
        "FREQ=DAILY\nDTSTART:20261118T120000Z",
        "FREQ=DAILY;WKST",
        "FREQ=DAILY;BYDAY=0MO;",
    ],
)
def test_rules_that_end_hammer_or_stand_still_are_refused(rule: str):
    with pytest.raises(BadInput):
        next_due(
            rule or "nothing", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
        )


def test_tasks_of_other_portfolios_cannot_be_seen_or_moved(
    session: Session, us: Portfolio, now: datetime
):
    number = tasks.add(session, call(us, now), now=now)
    assert number is not None
    assert tasks.listing(session, us.erik, now, mine=False) == []
    for move in ("done", "cancelled"):
        with pytest.raises(NotFound):
            tasks.move(session, number, move, by=us.erik, now=now)
    with pytest.raises(NotFound):
        tasks.snooze(session, number, now + timedelta(days=1), by=us.erik, now=now)
    with pytest.raises(NotFound):
        tasks.add_own(session, call(us, now, dedup_key=""), by=us.erik, now=now)
    assert [t.id for t in tasks.listing(session, us.morgan, now, mine=False)] == [number]
    assert [t.id for t in tasks.listing(session, us.ada, now, mine=False)] == [number]


def test_colleague_who_is_given_a_task_sees_it(session: Session, us: Portfolio, now: datetime):
    number = tasks.add(session, call(us, now), now=now)
    assert number is not None
    assert us.erik.person_id is not None
    tasks.reassign(session, number, us.erik.person_id, by=us.morgan, now=now)
    assert [t.id for t in tasks.listing(session, us.erik, now)] == [number]
    with pytest.raises(BadInput):
        tasks.reassign(session, number, 999_999, by=us.morgan, now=now)


def test_own_task_needs_words(session: Session, us: Portfolio, now: datetime):
    with pytest.raises(BadInput):
        tasks.add_own(session, call(us, now, title="  "), by=us.dana, now=now)
    number = tasks.add_own(session, call(us, now, dedup_key="", owner_id=None), by=us.dana, now=now)
    assert [t.id for t in tasks.listing(session, us.dana, now)] == [number]


def test_whole_day_is_late_only_when_the_day_is_over(
    session: Session, us: Portfolio, now: datetime
):
    morning = now.replace(hour=0, minute=0)
    tasks.add(session, call(us, now, due_at=morning), now=now)
    tasks.add(session, call(us, now, dedup_key="x", due_at=morning, whole_day=False), now=now)
    at_noon = morning + timedelta(hours=12)
    found = {t.whole_day: t.late for t in tasks.listing(session, us.dana, at_noon)}
    assert found == {True: False, False: True}


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland"])
def test_day_of_a_task_is_the_one_its_owner_lives_in(
    session: Session, us: Portfolio, now: datetime, zone: str
):
    session.get_one(Person, us.dana.person_id).time_zone = zone
    there = ZoneInfo(zone)
    number = tasks.add(session, call(us, now, due_at=datetime(2026, 11, 23, tzinfo=UTC)), now=now)
    assert number is not None
    sunday = datetime(2026, 11, 22, 23, 59, tzinfo=there)
    monday = datetime(2026, 11, 23, 0, 1, tzinfo=there)
    evening = datetime(2026, 11, 23, 23, 59, tzinfo=there)
    tuesday = datetime(2026, 11, 24, 0, 1, tzinfo=there)
    for at, due, late in (
        (sunday, False, False),
        (monday, True, False),
        (evening, True, False),
        (tuesday, True, True),
    ):
        found = tasks.listing(session, us.dana, at, due=at.date())
        assert [task.late for task in found] == [late] * due
        rest = tasks.listing(session, us.dana, at, after=at.date())
        assert len(found) + len(rest) == 1
    _, content = tasks.calendar_entry_file(session, us.dana, number, now)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 11, 23)
    assert event.decoded("dtend") == date(2026, 11, 24)
    assert not event.walk("VALARM")


def test_moment_given_for_a_whole_day_means_the_owners_day(
    session: Session, us: Portfolio, now: datetime
):
    session.get_one(Person, us.dana.person_id).time_zone = "America/Los_Angeles"
    evening = datetime(2026, 11, 22, 18, tzinfo=ZoneInfo("America/Los_Angeles"))
    tasks.add(session, call(us, now, due_at=evening), now=now)
    (task,) = tasks.listing(session, us.dana, now)
    assert task.due_at == datetime(2026, 11, 22, tzinfo=UTC)


def test_daily_task_done_in_the_evening_is_due_tomorrow(
    session: Session, us: Portfolio, now: datetime
):
    session.get_one(Person, us.dana.person_id).time_zone = "America/Los_Angeles"
    daily = call(us, now, due_at=datetime(2026, 11, 22, tzinfo=UTC), repeats="FREQ=DAILY")
    number = tasks.add(session, daily, now=now)
    assert number is not None
    evening = datetime(2026, 11, 22, 20, tzinfo=ZoneInfo("America/Los_Angeles"))
    tasks.move(session, number, "done", by=us.dana, now=evening)
    (task,) = tasks.listing(session, us.dana, evening)
    assert task.due_at == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "first", "then"),
    [
        ("FREQ=MONTHLY", (2027, 1, 31), [(2027, 2, 28), (2027, 3, 31), (2027, 4, 30)]),
        ("FREQ=MONTHLY", (2027, 12, 30), [(2028, 1, 30), (2028, 2, 29), (2028, 3, 30)]),
        ("FREQ=MONTHLY;INTERVAL=3", (2026, 11, 30), [(2027, 2, 28), (2027, 5, 30)]),
        ("FREQ=MONTHLY;INTERVAL=3", (2026, 8, 31), [(2026, 11, 30), (2027, 2, 28), (2027, 5, 31)]),
        ("FREQ=MONTHLY", (2027, 1, 28), [(2027, 2, 28), (2027, 3, 28)]),
    ],
)
def test_month_without_the_day_has_its_last_instead(
    session: Session,
    us: Portfolio,
    now: datetime,
    rule: str,
    first: tuple[int, int, int],
    then: list[tuple[int, int, int]],
):
    due = datetime(*first, tzinfo=UTC)
    number = tasks.add(session, call(us, now, due_at=due, repeats=rule), now=now)
    for expected in then:
        assert number is not None
        number = tasks.move(session, number, "done", by=us.dana, now=now)
        (task,) = tasks.listing(session, us.dana, now)
        assert task.due_at == datetime(*expected, tzinfo=UTC)


def test_hour_of_a_repeating_task_stays_when_clocks_change(
    session: Session, us: Portfolio, now: datetime
):
    session.get_one(Person, us.dana.person_id).time_zone = "Europe/Berlin"
    there = ZoneInfo("Europe/Berlin")
    ten = datetime(2027, 3, 24, 10, tzinfo=there)
    weekly = call(us, now, due_at=ten.astimezone(UTC), whole_day=False, repeats="FREQ=WEEKLY")
    number = tasks.add(session, weekly, now=now)
    assert number is not None
    tasks.move(session, number, "done", by=us.dana, now=now)
    (task,) = tasks.listing(session, us.dana, now)
    assert task.due_at.astimezone(there) == datetime(2027, 3, 31, 10, tzinfo=there)


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        ("Call Maria at TechCorp: ask", True), ("Send the plan", False), ("call Maja", True),
        ("CALL MAJA", True), ("Call: Maja", True), ("Phone Maja", True), ("ring Maja", True),
        ("Spoke with Maja", True), ("Call off the visit", False), ("Call for papers: ask", False),
        ("Spoke with nobody: they never answer", False), ("Spoke with no one", False),
        ("Ring-fence the budget", False), ("Phone number is missing", False), ("Calling", False),
        ("Call number 12", True),
    ],
)  # fmt: skip
def test_call_that_is_done_is_a_contact_until_it_is_opened_again(
    session: Session, us: Portfolio, now: datetime, title: str, counts: bool
):
    new = call(us, now, title=title)
    number = tasks.add(session, new, now=now)
    assert number is not None
    answered = select(spoken(Customer.id, Customer.created_at, now + timedelta(days=1))).where(
        Customer.id == us.techcorp
    )
    for _ in range(2):
        assert session.scalar(answered) is False
        tasks.move(session, number, "done", by=us.dana, now=now + timedelta(hours=1))
        assert session.scalar(answered) is counts
        tasks.move(session, number, "open", by=us.dana, now=now + timedelta(hours=2))
    assert session.scalar(answered) is False


def test_call_that_is_done_stands_on_the_timeline_until_it_is_opened_again(
    session: Session, us: Portfolio, now: datetime
):
    number = tasks.add(session, call(us, now, stakeholder_id=us.maria), now=now) or 0
    plan = call(us, now, dedup_key="plan", title="Send the plan")
    tasks.move(session, tasks.add(session, plan, now=now) or 0, "done", by=us.dana, now=now)

    def told(*kinds: str) -> list[tuple[str, bool]]:
        found = timeline(session, us.dana, us.techcorp, kinds=kinds)
        return [(entry.title, entry.withdrawn_at is not None) for entry in found]

    for _ in range(2):
        assert told("task") == []
        tasks.move(session, number, "done", by=us.dana, now=now)
        assert told("task") == [("Call Maria", False)]
        tasks.move(session, number, "open", by=us.dana, now=now + timedelta(hours=1))
    assert told("withdrawn") == [("Call Maria", True)] * 2


def test_call_that_is_done_counts_against_the_caps(session: Session, us: Portfolio, now: datetime):
    new = call(us, now, stakeholder_id=us.maria)
    tasks.move(session, tasks.add(session, new, now=now) or 0, "done", by=us.dana, now=now)
    (touch,) = session.scalars(select(Touch))
    assert (touch.channel, touch.what, touch.stakeholder_id) == ("call", "Call Maria", us.maria)
    said = over_cap(
        session, stakeholder_id=us.maria, customer_id=us.techcorp, at=now, caps=Caps(1, 6)
    )
    assert said is not None
