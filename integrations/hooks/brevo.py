"""Brevo (once Sendinblue): events of campaigns and single mails, one by one or in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import USER, Told, frame_of, knows_password, loads, micros, objects
from integrations.hooks.records import Headers, Said, Vendor, digest

_KINDS = {
    "request": ledger.SENT,
    "sent": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "deferred": ledger.DEFERRED,
    "unique_opened": ledger.OPEN,
    "opened": ledger.OPEN,
    "open": ledger.OPEN,
    "proxy_open": ledger.OPEN,
    "unique_proxy_open": ledger.OPEN,
    "click": ledger.CLICK,
    "hard_bounce": ledger.HARD_BOUNCE,
    "invalid_email": ledger.HARD_BOUNCE,
    "soft_bounce": ledger.SOFT_BOUNCE,
    "blocked": ledger.DROPPED,
    "error": ledger.DROPPED,
    "spam": ledger.COMPLAINT,
    "complaint": ledger.COMPLAINT,
    "unsubscribed": ledger.UNSUBSCRIBE,
    "unsubscribe": ledger.UNSUBSCRIBE,
}


def verify(headers: Headers, _raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    return knows_password(headers, secrets)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    events = objects(raw)
    named = [one["event"] for one in events if isinstance(one.get("event"), str)]
    if not named:
        raise BadInput("The body names no event.")
    known = any(name in _KINDS for name in named)
    return Said(digest(raw), named[0][:80], "mail" if known else None)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for one in objects(raw) for told in _told(one))


def _told(one: dict[str, Any]) -> Iterator[Told]:
    said = one.get("event")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    if kind is None or not isinstance(said, str):
        return
    yield Told(
        kind,
        # `date` is in the account's zone, which it does not tell.
        micros(one.get("ts_epoch"), 1_000) or micros(one.get("ts_event")) or micros(one.get("ts")),
        one.get("email"),
        None,  # its `id` is the webhook's
        one.get("message-id"),
        one.get("camp_id"),
        one.get("campaign name") or one.get("campaign_name"),
        one.get("subject"),
        _tags(one.get("tags") or one.get("tag")),
        one.get("link") or one.get("URL"),
        one.get("ip") if kind in (ledger.OPEN, ledger.CLICK) else None,
        one.get("user_agent"),
        "proxy" in said if kind == ledger.OPEN else None,
        False if kind == ledger.UNSUBSCRIBE else None,
        one.get("reason"),
    )


def _tags(said: Any) -> Any:
    """Some are a list spelled out as text."""
    if isinstance(said, str) and said.startswith("["):
        try:
            return loads(said.encode("utf-8", "replace"))
        except BadInput:
            return said
    return said


VENDOR = Vendor("brevo", "Brevo", "ours", verify, sort, None, read=read, user=USER)
