"""A file that comes with a request: on disk as it arrives, within the limit, and only from those who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import UploadFile

from api.auth import By
from api.body import counted
from data.errors import BadInput
from data.settings import settings

ROOM = 64 * 1024
"""Bytes of a multipart body that are not the file."""
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""Declared by hand: a parameter of the route would be read before its caller is known."""


async def sent_file(request: Request, by: By) -> AsyncIterator[UploadFile]:  # noqa: ARG001 - first who, then what
    """The form's `file`. 413 as soon as the body turns out to be over the limit."""
    limit = settings().upload_max_mb * 1024 * 1024 + ROOM
    if int(request.headers.get("content-length", "0")) > limit:
        raise HTTPException(413, _words())
    within = Request(request.scope, counted(request.receive, limit, _words()))
    async with within.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadInput(
                "Send the file as `file` of a multipart form: curl -F file=@attendees.csv"
            )
        yield file


SentFile = Annotated[UploadFile, Depends(sent_file)]


def _words() -> str:
    limit = settings().upload_max_mb
    return f"The file is over the limit of {limit} MB. Split it and send the parts."
