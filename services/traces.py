"""What must go from the disk once its rows have been emptied: noted with them, done when they are committed.

Each act leaves a note of its own, which ends when all that it asks for is done. Whoever clears them may fail
or be killed: the worker comes back to them every few minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from threading import Lock

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.overwriting import overwrite, size
from data.tables import AppSetting, OutboxMail
from integrations.senders.eml import EmlSender
from services import mailboxes

PREFIX = "traces."
AT_ONCE_MB = 200
"""Larger databases are written anew by the worker: whoever asked need not wait for it."""
SOON, LATER = 3.0, 20.0
"""Seconds for which whoever reads or writes is waited for."""
log = logging.getLogger(__name__)
_one_at_a_time = Lock()


@dataclass(frozen=True)
class _Note:
    name: str
    mails: list[int]
    rewrite: bool


def leave(session: Session, mails: Sequence[int], *, now: datetime, rewrite: bool = True) -> None:
    """Note that the files of these rows of the outbox must go and, with `rewrite`, whatever the database's own files
    still hold of what was emptied."""
    value = {"mails": sorted(mails), "rewrite": rewrite}
    session.add(AppSetting(name=f"{PREFIX}{token_hex(8)}", value=value, changed_at=now))
    session.flush()


def to_come(session: Session) -> list[str]:
    """What has not gone yet, in sentences for people; nothing when all is done."""
    notes = _notes(session)
    said = []
    if any(note.mails for note in notes):
        said.append("Mails that were written as files are still there.")
    if any(note.rewrite for note in notes):
        said.append("The database's own files still hold what was overwritten.")
    if said:
        said.append("The worker removes it within minutes; `python admin.py doctor` tells if not.")
    return said


def waiting_since(session: Session) -> datetime | None:
    """When the oldest of what has not gone yet was asked for."""
    first = select(AppSetting.changed_at).where(AppSetting.name.startswith(PREFIX))
    return session.scalar(first.order_by(AppSetting.changed_at).limit(1))


def clear(on: Engine, *, sooner: bool = False) -> bool:
    """Do what is noted, and whether all of it is done. `sooner`: somebody waits, so nothing that takes long.

    Never within a transaction. It does not raise.
    """
    with _one_at_a_time:
        try:
            return _cleared(on, sooner=sooner)
        except Exception:
            log.exception("traces_left")
            return False


def _cleared(on: Engine, *, sooner: bool) -> bool:
    with transaction(on, read_only=True) as session:
        notes = _notes(session)
        if not notes:
            return True
        mails = {number for note in notes for number in note.mails}
        _remove_files(session, sorted(mails))
    rewrite = [note.name for note in notes if note.rewrite]
    small = on.dialect.name == "sqlite" and size(on) <= AT_ONCE_MB * 1_048_576
    left: list[str] = []
    if rewrite and (
        (sooner and not small) or not overwrite(on, patience=SOON if sooner else LATER)
    ):
        left = rewrite
    s = AppSetting
    over = [note.name for note in notes if note.name not in left]
    with transaction(on) as session:
        session.execute(delete(s).where(s.name.in_(over)))
        files_gone = {"mails": [], "rewrite": True}
        session.execute(update(s).where(s.name.in_(left)).values(value=files_gone))
    log.info("traces mails=%s notes=%s left=%s", len(mails), len(notes), len(left))
    return not left


def _notes(session: Session) -> list[_Note]:
    s = AppSetting
    rows = session.execute(select(s.name, s.value).where(s.name.startswith(PREFIX)))
    return [_Note(name, value["mails"], value["rewrite"]) for name, value in rows]


def _remove_files(session: Session, mails: list[int]) -> None:
    """Named after their Message-ID, which no other mail has."""
    senders = [EmlSender(folder) for folder in mailboxes.folders(session) if folder.is_dir()]
    for at in range(0, len(mails), 500):
        mine = OutboxMail.id.in_(mails[at : at + 500])
        for message_id in session.scalars(select(OutboxMail.message_id).where(mine)):
            for sender in senders:
                sender.forget(message_id)
