"""How our mails report what happened to them: tokens, links, the pixel, and the hits that come in."""

from __future__ import annotations

from services.tracking.hits import Hit, Target, store, target_of
from services.tracking.instrument import (
    UNSUBSCRIBE_MARK,
    Instrumented,
    Uninstrumented,
    instrument,
    instrument_many,
)
from services.tracking.signing import LENGTH, Signer, known_signer, rotate, signer

__all__ = [
    "LENGTH",
    "UNSUBSCRIBE_MARK",
    "Hit",
    "Instrumented",
    "Signer",
    "Target",
    "Uninstrumented",
    "instrument",
    "instrument_many",
    "known_signer",
    "rotate",
    "signer",
    "store",
    "target_of",
]
