"""One mail to a person at a time: drafts that wait because another one to the same person is under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from data.pieces import pieces
from data.tables import Draft, OutboxMail
from services.access import Viewer
from services.drafts.moves import make_move
from services.drafts.records import SEVERITY_RANK, WAITING

UNSENT = ("queued", "claimed", "wire", "unknown", "review")
"""States of the send queue in which a mail may still reach its recipient."""


MERGED = "merged"
"""The kind of a draft that was made of two."""
APART = timedelta(days=1)
"""Mails to one person that leave less than this apart would meet."""


@dataclass(frozen=True)
class UnderWay:
    """A mail to a person that is waiting for approval or for its turn in the send queue. `leaves_at`: not
    before then; None when it may go at any time."""

    draft_id: int
    subject: str
    rank: int
    approved: bool
    leaves_at: datetime | None

    def meets(self, at: datetime, now: datetime) -> bool:
        """Whether it would leave at about the same time as another one that leaves at `at`."""
        return abs(max(self.leaves_at or now, now) - at) < APART


_UNDER_WAY = (
    select(
        Draft.stakeholder_id, Draft.id, Draft.subject, Draft.severity, Draft.state,
        func.coalesce(OutboxMail.due_at, Draft.not_before).label("leaves_at"),
    )
    .outerjoin(OutboxMail, (OutboxMail.draft_id == Draft.id) & OutboxMail.state.in_(UNSENT))
    .where(
        Draft.stakeholder_id.in_(bindparam("people", expanding=True)),
        or_(
            Draft.state.in_(WAITING),
            (Draft.state == "approved") & OutboxMail.id.is_not(None),
        ),
    )
    .order_by(Draft.id)
)  # fmt: skip


def under_way(
    session: Session, stakeholder_ids: Collection[int], *, besides: Collection[int] = ()
) -> dict[int, list[UnderWay]]:
    """By stakeholder, the mails under way, the weightiest first; those without one are missing."""
    found: dict[int, list[UnderWay]] = defaultdict(list)
    for some in pieces(stakeholder_ids):
        for row in session.execute(_UNDER_WAY, {"people": some}):
            if row.id not in besides:
                rank, approved = SEVERITY_RANK[row.severity], row.state == "approved"
                one = UnderWay(row.id, row.subject, rank, approved, row.leaves_at)
                found[row.stakeholder_id].append(one)
    for mails in found.values():
        mails.sort(key=lambda mail: -mail.rank)
    return dict(found)


def parts_of(draft: Draft) -> list[int]:
    """The ids of the drafts that a merged one was made of, also once it is off; none for others."""
    return list(map(int, draft.values.get("parts", ()))) if draft.kind == MERGED else []


_PART = aliased(Draft)


def merged_among(session: Session, stakeholder_ids: Collection[int]) -> dict[int, Draft]:
    """Of these people's drafts, those that wait behind a merged one, with that one, which may go out or
    has."""
    part, found = _PART, dict[int, Draft]()
    for some in pieces(stakeholder_ids):
        rows = session.execute(
            select(part.id, Draft)
            .join(Draft, Draft.id == part.merged_into_id)
            .where(part.stakeholder_id.in_(some), Draft.state.in_((*WAITING, "approved")))
        )
        found |= dict(rows.all())
    return found


def words_of(other: UnderWay) -> str:
    """Why a draft is held, for its reader."""
    said = "is in the send queue" if other.approved else "is waiting for approval"
    return f"Another mail to this person {said}: “{other.subject[:120]}”. It comes up once that is settled."


def release(session: Session, draft: Draft, *, by: Viewer | None, now: datetime) -> None:
    """Take a held draft up for approval."""
    make_move(session, draft, "release", "pending", by=by, now=now)
    draft.why = draft.merged_into_id = None


def release_next(session: Session, stakeholder_ids: Collection[int], *, now: datetime) -> int:
    """Of these people's held drafts, the weightiest first, release those that meet no other mail any more.

    How many were released.
    """
    count = 0
    for some in pieces(stakeholder_ids):
        busy, tied = under_way(session, some), merged_among(session, some)
        held = session.scalars(
            select(Draft)
            .where(Draft.stakeholder_id.in_(some), Draft.state == "held")
            .order_by(Draft.id)
            # One that a colleague is moving just now comes up with their move, or with the next tending.
            .with_for_update(skip_locked=True)
        ).all()
        for draft in sorted(held, key=lambda one: -SEVERITY_RANK[one.severity]):
            at = max(draft.not_before or now, now)
            others = busy.setdefault(draft.stakeholder_id, [])
            if draft.id not in tied and not any(other.meets(at, now) for other in others):
                release(session, draft, by=None, now=now)
                rank = SEVERITY_RANK[draft.severity]
                others.append(
                    UnderWay(
                        draft.id, draft.subject, rank, approved=False, leaves_at=draft.not_before
                    )
                )
                count += 1
    return count
