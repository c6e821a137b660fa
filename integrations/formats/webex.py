"""Webex attendance: one row per device and re-join; the session's own times on every row."""

from __future__ import annotations

import polars as pl

from integrations.formats.assemble import Facts
from integrations.formats.plain import Plain, signature, text

_COLUMNS = {
    "event name": "event",
    "meeting name": "event",
    "event start time": "event_start",
    "meeting start time": "event_start",
    "event end time": "event_end",
    "meeting end time": "event_end",
    "display name": "name",
    "name": "shown",
    "attendee email": "email",
    "join time": "joined_at",
    "leave time": "left_at",
    "attendance duration": "minutes",
}


def _host(fields: pl.DataFrame) -> pl.DataFrame:
    """The host's row says 'host' for a name."""
    hosting = (text("shown") == "host").fill_null(value=False)
    name = pl.coalesce("name", "shown")
    return fields.with_columns(
        name=pl.when(~hosting).then(name), role=pl.when(hosting).then(pl.lit("host"))
    ).drop("shown")


LAYOUTS = (
    Plain(
        "webex",
        "Webex attendance report",
        "webex",
        (signature("attendee email", "join time", "leave time", "attendance duration"),),
        _COLUMNS,
        Facts(event_type="webinar", present_means_attended=True),
        _host,
    ).layout(),
)
