"""The error family, for screens: they do not look into `data`."""

from __future__ import annotations

from data.errors import (
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
