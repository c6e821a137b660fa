"""The one error family. An error's message is what the user reads; page, API and worker each map it once."""

from __future__ import annotations


class AppError(Exception):
    """Something the user can understand and act on."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(AppError):
    """The record does not exist, or the asker may not know that it does."""


class AlreadyExists(AppError):
    """A unique key in the database said no."""


class InvalidMove(AppError):
    """A record was asked to go where its table of moves does not lead."""


CHANGED_SINCE = "Somebody has changed this since. It is left as it is now."
"""Of an undo that comes late: nobody's work is taken back with one's own."""


class NotAllowed(AppError):
    """The person is known but this is not theirs to do."""


class SignInNeeded(AppError):
    """Nobody is signed in, or the session or token has ended."""


class BadInput(AppError):
    """A value cannot be used; the message says which and what would be accepted."""


class FileRefused(AppError):
    """A file cannot be read at all; the message says why and what to do instead."""


class Cancelled(AppError):
    """A person stopped a long job; nothing of it was kept."""


class InTheWay(AppError):
    """Somebody else held what was to be changed; nothing was kept, and the same may be tried again."""


class TooMany(AppError):
    """The same was asked for too often; the message says how long to wait, `seconds` says it to programs."""

    def __init__(self, message: str, seconds: int = 60) -> None:
        super().__init__(message)
        self.seconds = seconds
