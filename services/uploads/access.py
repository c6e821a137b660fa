"""Whose uploads a person may see and decide about."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from data.errors import NotAllowed, NotFound
from data.tables import Upload
from services.access.viewer import Viewer


def visible_uploads(by: Viewer) -> ColumnElement[bool]:
    """One's own; all of them for those who see all customers."""
    return true() if by.sees_all else Upload.uploaded_by == by.person_id


def require_upload(session: Session, by: Viewer, upload_id: int) -> Upload:
    """The upload, or NotFound, in the same words whether it is unknown or somebody else's."""
    upload = session.get(Upload, upload_id)
    if upload is None or not (by.sees_all or upload.uploaded_by == by.person_id):
        raise NotFound("There is no such upload among yours. Look it up in the list of uploads.")
    return upload


def require_own(upload: Upload, by: Viewer) -> None:
    """NotAllowed unless the upload is the person's own, or the person sees everything."""
    if not (by.sees_all or upload.uploaded_by == by.person_id):
        raise NotAllowed("Only the person who uploaded this file, or a manager, can do that.")
