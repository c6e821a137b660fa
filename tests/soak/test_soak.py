"""Kill soak: a tenth of the kills with the ordinary tests, all of it with `make soak`."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.soak import harness
from tests.soak.harness import Ledger, Size
from tests.support.fakes import gmail, smtp

TENTH = Size(sends=220, kills=20, sleeps=5, suppressions=20)
WHOLE = Size(sends=10_000, kills=200, sleeps=50, suppressions=1_000)
SENDERS = ("eml", "smtp", "gmail")
HANG_SECONDS = 0.9
CLIENT_SECONDS = 0.5
Provider = tuple[dict[str, Any], Callable[[], Ledger]]


@contextmanager
def provider(kind: str, folder: Path, seed: int) -> Generator[Provider]:
    """Where workers find it, and its ledger. It hangs longer than they wait."""
    if kind == "eml":
        mail = folder / "mail"
        yield {"folder": str(mail)}, lambda: harness.eml_ledger(mail)
    elif kind == "smtp":
        options: dict[str, Any] = {"seed": seed, "hang_seconds": HANG_SECONDS}
        with smtp.running_smtp(folder, rates=smtp.FAULTY, **options) as server:
            where = {"host": "127.0.0.1", "port": server.port}
            yield where, lambda: harness.list_ledger(server.ledger)
    else:
        with gmail.running_gmail(rates=gmail.FAULTY, seed=seed, hang_seconds=HANG_SECONDS) as fake:
            account = fake.account(CLIENT_SECONDS)
            client = asdict(account.client)
            where = {"client": client, "refresh_token": account.refresh_token}
            yield where, lambda: harness.list_ledger(fake.ledger)


def soak(engine: Engine, kind: str, folder: Path, size: Size) -> harness.Verdict:
    seed = random.SystemRandom().randrange(10**6)
    harness.fill(engine, size.sends)
    with provider(kind, folder, seed) as (where, ledger):
        told, verdict = harness.run(engine, {"kind": kind, "where": where}, size, seed)
        verdict = harness.judge(engine, ledger(), told, verdict)
    print(f"\n{kind} on {engine.dialect.name}, seed {seed}: {verdict.words()}")  # noqa: T201
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
    verdict = soak(engine, kind, tmp_path, WHOLE)
    assert verdict.wrong == {}
    assert (verdict.kills, verdict.sleeps) == (WHOLE.kills, WHOLE.sleeps)
    assert verdict.sent >= WHOLE.sends * 0.7
    assert kind == "smtp" or verdict.left_to_people == 0


def test_naive_loop_doubles_in_the_same_harness(engine: Engine, tmp_path: Path):
    """Else the harness would prove nothing."""
    size = Size(sends=60, kills=6, sleeps=0, suppressions=0)
    harness.fill(engine, size.sends)
    with provider("smtp", tmp_path, 1) as (where, ledger):
        plan = {"kind": "smtp", "where": where, "naive": True}
        told, verdict = harness.run(engine, plan, size, 1, seconds=15)
        assert len(harness.judge(engine, ledger(), told, verdict).doubled) > 0
