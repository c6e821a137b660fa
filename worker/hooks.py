"""What other systems have sent, taken in once it is complete."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.hooks import deliveries
from services.hooks.receiving import TAKE_IN
from services.uploads.occurrences import take_in_deliveries
from worker.jobs import Kind, Payload

TIDY = "hooks.tidy"


def _tidy(session: Session, _payload: Payload, now: datetime) -> None:
    deliveries.tidy(session, now=now)


KINDS = {TAKE_IN: Kind(take_in_deliveries, apart=True), TIDY: Kind(_tidy)}
