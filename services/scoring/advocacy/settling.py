"""First tasks of opportunities that were closed, or stand again, without anybody moving them by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data.tables import CustomerScore, Opportunity, Task
from services import tasks
from services.scoring.advocacy.book import DECLINED, SOURCE
from services.scoring.advocacy.candidates import UNDER_WAY
from services.scoring.score import HIGH

_MOST = 1_000


def settle(session: Session, now: datetime) -> int:
    """Cancel the open tasks of opportunities that were declined, such as by a merge of their customers, unless
    somebody has opened them since, and open those of the ones that are under way again; how many tasks. At most a
    thousand at a time."""
    untouched = Task.updated_at <= Opportunity.updated_at
    closed = _those(session, ("declined",), "open", untouched)
    again = _those(session, UNDER_WAY, "cancelled")
    return tasks.cancel_for(session, SOURCE, closed, DECLINED, now=now) + tasks.bring_back(
        session, SOURCE, again, now=now
    )


def unfounded(session: Session, since: datetime) -> int:
    """How many opportunities were made since then of customers who no longer score high, and are not asked yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Opportunity)
            .outerjoin(CustomerScore, CustomerScore.customer_id == Opportunity.customer_id)
            .where(
                Opportunity.stage == "identified",
                Opportunity.created_at >= since,
                func.coalesce(CustomerScore.score, 0) < HIGH,
            )
        )
        or 0
    )


def _those(
    session: Session, stages: tuple[str, ...], state: str, *where: ColumnElement[bool]
) -> list[int]:
    return list(
        session.scalars(
            select(Opportunity.id)
            .join(Task, (Task.source == SOURCE) & (Task.source_id == Opportunity.id))
            .where(Opportunity.stage.in_(stages), Task.state == state, *where)
            .order_by(Opportunity.updated_at.desc(), Opportunity.id)
            .limit(_MOST)
        )
    )
