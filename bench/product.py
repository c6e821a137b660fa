"""One step of the app in a process of its own: `python -m bench.product prepare|upload|work|sign-in …`.

The database is that of the settings (`DATABASE_URL`). Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.lifespan import WARM
from bench.processes import cpu_seconds, warm
from data.db import engine, migrate, transaction
from data.memory import settle
from data.tables import (
    Customer,
    CustomerScore,
    Draft,
    Event,
    FollowUp,
    Person,
    RiskSignal,
    Stakeholder,
    Task,
)
from integrations.sandbox import read_file
from services.access import Viewer
from services.access.signin import start_session
from services.access.viewer import SYSTEM, viewer_of
from services.ask.conversation import Said, say
from services.attendance import follow_up
from services.clock import utc_now
from services.customers import import_customers, import_stakeholders
from services.ids import public_id
from services.invitations.catalogue.book import create
from services.invitations.catalogue.records import EventPlan
from services.scoring import advocacy, risk
from services.uploads.intake import import_file
from services.uploads.job import NICE, SMALL

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
"""The day after the generator's last event."""
SHOWN = 42
"""The customer whose page is measured."""
TESTER = "Load test"
TO_COME = "The event to come"
WRITTEN_TO = 200
"""Customers at risk for whom outreach is planned."""
ASKED = (
    "Show the engagement leaderboard",
    "Who is declining?",
    "Whom should I invite to the webinar?",
    "What can you do?",
    "Show the top 10",
    "Who is at risk?",
)
"""What has been asked on the Ask page before it is looked at."""
SMALL_FILE = "Customer,Name,Email,Event,Date,Status\nA,B,b@a.example,E,2026-01-01,Attended\n"


def prepare(folder: Path) -> dict[str, Any]:
    """An empty database brought up to date, with the customers and contacts imported."""
    migrate()
    began = time.perf_counter()
    customers = read_file(folder / "customers.csv", purpose="customers")
    with transaction() as session:
        import_customers(session, customers, by=SYSTEM, now=NOW)
    between = time.perf_counter()
    contacts = read_file(folder / "contacts.csv", purpose="stakeholders")
    with transaction() as session:
        import_stakeholders(session, contacts, by=SYSTEM, now=NOW)
    done = time.perf_counter()
    with transaction(read_only=True) as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (Customer, Stakeholder)
        }
    # A copy of the file is a copy of the database only when nothing is left in the log beside it.
    if engine().dialect.name == "sqlite":
        with engine().connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {"customers": round(between - began, 3), "contacts": round(done - between, 3), **counts}


def upload(path: Path, *, now: datetime = NOW) -> dict[str, Any]:
    """From the file on disk to scores in the database, in a process that has previewed a file before
    and, where the app's server does it itself, has loaded what that loads as it starts."""
    for name in WARM if path.stat().st_size <= SMALL else ():
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        small.write_text(SMALL_FILE)
        import_file(small, by=SYSTEM, now=now, commit=False)
        time.sleep(1.0)  # the next reader starts meanwhile, as it would on a server
    settle()  # as servers and the processes of imports do
    warm(path)
    steps: dict[str, float] = {}
    cpu = cpu_seconds()
    began = last = time.perf_counter()
    current = "Receiving the file"

    def report(words: str, _share: float) -> None:
        nonlocal last, current
        at = time.perf_counter()
        steps[current] = round(steps.get(current, 0.0) + at - last, 3)
        last, current = at, words

    summary = import_file(path, by=SYSTEM, now=now, commit=True, progress=report)
    report("", 1.0)
    seconds = time.perf_counter() - began
    told = ("records", "users", "customers", "events", "matched", "review", "unmatched", "rejected")
    return {
        "seconds": round(seconds, 3),
        "cpu": round(cpu_seconds() - cpu, 3),
        "steps": steps,
        **{key: summary[key] for key in (*told, "duplicates", "excluded")},
        "changes": summary.get("changes"),
        "repeat": summary["repeat"],
        **_scores(),
    }


def beside_pages(path: Path) -> dict[str, Any]:
    """As `upload`, the way the app's own process for imports does it: pages go first, and the board that
    is written is that of the present day, which is the one the pages ask for."""
    os.nice(NICE)
    return upload(path, now=utc_now())


def _scores() -> dict[str, Any]:
    with transaction(read_only=True) as session:
        scored, total = session.execute(
            select(func.count(CustomerScore.score), func.sum(CustomerScore.score))
        ).one()
    return {"scored": scored, "score_sum": int(total or 0)}


def work() -> dict[str, Any]:
    """What a day brings on what is there: signals, mails and calls for the first of those at risk, and follow-ups of
    the event that most people came to of late; how many there are then of each."""
    now = utc_now()
    with transaction() as session:
        admin = _admin(session, now)
        risk.detect(session, now=now)
        advocacy.settle(session, now)
    with transaction() as session:
        first = risk.listing(session, admin, now, limit=WRITTEN_TO).rows
        if first:
            risk.plan_outreach(session, tuple(one.id for one in first), by=admin, now=now)
        late = select(Event.id).where(Event.starts_at < now).order_by(Event.starts_at.desc())
        last = session.scalars(late.limit(1)).one()
    follow_up.create_now(last, by=admin, now=now)
    with transaction(read_only=True) as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (RiskSignal, Draft, Task, FollowUp)
        }


def _admin(session: Session, now: datetime) -> Viewer:
    person = session.scalar(select(Person).where(Person.name == TESTER))
    if person is None:
        person = Person(name=TESTER, role="admin", created_at=now)
        session.add(person)
        session.flush()
    return viewer_of(session, person, now)


def sign_in() -> dict[str, Any]:
    """An admin who is signed in, has asked a few things, and has an event to invite to; gives the session's
    token, the first word of customer 42's name, and a draft and an event to look at where there are any."""
    now = utc_now()
    with transaction() as session:
        admin = _admin(session, now)
        assert admin.person_id is not None
        told = {
            "token": start_session(session, admin.person_id, now),
            "customer": session.get_one(Customer, SHOWN).name.split()[0],
            **_to_look_at(session),
        }
        new = session.scalar(select(Event.id).where(Event.name == TO_COME)) is None
        if new:
            plan = EventPlan(name=TO_COME, starts_at=now + timedelta(days=30), topic="Security")
            create(session, plan, by=admin, now=now)
    for question in ASKED if new else ():
        say(Said(question), by=admin, now=now)
    return told


def _to_look_at(session: Session) -> dict[str, str]:
    draft = session.scalars(select(Draft).filter_by(state="pending").limit(1)).first()
    done = select(FollowUp.event_id).limit(1)
    event = session.scalar(select(Event).where(Event.id.in_(done)))
    return {
        "draft": public_id("draft", draft.id) if draft else "",
        "subject": draft.subject.split()[0] if draft else "",
        "event": public_id("event", event.id) if event else "",
        "event_name": event.name.split()[0] if event else "",
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.product")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("prepare").add_argument("folder", type=Path)
    uploading = steps.add_parser("upload")
    uploading.add_argument("file", type=Path)
    uploading.add_argument("--beside-pages", action="store_true", help="as the app's own imports")
    steps.add_parser("work")
    steps.add_parser("sign-in")
    given = parser.parse_args()
    if given.step == "prepare":
        print(json.dumps(prepare(given.folder)))
    elif given.step == "upload":
        print(json.dumps(beside_pages(given.file) if given.beside_pages else upload(given.file)))
    else:
        print(json.dumps(work() if given.step == "work" else sign_in()))


if __name__ == "__main__":
    main()
