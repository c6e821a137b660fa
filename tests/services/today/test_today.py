from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Approval, Customer, Draft, Mailbox, OutboxMail, Person
from services import notifications, tasks
from services.access import Viewer
from services.tasks import NewTask
from services.today import inbox, send_digests
from services.today.inbox import day_end
from tests.services.impact.test_impact import signal
from tests.support.portfolio import Portfolio, portfolio

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def give(session: Session, who: Viewer, title: str, due: datetime) -> None:
    new = NewTask(dedup_key=f"task:{title}", title=title, due_at=due, owner_id=who.person_id)
    tasks.add(session, new, now=MONDAY)


def tell(session: Session, who: Viewer, title: str) -> None:
    assert who.person_id is not None
    notifications.notify(session, who.person_id, title, "news", title, now=MONDAY)


def live_in(session: Session, who: Viewer, zone: str) -> None:
    session.get_one(Person, who.person_id).time_zone = zone
    session.flush()


def queued(session: Session) -> dict[str, OutboxMail]:
    return {mail.recipient: mail for mail in session.scalars(select(OutboxMail))}


def test_empty_day_is_empty(session: Session, us: Portfolio):
    found = inbox(session, us.dana, MONDAY)
    assert found.empty
    assert found.nothing_new


def test_task_of_tonight_is_due_and_one_of_tomorrow_is_not(session: Session, us: Portfolio):
    live_in(session, us.dana, "America/Chicago")
    give(session, us.dana, "late in Chicago", datetime(2026, 11, 24, 5, 30, tzinfo=UTC))
    give(session, us.dana, "tomorrow there", datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    found = inbox(session, us.dana, MONDAY)
    assert [task.title for task in found.tasks] == ["late in Chicago"]


def test_what_waits_for_others_is_not_shown(session: Session, us: Portfolio):
    give(session, us.erik, "Erik's", MONDAY)
    tell(session, us.erik, "For Erik")
    assert inbox(session, us.dana, MONDAY).nothing_new
    assert not inbox(session, us.erik, MONDAY).empty


@given(
    st.integers(0, 3 * 365 * 24).map(
        lambda h: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=h)
    ),
    st.sampled_from(["UTC", "America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_day_ends_within_the_next_day_even_when_clocks_change(at: datetime, zone: str):
    ends = day_end(at, zone)
    assert at < ends <= at + timedelta(hours=25)
    assert (ends.hour, ends.minute) == (0, 0)


def test_tasks_are_counted_beyond_those_listed(session: Session, us: Portfolio):
    """As a list long enough has them, late ones by the clock of who owns them, without those snoozed."""
    live_in(session, us.dana, "America/Chicago")
    for number in range(70):
        due = MONDAY - timedelta(hours=number)
        new = NewTask(
            f"due:{number}", f"Do {number}", due, us.dana.person_id, whole_day=bool(number % 2)
        )
        made = tasks.add(session, new, now=MONDAY)
        if made is not None and number % 9 == 0:
            tasks.snooze(session, made, MONDAY + timedelta(days=1), by=us.dana, now=MONDAY)
    ends = date(2026, 11, 23)
    every = tasks.listing(session, us.dana, MONDAY, due=ends, limit=500)
    found = inbox(session, us.dana, MONDAY)
    assert (len(found.tasks), found.tasks_count) == (50, len(every)) == (50, 62)
    assert 0 < found.tasks_late == sum(task.late for task in every) < 62
    send_digests(session, MONDAY + timedelta(hours=6))
    assert queued(session)["dana@ours.example"].subject == "62 tasks wait for you"


def test_news_is_counted_beyond_what_is_listed(session: Session, us: Portfolio):
    for number in range(60):
        tell(session, us.dana, f"News {number}")
    found = inbox(session, us.dana, MONDAY)
    assert (len(found.notifications), found.unread) == (50, 60)
    send_digests(session, MONDAY)
    assert queued(session)["dana@ours.example"].subject == "60 new things wait for you"


def test_digest_comes_where_a_signal_alone_speaks_for_a_word(session: Session, us: Portfolio):
    session.add(signal(us.techcorp, MONDAY - timedelta(days=1)))
    session.flush()
    assert send_digests(session, MONDAY) == 1
    mail = queued(session)["dana@ours.example"]
    assert mail.subject == "1 customer to turn to first"
    body = message_from_bytes(mail.raw, policy=default).get_body(("plain",))
    assert body is not None
    (pick,) = inbox(session, us.dana, MONDAY).best
    assert pick.why in body.get_content()


@pytest.mark.parametrize(
    ("opened", "renews", "said"),
    [
        (0, 0, "At risk (alert) since today, and nobody has spoken with them; the renewal is today"),
        (1, 1, "At risk (alert) for 1 day, and nobody has spoken with them; 1 day to the renewal"),
        (12, 30, "At risk (alert) for 12 days, and nobody has spoken with them; 30 days to the renewal"),
    ],
)  # fmt: skip
def test_best_next_says_for_how_long(
    session: Session, us: Portfolio, opened: int, renews: int, said: str
):
    session.add(signal(us.techcorp, MONDAY - timedelta(days=opened)))
    session.get_one(Customer, us.techcorp).renews_on = MONDAY.date() + timedelta(days=renews)
    session.flush()
    (pick,) = inbox(session, us.dana, MONDAY).best
    assert pick.why == said


def test_digest_comes_once_to_those_for_whom_something_waits(session: Session, us: Portfolio):
    give(session, us.dana, "Call Maria", MONDAY)
    tell(session, us.erik, "Ines replied")
    assert send_digests(session, MONDAY) == 2
    assert send_digests(session, MONDAY + timedelta(hours=1)) == 0
    assert set(queued(session)) == {"dana@ours.example", "erik@ours.example"}
    assert send_digests(session, MONDAY + timedelta(days=1)) == 2


def test_digest_says_what_waits_with_links(session: Session, us: Portfolio):
    give(session, us.dana, "Call Maria", MONDAY)
    tell(session, us.dana, "Tom <b>registered</b>")
    send_digests(session, MONDAY)
    mail = queued(session)["dana@ours.example"]
    read = message_from_bytes(mail.raw, policy=default)
    text = read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert read["subject"] == "1 task and 1 new thing wait for you"
    assert read["auto-submitted"] == "auto-generated"
    assert "Call Maria" in text
    assert "Tom <b>registered</b>" in text
    assert "Tom &lt;b&gt;registered&lt;/b&gt;" in html
    assert mail.approved_hash == sha256(mail.raw).hexdigest()
    assert (mail.kind, mail.stakeholder_id, mail.expires_at) == (
        "digest",
        None,
        datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_digest_leaves_from_ones_own_mailbox_where_the_company_has_no_server(
    session: Session, us: Portfolio
):
    give(session, us.dana, "Call Maria", MONDAY)
    give(session, us.erik, "Call Tom", MONDAY)
    at = {"created_at": MONDAY, "secret": b"x"}
    own = Mailbox(kind="gmail", person_id=us.dana.person_id, address="dana@gmail.example", **at)
    session.add(own)
    send_digests(session, MONDAY)
    mails = queued(session)
    folder = session.scalars(select(Mailbox).where(Mailbox.kind == "eml")).one()
    assert mails["dana@ours.example"].mailbox_id == own.id
    assert mails["erik@ours.example"].mailbox_id == folder.id

    server = Mailbox(kind="smtp", address="cs@ours.example", **at)
    session.add(server)
    session.flush()
    send_digests(session, MONDAY + timedelta(days=1))
    *_, second, last = session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    assert {second.mailbox_id, last.mailbox_id} == {server.id}


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        (datetime(2026, 11, 21, 12, tzinfo=UTC), "UTC"),  # a Saturday
        (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), "UTC"),
        (datetime(2026, 11, 23, 12, 59, tzinfo=UTC), "America/Chicago"),
        (datetime(2026, 11, 20, 23, tzinfo=UTC), "Asia/Tokyo"),  # Saturday morning there
    ],
)
def test_no_digest_at_night_or_on_days_off(
    session: Session, us: Portfolio, at: datetime, zone: str
):
    live_in(session, us.dana, zone)
    give(session, us.dana, "Call Maria", at)
    assert send_digests(session, at) == 0
    assert send_digests(session, MONDAY + timedelta(hours=2)) == 1


def test_no_digest_for_those_who_do_not_want_it_or_left(session: Session, us: Portfolio):
    for who, change in ((us.dana, {"digest": False}), (us.erik, {"active": False})):
        give(session, who, f"For {who.name}", MONDAY)
        for name, value in change.items():
            setattr(session.get_one(Person, who.person_id), name, value)
    session.flush()
    assert send_digests(session, MONDAY) == 0


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc"])
def test_who_has_a_zone_that_is_none_lives_in_the_company_s(
    session: Session, us: Portfolio, zone: str
):
    live_in(session, us.dana, zone)
    give(session, us.dana, "Call Maria", MONDAY)
    found = inbox(session, us.dana, MONDAY)
    assert (found.zone, found.day_ends) == ("UTC", datetime(2026, 11, 24, tzinfo=UTC))
    assert send_digests(session, datetime(2026, 11, 23, 6, 59, tzinfo=UTC)) == 0
    assert send_digests(session, datetime(2026, 11, 23, 7, 1, tzinfo=UTC)) == 1


def test_colleague_whose_digest_cannot_be_made_keeps_nobody_from_theirs(
    session: Session, us: Portfolio, caplog: pytest.LogCaptureFixture
):
    for who in (us.dana, us.erik):
        give(session, who, f"For {who.name}", MONDAY)
    session.get_one(Person, us.dana.person_id).email = "ümlaut@ours.example"
    session.flush()
    assert send_digests(session, MONDAY) == 1
    assert set(queued(session)) == {"erik@ours.example"}
    assert f"no_digest person={us.dana.person_id}" in caplog.text
    assert "@ours.example" not in caplog.text


def test_second_look_waits_for_those_who_may_give_it(session: Session, us: Portfolio):
    draft = Draft(
        dedup_key="d",
        kind="personal",
        topic="relationship",
        customer_id=us.techcorp,
        stakeholder_id=us.maria,
        owner_id=us.dana.person_id,
        subject="Renewal",
        text="Hello",
        html="<p>Hello</p>",
        source="manual",
        state="second_look",
        created_at=MONDAY,
        updated_at=MONDAY,
    )
    session.add(draft)
    session.flush()
    session.add(
        Approval(draft_id=draft.id, revision=1, sha256="0", person_id=us.dana.person_id, at=MONDAY)
    )
    session.flush()
    waiting = {
        who.name.split()[0]: inbox(session, who, MONDAY).second_looks
        for who in (us.dana, us.erik, us.morgan, us.ada)
    }
    assert waiting == {"Dana": 0, "Erik": 0, "Morgan": 1, "Ada": 1}
    assert send_digests(session, MONDAY) == 2
    mail = message_from_bytes(queued(session)["morgan@ours.example"].raw, policy=default)
    assert mail["subject"] == "1 second look waits for you"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Renewal" in body.get_content()
