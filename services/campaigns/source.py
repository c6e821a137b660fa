"""Whose events these are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """`account` is an Integration's id, 0 for files and the API; `source` is webhook, file, api or
    outbox; `label` is what people call the vendor."""

    vendor: str
    label: str
    source: str
    account: int = 0
    upload_id: int | None = None
