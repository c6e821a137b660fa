"""The ranking as a file."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.export import to_csv, to_xlsx
from services.invitations.ranking.rank import rank

LABELS = {
    "rank": "Rank", "customer": "Customer", "arm": "List", "chance": "Chance", "why": "Why",
    "blocker": "In the way", "segment": "Segment", "industry": "Industry", "city": "City",
    "csm": "CSM", "arr": "ARR",
}  # fmt: skip


def download(
    session: Session,
    by: Viewer,
    event_id: int,
    now: datetime,
    *,
    form: str,
    size: int | None = None,
) -> bytes:
    """All customers that `by` sees in the order of the page, as `csv` or `xlsx`; reasons of the first ones."""
    found = rank(session, by, event_id, now, size=size)
    why = [
        "; ".join(one.sentence for one in found.reasons.get(number, ()))
        for number in found.rows["customer_id"]
    ]
    rows = found.rows.with_columns(pl.Series("why", why, dtype=pl.String)).select(*LABELS)
    return to_csv(rows, LABELS) if form == "csv" else to_xlsx(rows, LABELS, title="Customers")
