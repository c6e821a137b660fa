"""What kind of event a name or a platform speaks of."""

from __future__ import annotations

import polars as pl

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
