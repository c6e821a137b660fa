"""The worker as a process of its own."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.worker_child import WorkerChild
from data.db import transaction
from data.tables import Job, Notification, OutboxMail
from services import outbox
from services.clock import utc_now
from services.outbox import policy, pulse
from tests.support import queued
from tests.support.server import ROOT, running_app


def eventually(true: Callable[[], bool], seconds: float = 30) -> bool:
    for _ in range(int(seconds / 0.1)):
        if true():
            return True
        time.sleep(0.1)
    return False


def queue_three() -> None:
    now = utc_now()
    with transaction() as session:
        admin = queued.colleague(session, "Ada", "admin")
        always = outbox.SendPolicy(quiet_until=policy.SendPolicy.quiet_from, weekends=True)
        policy.save(session, always, by=admin, now=now)
        box = queued.mailbox(session, per_minute=1000)
        mails = [queued.approved(box, f"p{n}@acme.example", now) for n in range(3)]
        outbox.enqueue_many(session, mails, now=now)


def beats() -> bool:
    with transaction(read_only=True) as session:
        return pulse.alive(session, utc_now())


def sent() -> int:
    with transaction(read_only=True) as session:
        done = select(func.count()).select_from(OutboxMail).where(OutboxMail.state == "sent")
        return session.scalar(done) or 0


def test_worker_sends_does_jobs_and_ends_when_asked(app_database: Engine, tmp_path: Path):
    queue_three()
    process = subprocess.Popen(
        [sys.executable, "-m", "worker"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        assert eventually(lambda: sent() == 3 and beats())
        with transaction(read_only=True) as session:
            assert session.scalar(select(func.count()).select_from(Job))
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3
    assert "Traceback" not in said
    assert "@acme.example" not in said


def test_child_is_started_again_and_never_twice(app_database: Engine, tmp_path: Path):
    child = WorkerChild()
    child.start()
    try:
        assert eventually(lambda: child.pid is not None)
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: child.pid not in (None, first))
        with (tmp_path / "worker.lock").open("a"):
            rival = subprocess.Popen(
                [sys.executable, "-m", "worker", "--child"], cwd=ROOT, stdin=subprocess.PIPE
            )
        queue_three()
        assert eventually(lambda: sent() == 3)
        assert rival.stdin is not None
        rival.stdin.close()  # as when its app is gone
        assert rival.wait(20) == 0
    finally:
        child.stop(20)
    assert child.pid is None


def test_child_that_is_asked_to_end_does_so_while_its_input_is_open(app_database: Engine):
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "--child"],
        cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def works() -> bool:
        with transaction(read_only=True) as session:
            return pulse.alive(session, utc_now())

    assert process.stdin is not None
    assert process.stderr is not None
    try:
        assert eventually(works)
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)  # with its input open
        said = process.stderr.read()
    finally:
        process.kill()
        process.stdin.close()
        process.stderr.close()
        process.wait(5)
    assert code == 0, said
    assert "Fatal Python error" not in said


def test_child_that_keeps_dying_is_told_to_the_admins(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    with transaction() as session:
        queued.colleague(session, "Ada", "admin")
    monkeypatch.setattr("api.worker_child.FIRST_PAUSE", 0.01)
    child = WorkerChild([sys.executable, "-c", "raise SystemExit(3)"])
    child.start()

    def told() -> bool:
        with transaction(read_only=True) as session:
            return session.scalar(select(func.count()).select_from(Notification)) == 1

    try:
        assert eventually(told)
    finally:
        child.stop(5)


def test_app_starts_its_worker_and_takes_it_along(tmp_path: Path):
    with running_app(tmp_path, {"CSCX_WORKER": "child"}) as app:
        assert eventually(lambda: "worker started" in app.output())
        assert eventually(lambda: _is_locked(tmp_path / "worker.lock"), 5)
    assert "worker stopped" in app.output()
    assert not _is_locked(tmp_path / "worker.lock")


def _is_locked(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
