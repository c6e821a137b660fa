"""People who were erased on request, in the contacts file of a CRM that still has them."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Stakeholder
from services import erased

_ERASED = "This person was erased on request, so the row is left out. Remove them from the file."


def refuse_erased(session: Session, rows: pl.DataFrame, emails: pl.DataFrame) -> pl.DataFrame:
    """Somebody who was erased does not come back with the next file of the CRM."""
    salt = erased.salt(session)
    if salt is None:
        return rows
    gone = erased.among(session, emails["email"].unique().to_list())
    lines = emails.filter(pl.col("email").is_in(list(gone)))["line"]
    told = rows["external_id"].drop_nulls().unique().to_list()
    marks = {text: erased.stand_in(salt, text) for text in told}
    s = Stakeholder
    known = set(session.scalars(select(s.external_id).where(s.external_id.like("erased-%"))))
    ids = [text for text, mark in marks.items() if mark in known]
    mine = pl.col("line").is_in(lines.implode()) | pl.col("external_id").is_in(ids)
    problem = pl.when(mine.fill_null(value=False)).then(pl.lit(_ERASED))
    return rows.with_columns(problem=pl.coalesce("problem", problem))
