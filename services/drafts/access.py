"""Who may see a draft, and who may approve it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotAllowed, NotFound
from data.pieces import pieces
from data.tables import Customer, Draft, Person
from services.access import ADMINISTRATOR, MANAGER, Viewer, require_scope, visible
from services.drafts.holding import merged_among

APPROVE = "drafts:approve"
MOST_COLLEAGUES = 2_000
_UNKNOWN = "There is no such draft in your portfolio. Look it up on the Drafts page."


def seen_by(by: Viewer) -> ColumnElement[bool]:
    """The condition on `Draft` joined with `Customer`: drafts of one's customers, and those one owns."""
    if not by.desks:
        return visible(by)
    return or_(visible(by), Draft.owner_id.in_(by.desks))


def require_draft(
    session: Session, by: Viewer | None, draft_id: int, *, lock: bool = False
) -> Draft:
    """The draft as it is in the database now; locked until the transaction ends when it is to be moved.

    NotFound in the same words whether it is unknown or somebody else's. Without `by` it is the app that
    asks.
    """
    found = session.scalar(_one_for(by, lock=lock), {"draft_id": draft_id})
    if found is None:
        raise NotFound(_UNKNOWN)
    return found


@lru_cache(maxsize=256)
def _one_for(by: Viewer | None, *, lock: bool) -> Select[Draft]:
    """Kept, since putting it together takes longer than the answer."""
    query = (
        select(Draft)
        .join(Customer, Customer.id == Draft.customer_id)
        .where(Draft.id == bindparam("draft_id"))
        .execution_options(populate_existing=True)
    )
    if by is not None:
        query = query.where(seen_by(by))
    return query.with_for_update(of=Draft) if lock else query


def lock_drafts(session: Session, by: Viewer, draft_ids: Sequence[int]) -> dict[int, Draft]:
    """Those of the drafts that `by` sees, locked, by id. In order of id, so that two of us never wait
    for each other."""
    found: dict[int, Draft] = {}
    for some in pieces(draft_ids):
        query = (
            select(Draft)
            .join(Customer, Customer.id == Draft.customer_id)
            .where(Draft.id.in_(some), seen_by(by))
            .order_by(Draft.id)
            .with_for_update(of=Draft)
            .execution_options(populate_existing=True)
        )
        found |= {draft.id: draft for draft in session.scalars(query)}
    return found


def approvers_of(session: Session, by: Viewer) -> set[int] | None:
    """The owners whose drafts `by` may approve: oneself and those one stands in for, for managers their
    reports; None for everybody's."""
    if by.role == ADMINISTRATOR or (by.role == MANAGER and by.sees_all):
        return None
    owners = set(by.desks)
    if by.role == MANAGER:
        owners.update(session.scalars(select(Person.id).where(Person.manager_id == by.person_id)))
    return owners


def may_approve(session: Session, by: Viewer, draft: Draft) -> bool:
    """The owner, the manager of the owner's team, an admin; by a token only if it was made for that. Never
    the app itself: approval is a person's."""
    if by.scopes is not None and APPROVE not in by.scopes:
        return False
    owners = approvers_of(session, by)
    return by.person_id is not None and (owners is None or draft.owner_id in owners)


def require_approver(session: Session, by: Viewer, draft: Draft) -> None:
    """NotAllowed when it is not theirs to approve, or they use a token that was not made for it."""
    require_scope(by, APPROVE)
    if not may_approve(session, by, draft):
        raise NotAllowed(
            "Only the owner of this draft, their manager or an admin can approve it. "
            "Take it over first, or ask one of them."
        )


def require_revision(draft: Draft, revision: int) -> None:
    """InvalidMove when somebody changed the draft since it was read."""
    if draft.revision != revision:
        raise InvalidMove(
            "This draft has been changed since you opened it. Nothing was done: read it as it is now."
        )


def require_untied(session: Session, draft: Draft) -> None:
    """InvalidMove when the draft waits behind one that it was merged into."""
    whole = merged_among(session, [draft.stakeholder_id]).get(draft.id)
    if whole is not None:
        raise InvalidMove(
            f"This draft goes out in “{whole.subject[:120]}”, which was made of it. Change that one, or take "
            "it apart first."
        )


_COLLEAGUES = (
    select(Person.id, Person.name)
    .where(Person.active.is_(True))
    .order_by(func.lower(Person.name), Person.id)
    .limit(MOST_COLLEAGUES)
)


def colleagues(session: Session, by: Viewer) -> list[tuple[int, str]]:  # noqa: ARG001
    """Who a draft can be given to, by name: (id, name) of everybody who is active."""
    return [(row.id, row.name) for row in session.execute(_COLLEAGUES)]
