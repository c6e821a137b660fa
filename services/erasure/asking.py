"""Export and erasure as an operator asks for them: by public id, into a file, told first and done when confirmed."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AlreadyExists, NotFound
from services import traces
from services.access import Viewer
from services.erasure.erasing import erase
from services.erasure.exporting import as_json, export
from services.erasure.planning import preview
from services.ids import read_id


def export_to(
    session: Session, public: str, file: Path, *, by: Viewer, now: datetime
) -> dict[str, Any]:
    """A new file that only its owner may read. AlreadyExists, or NotFound when its folder is not there."""
    file = file.absolute()
    if file.exists():
        raise AlreadyExists(f"{file.name} is there already. Give the file another name.")
    if not file.parent.is_dir():
        raise NotFound(f"There is no folder {file.parent}. Make it first.")
    found = export(session, read_id("stakeholder", public), by=by, now=now)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(file, flags, 0o600), "wb") as out:
        out.write(as_json(found))
    rows = sum(len(one) for one in found["held"].values())
    return {"file": str(file), "rows": rows, "not_included": found["not_included"]}


def erase_or_tell(public: str, name: str | None, *, by: Viewer, now: datetime) -> dict[str, Any]:
    """What would be erased; with the person's whole name: what was, and what has yet to go from the disk.

    Opens its own transactions: the disk is cleared once the first is committed.
    """
    known = read_id("stakeholder", public)
    if not name:
        with transaction(read_only=True) as session:
            return {**asdict(preview(session, known, by=by)), "erased": False}
    with transaction() as session:
        done = erase(session, known, name, by=by, now=now)
    with transaction(read_only=True) as session:
        return {**asdict(done), "erased": True, "still_to_come": traces.to_come(session)}
