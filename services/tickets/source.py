"""Whose tickets these are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """`desk` names whose numbers they are: a vendor, with the id of the account where there are several;
    `source` is webhook, file or api."""

    desk: str
    source: str
    upload_id: int | None = None
