"""One file per platform: a held event in, the platform's own export out.

Hosts and staff are left out of the files: their rows would count as records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from services.demo.platforms import (
    eventbrite,
    goto,
    moodle,
    ringcentral,
    sheet,
    teams,
    webex,
    zoom,
)
from services.demo.story import HeldEvent

WRITERS: Mapping[str, Callable[[Path, HeldEvent], Path]] = {
    "zoom_2025": zoom.write_2025,
    "zoom_2026": zoom.write_2026,
    "goto": goto.write,
    "teams": teams.write,
    "webex": webex.write,
    "eventbrite": eventbrite.write,
    "ringcentral": ringcentral.write,
    "moodle": moodle.write,
    "sheet": sheet.write,
}


def write(folder: Path, held: HeldEvent) -> Path:
    """The event's export, in the layout of its platform."""
    return WRITERS[held.event.platform](folder, held)
