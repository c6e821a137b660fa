"""Mails that were made of several drafts: a part is what its mail is, approved, on its way or sent. Its own
state tells no more than that it waits behind that mail, and is done once that has gone out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from data.bulk import read_frame
from data.tables import Draft

WHOLES: dict[str, Any] = {"draft_id": pl.Int64, "whole": pl.Int64}
_WHOLE = aliased(Draft)


def carrier() -> ColumnElement[int]:
    """The id of the draft in whose mail a draft goes out: its own, or that of the one it became a part of."""
    return func.coalesce(Draft.merged_into_id, Draft.id)


def standing() -> ColumnElement[str]:
    """The state of that draft: what to ask for of a draft that one has made."""
    its = select(_WHOLE.state).where(_WHOLE.id == Draft.merged_into_id)
    return func.coalesce(its.scalar_subquery(), Draft.state)


def settled_within() -> ColumnElement[bool]:
    """Whether a draft is a part of a mail that is approved: it is listed as that is. Before, it is that one which
    somebody has to decide on."""
    return Draft.merged_into_id.is_not(None) & (standing() == "approved")


def listed() -> ColumnElement[str]:
    """The state that a draft is listed under."""
    return case((settled_within(), "approved"), else_=Draft.state)


def carrier_of(session: Session, draft: Draft) -> Draft:
    """That draft itself."""
    whole = session.get(Draft, draft.merged_into_id) if draft.merged_into_id else None
    return whole or draft


def untouched(session: Session, draft: Draft) -> bool:
    """Whether it waits as it was made and nobody is at it just now, nor at the mail that it became a part of:
    both are locked then."""
    behind = select(_WHOLE.merged_into_id).where(_WHOLE.id == draft.id).scalar_subquery()
    free = session.scalars(
        select(Draft)
        .where(or_(Draft.id == draft.id, Draft.id == behind))
        .where(Draft.state.in_(("pending", "held")), Draft.revision == 1)
        .order_by(Draft.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return {one.id for one in free} == {draft.id, draft.merged_into_id or draft.id}


def wholes(session: Session, people: Collection[int] | Any | None = None) -> pl.DataFrame:
    """As WHOLES: each draft with the merged one it is a part of. `people`: of these stakeholders, as ids or
    as a question for them; None for all."""
    wanted = select(Draft.id, Draft.merged_into_id).where(Draft.merged_into_id.is_not(None))
    if people is not None:
        wanted = wanted.where(Draft.stakeholder_id.in_(people))
    return read_frame(session, wanted, WHOLES)
