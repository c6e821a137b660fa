"""Somebody who writes without pause: `python -m tests.soak.ledger <url> <name>`.

Each transaction writes an entry and a job that belong together; its number is printed once it is committed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from data.db import make_engine, transaction
from data.tables import AuditEntry, Job


def main() -> None:
    engine, name = make_engine(sys.argv[1]), sys.argv[2]
    number = 0
    while True:
        now = datetime.now(UTC)
        with transaction(engine) as session:
            session.add(AuditEntry(at=now, action="ledger", entity=name, what=f"{number}"))
            session.flush()
            key, later = f"ledger:{name}:{number}", now + timedelta(days=999)
            session.add(Job(kind="ledger", dedup_key=key, due_at=later, created_at=now))
        number += 1
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
