"""Follow-up after solved tickets: when, to whom, with what words, and what came of it."""

from __future__ import annotations

from services.tickets.follow_up import guard as _guard  # speaks at every pre-flight

__all__ = ["_guard"]
