"""Customer.io's reporting webhooks: one event per delivery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, loads, micros, within
from integrations.hooks.records import Headers, Said, Vendor, digest, hmac_hex, is_recent, same

_KINDS = {
    "sent": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "deferred": ledger.DEFERRED,
    "opened": ledger.OPEN,
    "clicked": ledger.CLICK,
    "bounced": ledger.HARD_BOUNCE,
    "spammed": ledger.COMPLAINT,
    "unsubscribed": ledger.UNSUBSCRIBE,
    "subscribed": ledger.RESUBSCRIBE,
    "dropped": ledger.DROPPED,
    "failed": ledger.DROPPED,
    "undeliverable": ledger.DROPPED,
}
_CAMPAIGNS = ("newsletter_id", "broadcast_id", "campaign_id")


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    stamp, given = headers.get("x-cio-timestamp", ""), headers.get("x-cio-signature", "")
    signed = b"v0:" + stamp.encode("utf-8", "replace") + b":" + raw
    right = [same(given, hmac_hex(secret, signed)) for secret in secrets]
    return is_recent(stamp, now) and any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = loads(raw)
    metric, number = within(body, "metric"), within(body, "event_id")
    if not isinstance(metric, str):
        raise BadInput("The body names no metric.")
    ours = metric in _KINDS and within(body, "object_type") in ("email", "customer", None)
    known = isinstance(number, str) and 8 <= len(number) <= 150
    return Said(str(number) if known else digest(raw), metric[:80], "mail" if ours else None)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in _told(loads(raw)))


def _told(one: Any) -> Iterator[Told]:
    metric, said = within(one, "metric"), within(one, "data")
    kind = _KINDS.get(metric) if isinstance(metric, str) else None
    if kind is None:
        return
    yield Told(
        kind,
        micros(within(one, "timestamp")),
        within(said, "recipient")
        or within(said, "identifiers", "email")
        or within(said, "email_address"),
        within(one, "event_id"),
        within(said, "delivery_id"),
        _campaign(said),
        within(said, "campaign_name") or within(said, "newsletter_name"),
        within(said, "subject"),
        None,
        within(said, "href"),
        None,
        within(said, "user_agent"),
        within(said, "prefetched") is True if kind == ledger.OPEN else None,
        True if kind == ledger.UNSUBSCRIBE else None,
        within(said, "failure_message"),
    )


def _campaign(said: Any) -> str | None:
    """An automation sends several mails to one person, each an action of its own."""
    for key in _CAMPAIGNS:
        number = within(said, key)
        if isinstance(number, int | str) and number:
            action = within(said, "action_id")
            return f"{key.removesuffix('_id')}:{number}" + (f":{action}" if action else "")
    return None


VENDOR = Vendor("customerio", "Customer.io", "theirs", verify, sort, None, read=read)
