"""Mail as files in a folder: nothing leaves the machine, and any mail program opens what is there."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from integrations.senders import HELD_UP, Found, Orphan, Outcome, Outgoing, bare_id, reply_line

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@-]{0,150}", re.ASCII)
_STRAY = re.compile(r"\.part-([0-9a-f]{16}-)?[0-9a-f]{16}", re.ASCII)


class EmlSender:
    """One file per message, named after its Message-ID: the name is what makes sending twice harmless.

    The bytes are on the disk under a passing name before `link` gives them theirs, so that a file with the
    ending .eml is always whole; `link` fails where that name is taken. Looking a message up takes its
    passing names away first, so that a writer who sleeps before `link` finds nothing to give the name to.
    """

    drafts_first = False
    settles = True
    longest = timedelta(seconds=60)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, outgoing: Outgoing) -> str | None:  # noqa: ARG002 - files need no drafts
        return None

    def send(self, outgoing: Outgoing) -> Outcome:
        name = file_name(outgoing.message_id)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            placed = self._place(name, outgoing)
        except OSError as error:
            return self._outcome_of(error, outgoing)
        if placed is None:
            return HELD_UP
        if not placed:
            return self._there_already(name, outgoing)
        return Outcome("sent", provider_id=name, reply=f"written to {name}")

    def look_up(self, outgoing: Outgoing) -> Found:
        try:
            for part in self._folder.glob(f"{_part(file_name(outgoing.message_id))}-*"):
                part.unlink(missing_ok=True)
        except OSError as error:
            return Found("unclear", reply=_words(error))
        return self._found(outgoing)

    def _found(self, outgoing: Outgoing) -> Found:
        name = file_name(outgoing.message_id)
        try:
            there = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return Found("not_sent")
        except OSError as error:
            return Found("unclear", reply=_words(error))
        if there != outgoing.raw:
            return Found("unclear", reply=f"{name} holds another text")
        return Found("sent", provider_id=name)

    def discard(self, provider_draft_id: str) -> None:
        if _STRAY.fullmatch(provider_draft_id):
            (self._folder / provider_draft_id).unlink(missing_ok=True)

    def forget(self, message_id: str) -> None:
        """Remove a message and what is unfinished of it; nothing happens when it is not there."""
        name = file_name(message_id)
        for path in (self._folder / name, *self._folder.glob(f"{_part(name)}-*")):
            path.unlink(missing_ok=True)

    def orphans(self, before: datetime) -> Sequence[Orphan]:
        """Unfinished files that a killed process left."""
        found: list[Orphan] = []
        if not self._folder.is_dir():
            return found
        for path in self._folder.iterdir():
            if _STRAY.fullmatch(path.name):
                try:
                    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                except FileNotFoundError:
                    continue  # its writer has just finished
                if at < before:
                    found.append(Orphan(path.name, ""))
        return found

    def check(self) -> str | None:
        part = self._folder / f".part-{token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(part, b"")
        except OSError as error:
            return (
                f"The folder {self._folder} cannot be written to: {_words(error)}. "
                "Give the app the right to, or choose another folder."
            )
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return None

    def _place(self, name: str, outgoing: Outgoing) -> bool | None:
        """False when the name is taken, None when it is too late to give it."""
        part = self._folder / f"{_part(name)}-{token_hex(8)}"
        try:
            _write(part, outgoing.raw)
            if not outgoing.in_time():
                return None
            os.link(part, self._folder / name)
        except FileExistsError:
            return False
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(self._folder)
        return True

    def _there_already(self, name: str, outgoing: Outgoing) -> Outcome:
        found = self._found(outgoing)
        if found.kind == "sent":
            _sync_folder(self._folder)  # its writer may have died before doing so
            return Outcome("sent", provider_id=name, reply=f"{name} was there already")
        return Outcome("refused_for_good", reply=found.reply or f"{name} cannot be read")

    def _outcome_of(self, error: OSError, outgoing: Outgoing) -> Outcome:
        """The name may have been given before the error: then the file is there, whole."""
        if self._found(outgoing).kind == "sent":
            return Outcome("sent", provider_id=file_name(outgoing.message_id))
        words = f"It could not be written to {self._folder}: {_words(error)}."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            words += " Make room there; it is tried again."
        return Outcome("refused_for_now", reply=reply_line(words))


def file_name(message_id: str) -> str:
    """The file for a Message-ID; different ids have different names, whatever characters they hold."""
    bare = bare_id(message_id)
    if _SAFE.fullmatch(bare):
        return f"{bare}.eml"
    return f"={sha256(bare.encode()).hexdigest()}.eml"


def _part(name: str) -> str:
    """How the passing names of the file `name` begin."""
    return f".part-{sha256(name.encode()).hexdigest()[:16]}"


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A new name is safe from a power cut only once its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _words(error: OSError) -> str:
    return reply_line(error.strerror or type(error).__name__)
