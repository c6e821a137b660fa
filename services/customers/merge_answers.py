"""What the match review was told about two customers that become one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.tables import MatchAnswer
from services.access import Viewer


def settle(session: Session, customer_id: int, by: Viewer, now: datetime) -> list[int]:
    """Withdraw what says the same twice, and "never" where the other one was the answer; their ids."""
    standing = session.scalars(
        select(MatchAnswer)
        .where(MatchAnswer.customer_id == customer_id, MatchAnswer.withdrawn_at.is_(None))
        .order_by(
            MatchAnswer.verdict, MatchAnswer.id.desc()
        )  # "is" before "never", the newest first
        .execution_options(populate_existing=True)
    )
    said: dict[tuple[str, str], list[MatchAnswer]] = defaultdict(list)
    for answer in standing:
        said[answer.kind, answer.key].append(answer)
    needless = [answer for answers in said.values() for answer in answers[1:]]
    for answer in needless:
        answer.withdrawn_by, answer.withdrawn_at = by.person_id, now
    session.flush()
    return [answer.id for answer in needless]


def reinstate(session: Session, ids: list[int]) -> None:
    """Let withdrawn answers count again."""
    session.execute(
        update(MatchAnswer)
        .where(MatchAnswer.id.in_(ids))
        .values(withdrawn_at=None, withdrawn_by=None)
    )
