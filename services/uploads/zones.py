"""In which zone the times of a file are read that names none."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.settings import settings
from data.tables import Person
from integrations.formats.records import ParsedFile
from services.access.day import usable_zone


@dataclass(frozen=True)
class Assumed:
    """`whose` zone it is: the `installation`'s, the `person`'s who uploaded the file, or nobody's."""

    zone: str
    whose: str


def assumed(session: Session, uploaded_by: int | None) -> Assumed:
    """What an admin has set for files, else the uploader's own zone, else UTC."""
    if "default_zone" in settings().model_fields_set:
        return Assumed(settings().default_zone, "installation")
    own = session.scalar(select(Person.time_zone).where(Person.id == uploaded_by))
    if own and usable_zone(own) == own:
        return Assumed(own, "person")
    return Assumed(settings().default_zone, "")


def names_no_zone(parsed: ParsedFile) -> bool:
    """Whether the file tells hours of the day without saying where."""
    hour = pl.col("starts_at").dt.time() != pl.time()
    if parsed.events.select((pl.col("zone").is_null() & hour).any()).item():
        return True
    joined = pl.col("joined_at").is_not_null() & ~pl.col("zoned")
    return bool(parsed.rows.select(joined.any()).item())
