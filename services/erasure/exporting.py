"""All that is held about one stakeholder, table by table, for them to read and for programs."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.tables import Base
from services.access import Viewer, audit
from services.erasure.kept import naming
from services.erasure.planning import scrubber_of, shown_name
from services.erasure.subject import Subject, find, require_subject
from services.erasure.sweep import mentions
from services.erasure.words import Scrubber

_SECRET = ("token", "tracking", "unsubscribe", "secret", "password_hash", "token_hash")
NOT_INCLUDED = (
    "Backups, and mails in colleagues' own mailboxes",
    "Pictures and other files that are no text",
    "Texts that call them by their first name alone, unless the row is about them",
    "Mails to other people that mention them: only their subject and text are looked through",
)


def export(session: Session, stakeholder_id: int, *, by: Viewer, now: datetime) -> dict[str, Any]:
    """Rows by table that are about them (`held`) or mention them (`mentioned`), with the kept files that
    name them. `mentioned_elsewhere` counts what only an admin is shown. Whoever may see the customer may have it; the act is in the audit log."""
    one = require_subject(session, by, stakeholder_id)
    subject = find(session, one)
    scrubber = scrubber_of(one, subject, "")
    held: dict[str, list[dict[str, Any]]] = {}
    for name, keys in subject.linked.items():
        held[name] = _rows(session, Base.metadata.tables[name], keys)
    mentioned, elsewhere = _mentioned(session, by, subject, scrubber)
    uploads, deliveries = naming(session, scrubber, dict.fromkeys(subject.keys, ""))
    audit(session, by, "stakeholder.exported", "stakeholder", one.id, "", now)
    return {
        "person": shown_name(one),
        "addresses": sorted(subject.addresses),
        "made_at": now.isoformat(),
        "held": {name: rows for name, rows in held.items() if rows},
        "mentioned": mentioned,
        "mentioned_elsewhere": elsewhere,
        "kept_files": {"uploads": uploads, "deliveries": deliveries},
        "not_included": list(NOT_INCLUDED),
    }


def _mentioned(
    session: Session, by: Viewer, subject: Subject, scrubber: Scrubber
) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """Texts of rows that are about something else, and how many more there are that `by` may not see:
    a CSM is shown what belongs to this customer."""
    shown: dict[str, list[dict[str, Any]]] = {}
    hidden = 0
    for found in mentions(session, subject, scrubber):
        table = found.table
        if found.key in subject.linked.get(table.name, ()):
            continue
        row = _rows(session, table, [found.key])[0]
        if by.sees_all or row.get("customer_id") == subject.customer_id:
            told = {column: row.get(column) for column in found.after}
            shown.setdefault(table.name, []).append({"id": list(found.key), **told})
        else:
            hidden += 1
    return shown, hidden


def as_json(found: dict[str, Any]) -> bytes:
    """For people and programs alike: indented, in plain letters."""
    return json.dumps(found, ensure_ascii=False, indent=2).encode()


def _rows(session: Session, table: Table, keys: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    columns = [c for c in table.c if c.name not in _SECRET]
    names, key = [c.name for c in columns], sa.tuple_(*table.primary_key)
    pieces = [keys[at : at + 500] for at in range(0, len(keys), 500)]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for some in pieces
        for row in session.execute(select(*columns).where(key.in_(some)))
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value
