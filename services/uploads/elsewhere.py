"""What the previews of files have in common that do not tell of attendance: campaigns and tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, InvalidMove
from data.tables import SavedMapping, Upload
from data.versions import MATCHING, current
from integrations.formats.headers import as_spelled
from integrations.formats.records import ParsedFile
from integrations.sandbox import read_file
from services.access.viewer import Viewer
from services.uploads.access import require_own
from services.uploads.records import Choices

BANDS = {
    "automatic": "matched",
    "review": "review",
    "unmatched": "unmatched",
    "excluded": "excluded",
}
"""Of the band of a row's person, the verdict on the row."""


def parsed(
    session: Session, path: Path, chosen: Choices, purpose: str
) -> tuple[ParsedFile, Choices]:
    """The file by the columns chosen, else by those that were remembered for its headings."""
    found = read_file(path, mapping=chosen.mapping, day_first=chosen.day_first, purpose=purpose)
    saved = session.get(SavedMapping, (found.layout_key, purpose))
    if chosen.mapping is not None or saved is None:
        return found, chosen
    chosen = replace(chosen, mapping=as_spelled(saved.mapping, found.columns))
    return read_file(path, mapping=chosen.mapping, purpose=purpose), chosen


def remember(
    session: Session, found: ParsedFile, chosen: Choices, purpose: str, now: datetime
) -> None:
    """Keep the columns for the next file with the same headings, where that was asked for."""
    if not (chosen.mapping and chosen.remember_mapping):
        return
    session.merge(
        SavedMapping(
            layout_key=found.layout_key,
            purpose=purpose,
            mapping=dict(chosen.mapping),
            saved_by=None,
            saved_at=now,
        )
    )


def ready(session: Session, upload_id: int, by: Viewer) -> Upload:
    """The upload, held, that can be imported now. InvalidMove, AlreadyExists and BadInput say why not."""
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None or upload.state != "previewed":
        raise InvalidMove("Only a previewed upload can be imported, and only once.")
    require_own(upload, by)
    same = select(Upload.id).where(Upload.sha256 == upload.sha256, Upload.purpose == upload.purpose)
    if session.scalar(same.where(Upload.state == "committed")) is not None:
        raise AlreadyExists(
            "Somebody has imported the same file meanwhile. There is nothing to do."
        )
    if upload.summary.get("dates_ambiguous"):
        raise BadInput(
            "The dates of this file can be read as day/month or month/day. Say which before it counts."
        )
    if upload.match_version != current(session).get(MATCHING, 0):
        raise InvalidMove(
            "Customers or match answers have changed since this preview. Look at the new preview, then import."
        )
    return upload


def imported(session: Session, upload_id: int, by: Viewer) -> Upload:
    """The upload, held, that can be taken back now."""
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None or upload.state != "committed":
        raise InvalidMove("Only an imported upload can be undone.")
    require_own(upload, by)
    return upload
