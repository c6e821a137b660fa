"""Whose waiting mails weigh most, worked out by the database: thousands wait after a conference, and five customers
are shown. The statements are put together once for each reader: that takes longer than the answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import floor
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Numeric,
    Select,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from data.bulk import is_sqlite
from data.moments import whole_seconds
from data.tables import Customer, Draft
from services.access import Viewer, visible
from services.today.best import HALF_DAYS, LEAST, PLACES, SHOWN

DRAFT_STRENGTH = {"critical": 0.9, "high": 0.7, "normal": 0.4, "low": 0.2}
DRAFT_WITHIN = timedelta(hours=72)
"""What is promised of a follow-up; a mail that says itself when it comes too late has that instead."""
MAY_GO = (
    Draft.state == "pending",
    or_(Draft.not_before.is_(None), Draft.not_before <= bindparam("now")),
)
"""What tells mails that wait for approval and may go now."""
_SECONDS = bindparam("seconds", type_=BigInteger)


def on_desk(by: Viewer) -> tuple[ColumnElement[bool], ...]:
    """What tells the customers on the desk of `by`: one's own and those of people one stands in for."""
    return visible(by), Customer.csm_id.in_(by.desks), Customer.churned_on.is_(None)


def usual_arr(session: Session, by: Viewer) -> dict[str, float]:
    """The average ARR of the desk's customers by currency; unknown and negative ones count as none."""
    return {currency: float(usual) for currency, usual in session.execute(_usual(by))}


def foremost(session: Session, by: Viewer, now: datetime) -> Sequence[int]:
    """The ids of the SHOWN customers that `best` would put first if there were nothing but mails that wait.

    Nobody else's mails matter: whoever has no other reason and is not among these has SHOWN customers before
    them, whatever else those have, since a further reason never lowers anybody.
    """
    told = {"now": now, "seconds": floor(now.timestamp())}
    return session.scalars(_ranked(by, on_sqlite=is_sqlite(session)), told).all()


@lru_cache(maxsize=256)
def _usual(by: Viewer) -> Select[*tuple[Any, ...]]:
    arr = case((Customer.arr > 0, Customer.arr), else_=0)
    averages = select(Customer.currency, func.avg(arr).label("usual")).where(*on_desk(by))
    return averages.group_by(Customer.currency)


@lru_cache(maxsize=256)
def _ranked(by: Viewer, *, on_sqlite: bool) -> Select[*tuple[Any, ...]]:
    d, c = Draft, Customer
    mails = (
        select(d.customer_id, func.sum(func.ln(1.0 - _press(on_sqlite=on_sqlite))).label("left"))
        .where(*MAY_GO, d.customer_id.in_(select(c.id).where(*on_desk(by))))
        .group_by(d.customer_id)
        .subquery()
    )
    usual = _usual(by).subquery()
    share = cast(c.arr, Double) / cast(usual.c.usual, Double)
    stake = LEAST + case((c.arr > 0, share), else_=0.0)
    value = stake * (1.0 - func.exp(mails.c.left))
    return (
        select(c.id)
        .join(mails, mails.c.customer_id == c.id)
        .join(usual, usual.c.currency == c.currency)
        .order_by(func.round(cast(value, Numeric), PLACES).desc(), c.id)
        .limit(SHOWN)
    )


def _press(*, on_sqlite: bool) -> ColumnElement[float]:
    """As `best` has it: the strength of a mail, the less the more time is left."""
    made = whole_seconds(Draft.created_at, on_sqlite=on_sqlite)
    promised = made + int(DRAFT_WITHIN.total_seconds())
    over = whole_seconds(Draft.expires_at, on_sqlite=on_sqlite)
    left = case((over < promised, over), else_=promised) - _SECONDS
    days = cast(case((left > 0, left), else_=0), Double) / 86_400.0
    return case(DRAFT_STRENGTH, value=Draft.severity) / (1.0 + days / float(HALF_DAYS))
