"""Colleagues come, change and go; links by which they choose a password; who stands in for whom."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AppError, BadInput, NotAllowed, NotFound, SignInNeeded, TooMany
from data.tables import AuditEntry, Customer, Person
from services import audit_log, notifications
from services.access import (
    Viewer,
    delegation,
    links,
    passwords,
    people,
    signin,
    staff,
    tokens,
    visible,
)
from services.access.passwords import hash_password
from services.access.signin import Tries
from services.access.viewer import viewer_of
from tests.support.portfolio import Portfolio, portfolio

PASSWORD = "six unrelated words"
OTHER = "quite another phrase"
EMAIL = "dana@ours.example"
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signin, "tries", Tries())
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def _again(session: Session, who: Viewer, now: datetime) -> Viewer:
    """The person as they are on their next click."""
    return viewer_of(session, session.get_one(Person, who.person_id), now)


def _key(link: str) -> str:
    return link.partition("?key=")[2]


def test_new_colleague_comes_in_by_a_link_that_works_once(
    session: Session, now: datetime, known: Portfolio
):
    number = staff.add(
        session,
        " Nia  Park ",
        "Nia@Vendor.example",
        "csm",
        known.morgan.person_id,
        by=known.ada,
        now=now,
    )
    key = _key(links.make(session, number, by=known.ada, now=now))
    assert links.whose(session, key, now + timedelta(days=2)).name == "Nia Park"
    hashed = hash_password(PASSWORD, email="nia@vendor.example")
    token = links.choose_password(session, key, hashed, now)
    found = signin.viewer_of_token(session, token, now)
    assert found is not None
    assert (found.name, found.role, found.email) == ("Nia Park", "csm", "nia@vendor.example")
    with pytest.raises(NotAllowed):
        links.choose_password(session, key, hashed, now)
    assert signin.check_password(session, "nia@vendor.example", PASSWORD, now) == number


def test_newer_link_replaces_the_older_and_each_ends(
    session: Session, now: datetime, known: Portfolio
):
    dana = known.dana.person_id
    assert dana
    first = _key(links.make(session, dana, by=known.ada, now=now))
    second = _key(links.make(session, dana, by=known.ada, now=now))
    for key, at in ((first, now), (second, now + timedelta(days=3)), ("", now)):
        with pytest.raises(NotAllowed):
            links.whose(session, key, at)


def test_new_password_signs_other_browsers_out(session: Session, now: datetime, known: Portfolio):
    person = session.get_one(Person, known.dana.person_id)
    person.password_hash = hash_password(PASSWORD, email=EMAIL)
    browser = signin.start_session(session, person.id, now)
    with pytest.raises(SignInNeeded):
        links.change_password(session, "wrong one here", OTHER, by=known.dana, now=now)
    with pytest.raises(BadInput, match="12 characters"):
        links.change_password(session, PASSWORD, "short", by=known.dana, now=now)
    assert signin.find_session(session, browser, now)
    links.change_password(session, PASSWORD, OTHER, by=known.dana, now=now)
    assert signin.find_session(session, browser, now) is None
    assert signin.check_password(session, EMAIL, OTHER, now) == person.id


def test_password_is_not_guessed_from_a_browser_that_was_left_open(
    session: Session, now: datetime, known: Portfolio
):
    person = session.get_one(Person, known.dana.person_id)
    person.password_hash = hash_password(PASSWORD, email=EMAIL)
    for _ in range(signin.TRIES):
        with pytest.raises(SignInNeeded):
            links.change_password(session, "wrong one here", OTHER, by=known.dana, now=now)
    with pytest.raises(TooMany, match="Wait a minute"):
        links.change_password(session, PASSWORD, OTHER, by=known.dana, now=now)
    links.change_password(session, PASSWORD, OTHER, by=known.dana, now=now + signin.WITHIN)


def test_who_loses_access_is_out_at_once(session: Session, now: datetime, known: Portfolio):
    dana = known.dana.person_id
    assert dana
    browser = signin.start_session(session, dana, now)
    token = tokens.create_token(session, "export", by=known.dana, now=now)
    staff.deactivate(session, dana, by=known.ada, now=now)
    assert signin.find_session(session, browser, now) is None
    with pytest.raises(SignInNeeded):
        tokens.viewer_of_api_token(session, token, now)
    staff.reactivate(session, dana, by=known.ada, now=now)
    assert people.viewer_by_id(session, dana, now) is not None
    assert signin.find_session(session, browser, now) is None


@pytest.mark.parametrize("tokens_too", [False, True])
def test_who_signs_out_everywhere_says_whether_tokens_end(
    session: Session, now: datetime, known: Portfolio, *, tokens_too: bool
):
    dana = known.dana.person_id
    assert dana
    browser = signin.start_session(session, dana, now)
    hers = tokens.create_token(session, "export", by=known.dana, now=now)
    anothers = tokens.create_token(session, "export", by=known.ada, now=now)
    assert staff.sign_out_everywhere(session, tokens=tokens_too, by=known.dana, now=now) == 1
    assert signin.find_session(session, browser, now) is None
    assert tokens.list_tokens(session, known.dana, now)[0].works is not tokens_too
    if tokens_too:
        with pytest.raises(SignInNeeded):
            tokens.viewer_of_api_token(session, hers, now)
    assert tokens.viewer_of_api_token(session, anothers, now).name == known.ada.name


def test_link_made_before_an_address_changed_or_access_ended_leads_nowhere(
    session: Session, now: datetime, known: Portfolio
):
    dana = known.dana.person_id
    assert dana
    to_old_mailbox = _key(links.make(session, dana, by=known.ada, now=now))
    staff.change(session, dana, "Dana", "dana@new.example", "csm", None, by=known.ada, now=now)
    before_leaving = _key(links.make(session, dana, by=known.ada, now=now))
    staff.deactivate(session, dana, by=known.ada, now=now)
    staff.reactivate(session, dana, by=known.ada, now=now)
    for key in (to_old_mailbox, before_leaving):
        with pytest.raises(NotAllowed):
            links.whose(session, key, now)


@pytest.mark.parametrize("how", ["gone", "demoted"])
def test_token_for_a_colleague_works_while_its_maker_is_an_admin(
    session: Session, now: datetime, known: Portfolio, how: str
):
    """They saw it: with it they would still be in."""
    bea = people.ensure_person(session, "bea@ours.example", "admin", now)
    by, dana = viewer_of(session, bea, now), known.dana.person_id
    token = tokens.create_token(session, "sync", by=by, now=now, person_id=dana)
    assert tokens.viewer_of_api_token(session, token, now).person_id == dana
    if how == "gone":
        staff.deactivate(session, bea.id, by=known.ada, now=now)
    else:
        people.ensure_person(session, "bea@ours.example", "csm", now)
    with pytest.raises(SignInNeeded, match="made this token"):
        tokens.viewer_of_api_token(session, token, now)
    assert not tokens.list_tokens(session, known.dana, now)[0].works


def test_token_with_an_end_ends(session: Session, now: datetime, known: Portfolio):
    token = tokens.create_token(session, "week", by=known.dana, now=now, days=7)
    assert (
        tokens.viewer_of_api_token(session, token, now + timedelta(days=6)).name == "Dana Example"
    )
    with pytest.raises(SignInNeeded):
        tokens.viewer_of_api_token(session, token, now + timedelta(days=7))
    assert not tokens.list_tokens(session, known.dana, now + timedelta(days=7))[0].works
    with pytest.raises(BadInput):
        tokens.create_token(session, "none", by=known.dana, now=now, days=0)


def test_somebody_always_administers(session: Session, now: datetime, known: Portfolio):
    ada = known.ada.person_id
    assert ada
    with pytest.raises(BadInput, match="Nobody would be left"):
        staff.change(session, ada, "Ada", None, "csm", None, by=known.ada, now=now)
    with pytest.raises(BadInput, match="your own access"):
        staff.deactivate(session, ada, by=known.ada, now=now)


def test_two_admins_who_take_each_other_s_access_at_once_leave_one(engine: Engine, now: datetime):
    with transaction(engine) as session:
        pair = [people.ensure_person(session, f"{n}@ours.example", "admin", now) for n in "ab"]
        admins = [viewer_of(session, person, now) for person in pair]
    together = Barrier(2)

    def take(by: Viewer, other: Viewer) -> None:
        assert other.person_id
        together.wait()
        with contextlib.suppress(BadInput), transaction(engine) as session:
            staff.deactivate(session, other.person_id, by=by, now=now)

    for _ in range(10):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(take, admins, reversed(admins)))
        with transaction(engine) as session:
            left = session.scalars(select(Person).where(Person.active.is_(True))).all()
            assert len(left) == 1
            session.execute(update(Person).values(active=True))


@pytest.mark.parametrize("who", ["dana", "morgan"])
def test_only_admins_keep_the_list(session: Session, now: datetime, known: Portfolio, who: str):
    by: Viewer = getattr(known, who)
    other = known.ada.person_id
    assert other
    for refused in (
        lambda: staff.add(session, "X", "x@vendor.example", "admin", by=by, now=now),
        lambda: staff.change(session, other, "X", None, "csm", None, by=by, now=now),
        lambda: staff.deactivate(session, other, by=by, now=now),
        lambda: staff.sign_out_everywhere(session, other, by=by, now=now),
        lambda: links.make(session, other, by=by, now=now),
        lambda: audit_log.listing(session, by, audit_log.Filters()),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_bad_fields_of_a_colleague_are_named(session: Session, now: datetime, known: Portfolio):
    dana, morgan = known.dana.person_id, known.morgan.person_id
    assert dana
    assert morgan
    for name, email, role, boss in (
        ("", "x@vendor.example", "csm", None),
        ("X", "no address", "csm", None),
        ("X", "x@vendor.example", "owner", None),
        ("X", "x@vendor.example", "csm", dana),  # reports to a CSM
    ):
        with pytest.raises(AppError):
            staff.add(session, name, email, role, boss, by=known.ada, now=now)
    with pytest.raises(BadInput, match="as whom"):
        staff.change(session, morgan, "Morgan", None, "manager", morgan, by=known.ada, now=now)


def test_stand_in_sees_the_portfolio_while_it_lasts(
    session: Session, now: datetime, known: Portfolio
):
    dana, erik = known.dana.person_id, known.erik.person_id
    assert dana
    assert erik
    before = set(session.scalars(select(Customer.id).where(visible(known.erik))))
    hers = set(session.scalars(select(Customer.id).where(visible(known.dana))))
    first = now.date()
    number = delegation.arrange(
        session, dana, erik, first, first + timedelta(days=6), by=known.dana, now=now
    )
    there = _again(session, known.erik, now)
    assert set(session.scalars(select(Customer.id).where(visible(there)))) == before | hers
    notifications.notify(session, dana, "k", "note", "For Dana", now=now)
    assert notifications.unread(session, there) == 1
    later = _again(session, known.erik, now + timedelta(days=8))
    assert later.stands_in_for == frozenset()
    delegation.end(session, number, by=known.erik, now=now)
    assert (
        set(session.scalars(select(Customer.id).where(visible(_again(session, known.erik, now)))))
        == before
    )
    assert delegation.listing(session, known.dana, now) == []


def test_nobody_arranges_the_absence_of_others(session: Session, now: datetime, known: Portfolio):
    dana, erik = known.dana.person_id, known.erik.person_id
    assert dana
    assert erik
    week = (now.date(), now.date() + timedelta(days=6))
    with pytest.raises(NotFound):
        delegation.arrange(session, dana, erik, *week, by=known.erik, now=now)
    number = delegation.arrange(session, dana, erik, *week, by=known.ada, now=now)
    for refused, error in (
        (lambda: delegation.arrange(session, dana, dana, *week, by=known.dana, now=now), BadInput),
        (lambda: delegation.arrange(session, dana, erik, *week, by=known.dana, now=now), BadInput),
        (lambda: delegation.end(session, number + 1, by=known.ada, now=now), NotFound),
    ):
        with pytest.raises(error):
            refused()


def test_audit_log_is_found_by_person_noun_record_and_day(
    session: Session, now: datetime, known: Portfolio
):
    number = staff.add(session, "Nia", "nia@vendor.example", "csm", by=known.ada, now=now)
    tokens.create_token(session, "x", by=known.dana, now=now + timedelta(days=2))
    session.flush()

    def found(**wanted: object) -> list[str]:
        filters = audit_log.Filters(**wanted)  # type: ignore[arg-type]
        return audit_log.listing(session, known.ada, filters).rows["action"].to_list()

    assert found(noun="person") == ["person added"]
    assert found(person_id=known.dana.person_id) == ["token created"]
    assert found(record=f"per_{number}") == ["person added"]
    assert found(record="nonsense") == []
    assert found(until=now.date()) == ["person added"]
    assert found(since=now.date() + timedelta(days=1)) == ["token created"]
    assert b"person added" in audit_log.export(session, known.ada, audit_log.Filters(), form="csv")


def test_audit_log_only_grows(session: Session, now: datetime, known: Portfolio):
    staff.add(session, "Nia", "nia@vendor.example", "csm", by=known.ada, now=now)
    session.flush()
    sqlite = session.get_bind().dialect.name == "sqlite"
    again = (
        "insert or replace into audit_entry (id, at, action, entity, what) "
        "select id, at, 'x', entity, '' from audit_entry"
    )
    emptied = text(again if sqlite else "truncate audit_entry cascade")
    for change in (update(AuditEntry).values(what="nothing"), delete(AuditEntry), emptied):
        with pytest.raises(DatabaseError, match="only grows"), session.begin_nested():
            session.execute(change)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.added")).one()
    assert "@" not in f"{entry.what}{entry.detail}"
