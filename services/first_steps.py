"""How far a new installation has come: customers, a file, the board, the first mail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from data.tables import (
    Attendance,
    Customer,
    CustomerScore,
    Draft,
    Event,
    OutboxMail,
    Participant,
    Upload,
)
from data.tables.events import ATTENDED
from services.access import Viewer, visible
from services.seats import COUNTED_BAND


@dataclass(frozen=True)
class FirstSteps:
    """Counts of what `by` may see. `untouched`: nobody has put anything into this installation yet. `written`:
    a mail to one of these customers was approved once; until then `latest` is an event that some came to."""

    customers: int
    uploads: int
    scored: int
    untouched: bool
    written: bool
    latest: int | None

    @property
    def done(self) -> bool:
        return bool(self.customers and self.uploads and self.scored and self.written)


def first_steps(session: Session, by: Viewer) -> FirstSteps:
    mine = select(func.count()).select_from(Customer).where(visible(by))
    scored = (
        select(func.count(Customer.id.distinct()))
        .join(CustomerScore, CustomerScore.customer_id == Customer.id)
        .where(visible(by), CustomerScore.score.is_not(None))
    )
    uploads = select(func.count()).select_from(Upload).where(Upload.state == "committed")
    touched = select(exists().select_from(Customer), exists().select_from(Upload))
    written = _written(session, by)
    return FirstSteps(
        customers=session.scalar(mine) or 0,
        uploads=session.scalar(uploads) or 0,
        scored=session.scalar(scored) or 0,
        untouched=not any(session.execute(touched).one()),
        written=written,
        latest=None if written else _latest(session, by),
    )


def _written(session: Session, by: Viewer) -> bool:
    mail = (
        select(OutboxMail.id)
        .join(Draft, Draft.id == OutboxMail.draft_id)
        .join(Customer, Customer.id == Draft.customer_id)
        .where(visible(by))
    )
    return bool(session.scalar(select(mail.exists())))


def _latest(session: Session, by: Viewer) -> int | None:
    came = (
        select(Attendance.participant_id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .join(Customer, Customer.id == Participant.customer_id)
        .where(Attendance.event_id == Event.id, Attendance.status == ATTENDED)
        .where(Participant.band == COUNTED_BAND, visible(by))
    )
    # A question of its own per event, newest first, which Postgres does not turn into one for all who ever came.
    anybody = came.correlate(Event).limit(1).scalar_subquery().is_not(None)
    newest = select(Event.id).where(anybody).order_by(Event.starts_at.desc(), Event.id.desc())
    return session.scalar(newest.limit(1))
