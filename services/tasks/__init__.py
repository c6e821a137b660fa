"""Tasks: what a person has to do, with a date."""

from __future__ import annotations

from services.tasks.book import add, add_own, move, reassign, snooze, snooze_back, wake
from services.tasks.calendar import calendar_entry_file
from services.tasks.calls import note_call
from services.tasks.closing import (
    bring_back,
    cancel_for,
    cancel_untouched,
    close,
    open_again,
    who_did,
)
from services.tasks.days import awake, day_of, due_by
from services.tasks.listing import count_due, listing
from services.tasks.records import Closing, NewTask, TaskRow
from services.tasks.repeats import OFFERED

__all__ = [
    "OFFERED",
    "Closing",
    "NewTask",
    "TaskRow",
    "add",
    "add_own",
    "awake",
    "bring_back",
    "calendar_entry_file",
    "cancel_for",
    "cancel_untouched",
    "close",
    "count_due",
    "day_of",
    "due_by",
    "listing",
    "move",
    "note_call",
    "open_again",
    "reassign",
    "snooze",
    "snooze_back",
    "wake",
    "who_did",
]
