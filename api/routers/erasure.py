"""What is held about one stakeholder: given to them, or erased for good."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.auth import By
from data.db import transaction
from services import erasure, traces
from services.clock import utc_now
from services.ids import public_id, read_id

router = APIRouter(prefix="/stakeholders", tags=["stakeholders"])


class KeptFiles(BaseModel):
    uploads: list[str]
    deliveries: int


class Held(BaseModel):
    person: str
    addresses: list[str]
    made_at: str
    held: dict[str, list[dict[str, Any]]] = Field(description="Rows about them, by table")
    mentioned: dict[str, list[dict[str, Any]]] = Field(
        description="Texts of rows about something else that name them"
    )
    mentioned_elsewhere: int = Field(description="How many more only an admin is shown")
    kept_files: KeptFiles = Field(description="Files and deliveries that name them")
    not_included: list[str]


class WouldErase(BaseModel):
    name: str = Field(description="What has to be sent to erase them")
    changes: dict[str, int] = Field(description="Rows that lose something, by table")
    attendances: int
    mails: int
    uploads: list[str] = Field(description="Whose kept file goes")
    deliveries: int = Field(description="Of other systems, that are changed")
    namesakes: bool = Field(description="Somebody else here has the same name")
    stays: list[str]


class Confirmed(BaseModel):
    name: str = Field(max_length=310, description="Their whole name, as the preview tells it")


class Erased(BaseModel):
    id: str
    changes: dict[str, int]
    uploads: list[str]
    deliveries: int
    still_to_come: list[str] = Field(
        description="What the worker has yet to remove from the disk; nothing when all is done"
    )


@router.get("/{stakeholder_id}/export", summary="All that is held about a contact of yours")
def export_stakeholder(stakeholder_id: str, by: By) -> Held:
    """Goes into the audit log."""
    number = read_id("stakeholder", stakeholder_id)
    with transaction() as session:
        found = erasure.export(session, number, by=by, now=utc_now())
    files = found.pop("kept_files")
    kept = KeptFiles(uploads=_uploads(files["uploads"]), deliveries=files["deliveries"])
    return Held(**found, kept_files=kept)


@router.get("/{stakeholder_id}/erasure", summary="What erasing a contact would change; admins only")
def preview_erasure(stakeholder_id: str, by: By) -> WouldErase:
    number = read_id("stakeholder", stakeholder_id)
    with transaction(read_only=True) as session:
        found = erasure.preview(session, number, by=by)
    return WouldErase(
        name=found.confirm,
        changes=found.changes,
        attendances=found.attendances,
        mails=found.mails,
        uploads=_uploads(found.uploads),
        deliveries=found.deliveries,
        namesakes=found.namesakes,
        stays=list(found.stays),
    )


@router.post("/{stakeholder_id}/erasure", summary="Erase a contact for good; admins only")
def erase_stakeholder(stakeholder_id: str, said: Confirmed, by: By) -> Erased:
    """The token needs the scope `stakeholders:erase`. There is no way back."""
    number = read_id("stakeholder", stakeholder_id)
    with transaction() as session:
        done = erasure.erase(session, number, said.name, by=by, now=utc_now())
    with transaction(read_only=True) as session:
        left = traces.to_come(session)
    return Erased(
        id=public_id("stakeholder", done.stakeholder_id),
        changes=done.changes,
        uploads=_uploads(done.uploads),
        deliveries=done.deliveries,
        still_to_come=left,
    )


def _uploads(numbers: list[int]) -> list[str]:
    return [public_id("upload", number) for number in numbers]
