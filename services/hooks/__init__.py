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
from services.hooks.receiving import Known, believed, find, store

__all__ = [
    "DeliveryRow",
    "IntegrationRow",
    "Known",
    "Shown",
    "VendorInfo",
    "add",
    "believed",
    "find",
    "forget_former",
    "listing",
    "recent",
    "remove",
    "retry",
    "rotate",
    "store",
    "switch",
    "vendors",
]
