"""The words of the board, for the screens."""

from __future__ import annotations

from services.scoring.words import BAND_TITLES, BAND_WORDS, SIGNED_TRENDS

__all__ = ["BAND_TITLES", "BAND_WORDS", "SIGNED_TRENDS"]
