"""Accounts at other systems that send us what happens, and what they have sent."""

from __future__ import annotations

from services.hooks.accounts import (
    IntegrationRow,
    Shown,
    VendorInfo,
    add,
    forget_former,
    listing,
    remove,
    rotate,
    switch,
    vendors,
)
from services.hooks.deliveries import DeliveryRow, recent, retry
from services.hooks.kept import MoreSecret, OwnState
from services.hooks.more_secrets import add_secret, drop_secret
from services.hooks.own_states import MEANINGS, name_states
from services.hooks.receiving import Known, believed, find, note_refusal, store, worth_noting
from services.hooks.trying import Tried, check

__all__ = [
    "MEANINGS",
    "DeliveryRow",
    "IntegrationRow",
    "Known",
    "MoreSecret",
    "OwnState",
    "Shown",
    "Tried",
    "VendorInfo",
    "add",
    "add_secret",
    "believed",
    "check",
    "drop_secret",
    "find",
    "forget_former",
    "listing",
    "name_states",
    "note_refusal",
    "recent",
    "remove",
    "retry",
    "rotate",
    "store",
    "switch",
    "vendors",
    "worth_noting",
]
