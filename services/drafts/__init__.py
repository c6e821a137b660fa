"""Mails on their way to approval: nothing goes out that a person has not approved as it stands."""

from __future__ import annotations

from services.drafts.approving import approve, approve_many, undo_approval
from services.drafts.blocks import add_check, preflight, preflight_many
from services.drafts.closing import cancel, cancel_for, reject, release, reopen
from services.drafts.creation import create, create_many
from services.drafts.editing import edit, reassign, restore, schedule
from services.drafts.holding import tend
from services.drafts.listing import counts, kinds, listing, next_waiting, total
from services.drafts.personal import write
from services.drafts.reading import last_opened, note_read
from services.drafts.records import Block, DraftRow, DraftView, Filters, NewDraft
from services.drafts.viewing import attachment, view

__all__ = [
    "Block",
    "DraftRow",
    "DraftView",
    "Filters",
    "NewDraft",
    "add_check",
    "approve",
    "approve_many",
    "attachment",
    "cancel",
    "cancel_for",
    "counts",
    "create",
    "create_many",
    "edit",
    "kinds",
    "last_opened",
    "listing",
    "next_waiting",
    "note_read",
    "preflight",
    "preflight_many",
    "reassign",
    "reject",
    "release",
    "reopen",
    "restore",
    "schedule",
    "tend",
    "total",
    "undo_approval",
    "view",
    "write",
]
