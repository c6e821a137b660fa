"""The demo goes in by the front door, once."""

from __future__ import annotations

from collections.abc import Collection, Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.tables import (
    AppSetting,
    Attendance,
    AuditEntry,
    Customer,
    CustomerScore,
    Draft,
    Event,
    FollowUp,
    Notification,
    Participant,
    Person,
    RuleFiring,
    Stakeholder,
    Upload,
)
from services.access.viewer import SYSTEM
from services.attendance import analysis
from services.campaigns import report, rules
from services.demo import DemoLoaded, load, write_practice_file
from services.demo.story import tell
from services.scoring.risk.lowering import levels
from services.uploads.intake import import_file
from tests.services.demo.scores import board
from tests.support import databases
from worker.jobs import Runner
from worker.periodic import KINDS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def counts(engine: Engine, *tables: Any) -> dict[str, int]:
    with transaction(engine, read_only=True) as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def names_of(session: Session, customer_ids: Collection[int]) -> set[str]:
    return set(session.scalars(select(Customer.name).where(Customer.id.in_(customer_ids))))


@pytest.fixture(scope="module")
def demo(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Engine, DemoLoaded]]:
    """A database with the demo of `NOW`, and what loading it said: it takes longer than all that looks at it."""
    template = request.getfixturevalue(f"{dialect}_template")
    fresh = (
        databases.sqlite_database(template, tmp_path_factory.mktemp("demo"))
        if dialect == "sqlite"
        else databases.postgres_database(template)
    )
    with fresh as engine:
        yield engine, load(NOW, engine)


def test_loaded_demo_shows_the_board_of_the_story(
    demo: tuple[Engine, DemoLoaded], now: datetime, tmp_path: Path
):
    engine, loaded = demo
    with transaction(engine, read_only=True) as session:
        rows = session.execute(
            select(Customer.name, CustomerScore.score, CustomerScore.band, CustomerScore.trend)
            .join(CustomerScore)
            .order_by(CustomerScore.rank)
        ).all()
        matched = session.scalars(select(Participant.band)).all()
        summaries = session.scalars(
            select(Upload.summary).where(Upload.purpose == "attendance")
        ).all()
        mail = report.listing(session, SYSTEM)
        acted = rules.firings(session, SYSTEM)
        fading = names_of(session, levels(session, now))
        reports = session.scalars(select(Person).where(Person.manager_id.is_not(None))).all()
    assert (loaded.records, loaded.files, loaded.fresh) == (567, 18, True)
    assert sum(s["records"] for s in summaries) == sum(s["matched"] for s in summaries) == 567
    assert matched == ["automatic"] * 234
    assert (mail.total, mail.coverage.share > 0.95) == (20, True)  # type: ignore[operator]
    assert {"TechCorp", "DataPro", "CloudMax"} <= {row.customer for row in acted if row.draft_id}
    assert {"OldCorp", "SmallBiz", "LegacyCo"} == {row.customer for row in acted if row.task_id}
    assert [row.customer for row in acted if row.signal_id] == ["BetaInc"]
    assert fading == {"OldCorp", "SmallBiz", "LegacyCo"}
    expected = board(tell(now.date())).select("name", "score", "band", "trend").rows()
    assert sorted(map(tuple, rows)) == sorted(expected)
    assert [row.name for row in rows[:5]] == [name for name, *_ in expected[:5]]
    assert len(reports) == 6
    assert counts(engine, Customer, Attendance, Event) == {
        "customer": 78,
        "attendance": 567,
        "event": 23,
    }

    everything = (Customer, Stakeholder, Event, Upload, Attendance, Person, AuditEntry, RuleFiring)
    before = counts(engine, *everything)
    again = load(now + timedelta(days=1), engine)
    assert (again.fresh, again.day) == (False, now.date())
    assert counts(engine, *everything) == before

    practice = import_file(
        write_practice_file(tmp_path, now.date()), by=SYSTEM, now=now, commit=False, engine=engine
    )
    assert practice["records"] == 24
    assert (practice["matched"], practice["review"], practice["unmatched"]) == (20, 3, 1)


def test_last_event_is_followed_up_the_year_before_is_not_and_all_is_analysed(
    demo: tuple[Engine, DemoLoaded], now: datetime
):
    engine, _ = demo
    kinds = {"attendance.committed": KINDS["attendance.committed"]}
    runner = Runner(partial(transaction, engine), lambda: now + timedelta(minutes=5), kinds)
    while runner.run_next():
        pass

    with transaction(engine, read_only=True) as session:
        names = session.scalars(
            select(Event.name).join(FollowUp, FollowUp.event_id == Event.id).distinct()
        ).all()
        drafts = session.scalars(select(Draft).where(Draft.source == "event")).all()
        notes = session.scalar(select(func.count()).where(Notification.kind == "event_attended"))
        customers = session.scalar(select(func.count()).select_from(FollowUp))
        found = analysis.analysis(session, SYSTEM, now.date())
    assert names == ["Customer Community User Group"]
    assert notes == customers
    assert len(drafts) > 10
    assert any("Automate renewal reminders" in draft.text for draft in drafts)
    assert all("first automated reminder" in d.text or "board" in d.text for d in drafts)
    told = {(draft.text.partition("\n")[2], draft.customer_id) for draft in drafts}
    assert len({words for words, _ in told}) == len(told), "two customers got the same words"
    assert found.events == 18
    assert (found.reach.hits, found.reach.of) == (76, 78)
    assert found.measured > 3
    assert found.lift.relative is not None
    assert {one.segment for one in found.worth} == {"Enterprise", "Mid-Market", "SMB"}


def test_demo_is_refused_where_there_are_customers(engine: Engine, now: datetime):
    with transaction(engine) as session:
        session.add(Customer(name="A real one", created_at=now, updated_at=now))

    with pytest.raises(BadInput, match="empty database"):
        load(now, engine)

    assert counts(engine, Customer, Person, Upload) == {"customer": 1, "person": 0, "upload": 0}


def test_interrupted_load_is_taken_up_again_with_its_own_day(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    class PowerCut(Exception):
        pass

    def fail(*_args: object, **_options: object) -> None:
        raise PowerCut

    door = import_module("services.demo.load")  # the package's `load` is the function
    with monkeypatch.context() as patched:
        patched.setattr(door, "import_file", fail)
        with pytest.raises(PowerCut):
            load(now, engine)
    # The rest of the way is the subject of the first test; here the files are let be.
    monkeypatch.setattr(door, "import_file", lambda *_a, **_o: {"records": 1})
    monkeypatch.setattr(door, "load_campaigns", lambda *_a, **_o: 0)

    loaded = load(now + timedelta(days=3), engine)

    assert (loaded.day, loaded.fresh) == (now.date(), True)
    assert counts(engine, Customer, Person)["customer"] == 78
    with transaction(engine, read_only=True) as session:
        mark = session.get_one(AppSetting, "demo").value
    assert mark == {"day": now.date().isoformat(), "done": True}
