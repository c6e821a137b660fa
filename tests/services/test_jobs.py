from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.tables import AppSetting, Job
from services import jobs
from worker import periodic
from worker.jobs import Kind, Runner
from worker.periodic import PERIODIC, Periodic, tick

KINDS = ["a"]


def state_of(session: Session) -> tuple[str, int]:
    row = session.execute(select(Job.state, Job.attempts)).one()
    return row.state, row.attempts


def test_same_key_is_one_job(session: Session, now: datetime):
    assert jobs.add(session, "a", "a:1", now=now)
    assert not jobs.add(session, "a", "a:1", now=now)
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_job_is_claimed_once_and_only_when_due(session: Session, now: datetime):
    jobs.add(session, "a", "a:1", {"x": 1}, due_at=now + timedelta(hours=1), now=now)
    assert jobs.claim(session, KINDS, now=now, seconds=60) is None
    due = now + timedelta(hours=1)
    held = jobs.claim(session, KINDS, now=due, seconds=60)
    assert held is not None
    assert held.payload == {"x": 1}
    assert jobs.claim(session, KINDS, now=due, seconds=60) is None
    assert jobs.finish(session, held, now=due)
    assert not jobs.finish(session, held, now=due)


def test_job_of_a_dead_worker_is_done_by_another(session: Session, now: datetime):
    jobs.add(session, "a", "a:1", now=now)
    dead = jobs.claim(session, KINDS, now=now, seconds=60)
    later = now + timedelta(seconds=61)
    assert jobs.recover(session, now=later) == 1
    other = jobs.claim(session, KINDS, now=later, seconds=60)
    assert dead is not None
    assert other is not None
    assert not jobs.finish(session, dead, now=later)
    assert jobs.finish(session, other, now=later)


def test_job_that_kills_its_workers_is_given_up(session: Session, now: datetime):
    jobs.add(session, "a", "a:1", now=now)
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs.claim(session, KINDS, now=now, seconds=60)
        now += timedelta(seconds=61)
        jobs.recover(session, now=now)
    assert state_of(session) == ("failed", jobs.MOST_ATTEMPTS)


def test_failing_job_waits_longer_each_time_and_ends(session: Session, now: datetime):
    jobs.add(session, "a", "a:1", now=now)
    waits: list[timedelta] = []
    for _ in range(jobs.MOST_ATTEMPTS):
        held = jobs.claim(session, KINDS, now=now, seconds=60)
        assert held is not None
        jobs.fail(session, held, "it broke", now=now)
        due = session.scalars(select(Job.due_at)).one()
        waits.append(due - now)
        now = max(due, now)
    assert waits[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert state_of(session)[0] == "failed"


def test_old_jobs_are_forgotten_but_not_failed_ones(session: Session, now: datetime):
    for key in ("done", "failed"):
        jobs.add(session, "a", key, now=now)
        held = jobs.claim(session, KINDS, now=now, seconds=60)
        assert held is not None
        if key == "done":
            jobs.finish(session, held, now=now)
        else:
            held = jobs.Held(held.lease, held.kind, {}, jobs.MOST_ATTEMPTS)
            jobs.fail(session, held, "it broke", now=now)
    jobs.tidy(session, now=now + timedelta(days=jobs.KEPT_DAYS + 1))
    assert session.scalars(select(Job.dedup_key)).all() == ["failed"]


def test_what_a_failed_job_wrote_is_rolled_back(engine: Engine, now: datetime):
    def half(session: Session, payload: object, at: datetime) -> None:
        session.add(AppSetting(name="half", value=1, changed_at=at))
        session.flush()
        raise BadInput("Not today.")

    runner = Runner(lambda: transaction(engine), lambda: now, {"a": Kind(half)})
    with transaction(engine) as session:
        jobs.add(session, "a", "a:1", now=now)
    assert runner.run_next()
    assert not runner.run_next()
    with transaction(engine) as session:
        assert session.get(AppSetting, "half") is None
        assert session.scalars(select(Job.error)).one() == "Not today."


def test_long_job_keeps_its_lease(engine: Engine, now: datetime):
    times, recovered = [now], list[int]()

    def runs_out() -> datetime:
        with transaction(engine) as session:
            return session.scalars(select(Job.lease_until)).one() or now

    def long(transact: object, payload: object, clock: object) -> None:
        first = runs_out()
        times.append(now + timedelta(seconds=0.5))
        for _ in range(3_000):  # a renewal comes by itself, however late on a loaded machine
            if runs_out() != first:
                break
            time.sleep(0.01)
        with transaction(engine) as session:
            recovered.append(jobs.recover(session, now=first + timedelta(seconds=0.1)))

    kinds = {"a": Kind(long, apart=True)}
    runner = Runner(lambda: transaction(engine), lambda: times[-1], kinds, lease_seconds=0.6)
    with transaction(engine) as session:
        jobs.add(session, "a", "a:1", now=now)
    assert runner.run_next()
    with transaction(engine) as session:
        assert (recovered, state_of(session)[0]) == ([0], "done")


def test_any_number_of_clocks_ask_for_a_slot_once(engine: Engine, now: datetime):
    hourly = Periodic("board.refresh", timedelta(hours=1), timedelta(minutes=20))
    asked = [
        tick(lambda: transaction(engine), hourly, now + timedelta(minutes=m)) for m in (0, 5, 30)
    ]
    assert asked == [True, False, True]


def test_every_periodic_job_can_be_done():
    assert {one.kind for one in PERIODIC} <= set(periodic.KINDS)
