"""The customer book, which uploads match against."""

from __future__ import annotations

from services.matching.stored import load_book, own_domains

__all__ = ["load_book", "own_domains"]
