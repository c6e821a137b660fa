"""Moments as numbers, where the database itself has to reckon with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, type_coerce
from sqlalchemy.orm import InstrumentedAttribute


def whole_seconds(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    *,
    on_sqlite: bool,
) -> ColumnElement[int]:
    """Since 1970, rounded down. SQLite keeps microseconds: see UtcDateTime."""
    if on_sqlite:
        return type_coerce(moment, BigInteger) // 1_000_000
    return cast(func.floor(extract("epoch", moment)), BigInteger)
