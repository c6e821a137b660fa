"""HubSpot: marketing mail events, signed over method, address, body and time."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, micros, objects, within
from integrations.hooks.records import URI, Headers, Said, Vendor, digest, is_recent, same

_KINDS = {
    "SENT": ledger.SENT,
    "DELIVERED": ledger.DELIVERED,
    "DEFERRED": ledger.DEFERRED,
    "DROPPED": ledger.DROPPED,
    "OPEN": ledger.OPEN,
    "CLICK": ledger.CLICK,
    "FORWARD": ledger.FORWARD,
    "BOUNCE": ledger.HARD_BOUNCE,
    "SPAMREPORT": ledger.COMPLAINT,
    "STATUSCHANGE": ledger.UNSUBSCRIBE,
}


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """The third version of its signatures; the ones before say nothing of the time, so anybody who saw
    a delivery once could send it again."""
    stamp = headers.get("x-hubspot-request-timestamp", "")
    given = headers.get("x-hubspot-signature-v3", "")
    address = headers.get(URI, "").encode("utf-8", "replace")
    signed = b"POST" + address + raw + stamp.encode("utf-8", "replace")
    right = [same(given, _sign(secret, signed)) for secret in secrets]
    is_millis = stamp.isascii() and stamp.isdigit() and len(stamp) == 13
    return bool(address) and is_millis and is_recent(stamp[:-3], now) and any(right)


def _sign(secret: str, message: bytes) -> str:
    return b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    named = [one["type"] for one in objects(raw, "events") if isinstance(one.get("type"), str)]
    if not named:
        raise BadInput("Send a list of mail events, each with a type and a recipient.")
    known = any(name in _KINDS for name in named)
    return Said(digest(raw), named[0][:80], "mail" if known else None)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for one in objects(raw, "events") for told in _told(one))


def _told(one: dict[str, Any]) -> Iterator[Told]:
    said = one.get("type")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    if kind == ledger.HARD_BOUNCE and str(one.get("status") or "").startswith("4"):
        kind = ledger.SOFT_BOUNCE
    if kind == ledger.UNSUBSCRIBE:
        kind = _of_change(one)
    if kind is None:
        return
    number, created = one.get("id"), one.get("created")
    yield Told(
        kind,
        micros(created, 1_000),
        one.get("recipient"),
        f"{number}:{created}" if number else None,
        within(one, "sentBy", "id") or (number if kind == ledger.SENT else None),
        one.get("emailCampaignId"),
        one.get("emailCampaignName"),
        one.get("subject"),
        None,
        one.get("url"),
        one.get("ipAddress"),
        one.get("userAgent"),
        one.get("filteredEvent") is True if kind in (ledger.OPEN, ledger.CLICK) else None,
        _is_everything(one) if kind == ledger.UNSUBSCRIBE else None,
        one.get("response") or one.get("category") or one.get("dropReason"),
    )


def _of_change(one: dict[str, Any]) -> int | None:
    """What the recipient themselves chose, of all mail or of some kinds of it."""
    if one.get("requestedBy") not in (None, "RECIPIENT", "CUSTOMER"):
        return None
    chosen = {one.get("portalSubscriptionStatus")}
    listed = one.get("subscriptions")
    chosen |= {within(each, "status") for each in listed} if isinstance(listed, list) else set()
    if "UNSUBSCRIBED" in chosen:
        return ledger.UNSUBSCRIBE
    return ledger.RESUBSCRIBE if "SUBSCRIBED" in chosen else None


def _is_everything(one: dict[str, Any]) -> bool:
    return one.get("portalSubscriptionStatus") == "UNSUBSCRIBED"


VENDOR = Vendor("hubspot", "HubSpot", "theirs", verify, sort, None, read=read)
