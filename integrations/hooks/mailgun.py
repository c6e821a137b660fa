"""Mailgun: one event per delivery. What it signs lies in the body, and is not the body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, loads, micros, within
from integrations.hooks.records import Headers, Said, Vendor, hmac_hex, is_recent, same

_KINDS = {
    "accepted": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "failed": ledger.HARD_BOUNCE,
    "rejected": ledger.DROPPED,
    "opened": ledger.OPEN,
    "clicked": ledger.CLICK,
    "unsubscribed": ledger.UNSUBSCRIBE,
    "complained": ledger.COMPLAINT,
}


def verify(_headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Over a time and a token in the body. The token is the delivery's number, so each counts once:
    another body with the same one is no new delivery."""
    try:
        said = within(loads(raw), "signature")
    except BadInput:
        return False
    stamp, token, given = (within(said, key) for key in ("timestamp", "token", "signature"))
    stamp = str(stamp) if isinstance(stamp, int) else stamp
    if not (isinstance(stamp, str) and isinstance(token, str) and isinstance(given, str)):
        return False
    signed = (stamp + token).encode("utf-8", "replace")
    right = [same(given, hmac_hex(secret, signed)) for secret in secrets]
    return 20 <= len(token) <= 150 and is_recent(stamp, now) and any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = loads(raw)
    event = within(body, "event-data", "event")
    if not isinstance(event, str):
        raise BadInput("The body names no event.")
    subject = "mail" if event in _KINDS else None
    return Said(str(within(body, "signature", "token"))[:150], event[:80], subject)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in _told(within(loads(raw), "event-data")))


def _told(one: Any) -> Iterator[Told]:
    said = within(one, "event")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    if kind is None:
        return
    if said == "failed" and within(one, "severity") == "temporary":
        kind = ledger.SOFT_BOUNCE
    headers, status = within(one, "message", "headers"), within(one, "delivery-status")
    named = within(one, "campaigns")
    campaign = named[0] if isinstance(named, list) and named else None
    variables = within(one, "user-variables")
    bot = within(one, "client-info", "bot")
    yield Told(
        kind,
        micros(within(one, "timestamp")),
        within(one, "recipient"),
        within(one, "id"),
        within(headers, "message-id"),
        within(campaign, "id") or within(variables, "campaign_id"),
        within(campaign, "name") or within(variables, "campaign_name"),
        within(headers, "subject"),
        within(one, "tags"),
        within(one, "url"),
        within(one, "ip"),
        within(one, "client-info", "user-agent"),
        # Gmail's proxy fetches when the reader looks; the others fetch by themselves.
        bool(bot) and bot != "gmail" if kind in (ledger.OPEN, ledger.CLICK) else None,
        True if kind == ledger.UNSUBSCRIBE else None,
        within(status, "message") or within(status, "description") or within(one, "reason"),
    )


VENDOR = Vendor("mailgun", "Mailgun", "theirs", verify, sort, None, read=read)
