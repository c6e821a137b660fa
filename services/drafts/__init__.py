"""Mails on their way to approval: nothing goes out that a person has not approved as it stands."""

from __future__ import annotations

from services.drafts.access import colleagues
from services.drafts.approving import approve, approve_many, undo_approval
from services.drafts.blocks import add_check, preflight, preflight_many
from services.drafts.closing import cancel, cancel_for, cancel_many, reject, release, reopen
from services.drafts.creation import create, create_many
from services.drafts.editing import edit, reassign, restore, schedule
from services.drafts.listing import (
    export,
    listing,
    looked_at,
    next_waiting,
    total,
)
from services.drafts.merging import merge, take_apart
from services.drafts.overview import Overview, overview
from services.drafts.own import cancel_own, require_own, undo_own_approval
from services.drafts.personal import write
from services.drafts.reading import last_opened, note_read
from services.drafts.recalling import wait_for_second
from services.drafts.records import (
    Block,
    DraftPage,
    DraftRow,
    DraftView,
    Filters,
    ManyOutcomes,
    Named,
    NewDraft,
    Outcome,
)
from services.drafts.tending import tend
from services.drafts.viewing import attachment, view
from services.drafts.zones import local, moment_of

__all__ = [
    "Block",
    "DraftPage",
    "DraftRow",
    "DraftView",
    "Filters",
    "ManyOutcomes",
    "Named",
    "NewDraft",
    "Outcome",
    "Overview",
    "add_check",
    "approve",
    "approve_many",
    "attachment",
    "cancel",
    "cancel_for",
    "cancel_many",
    "cancel_own",
    "colleagues",
    "create",
    "create_many",
    "edit",
    "export",
    "last_opened",
    "listing",
    "local",
    "looked_at",
    "merge",
    "moment_of",
    "next_waiting",
    "note_read",
    "overview",
    "preflight",
    "preflight_many",
    "reassign",
    "reject",
    "release",
    "reopen",
    "require_own",
    "restore",
    "schedule",
    "take_apart",
    "tend",
    "total",
    "undo_approval",
    "undo_own_approval",
    "view",
    "wait_for_second",
    "write",
]
