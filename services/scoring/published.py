"""The weights that count now."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables.scoring import WeightSet
from services.scoring.weights import WeightBook

BUILT_IN = 0
"""The version of the weights nobody published: those the product comes with."""


def current(session: Session) -> tuple[int, WeightBook]:
    """The version that counts, and its weights; version 0 before anything was published."""
    newest = session.scalar(select(WeightSet).order_by(WeightSet.version.desc()).limit(1))
    if newest is None:
        return BUILT_IN, WeightBook()
    return newest.version, WeightBook.from_dict(newest.weights)
