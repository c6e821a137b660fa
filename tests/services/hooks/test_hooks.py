"""The accounts that may send, their secrets, and what is kept of a delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.errors import AlreadyExists, BadInput, InvalidMove, NotAllowed, NotFound, SignInNeeded
from data.settings import settings
from data.tables import HookDelivery, Integration, Job
from services import hooks
from services.access import CSM, Viewer
from services.hooks import deliveries
from services.hooks.accounts import FORMER_HOLDS
from services.mailboxes import rotate
from tests.services.hooks.zoom_world import (
    SECRET,
    START,
    account,
    admin,
    deliver,
    ended,
    move,
    signed,
)

SOMEBODY = Viewer(None, "Ana", None, CSM, sees_all=False)
RAW = move("joined", "maria.lopez@dataflow.io", 0)


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSCX_SECRET_KEY", "x" * 43 + "=")


def count(engine: Engine, table: type) -> int:
    with transaction(engine, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_secrets_are_sealed_and_shown_once(engine: Engine):
    with transaction(engine) as session:
        ada = admin(session, START)
        ours = hooks.add(session, "signed", "Ours", by=ada, now=START)
        theirs = hooks.add(session, "zoom", "Zoom", SECRET, by=ada, now=START)
        nobodys = hooks.add(session, "skilljar", "Academy", by=ada, now=START)
        assert ours.secret is not None
        assert ours.secret.startswith("whsec_")
        assert (theirs.secret, nobodys.secret) == (None, None)
        kept = session.get_one(Integration, theirs.id).secret
        assert kept is not None
        assert SECRET.encode() not in kept
        shown = hooks.listing(session, ada)
    assert [row.url for row in shown] == [ours.url, theirs.url, nobodys.url]
    assert all(len(row.url.rpartition("/")[2]) >= 43 for row in shown)


@pytest.mark.parametrize(
    ("vendor", "name", "secret"), [("zoom", "Z", ""), ("zoom", " ", SECRET), ("fax", "F", "")]
)
def test_account_without_what_it_needs_is_not_made(engine: Engine, vendor, name, secret):
    with transaction(engine) as session, pytest.raises(BadInput):
        hooks.add(session, vendor, name, secret, by=admin(session, START), now=START)


def test_only_admins_see_and_change_accounts(engine: Engine):
    zoom = account(engine)
    with transaction(engine) as session:
        for refused in (
            lambda: hooks.listing(session, SOMEBODY),
            lambda: hooks.recent(session, SOMEBODY),
            lambda: hooks.rotate(session, zoom.id, SECRET, by=SOMEBODY, now=START),
            lambda: hooks.switch(session, zoom.id, on=False, by=SOMEBODY, now=START),
            lambda: hooks.remove(session, zoom.id, by=SOMEBODY, now=START),
            lambda: hooks.add(session, "zoom", "Z", SECRET, by=SOMEBODY, now=START),
        ):
            with pytest.raises(NotAllowed):
                refused()


def test_while_a_secret_changes_both_are_believed_and_then_only_the_new(engine: Engine):
    zoom = account(engine)

    def believed(secret: str, now) -> bool:
        with transaction(engine, read_only=True) as session:
            row = session.get_one(Integration, zoom.id)
            known = hooks.find(session, "zoom", row.address, now=now)
        try:
            hooks.believed(known, signed(RAW, now, secret), RAW, now=now)
        except SignInNeeded:
            return False
        return True

    with transaction(engine) as session:
        hooks.rotate(session, zoom.id, "another secret", by=admin(session, START), now=START)
    assert believed(SECRET, START)
    assert believed("another secret", START)
    later = START + FORMER_HOLDS
    assert not believed(SECRET, later)
    assert believed("another secret", later)
    with transaction(engine) as session:
        hooks.forget_former(session, zoom.id, by=admin(session, START), now=START)
    assert not believed(SECRET, START)


def test_secrets_of_several_webhooks_hold_side_by_side_and_go_one_by_one(engine: Engine):
    zoom = account(engine)
    second = "the other webhook's secret"

    def believed(secret: str) -> bool:
        with transaction(engine, read_only=True) as session:
            row = session.get_one(Integration, zoom.id)
            assert second not in str(row.options)
            known = hooks.find(session, "zoom", row.address, now=START)
        try:
            hooks.believed(known, signed(RAW, START, secret), RAW, now=START)
        except SignInNeeded:
            return False
        return True

    assert not believed(second)
    with transaction(engine) as session:
        ada = admin(session, START)
        hooks.add_secret(session, zoom.id, "Ticket events", second, by=ada, now=START)
        with pytest.raises(AlreadyExists):
            hooks.add_secret(session, zoom.id, "ticket  EVENTS", "third one", by=ada, now=START)
        with pytest.raises(NotAllowed):
            hooks.add_secret(session, zoom.id, "Mine", "third one", by=SOMEBODY, now=START)
        ours = hooks.add(session, "signed", "Ours", by=ada, now=START)
        with pytest.raises(BadInput):
            hooks.add_secret(session, ours.id, "Other", "third one", by=ada, now=START)
    assert believed(SECRET)
    assert believed(second)
    with transaction(engine) as session:
        hooks.rotate(session, zoom.id, "another secret", by=ada, now=START)
        hooks.forget_former(session, zoom.id, by=ada, now=START)
        rotate(session, by=ada, now=START)
    assert [believed(one) for one in (SECRET, "another secret", second)] == [False, True, True]
    with transaction(engine) as session:
        (kept,) = hooks.listing(session, ada)[0].more_secrets
        assert kept.name == "Ticket events"
        hooks.drop_secret(session, zoom.id, kept.id, by=ada, now=START)
        with pytest.raises(NotFound):
            hooks.drop_secret(session, zoom.id, kept.id, by=ada, now=START)
    assert [believed(one) for one in ("another secret", second)] == [True, False]
    with transaction(engine) as session:
        hooks.add_secret(session, zoom.id, "Again", second, by=ada, now=START)
        hooks.remove(session, zoom.id, by=ada, now=START)
        assert session.get_one(Integration, zoom.id).options == {}


def test_where_the_address_is_the_secret_it_changes(engine: Engine):
    academy = account(engine, "skilljar")
    with transaction(engine) as session:
        again = hooks.rotate(session, academy.id, by=admin(session, START), now=START)
        assert again.url != academy.url
        with pytest.raises(NotFound):
            hooks.find(session, "skilljar", academy.url.rpartition("/")[2], now=START)
        assert (
            hooks.find(session, "skilljar", again.url.rpartition("/")[2], now=START).secrets == ()
        )


def test_nothing_answers_at_an_account_that_is_off_or_of_another_vendor(engine: Engine):
    zoom = account(engine)
    place = zoom.url.rpartition("/")[2]
    with transaction(engine) as session:
        with pytest.raises(NotFound):
            hooks.find(session, "xapi", place, now=START)
        hooks.switch(session, zoom.id, on=False, by=admin(session, START), now=START)
        with pytest.raises(NotFound):
            hooks.find(session, "zoom", place, now=START)
        hooks.switch(session, zoom.id, on=True, by=admin(session, START), now=START)
        assert hooks.find(session, "zoom", place, now=START).integration_id == zoom.id
        hooks.remove(session, zoom.id, by=admin(session, START), now=START)
        with pytest.raises(NotFound):
            hooks.find(session, "zoom", place, now=START)
        with pytest.raises(InvalidMove):
            hooks.switch(session, zoom.id, on=True, by=admin(session, START), now=START)


def test_the_same_delivery_is_kept_once(engine: Engine):
    zoom = account(engine)
    assert deliver(engine, zoom, RAW, START)
    assert not deliver(engine, zoom, RAW, START + timedelta(minutes=1))
    assert count(engine, HookDelivery) == 1


def test_deliveries_of_one_slot_ask_for_one_job(engine: Engine):
    zoom = account(engine)
    for minute in range(4):
        deliver(
            engine,
            zoom,
            move("joined", f"p{minute}@a.example", 0),
            START + timedelta(minutes=minute),
        )
    assert count(engine, Job) == 1
    deliver(engine, zoom, ended(), START + timedelta(minutes=4))
    assert count(engine, Job) == 2


def test_unknown_kinds_are_kept_and_ignored(engine: Engine):
    zoom = account(engine)
    deliver(engine, zoom, b'{"event": "webinar.sharing_started", "payload": {}}', START)
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(HookDelivery.state)).all() == ["ignored"]
    assert count(engine, Job) == 0


def test_admin_sees_what_came_and_tries_again_what_failed(engine: Engine):
    zoom = account(engine)
    deliver(engine, zoom, RAW, START)
    with transaction(engine) as session:
        ada = admin(session, START)
        (seen,) = hooks.recent(session, ada, integration_id=zoom.id)
        assert (seen.state, seen.kind) == ("new", "webinar.participant_joined")
        with pytest.raises(InvalidMove):
            hooks.retry(session, seen.id, by=ada, now=START)
        deliveries.mark(session, [seen.id], "failed", now=START, error="It has no date.")
        session.expire_all()
        (row,) = hooks.listing(session, ada)
        assert (row.total, row.waiting, row.failed) == (1, 0, 1)
        hooks.retry(session, seen.id, by=ada, now=START)
        session.expire_all()
        (again,) = hooks.recent(session, ada)
        assert (again.state, again.error) == ("new", None)
    assert count(engine, Job) == 2


def test_secrets_of_integrations_follow_when_the_key_changes(
    engine: Engine, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CSCX_SECRET_KEY")
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    zoom = account(engine)
    with transaction(engine) as session:
        ada = admin(session, START)
        hooks.rotate(session, zoom.id, "another secret", by=ada, now=START)
        hooks.add_secret(session, zoom.id, "Second", "second secret", by=ada, now=START)
        row = session.get_one(Integration, zoom.id)
        before = (row.secret, row.former_secret)
        sealed = row.options["more_secrets"]
        rotate(session, by=ada, now=START)
        assert before[0] != row.secret
        assert before[1] != row.former_secret
        known = hooks.find(session, "zoom", row.address, now=START)
        assert known.secrets == ("another secret", SECRET, "second secret")
        assert row.options["more_secrets"] != sealed
    settings.cache_clear()
