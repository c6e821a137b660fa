"""The rows of an export of campaigns, with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy.orm import Session

from data.tables import Upload
from services.uploads import store
from services.uploads.mail import PEOPLE, PURPOSE, ROWS


def is_mail(session: Session, upload_id: int) -> bool:
    upload = session.get(Upload, upload_id)
    return upload is not None and upload.purpose == PURPOSE


def staged(
    session: Session,
    upload_id: int,
    verdicts: Sequence[str] | None,
    offset: int,
    limit: int | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A page of the rows (line, person, email, name, what, verdict, problem, raw), and their people as
    services.matching.cascade.match has them; empty frames where there is no preview."""
    rows, people = (store.load_frame(session, upload_id, name) for name in (ROWS, PEOPLE))
    if rows is None or people is None:
        return pl.DataFrame(), pl.DataFrame()
    if verdicts is not None:
        rows = rows.filter(pl.col("verdict").is_in(list(verdicts)))
    page = rows.slice(offset, limit)
    return page, people.join(page.select("person").drop_nulls().unique(), on="person", how="semi")
