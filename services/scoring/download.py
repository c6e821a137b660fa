"""The filtered board as a file."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.access import Viewer
from services.export import to_csv, to_xlsx
from services.scoring.published import current
from services.scoring.standings import BoardFilters, page_of, standings_of
from services.scoring.weights import COMPONENTS
from services.scoring.words import export_rows

_FORMATS = {
    "ARR": "#,##0",
    "Percentile": "0.0",
    **{f"{name.capitalize()} points": "0.0" for name in COMPONENTS},
}


def download_board(  # noqa: PLR0913 - the same choices as on the screen
    session: Session,
    by: Viewer,
    *,
    as_of: date,
    filters: BoardFilters,
    sort: str = "rank",
    descending: bool = False,
    form: str = "xlsx",
) -> bytes:
    """All rows that fit the filters, in the order chosen; `form` is 'xlsx' or 'csv'."""
    version, book = current(session)
    everyone = standings_of(session, by, as_of=as_of, version=version, book=book)
    chosen = page_of(everyone, filters, sort=sort, descending=descending, limit=None)
    rows = export_rows(chosen.rows, book)
    if form == "csv":
        return to_csv(rows)
    return to_xlsx(rows, title=f"Engagement {as_of:%Y-%m-%d}", formats=_FORMATS)
