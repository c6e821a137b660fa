"""Outreach that was planned by a press too many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Draft, DraftEvent, Task
from services import drafts, tasks
from services.access import Viewer
from services.drafts.wholes import standing, untouched
from services.scoring.risk.former import under_way
from services.scoring.risk.moves import find_signal, record

WHY = "The outreach was taken back"
_GONE = ("rejected", "cancelled")


@dataclass(frozen=True)
class TakenBack:
    """Mails and calls cancelled, and those left as they are by now."""

    mails: int
    calls: int
    mails_left: int
    calls_left: int


def take_back(
    session: Session,
    draft_ids: Sequence[int],
    task_ids: Sequence[int],
    signal_ids: Sequence[int],
    *,
    by: Viewer,
    now: datetime,
) -> TakenBack:
    """Cancel those of the mails and calls that `plan_outreach` made which still wait as they were made: on the
    others somebody has decided since. The signals that nobody had in hand before open where none of it stands for their customer."""
    mails = [number for number in draft_ids if _cancel_mail(session, number, by, now)]
    calls = [number for number in task_ids if _cancel_call(session, number, by, now)]
    session.flush()
    freed = _customers(session, Draft.id.in_(mails), Task.id.in_(calls)) - _customers(
        session,
        Draft.id.in_(draft_ids) & standing().not_in(_GONE),
        Task.id.in_(task_ids) & (Task.state != "cancelled"),
    )
    _open(session, signal_ids, freed, by, now)
    left = len(draft_ids) - len(mails), len(task_ids) - len(calls)
    return TakenBack(len(mails), len(calls), *left)


def _cancel_mail(session: Session, number: int, by: Viewer, now: datetime) -> bool:
    draft = session.get(Draft, number)
    if draft is None or not untouched(session, draft) or draft.merged_into_id is not None:
        return False
    if session.scalar(select(_taken_up(number))):
        return False
    try:
        drafts.cancel(session, number, WHY, by=by, now=now)
    except NotFound:  # the customer has been given to somebody else
        return False
    return True


def _cancel_call(session: Session, number: int, by: Viewer, now: datetime) -> bool:
    try:
        return tasks.cancel_untouched(session, number, by=by, now=now)
    except NotFound:
        return False


def _taken_up(number: int) -> ColumnElement[bool]:
    """Whether a person wants the mail all the same, after it was put away or held back."""
    return exists().where(
        DraftEvent.draft_id == number,
        DraftEvent.move.in_(("reopen", "release")),
        DraftEvent.person_id.is_not(None),
    )


def _customers(
    session: Session, mail: ColumnElement[bool], call: ColumnElement[bool]
) -> set[int | None]:
    asked = (select(Draft.customer_id).where(mail), select(Task.customer_id).where(call))
    return {number for one in asked for number in session.scalars(one)}


def _open(
    session: Session,
    signal_ids: Sequence[int],
    freed: Collection[int | None],
    by: Viewer,
    now: datetime,
) -> None:
    """Those of the customers that nothing of it stands for any more, unless other outreach has been planned
    meanwhile, such as the mail made anew."""
    if not freed:
        return
    for number in signal_ids:
        try:
            signal = find_signal(session, by, number, lock=True)
        except NotFound:
            continue
        if signal.customer_id not in freed or under_way(session, [signal.customer_id]):
            continue
        if signal.state == "acknowledged":
            signal.state = "open"
            record(session, signal, "outreach taken back", now, by=by)
