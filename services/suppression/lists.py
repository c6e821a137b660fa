"""Lists of addresses that come from elsewhere: another mail tool's unsubscribes, a colleague's sheet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import FileRefused
from data.once import add_all_once
from data.tables import StakeholderEmail, Suppression
from services import wire
from services.access import ADMINISTRATOR, MANAGER, Viewer, audit, require_role
from services.matching.addresses import email_keys
from services.plurals import plural
from services.suppression.topics import check_topic, topic_words

MOST_BYTES = 10_000_000
MOST_ADDRESSES = 200_000
_PIECE = 500


@dataclass(frozen=True)
class Imported:
    """What came of a list: addresses added, those that stood already, and lines without any address."""

    added: int
    known: int
    without: int


def import_list(
    session: Session, content: bytes, topic: str, *, by: Viewer, now: datetime
) -> Imported:
    """Take in a CSV or text file; every cell with an address counts, whatever its column is called.

    Managers and admins only. FileRefused for what is no text, is too large or names nobody.
    """
    require_role(by, MANAGER, ADMINISTRATOR)
    check_topic(topic)
    wire.stops_mail(session)
    keys, without = _addresses(_text(content))
    fresh = sorted(keys - _standing(session, keys, topic))
    owners = _owners(session, fresh)
    # A colleague may have added the same list meanwhile, so the database has the last word.
    added = add_all_once(
        session,
        Suppression,
        [
            {
                "email": key,
                "topic": topic,
                "stakeholder_id": owners.get(key),
                "reason": "imported",
                "note": "",
                "by_id": by.person_id,
                "at": now,
            }
            for key in fresh
        ],
    )
    what = f"{topic_words(topic)}: {plural(len(added), 'address', 'addresses')}"
    audit(session, by, "suppression.imported", "suppression", None, what, now)
    return Imported(len(added), len(keys) - len(added), without)


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileRefused("The file is over 10 MB. Keep only the column with the addresses.")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused("This is an Excel file. Save the sheet as CSV and add that.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    text = content.decode("utf-8-sig", errors="replace")
    if "\x00" in text:
        raise FileRefused("This is no text file. Save the list as CSV and add that.")
    return text


def _addresses(text: str) -> tuple[set[str], int]:
    """Distinct keys, and how many lines (without the first, if it is a head) had none."""
    delimiter = max(",;\t", key=text[:10_000].count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    cells: list[tuple[int, str]] = []
    count = 0
    try:
        for count, line in enumerate(lines, start=1):
            cells += [(count, cell) for cell in line if "@" in cell]
            if len(cells) > MOST_ADDRESSES:
                raise FileRefused(f"The list has over {MOST_ADDRESSES:,} addresses. Split it.")
    except csv.Error:
        raise FileRefused("This file cannot be read as CSV. Save the list anew.") from None
    table = pl.DataFrame(cells, schema={"line": pl.Int64, "cell": pl.String}, orient="row")
    table = table.with_columns(key=email_keys(table["cell"])).drop_nulls("key")
    if table.is_empty():
        raise FileRefused("No e-mail address was found in this file. One per line is enough.")
    head = 0 if 1 in table["line"].unique() else 1
    return set(table["key"]), max(count - table["line"].n_unique() - head, 0)


def _standing(session: Session, keys: set[str], topic: str) -> set[str]:
    found: set[str] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), _PIECE):
        found |= set(
            session.scalars(
                select(Suppression.email).where(
                    Suppression.email.in_(wanted[start : start + _PIECE]),
                    Suppression.topic == topic,
                    Suppression.lifted_at.is_(None),
                )
            )
        )
    return found


def _owners(session: Session, keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    e = StakeholderEmail
    for start in range(0, len(keys), _PIECE):
        rows = session.execute(
            select(e.email, e.stakeholder_id).where(e.email.in_(keys[start : start + _PIECE]))
        )
        found |= {row.email: row.stakeholder_id for row in rows}
    return found
