"""Events as people look at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import (
    AuditEntry,
    Draft,
    EventSession,
    Participant,
    Stakeholder,
    StakeholderEmail,
)
from data.tables.events import NO_SHOW
from services import erased
from services.attendance import events
from services.attendance.events import Details, EventFilters, viewing
from services.attendance.follow_up import clock
from services.attendance.follow_up.records import Part, Resource
from services.attendance.follow_up.run import follow_up as run
from services.uploads.rematch import rematching
from tests.services.attendance.world import WEEK, event, seat, within
from tests.services.drafts.world import open_it
from tests.support.portfolio import Portfolio, portfolio

DETAILS = Details(
    "webinar",
    "Automation",
    Decimal(900),
    (Part(0, "Rate limits", "Kim", ("API",), ("Send a key.", " ")),),
    (Resource("Recording", "https://video.example.com/1"),),
)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


@pytest.fixture
def held(session: Session, known: Portfolio, now: datetime) -> int:
    number = event(session, now - WEEK)
    seat(session, number, known.techcorp, known.maria, minutes=58, questions=2)
    seat(session, number, known.techcorp, known.tom, NO_SHOW)
    seat(session, number, known.datapro, known.ines, minutes=5)
    return number


def shown(
    session: Session, known: Portfolio, now: datetime, **wanted: str
) -> list[tuple[str, str]]:
    rows = events.listed(
        events.table(session, known.ada),
        events.follow_ups(session, known.ada),
        EventFilters(**wanted),
        now,
    )
    return rows.select("name", "state").rows()


def test_list_says_how_far_each_follow_up_is(
    session: Session, known: Portfolio, held: int, now: datetime
):
    old = event(session, now - timedelta(days=40), "Old training", type="training")
    seat(session, old, known.techcorp, known.maria)
    event(session, now + WEEK, "Summit", type="conference", status="planned")
    run(within(session), [held], lambda: now)
    clock.reconcile(session, now)
    assert shown(session, known, now) == [
        ("Summit", "planned"),
        ("API best practices", "open"),
        ("Old training", "too_old"),
    ]
    assert shown(session, known, now, type="training") == [("Old training", "too_old")]
    assert shown(session, known, now, search="AUTOM", state="open") == [
        ("API best practices", "open")
    ]
    row = events.follow_ups(session, known.ada).row(0, named=True)
    assert (row["follow_ups"], row["drafted"], row["sent"]) == (2, 2, 0)


def test_csm_counts_the_own_customers_people(
    session: Session, known: Portfolio, held: int, now: datetime
):
    everything = events.table(session, known.ada).row(0, named=True)
    own = events.table(session, known.erik).row(0, named=True)
    assert (everything["people"], everything["customers"]) == (2, 2)
    assert (own["people"], own["customers"]) == (1, 1)
    assert events.people(session, known.erik, held)["customer"].to_list() == ["DataPro"]


def test_event_shows_who_came_with_levels_and_drafts(
    session: Session, known: Portfolio, held: int, now: datetime
):
    run(within(session), [held], lambda: now)
    rows = events.people(session, known.ada, held)
    assert rows.select("person", "presence", "level", "draft").rows() == [
        ("Ines Weber", "Came", "low", "Waits for approval"),
        ("Maria Lopez", "Came", "high", "Waits for approval"),
        ("Tom Baker", "Did not come", None, "Waits for approval"),
    ]
    assert b"Maria Lopez" in events.export_people(session, known.ada, held, form="csv")
    assert events.export_people(session, known.ada, held, form="xlsx")[:2] == b"PK"


def test_drafts_of_some_are_those_of_all(
    session: Session, known: Portfolio, held: int, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    run(within(session), [held], lambda: now)
    some = events.attendees(session, known.ada, held).head(2)
    named = events.with_drafts(session, held, some)
    monkeypatch.setattr(viewing, "MOST_NAMED", 0)
    assert named.equals(events.with_drafts(session, held, some))
    assert named.equals(events.people(session, known.ada, held).head(2))
    assert named["draft_id"].null_count() == 0


def test_person_nobody_knows_is_listed_without_a_draft(
    session: Session, known: Portfolio, held: int, now: datetime
):
    seat(session, held, known.techcorp, None, key="new")
    rows = events.people(session, known.ada, held)
    assert "No stakeholder on record" in rows["draft"].to_list()


def test_person_without_a_name_is_not_an_empty_cell(
    session: Session, known: Portfolio, held: int, now: datetime
):
    nobody = {"first_name": "", "last_name": " "}
    session.execute(update(Stakeholder).where(Stakeholder.id == known.ines).values(**nobody))
    session.execute(update(Participant).values(name="Ines from DataPro"))
    assert "Ines from DataPro" in events.people(session, known.ada, held)["person"].to_list()
    session.execute(update(Participant).values(name=""))
    assert "Unknown" in events.people(session, known.ada, held)["person"].to_list()


def test_details_are_kept_and_sessions_keep_their_id(
    session: Session, known: Portfolio, held: int, now: datetime
):
    events.save(session, held, DETAILS, by=known.dana, now=now)
    first = events.view(session, known.dana, held, now)
    assert first.cost == Decimal(900)
    assert first.parts[0].takeaways == ("Send a key.",)
    again = replace(
        DETAILS, parts=(replace(first.parts[0], title="Limits"), Part(0, "Second")), resources=()
    )
    events.save(session, held, again, by=known.dana, now=now)
    then = events.view(session, known.dana, held, now)
    assert [part.title for part in then.parts] == ["Limits", "Second"]
    assert then.parts[0].id == first.parts[0].id
    assert then.resources == ()


def test_details_that_somebody_else_has_changed_are_not_saved_over(
    session: Session, known: Portfolio, held: int, now: datetime
):
    opened = events.view(session, known.dana, held, now)
    mine = replace(DETAILS, type=opened.type, seen=opened.seen, resources=())
    changed = events.save(session, held, mine, by=known.dana, now=now)
    assert changed == ["cost none → 900.00", "session added: Rate limits"]
    theirs = Details(opened.type, opened.topic, None, seen=opened.seen)
    with pytest.raises(InvalidMove, match="Somebody has changed"):
        events.save(session, held, theirs, by=known.ada, now=now)
    now_is = events.view(session, known.ada, held, now)
    assert [part.title for part in now_is.parts] == ["Rate limits"]
    changed = events.save(session, held, replace(theirs, seen=now_is.seen), by=known.ada, now=now)
    assert "session removed: Rate limits" in changed
    line = session.scalars(select(AuditEntry.what).order_by(AuditEntry.id.desc())).first()
    assert line is not None
    assert line.endswith("session removed: Rate limits")


@pytest.mark.parametrize(
    "broken",
    [
        replace(DETAILS, type="party"),
        replace(DETAILS, cost=Decimal(-1)),
        replace(DETAILS, parts=(Part(0, "  "),)),
        replace(DETAILS, parts=(Part(0, "One", takeaways=("x" * 501,)),)),
        replace(DETAILS, resources=(Resource("Slides", "javascript:alert(1)"),)),
        replace(DETAILS, resources=(Resource("Slides", "https://a.example/\nb"),)),
        replace(DETAILS, resources=(Resource("", "https://a.example/"),)),
    ],
)
def test_details_that_cannot_be_kept_are_refused(
    session: Session, known: Portfolio, held: int, now: datetime, broken: Details
):
    with pytest.raises(BadInput):
        events.save(session, held, broken, by=known.dana, now=now)
    assert session.scalars(select(EventSession)).all() == []


def test_unread_drafts_are_made_anew_with_the_takeaways(
    session: Session, known: Portfolio, held: int, now: datetime
):
    run(within(session), [held], lambda: now)
    read = session.scalars(select(Draft).where(Draft.stakeholder_id == known.maria)).one()
    open_it(session, read, known.dana, now)
    events.save(session, held, DETAILS, by=known.dana, now=now)
    assert events.renew(held, by=known.dana, now=now, transact=within(session)) == 1
    pending = session.scalars(
        select(Draft).where(Draft.state == "pending").order_by(Draft.id)
    ).all()
    texts = {draft.stakeholder_id: draft.text for draft in pending}
    assert "Send a key." in texts[known.tom]
    assert "Send a key." not in texts[known.maria]
    assert "Send a key." not in texts[known.ines]


def test_unknown_event_is_not_found(session: Session, known: Portfolio, now: datetime):
    with pytest.raises(NotFound):
        events.view(session, known.ada, 99, now)
    with pytest.raises(NotFound):
        events.people(session, known.ada, 99)


def test_list_can_be_taken_along(session: Session, known: Portfolio, held: int, now: datetime):
    made = events.export(session, known.ada, now, filters=EventFilters(), form="csv")
    assert b"API best practices" in made


def test_people_of_ones_customers_whom_nobody_knows_become_stakeholders(
    session: Session, known: Portfolio, held: int, now: datetime
):
    for key, customer, email, name in (
        ("new", known.techcorp, "Dana.Ortiz@techcorp.example.", "Ortiz, Dana\u202e"),
        ("guessed", known.techcorp, "pat77@gmail.com", "Pat"),
        ("theirs", known.datapro, "li@datapro.example", "Li"),
        ("nameless", known.techcorp, "j@techcorp.example", "j@techcorp.example"),
        ("no address", known.techcorp, None, "Nobody"),
        ("erased", known.techcorp, erased.stand_in("salt", "gone@techcorp.example"), erased.NAME),
    ):
        person = session.get_one(Participant, seat(session, held, customer, None, key=key))
        person.email, person.name = email, name
        person.evidence = "company" if key == "guessed" else "domain"
    assert sorted(events.newcomers(session, known.dana, held)["email"]) == [
        "Dana.Ortiz@techcorp.example.",
        "j@techcorp.example",
    ]
    with rematching(session, now=now):
        assert events.add_newcomers(session, held, by=known.dana, now=now) == 2
    asked = select(Stakeholder.first_name, Stakeholder.last_name, StakeholderEmail.shown_as).join(
        StakeholderEmail, StakeholderEmail.stakeholder_id == Stakeholder.id
    )
    added = session.execute(asked.where(StakeholderEmail.email.like("%@techcorp.example"))).all()
    assert ("Dana", "Ortiz", "Dana.Ortiz@techcorp.example") in added
    assert ("", "", "j@techcorp.example") in added
    assert events.newcomers(session, known.dana, held).is_empty()
    assert events.add_newcomers(session, held, by=known.dana, now=now) == 0
    rows = events.people(session, known.dana, held)
    assert rows.filter(person="Dana Ortiz")["stakeholder_id"].null_count() == 0
