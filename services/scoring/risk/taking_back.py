"""Outreach that was planned by a press too many."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import InvalidMove
from services import drafts, tasks
from services.access import Viewer
from services.scoring.risk.moves import find_signal, record

WHY = "The outreach was taken back"


def take_back(
    session: Session,
    draft_ids: Sequence[int],
    task_ids: Sequence[int],
    signal_ids: Sequence[int],
    *,
    by: Viewer,
    now: datetime,
) -> None:
    """Cancel the mails and calls that `plan_outreach` made, and open the signals that nobody had in hand before.
    What has left, or was decided on since then, stays."""
    for number in draft_ids:
        with suppress(InvalidMove):
            drafts.cancel(session, number, WHY, by=by, now=now)
    for number in task_ids:
        with suppress(InvalidMove):
            tasks.move(session, number, "cancelled", by=by, now=now)
    for number in signal_ids:
        signal = find_signal(session, by, number, lock=True)
        if signal.state == "acknowledged":
            signal.state = "open"
            record(session, signal, "outreach taken back", now, by=by)
