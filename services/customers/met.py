"""People met at events become stakeholders, as many at a time as there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame
from data.keys import reserve_keys
from data.tables import Customer, Stakeholder, StakeholderEmail
from data.versions import FACTS, MATCHING, bump
from services import erased
from services.access import Viewer, audit, visible
from services.customers.stakeholder_plan import split_names
from services.matching.addresses import email_keys

MET: dict[str, Any] = {
    "customer_id": pl.Int64,
    "email": pl.String,
    "name": pl.String,
    "title": pl.String,
}
_LONGEST = {"first_name": 150, "last_name": 150, "title": 200}
_PIECE = 500
_SHOWN = pl.col("email").str.strip_chars(" \t\r\n.,;<>\"'")
"""As typed, but for what sticks to an address that was pasted."""
_HIDDEN = r"[\p{Cc}\p{Cf}]+"


def add_met(session: Session, people: pl.DataFrame, *, by: Viewer, now: datetime) -> int:
    """Add each of `people` (MET) of the customers that `by` sees; how many were added.

    Left out are those without an address, those whose address a stakeholder has already, and those who
    were erased on request. Participants must be matched again (`services.uploads.rematch`).
    """
    keyed = people.with_columns(key=email_keys(people["email"])).drop_nulls("key")
    keyed = keyed.unique("key", keep="first", maintain_order=True)
    mine = read_frame(session, select(Customer.id).where(visible(by)), {"customer_id": pl.Int64})
    keys = keyed["key"].to_list()
    known = _taken(session, keys) | set(erased.among(session, keys))
    rows = keyed.join(mine, on="customer_id", how="semi", maintain_order="left")
    rows = rows.filter(~pl.col("key").is_in(list(known)))
    if rows.is_empty():
        return 0
    rows = _named(rows).with_columns(id=reserve_keys(session, _table(Stakeholder), rows.height))
    moment = pl.lit(now).cast(pl.Datetime("us", "UTC")).dt.replace_time_zone(None)
    added = rows.select(
        "id", "customer_id", *_LONGEST, unsubscribed=False, created_at=moment, updated_at=moment
    )
    insert_frame(session, _table(Stakeholder), added)
    emails = rows.select(
        email="key",
        stakeholder_id="id",
        shown_as=_SHOWN,
        is_primary=True,
    )
    insert_frame(session, _table(StakeholderEmail), emails.sort("email"))
    bump(session, FACTS, MATCHING)
    what = f"{rows.height} met at an event"
    audit(session, by, "stakeholder.added", "stakeholder", None, what, now)
    return rows.height


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    bare = rows.with_columns(
        # Where a name is asked for, some type their address.
        pl.when(~pl.col("name").str.contains("@")).then(
            pl.col("name").str.replace_all(_HIDDEN, "").str.strip_chars()
        ),
        first_name=pl.lit(None, pl.String),
        last_name=pl.lit(None, pl.String),
    )
    names = [pl.col(name).fill_null("").str.slice(0, most) for name, most in _LONGEST.items()]
    return (
        split_names(bare).with_columns(names).with_columns(title=pl.col("title").replace("", None))
    )


def _taken(session: Session, keys: list[str]) -> set[str]:
    e = StakeholderEmail
    found: set[str] = set()
    for start in range(0, len(keys), _PIECE):
        found.update(
            session.scalars(select(e.email).where(e.email.in_(keys[start : start + _PIECE])))
        )
    return found


def _table(mapped: type[Stakeholder | StakeholderEmail]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table
