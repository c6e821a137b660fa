"""Secrets at rest: sealed, re-sealable, and told plainly when no key opens them."""

from __future__ import annotations

import multiprocessing
import os
import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data import keyring
from data.errors import BadInput, NotAllowed
from data.settings import settings
from data.tables import Mailbox
from services.access import SYSTEM
from services.mailboxes import Rotated, Sealed, rotate, seal, sender_of, unseal
from tests.support.queued import colleague, mailbox


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path / "var"))
    settings.cache_clear()
    yield tmp_path / "var"
    settings.cache_clear()


def keys(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setenv("CSCX_SECRET_KEY", ",".join(given))
    settings.cache_clear()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300).filter(lambda text: text.encode("utf-8", "ignore").decode() == text))
def test_what_is_sealed_opens_again_and_shows_nothing(secret: str):
    sealed = seal(secret)
    assert unseal(sealed) == secret
    assert len(secret) < 4 or secret.encode() not in sealed


def test_same_secret_is_never_sealed_alike():
    assert seal("refresh") != seal("refresh")


def test_key_file_is_for_its_owner_alone(folder: Path):
    seal("x")
    assert stat.S_IMODE((folder / keyring.FILE).stat().st_mode) == 0o600
    assert [p.name for p in folder.iterdir()] == [keyring.FILE]


def test_processes_that_start_at_once_agree_on_one_key(folder: Path):
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        found = pool.map(_first_key, range(24))
    assert set(found) == {keyring.secret_keys()[0]}


def _first_key(_number: int) -> bytes:
    return keyring.secret_keys()[0]


def test_changed_byte_is_noticed():
    sealed = bytearray(seal("refresh"))
    sealed[20] ^= 1
    with pytest.raises(Sealed, match="Connect this mailbox again"):
        unseal(bytes(sealed))


def test_rotation_lets_the_old_key_go(
    session: Session, monkeypatch: pytest.MonkeyPatch, now: datetime
):
    old, new = keyring.new_key(), keyring.new_key()
    keys(monkeypatch, old)
    box = session.get_one(Mailbox, mailbox(session, kind="smtp", secret=seal("pw")))
    lost = session.get_one(
        Mailbox, mailbox(session, kind="smtp", secret=b"of another installation")
    )

    keys(monkeypatch, new, old)
    assert unseal(box.secret or b"") == "pw"
    assert rotate(session, by=SYSTEM, now=now) == Rotated(sealed=1, lost=1, new_key=False)

    keys(monkeypatch, new)
    assert unseal(box.secret or b"") == "pw"
    assert lost.secret == b"of another installation"


def test_rotation_of_the_file_makes_the_new_key(session: Session, folder: Path, now: datetime):
    box = session.get_one(Mailbox, mailbox(session, kind="smtp", secret=seal("pw")))
    before = keyring.secret_keys()

    assert rotate(session, by=SYSTEM, now=now) == Rotated(sealed=1, lost=0, new_key=True)

    after = keyring.secret_keys()
    assert after[1:] == before
    (folder / keyring.FILE).write_text((folder / keyring.FILE).read_text().splitlines()[0])
    assert unseal(box.secret or b"") == "pw"
    assert stat.S_IMODE((folder / keyring.FILE).stat().st_mode) == 0o600


def test_rotation_is_for_admins(session: Session, now: datetime):
    with pytest.raises(NotAllowed):
        rotate(session, by=colleague(session, "Ana"), now=now)


def test_mailbox_whose_key_is_lost_refuses_and_says_why(
    session: Session, monkeypatch: pytest.MonkeyPatch, now: datetime
):
    keys(monkeypatch, keyring.new_key())
    options = {"host": "localhost", "port": 25, "encryption": "none", "user": "u"}
    box = session.get_one(
        Mailbox, mailbox(session, kind="smtp", secret=seal("pw"), options=options)
    )
    keys(monkeypatch, keyring.new_key())

    said = sender_of(box).check()
    assert said is not None
    assert "secret key" in said


@pytest.mark.parametrize("given", ["short", "not base64 at all, really", "=" * 44, "é" * 44, ",,"])
def test_setting_that_is_no_key_is_refused(monkeypatch: pytest.MonkeyPatch, given: str):
    keys(monkeypatch, given)
    with pytest.raises(BadInput, match="secret key"):
        seal("x")


def test_emptied_key_file_is_refused_rather_than_replaced(folder: Path):
    seal("x")
    os.truncate(folder / keyring.FILE, 0)
    with pytest.raises(BadInput, match="Put back the one that was there"):
        seal("x")


def test_setting_shows_no_key(monkeypatch: pytest.MonkeyPatch):
    key = keyring.new_key()
    keys(monkeypatch, key)
    assert key not in repr(settings())
    assert key not in str(settings().model_dump())
