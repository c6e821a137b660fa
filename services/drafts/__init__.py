"""Mails on their way to approval: nothing goes out that a person has not approved as it stands."""

from __future__ import annotations

from services.drafts.creation import create, create_many
from services.drafts.holding import tend
from services.drafts.records import NewDraft

__all__ = ["NewDraft", "create", "create_many", "tend"]
