from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import TimelineEntry
from data.tables.events import REGISTERED
from services.timeline import note, timeline, withdraw
from tests.services.attendance.world import event, seat
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def test_noted_once_and_shown_among_the_facts(session: Session, us: Portfolio, now: datetime):
    for _ in range(2):
        note(
            session,
            us.techcorp,
            "reply",
            now,
            "Maria replied",
            "Thanks",
            dedup_key="reply:1",
            by=us.dana,
        )
    found = timeline(session, us.dana, us.techcorp, kinds=("reply",))
    assert [(e.title, e.detail) for e in found] == [("Maria replied", "Thanks · Dana Example")]


@pytest.mark.parametrize(("kind", "said"), [("mail", "To"), ("note", "With")])
def test_entry_says_which_stakeholder(
    session: Session, us: Portfolio, now: datetime, kind: str, said: str
):
    note(session, us.techcorp, kind, now, "Hello", dedup_key="one", stakeholder_id=us.maria)
    note(session, us.techcorp, kind, now, "Hello", "All of it", dedup_key="two")
    found = timeline(session, us.dana, us.techcorp, kinds=(kind,))
    assert [e.detail for e in found] == ["All of it", f"{said} Maria Lopez"]


def test_pages_of_notes_follow_each_other(session: Session, us: Portfolio, now: datetime):
    for n in range(7):
        at = now - timedelta(days=n)
        note(session, us.techcorp, "mail", at, f"Mail {n}", dedup_key=f"mail:{n}")
    first = timeline(session, us.dana, us.techcorp, kinds=("mail",), limit=4)
    rest = timeline(session, us.dana, us.techcorp, kinds=("mail",), before=first[-1].at)
    assert [e.title for e in first + rest] == [f"Mail {n}" for n in range(7)]


def test_what_was_not_so_is_marked_and_stays(session: Session, us: Portfolio, now: datetime):
    def say(title: str) -> int | None:
        return note(session, us.techcorp, "reply", now, title, dedup_key="inbound:1")

    def shown(*kinds: str) -> list[tuple[str, str, datetime | None]]:
        found = timeline(session, us.dana, us.techcorp, kinds=kinds)
        return [(e.kind, e.title, e.withdrawn_at) for e in found]

    say("Maria replied")
    withdraw(session, ["inbound:1"], now + timedelta(hours=1))
    say("An automatic answer came")
    withdraw(session, ["inbound:1"], now + timedelta(hours=2))
    say("Maria replied after all")
    assert say("Told once") is None
    former = [
        ("reply", "Maria replied", now + timedelta(hours=1)),
        ("reply", "An automatic answer came", now + timedelta(hours=2)),
    ]
    assert shown("reply") == [("reply", "Maria replied after all", None)]
    assert sorted(shown("withdrawn")) == sorted(former)
    assert len(shown()) == 3


def test_database_lets_no_entry_go(session: Session, us: Portfolio, now: datetime):
    note(session, us.techcorp, "reply", now, "Maria replied", dedup_key="inbound:1")
    with pytest.raises(DBAPIError, match="the timeline only grows"), session.begin_nested():
        session.execute(delete(TimelineEntry))
    assert len(timeline(session, us.dana, us.techcorp, kinds=("reply",))) == 1


def test_notes_of_other_portfolios_are_not_shown(session: Session, us: Portfolio, now: datetime):
    note(session, us.techcorp, "mail", now, "Secret", dedup_key="mail:1")
    assert timeline(session, us.erik, us.datapro, kinds=("mail",)) == []
    with pytest.raises(NotFound):
        timeline(session, us.erik, us.techcorp)


def test_a_course_stands_on_the_day_that_the_last_of_them_finished(
    session: Session, us: Portfolio, now: datetime
):
    begun = now - timedelta(days=200)
    course = event(session, begun, "Basics", type="training", source="moodle")
    webinar = event(session, now - timedelta(days=50), "Webinar")
    for who, ago in ((us.tom, 200), (us.maria, 3)):
        seat(session, course, us.techcorp, who, joined_at=now - timedelta(days=ago))
    seat(session, webinar, us.techcorp, us.maria, joined_at=now)
    began = event(session, begun, "Later", type="training", source="moodle")
    seat(session, began, us.techcorp, us.maria, status=REGISTERED)
    found = timeline(session, us.dana, us.techcorp, kinds=("event",))
    assert [(e.title, (now - e.at).days) for e in found] == [
        ("Finished Basics", 3),
        ("Attended Webinar", 50),
        ("Enrolled in Later", 200),
    ]
    rest = timeline(session, us.dana, us.techcorp, kinds=("event",), before=found[0].at)
    assert rest == found[1:]
