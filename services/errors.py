"""The error family, for screens: they do not look into `data`."""

from __future__ import annotations

from data.errors import (
    CHANGED_SINCE,
    AlreadyExists,
    AppError,
    BadInput,
    Cancelled,
    FileRefused,
    InTheWay,
    InvalidMove,
    NotAllowed,
    NotFound,
    SignInNeeded,
    TooMany,
)

__all__ = [
    "CHANGED_SINCE",
    "AlreadyExists",
    "AppError",
    "BadInput",
    "Cancelled",
    "FileRefused",
    "InTheWay",
    "InvalidMove",
    "NotAllowed",
    "NotFound",
    "SignInNeeded",
    "TooMany",
]
