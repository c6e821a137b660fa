"""What time does to drafts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft
from services.drafts import merging
from services.drafts.holding import merged_among, release_next
from services.drafts.moves import make_move
from services.drafts.records import WAITING

MOST_TENDED = 1_000
TOO_LATE = "It would have come too late: what it is about is over."


def tend(session: Session, *, now: datetime) -> int:
    """What time does to drafts: those that would come too late are cancelled, held ones whose turn it is
    come up. For a periodic job; how many moved. At most a thousand of each at a time."""
    found = session.scalars(
        select(Draft)
        .where(Draft.state.in_((*WAITING, "held")), Draft.expires_at <= now)
        .order_by(Draft.id)
        .limit(MOST_TENDED)
        .with_for_update(skip_locked=True)
    ).all()
    # What goes out in a merged draft ends with that one.
    tied = merged_among(session, [draft.stakeholder_id for draft in found])
    late = [draft for draft in found if draft.id not in tied]
    for draft in late:
        make_move(session, draft, "cancel", "cancelled", by=None, now=now, why=TOO_LATE)
        draft.why = TOO_LATE
    session.flush()
    for draft in late:
        merging.let_go(session, draft, TOO_LATE, by=None, now=now)
    done = merging.close_sent_parts(session, now, MOST_TENDED)
    session.flush()
    people = session.scalars(
        select(Draft.stakeholder_id).where(Draft.state == "held").distinct().limit(MOST_TENDED)
    ).all()
    return len(late) + done + release_next(session, people, now=now)
