"""Three customers, their people, and files about them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, text

from data.db import transaction
from data.tables import Customer, CustomerDomain, Stakeholder, StakeholderEmail
from services.access.viewer import SYSTEM
from services.uploads import intake

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HEADER = [
    "Customer",
    "Name",
    "Email",
    "Event",
    "Event Type",
    "Date",
    "Status",
    "Duration",
    "Questions",
]
FACT_TABLES = (
    "event",
    "participant",
    "attendance",
    "attendance_note",
    "customer_score",
    "match_answer",
)


def load_customers(engine: Engine) -> None:
    """DataFlow and Cobalt with two people each; Umbra with a domain only."""
    with transaction(engine) as session:
        for number, (name, domain, people) in enumerate(
            [
                ("DataFlow Inc", "dataflow.io", ["Maria Lopez", "Tom Reed"]),
                ("Cobalt Harbor", "cobaltharbor.com", ["Grace Hill", "Dmitri Volkov"]),
                ("Umbra Retail GmbH", "umbraretail.de", []),
            ],
            start=1,
        ):
            session.add(
                Customer(
                    id=number, name=name, external_id=f"A{number}", created_at=NOW, updated_at=NOW
                )
            )
            session.flush()
            session.add(CustomerDomain(customer_id=number, domain=domain))
            for person in people:
                first, last = person.split()
                found = Stakeholder(
                    customer_id=number,
                    first_name=first,
                    last_name=last,
                    created_at=NOW,
                    updated_at=NOW,
                )
                session.add(found)
                session.flush()
                email = f"{first.lower()}.{last.lower()}@{domain}"
                session.add(StakeholderEmail(email=email, stakeholder_id=found.id, shown_as=email))


def line(email: str, event: str = "Analytics Webinar", **said: Any) -> dict[str, Any]:
    return {
        "Customer": "",
        "Name": "",
        "Email": email,
        "Event": event,
        "Event Type": "Webinar",
        "Date": "2026-10-05 15:00:00",
        "Status": "Attended",
        "Duration": "45",
        "Questions": "",
    } | said


def write_csv(path: Path, lines: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(lines)
    return path


def bring_in(engine: Engine, path: Path, **options: Any) -> dict[str, Any]:
    """Through the front door: receive, preview, commit."""
    options = {"commit": True, "by": SYSTEM, "now": NOW} | options
    return intake.import_file(path, engine=engine, **options)


def state(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every fact on record, in a form that compares."""
    with transaction(engine, read_only=True) as session:
        return {
            name: sorted(map(_plain, session.execute(text(f"SELECT * FROM {name}"))), key=repr)
            for name in FACT_TABLES
        }


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(round(v, 4) if isinstance(v, float) else str(v) for v in row)


def attendance(engine: Engine) -> pl.DataFrame:
    with transaction(engine, read_only=True) as session:
        rows = session.execute(
            text(
                "SELECT p.email, e.name, a.status, a.minutes, a.questions, p.customer_id "
                "FROM attendance a JOIN participant p ON p.id = a.participant_id "
                "JOIN event e ON e.id = a.event_id ORDER BY 1, 2"
            )
        ).all()
    columns = ["email", "event", "status", "minutes", "questions", "customer_id"]
    return pl.DataFrame([tuple(r) for r in rows], schema=columns, orient="row")
