"""Rules: when the way a customer takes mail calls for something, what is to be done, and that it is done once."""

from __future__ import annotations

from services.campaigns.rules.book import (
    NewRule,
    RuleRow,
    add,
    change,
    ensure_built_in,
    listing,
    remove,
    switch_off,
    switch_on,
)
from services.campaigns.rules.conditions import ACTIONS, SIGNS, Condition
from services.campaigns.rules.firing import fire_all
from services.campaigns.rules.firings import FiringRow, firings, mark_contacted, unmark_contacted
from services.campaigns.rules.history import Tested, keep, look_back, tried

__all__ = [
    "ACTIONS",
    "SIGNS",
    "Condition",
    "FiringRow",
    "NewRule",
    "RuleRow",
    "Tested",
    "add",
    "change",
    "ensure_built_in",
    "fire_all",
    "firings",
    "keep",
    "listing",
    "look_back",
    "mark_contacted",
    "remove",
    "switch_off",
    "switch_on",
    "tried",
    "unmark_contacted",
]
