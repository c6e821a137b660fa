"""The files that go with drafts: each under a name that a mail can carry, and no two under one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.pieces import pieces
from data.tables import Draft, DraftAttachment
from data.texts import one_line
from integrations.mime import Attachment, as_file_name, checked_file

_SHOWN = 80


def names_of(files: Sequence[Attachment]) -> list[str]:
    """A name for each, as near to its own as can be. BadInput for a content type that is none."""
    names: list[str] = []
    taken: set[str] = set()
    for file in files:
        name, number = checked_file(as_file_name(file.name), file.content_type), 1
        while name.casefold() in taken:
            number += 1
            name = as_file_name(file.name, f"-{number}")
        taken.add(name.casefold())
        names.append(name)
    return names


_NAMED = (
    select(DraftAttachment.draft_id, DraftAttachment.name, DraftAttachment.content_type)
    .where(DraftAttachment.draft_id.in_(bindparam("drafts", expanding=True)))
    .order_by(DraftAttachment.id)
)


def wrong_with(session: Session, drafts: Sequence[Draft]) -> dict[int, str]:
    """By draft what keeps its files from being sent, of those with such a file."""
    found: dict[int, str] = {}
    for some in pieces([draft.id for draft in drafts]):
        for number, name, content_type in session.execute(_NAMED, {"drafts": some}):
            if number not in found and (why := _wrong(name, content_type)):
                found[number] = why
    return found


def _wrong(name: str, content_type: str) -> str | None:
    try:
        checked_file(name, content_type)
    except BadInput as error:
        return (
            f"Its file “{one_line(name)[:_SHOWN]}” cannot go with a mail: {error.message} "
            "Reject this draft, and write to them anew."
        )
    return None
