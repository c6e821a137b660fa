"""The rows of an export of campaigns or of tickets, with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy.orm import Session

from data.tables import Upload
from services.uploads import mail, store, tickets

_FRAMES = {
    mail.PURPOSE: (mail.ROWS, mail.PEOPLE),
    tickets.PURPOSE: (tickets.ROWS, tickets.PEOPLE),
}


def other_purpose(session: Session, upload_id: int) -> str | None:
    """What a file tells of where it is not attendance: mail or tickets."""
    upload = session.get(Upload, upload_id)
    return upload.purpose if upload is not None and upload.purpose in _FRAMES else None


def staged(
    session: Session,
    upload: Upload,
    verdicts: Sequence[str] | None,
    offset: int,
    limit: int | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A page of the rows (line, person, email, name, company, event, what, verdict, problem, raw), and their
    people as services.matching.cascade.match has them; empty frames where there is no preview."""
    rows, people = (store.load_frame(session, upload.id, name) for name in _FRAMES[upload.purpose])
    if rows is None or people is None:
        return pl.DataFrame(), pl.DataFrame()
    if verdicts is not None:
        rows = rows.filter(pl.col("verdict").is_in(list(verdicts)))
    if upload.purpose == mail.PURPOSE:
        campaign = pl.lit(upload.summary["campaign"]["name"])
        rows = rows.with_columns(event=campaign, company=pl.lit(None, pl.String))
    page = rows.slice(offset, limit)
    return page, people.join(page.select("person").drop_nulls().unique(), on="person", how="semi")
