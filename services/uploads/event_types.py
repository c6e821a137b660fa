"""What kind of event a name or a platform speaks of."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Event, Upload
from services.uploads.records import Choices

WORDS = (
    ("user_group", r"user[ _-]?group|advisory|community"),
    ("training", r"training|bootcamp|certification|course|academy"),
    ("workshop", r"workshop|hands-on|\blab\b"),
    ("conference", r"conference|summit|congress"),
    ("roundtable", r"round ?table"),
    ("meetup", r"meet-?up"),
    ("webinar", r"webinar|webcast|masterclass|deep dive|ask me anything|live demo|office hours"),
)
BY_FORMAT = {
    "zoom_webinar": "webinar",
    "zoom_registration": "webinar",
    "zoom_qa": "webinar",
    "zoom_poll": "webinar",
    "zoom_meeting": "meeting",
    "zoom_webinar_hook": "webinar",
    "zoom_meeting_hook": "meeting",
    "gotowebinar": "webinar",
    "teams": "meeting",
    "teams_log": "meeting",
    "webex": "meeting",
    "on24": "webinar",
    "ringcentral": "conference",
    "moodle_progress": "training",
    "moodle_completion": "training",
    "xapi": "training",
}
UNTOLD = ("zoom_registration", "zoom_qa", "zoom_poll")
"""Lists of BY_FORMAT that meetings have, too: their type is a guess."""
_AT_ONCE = 10_000
LABELS = {
    "webinar": ("Webinar", "Webinars"),
    "user_group": ("User group", "User groups"),
    "training": ("Training session", "Training sessions"),
    "workshop": ("Workshop", "Workshops"),
    "conference": ("Conference", "Conferences"),
    "roundtable": ("Roundtable", "Roundtables"),
    "meetup": ("Meetup", "Meetups"),
    "meeting": ("Meeting", "Meetings"),
    "other": ("Other event", "Other events"),
}
TITLES = {kind: one for kind, (one, _) in LABELS.items()}


def guess_type(name: pl.Expr, format_name: str) -> pl.Expr:
    """The first word that gives the type away; else what the platform is mostly used for."""
    chain: pl.Expr = pl.lit(BY_FORMAT.get(format_name, "other"))
    for kind, pattern in reversed(WORDS):
        chain = pl.when(name.str.contains(rf"(?i){pattern}")).then(pl.lit(kind)).otherwise(chain)
    return chain


def surer_of(session: Session, upload: Upload, events: Iterable[int]) -> set[int]:
    """Those of these events whose type was guessed from a list that webinars and meetings have alike, where the
    upload is of one that tells which."""
    if upload.format not in BY_FORMAT or upload.format in UNTOLD:
        return set()
    made = (
        select(Event.id, Event.type, Upload.format, Upload.choices)
        .join(Upload, Upload.id == Event.created_by_upload_id)
        .where(Upload.format.in_(UNTOLD))
    )
    wanted, found = sorted(events), set[int]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = made.where(Event.id.in_(wanted[start : start + _AT_ONCE]))
        for number, kind, form, chosen in session.execute(some):
            choices = Choices.from_json(chosen)
            edits = [choices.only_event, *choices.events.values()]
            if kind == BY_FORMAT.get(form or "") and not any(edit.get("type") for edit in edits):
                found.add(number)
    return found
