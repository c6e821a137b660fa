"""Kill soak: a tenth of the kills with the ordinary tests, all of it with `make soak`."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from integrations import google_oauth
from integrations.google_http import GoogleAccount, call
from tests.soak import harness, judging, report
from tests.soak.harness import Size
from tests.soak.judging import Ledger
from tests.support.fakes import emulate, gmail, smtp

TENTH = Size(sends=220, kills=20, sleeps=5, suppressions=20)
MAILS = int(os.environ.get("SOAK_MAILS", "10000"))
WHOLE = Size(sends=MAILS, kills=200, sleeps=50, suppressions=MAILS // 10)
SENDERS = ("eml", "smtp", "gmail")
HANG_SECONDS = 0.9
CLIENT_SECONDS = 0.5
Provider = tuple[dict[str, Any], Callable[[], Ledger]]


@contextmanager
def provider(kind: str, folder: Path, seed: int) -> Generator[Provider]:
    """Where workers find it, and its ledger. It hangs longer than they wait."""
    if kind == "eml":
        mail = folder / "mail"
        yield {"folder": str(mail)}, lambda: judging.eml_ledger(mail)
    elif kind == "smtp":
        options: dict[str, Any] = {"seed": seed, "hang_seconds": HANG_SECONDS}
        with smtp.running_smtp(folder, rates=smtp.FAULTY, **options) as server:
            where = {"host": "127.0.0.1", "port": server.port}
            yield where, lambda: judging.list_ledger(server.ledger, server.taken_at)
    else:
        options = {"seed": seed, "hang_seconds": HANG_SECONDS, "finds_recipients": True}
        with gmail.running_gmail(rates=gmail.FAULTY, **options) as fake:
            account = fake.account(CLIENT_SECONDS)
            client = asdict(account.client)
            where = {"client": client, "refresh_token": account.refresh_token}
            yield where, lambda: judging.list_ledger(fake.ledger, fake.taken_at)


@contextmanager
def emulated(folder: Path) -> Generator[Provider]:
    """Google as others wrote it: without faults, but with ideas of its own."""
    with emulate.running_emulate(folder) as running:
        verifier = google_oauth.new_verifier()
        scopes = google_oauth.MAIL_SCOPES
        asked = google_oauth.consent_address(
            running.client(),
            back=emulate.BACK,
            state="s",
            verifier=verifier,
            scopes=scopes,
            hint="",
        )
        grant = google_oauth.exchange(
            running.client(),
            code=running.consent(asked)["code"],
            verifier=verifier,
            back=emulate.BACK,
            asked=scopes,
        )
        account = running.account(grant.refresh_token)
        client = asdict(account.client) | {"seconds": CLIENT_SECONDS}
        where = {"client": client, "refresh_token": account.refresh_token}
        yield where, lambda: judging.list_ledger(sent_there(account))


def sent_there(account: GoogleAccount) -> list[tuple[str, str]]:
    """(message key, SHA-256 of the text as approved) of everything in Sent. It keeps no raw bytes, so a
    message whose text names itself counts as the one approved."""
    found: list[tuple[str, str]] = []
    for label in _pages(account):
        message = call(
            account,
            lambda g, number=label["id"]: g.users().messages().get(userId="me", id=number),
            api="gmail",
        )
        head = {h["name"].lower(): h["value"] for h in message["payload"]["headers"]}
        message_id = head["message-id"].strip("<>")
        key = message_id.partition("@")[0]
        own = message_id in message.get("snippet", "") or key in message.get("snippet", "")
        found.append((key if own else f"another:{key}", ""))
    return found


def _pages(account: GoogleAccount) -> Generator[dict[str, Any]]:
    token: str | None = None
    while True:
        page = call(
            account,
            lambda g, token=token: (
                g.users().messages().list(userId="me", labelIds=["SENT"], pageToken=token)
            ),
            api="gmail",
        )
        yield from page.get("messages", [])
        token = page.get("nextPageToken")
        if not token:
            return


def soak(
    engine: Engine, kind: str, folder: Path, size: Size, seconds: float = 900
) -> judging.Verdict:
    seed = random.SystemRandom().randrange(10**6)
    harness.fill(engine, size.sends)
    with provider(kind, folder, seed) as (where, ledger):
        told, verdict = harness.run(engine, {"kind": kind, "where": where}, size, seed, seconds)
        verdict = judging.judge(engine, ledger(), told, verdict)
    print(f"\n{kind} on {engine.dialect.name}, seed {seed}: {verdict.words()}")  # noqa: T201
    for line in verdict.stuck[:20]:
        print(line)  # noqa: T201
    if size == WHOLE:
        report.keep(kind, engine.dialect.name, seed, verdict)
    return verdict


@pytest.mark.parametrize("kind", SENDERS)
def test_tenth_of_the_soak(engine: Engine, kind: str, tmp_path: Path):
    verdict = soak(engine, kind, tmp_path, TENTH)
    assert verdict.wrong == {}
    assert (verdict.kills, verdict.sleeps) == (TENTH.kills, TENTH.sleeps)
    assert verdict.sent >= TENTH.sends * 0.7
    assert kind == "smtp" or verdict.left_to_people == 0


@pytest.mark.soak
@pytest.mark.parametrize("kind", SENDERS)
def test_whole_soak(engine: Engine, kind: str, tmp_path: Path):
    verdict = soak(engine, kind, tmp_path, WHOLE, seconds=3600)
    assert verdict.wrong == {}
    assert (verdict.kills, verdict.sleeps) == (WHOLE.kills, WHOLE.sleeps)
    assert verdict.sent >= WHOLE.sends * 0.7
    assert kind == "smtp" or verdict.left_to_people == 0


def test_google_of_another_make_gets_each_mail_once(engine: Engine, tmp_path: Path):
    size = Size(sends=60, kills=10, sleeps=1, suppressions=5)
    harness.fill(engine, size.sends)
    with emulated(tmp_path) as (where, ledger):
        told, verdict = harness.run(engine, {"kind": "gmail", "where": where}, size, 1)
        found = ledger()
    found.texts.clear()
    verdict = judging.judge(engine, found, told, verdict)
    print(f"\nemulate on {engine.dialect.name}: {verdict.words()}")  # noqa: T201
    assert verdict.wrong == {}
    assert verdict.sent >= size.sends * 0.7
    assert verdict.left_to_people == 0


def test_naive_loop_doubles_in_the_same_harness(engine: Engine, tmp_path: Path):
    """Else the harness would prove nothing."""
    size = Size(sends=60, kills=6, sleeps=0, suppressions=0)
    harness.fill(engine, size.sends)
    with provider("smtp", tmp_path, 1) as (where, ledger):
        plan = {"kind": "smtp", "where": where, "naive": True}
        told, verdict = harness.run(engine, plan, size, 1, seconds=15)
        assert len(judging.judge(engine, ledger(), told, verdict).doubled) > 0
