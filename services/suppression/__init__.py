"""Whom not to write to ("Do not contact"): by address and topic, with the reason and who said so."""

from __future__ import annotations

from services.suppression.book import (
    add_by_hand,
    lift,
    lift_own,
    lifted_since,
    stand_again,
    stands,
    suppress,
    take_back,
)
from services.suppression.check import REASONS, Why, address_key, blocked, blocked_among
from services.suppression.listing import (
    WORDS,
    Listing,
    export,
    listing,
    marked_in_customer_data,
    note_export,
)
from services.suppression.lists import Imported, import_list
from services.suppression.topics import EVERYTHING, TOPICS, check_topic, topic_words

__all__ = [
    "EVERYTHING",
    "REASONS",
    "TOPICS",
    "WORDS",
    "Imported",
    "Listing",
    "Why",
    "add_by_hand",
    "address_key",
    "blocked",
    "blocked_among",
    "check_topic",
    "export",
    "import_list",
    "lift",
    "lift_own",
    "lifted_since",
    "listing",
    "marked_in_customer_data",
    "note_export",
    "stand_again",
    "stands",
    "suppress",
    "take_back",
    "topic_words",
]
