"""10,000 drafts: made from a template, listed, read, and approved into the send queue.

`python -m bench.drafts [count]` alone; `python -m bench --only drafts` beside the other figures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Engine, insert, select

from bench import document
from bench.databases import Databases, SqliteFiles, postgres
from data.db import make_engine, migrate, transaction
from data.tables import Customer, Draft, DraftEvent, Person, Stakeholder, StakeholderEmail
from services import drafts
from services.access import Viewer
from services.access.viewer import viewer_of
from services.drafts import Filters, NewDraft
from services.drafts.ways import ways
from services.outbox import SendPolicy
from services.outbox import policy as policies

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNT = 10_000
PER_CUSTOMER = 4
MESSAGE = """Thank you for the time on Tuesday. Two things I promised:

- The rollout guide: https://docs.example.com/rollout?step=1
- The [recording](https://video.example.com/w/8412) of the part on reporting

Would Thursday at 10:00 suit you for the review?"""
T = TypeVar("T")


@dataclass(frozen=True)
class DraftLine:
    """A step on a database; `cpu` is this process's alone, the database server's is not in it."""

    database: str
    step: str
    seconds: float
    cpu: float


def run(folder: Path, kinds: Sequence[str], count: int = COUNT) -> list[DraftLine]:
    """Every step on each of the databases, in order."""
    lines: list[DraftLine] = []
    if "sqlite" in kinds:
        lines += _measure(SqliteFiles(folder), count)
    if "postgres" in kinds:
        with postgres() as server:
            lines += _measure(server, count)
    return lines


def table(lines: Sequence[DraftLine], count: int = COUNT) -> str:
    """The figures as text of the document."""
    rows = [
        [line.database, line.step, f"{line.seconds:.3f} s", f"{line.cpu:.3f} s"] for line in lines
    ]
    return f"""{count:,} drafts from the template `spine/personal` with two links each, to as many people of
{count // PER_CUSTOMER:,} customers, of one CSM. Approving renders the MIME, signs its links, hashes it, writes
approvals and fills the send queue, all in one transaction.

{document.table(["database", "step", "time", "processor"], rows)}"""


def _measure(databases: Databases, count: int) -> list[DraftLine]:
    lines: list[DraftLine] = []
    with _world(databases, count) as (engine, by):

        def told(step: str, work: Callable[[Any], T], *, read_only: bool = False) -> T:
            began, cpu = time.perf_counter(), time.process_time()
            with transaction(engine, read_only=read_only) as session:
                result = work(session)
            spent = time.perf_counter() - began
            lines.append(DraftLine(databases.name, step, spent, time.process_time() - cpu))
            return result

        new = new_drafts(count)
        ids = told("make all", lambda s: drafts.create_many(s, new, now=NOW))
        open_all(engine, by, ids)
        page = told("first page of the list", lambda s: drafts.listing(s, by), read_only=True)
        told("counts", lambda s: drafts.overview(s, by), read_only=True)
        told("total", lambda s: drafts.total(s, by, Filters()), read_only=True)
        opened = told(
            "those looked at, to approve at once",
            lambda s: drafts.looked_at(s, by, Filters()),
            read_only=True,
        )
        assert len(opened) == count
        after = page.rows[-1].id
        told(
            "the next one",
            lambda s: drafts.next_waiting(s, by, Filters(), after_draft=after),
            read_only=True,
        )
        told(
            "one draft with its pre-flight",
            lambda s: drafts.view(s, by, after, NOW),
            read_only=True,
        )
        done = told(
            "approve all into the send queue",
            lambda s: drafts.approve_many(s, opened, by=by, now=NOW),
        )
        assert len(done.approved) == count
    return lines


@contextmanager
def _world(databases: Databases, count: int) -> Iterator[tuple[Engine, Viewer]]:
    engine = make_engine(databases.fresh("drafts"))
    try:
        yield engine, peopled(engine, count)[0]
    finally:
        engine.dispose()
        databases.drop("drafts")


def peopled(engine: Engine, count: int) -> tuple[Viewer, Viewer]:
    """An empty database gets a CSM with that many contacts, and an admin: these two."""
    migrate(engine)
    with transaction(engine) as session:
        csm = Person(name="Dana", email="dana@ours.example", role="csm", created_at=NOW)
        admin = Person(name="Ada", email="ada@ours.example", role="admin", created_at=NOW)
        session.add_all([csm, admin])
        session.flush()
        wide = SendPolicy(per_stakeholder=1000, per_customer=1000)
        ada = viewer_of(session, admin, NOW)
        policies.save(session, wide, by=ada, now=NOW)
        for table, rows in _people(csm.id, count).items():
            session.execute(insert(table), rows)
        return viewer_of(session, csm, NOW), ada


def _people(csm_id: int, count: int) -> dict[type[Any], list[dict[str, Any]]]:
    made = {"created_at": NOW, "updated_at": NOW}
    numbers = range(1, count + 1)
    return {
        Customer: [
            {"id": n, "name": f"Customer {n}", "csm_id": csm_id, **made}
            for n in range(1, count // PER_CUSTOMER + 2)
        ],
        Stakeholder: [
            {
                "id": n,
                "customer_id": _customer(n),
                "first_name": f"Name{n}",
                "last_name": "Example",
                **made,
            }
            for n in numbers
        ],
        StakeholderEmail: [
            {"email": f"n{n}@c{_customer(n)}.example", "stakeholder_id": n,
             "shown_as": f"n{n}@c{_customer(n)}.example", "is_primary": True}
            for n in numbers
        ],
    }  # fmt: skip


def _customer(number: int) -> int:
    return number // PER_CUSTOMER + 1


def new_drafts(count: int) -> list[NewDraft]:
    """One to each contact of `peopled`."""
    return [
        NewDraft(
            dedup_key=f"bench:{n}",
            kind="personal",
            topic="events",
            customer_id=_customer(n),
            stakeholder_id=n,
            source="bench",
            template="spine/personal",
            values={
                "subject": "Your questions from Tuesday",
                "first_name": f"Name{n}",
                "message": MESSAGE,
                "sender_name": "Dana",
                "signature": "Customer Success Manager",
            },
        )
        for n in range(1, count + 1)
    ]


def open_all(engine: Engine, by: Viewer, ids: Sequence[int]) -> None:
    """As if each had been looked at: nobody reads 10,000 mails for a figure."""
    with transaction(engine) as session:
        seen = {"at": NOW, "person_id": by.person_id, "move": "read", "to_state": "pending"}
        wanted = session.scalars(select(Draft).where(Draft.id.in_(ids))).all()
        rows = [
            {"draft_id": number, "revision": 1, "way": way, **seen}
            for number, way in ways(session, wanted).items()
        ]
        session.execute(insert(DraftEvent), rows)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with TemporaryDirectory(prefix="bench-") as folder:
        print(table(run(Path(folder), ["sqlite", "postgres"], count), count))


if __name__ == "__main__":
    main()
