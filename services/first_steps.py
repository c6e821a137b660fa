"""How far a new installation has come: customers, a file, the board."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from data.tables import Customer, CustomerScore, Upload
from services.access import Viewer, visible


@dataclass(frozen=True)
class FirstSteps:
    """Counts of what `by` may see. `untouched`: nobody has put anything into this installation yet."""

    customers: int
    uploads: int
    scored: int
    untouched: bool

    @property
    def done(self) -> bool:
        return bool(self.customers and self.uploads and self.scored)


def first_steps(session: Session, by: Viewer) -> FirstSteps:
    mine = select(func.count()).select_from(Customer).where(visible(by))
    scored = (
        select(func.count(Customer.id.distinct()))
        .join(CustomerScore, CustomerScore.customer_id == Customer.id)
        .where(visible(by))
    )
    uploads = select(func.count()).select_from(Upload).where(Upload.state == "committed")
    touched = select(exists().select_from(Customer), exists().select_from(Upload))
    return FirstSteps(
        customers=session.scalar(mine) or 0,
        uploads=session.scalar(uploads) or 0,
        scored=session.scalar(scored) or 0,
        untouched=not any(session.execute(touched).one()),
    )
