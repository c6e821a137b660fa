"""Identifiers of customers that were merged into others: a CRM that still has both goes on writing them."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import AppSetting, Customer
from services.access import Viewer
from services.customers import cells

SETTING = "merged_customers"
NOTE = "Merged into another customer here: only its domains and other names are taken"


def remember(
    session: Session, kept: Customer, gone: Customer, by: Viewer, now: datetime
) -> dict[str, int]:
    """Let the identifier of `gone`, and those of what was merged into it before, mean `kept`.

    Gives what they meant before. An identifier that `kept` takes over itself is not noted.
    """
    known = _known(session)
    before = {text: number for text, number in known.items() if number == gone.id}
    if gone.external_id and kept.external_id:
        before[gone.external_id] = gone.id
    _write(session, known | dict.fromkeys(before, kept.id), by, now)
    return before


def forget(
    session: Session, before: dict[str, int], number: int, by: Viewer, now: datetime
) -> None:
    """Undo `remember` for the customer that is there again as `number`."""
    known = _known(session)
    own = session.scalar(select(Customer.external_id).where(Customer.id == number))
    known |= dict.fromkeys(before, number)
    _write(session, {text: meant for text, meant in known.items() if text != own}, by, now)


def settle_rows(session: Session, rows: pl.DataFrame, blank: list[str]) -> pl.DataFrame:
    """Rows of a customer file that speak of merged ones: the identifier becomes that of the customer they
    were merged into, and the cells of `blank` are emptied, as that customer has a row of its own."""
    known = current(session)
    if not known:
        return rows
    merged = pl.col("external_id").is_in(list(known))
    rows = rows.with_columns(_merged=merged.fill_null(value=False))
    rows = cells.add_note(rows, pl.when("_merged").then(pl.lit(NOTE)))
    rows = rows.with_columns(
        pl.when(~pl.col("_merged")).then(pl.col(name)).alias(name) for name in blank
    )
    return rows.with_columns(_meant(known, "external_id")).drop("_merged")


def settle_references(session: Session, rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Cells that name a customer by its identifier, with merged ones put in its words."""
    known = current(session)
    return rows.with_columns(_meant(known, column)) if known else rows


def leads_to(session: Session, identifier: str) -> int | None:
    """The customer that the one with this identifier was merged into."""
    return _known(session).get(identifier)


def current(session: Session) -> dict[str, str]:
    """Former identifier -> the identifier that counts. One that a customer has as its own by now is none."""
    known = _known(session)
    own = select(Customer.external_id).where(Customer.external_id.in_(list(known)))
    again = set(session.scalars(own))
    ids = dict(
        session.execute(
            select(Customer.id, Customer.external_id).where(
                Customer.id.in_(set(known.values())), Customer.external_id.is_not(None)
            )
        ).all()
    )
    current = {text: ids.get(number) for text, number in known.items()}
    return {text: now for text, now in current.items() if now is not None and text not in again}


def _meant(known: dict[str, str], column: str) -> pl.Expr:
    return pl.col(column).replace(list(known), list(known.values()))


def _known(session: Session) -> dict[str, int]:
    kept = session.get(AppSetting, SETTING)
    return dict(kept.value) if kept else {}


def _write(session: Session, known: dict[str, int], by: Viewer, now: datetime) -> None:
    kept = session.get(AppSetting, SETTING) or AppSetting(name=SETTING)
    if kept.value == known or (kept.value is None and not known):
        return
    kept.value, kept.changed_by, kept.changed_at = known, by.person_id, now
    session.add(kept)
    session.flush()
