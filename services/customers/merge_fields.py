"""The fields of two customers that become one: whose count, what is filled in, and how it was before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Numeric, Table, insert, select
from sqlalchemy.orm import Session

from data.tables import Customer, CustomerIdentifier, Person
from data.types import UtcDateTime
from services.customers.known import LABELS

_TABLE = Customer.__table__
assert isinstance(_TABLE, Table)
_NEVER = {"id", "name", "parent_id", "created_at", "updated_at"}
_GROUPS = (("arr", "currency"), ("country", "city", "latitude", "longitude"))
"""Filled in together or not at all: an amount without its currency, or a city of another country, would lie."""
_ALONE = tuple(
    (c.name,)
    for c in _TABLE.columns
    if c.name not in _NEVER and not any(c.name in g for g in _GROUPS)
)


def _blank(value: object) -> bool:
    return value is None or value in ("", [])


def _gaps(kept: Customer, gone: Customer) -> list[str]:
    """Fields that the one leaves open and the other fills."""
    wanted: list[str] = []
    for group in (*_GROUPS, *_ALONE):
        open_ = all(_blank(getattr(kept, name)) for name in group if name != "currency")
        filled = any(not _blank(getattr(gone, name)) for name in group if name != "currency")
        if open_ and filled:
            wanted += [name for name in group if getattr(gone, name) != getattr(kept, name)]
    return wanted


def told(
    kept: Customer, gone: Customer
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]:
    """The fields that are filled in as (label, value), and those that both fill as (label, stays, goes)."""
    gaps = _gaps(kept, gone)
    named = [name for name in LABELS if name not in ("name", "parent_id", "csm_id")]
    fills = [(LABELS[name], _words(getattr(gone, name))) for name in named if name in gaps]
    drops = [
        (LABELS[name], _words(mine), _words(theirs))
        for name in named
        if name not in gaps
        and not _blank(theirs := getattr(gone, name))
        and theirs != (mine := getattr(kept, name))
        and (name != "currency" or gone.arr is not None)
    ]
    if "csm_id" in gaps:
        fills.append((LABELS["csm_id"], "as there"))
    elif gone.csm_id and gone.csm_id != kept.csm_id:
        drops.append((LABELS["csm_id"], "the one here", "another colleague"))
    return tuple(fills), tuple(drops)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,.0f}" if isinstance(value, Decimal) else str("" if value is None else value)


def fill(session: Session, kept: Customer, gone: Customer) -> dict[str, list[Any]]:
    """Fill the gaps; field -> [before, after]. The identifier is unique, so it leaves the other first."""
    filled: dict[str, list[Any]] = {}
    values = {name: getattr(gone, name) for name in _gaps(kept, gone)}
    gone.external_id = None
    session.flush()
    for name, value in values.items():
        filled[name] = [_plain(getattr(kept, name)), _plain(value)]
        setattr(kept, name, value)
    session.flush()
    return filled


def empty_again(session: Session, kept: Customer, filled: dict[str, list[Any]]) -> None:
    """Set back what was filled in, where nobody has changed it since."""
    for name, (before, after) in filled.items():
        if _plain(getattr(kept, name)) == after:
            setattr(kept, name, _typed(name, before))
    session.flush()


def image(customer: Customer) -> dict[str, Any]:
    """The row, in what JSON knows."""
    return {column.name: _plain(getattr(customer, column.name)) for column in _TABLE.columns}


def revive(session: Session, row: dict[str, Any]) -> int:
    """Write the row of an image again, without what is taken or gone by now; its id."""
    values = {name: _typed(name, value) for name, value in row.items()}
    if session.get(Customer, values["id"]) is not None:
        del values["id"]
    taken = select(Customer.id).where(Customer.external_id == values["external_id"])
    further = select(CustomerIdentifier.customer_id).where(
        CustomerIdentifier.identifier == values["external_id"]
    )
    if session.scalar(taken) is not None or session.scalar(further) is not None:
        values["external_id"] = None
    values["parent_id"] = None  # its family is put together again afterwards
    if values["csm_id"] and session.get(Person, values["csm_id"]) is None:
        values["csm_id"] = None
    number = session.scalar(insert(Customer).values(**values).returning(Customer.id))
    assert number is not None
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(name: str, value: Any) -> Any:
    kind = _TABLE.c[name].type
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(kind, Numeric) and kind.asdecimal else value
