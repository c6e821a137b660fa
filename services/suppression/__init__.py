"""Whom not to write to ("Do not contact"): by address and topic, with the reason and who said so."""

from __future__ import annotations

from services.suppression.check import REASONS, Why, address_key, blocked, blocked_among
from services.suppression.topics import EVERYTHING, TOPICS, check_topic, topic_words

__all__ = [
    "EVERYTHING",
    "REASONS",
    "TOPICS",
    "Why",
    "address_key",
    "blocked",
    "blocked_among",
    "check_topic",
    "topic_words",
]
