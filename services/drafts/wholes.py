"""Mails that were made of several drafts: what a draft went out in when that is not its own mail."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Draft

WHOLES: dict[str, Any] = {"draft_id": pl.Int64, "whole": pl.Int64}


def wholes(session: Session, people: Collection[int] | Any | None = None) -> pl.DataFrame:
    """As WHOLES: each draft with the merged one it is a part of. `people`: of these stakeholders, as ids or
    as a question for them; None for all."""
    wanted = select(Draft.id, Draft.merged_into_id).where(Draft.merged_into_id.is_not(None))
    if people is not None:
        wanted = wanted.where(Draft.stakeholder_id.in_(people))
    return read_frame(session, wanted, WHOLES)
