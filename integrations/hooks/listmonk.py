"""listmonk: events of campaigns and subscribers, signed or sent with a password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import (
    USER,
    Told,
    frame_of,
    iso_micros,
    knows_password,
    micros,
    objects,
    within,
)
from integrations.hooks.records import Headers, Said, Vendor, digest, hmac_hex, is_recent, same

_KINDS = (
    ("unsub", ledger.UNSUBSCRIBE),
    ("complain", ledger.COMPLAINT),
    ("bounce", ledger.HARD_BOUNCE),
    ("click", ledger.CLICK),
    ("view", ledger.OPEN),
    ("open", ledger.OPEN),
    ("deliver", ledger.DELIVERED),
    ("sent", ledger.SENT),
)
"""By what the name of the event holds; the names differ from version to version."""


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """A signature over time and body where there is one, else the password."""
    given = headers.get("x-listmonk-signature", "").removeprefix("sha256=")
    if not given:
        return knows_password(headers, secrets)
    stamp = headers.get("x-listmonk-timestamp", "")
    signed = stamp.encode("utf-8", "replace") + b"." + raw
    right = [same(given, hmac_hex(secret, signed)) for secret in secrets]
    return is_recent(stamp, now) and any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    names = [name for one in objects(raw, "events") if (name := _name(one))]
    if not names:
        raise BadInput("The body names no event.")
    known = any(_kind(name) is not None for name in names)
    return Said(digest(raw), names[0][:80], "mail" if known else None)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for one in objects(raw, "events") for told in _told(one))


def _name(one: dict[str, Any]) -> str | None:
    said = one.get("event") or one.get("type")
    return said if isinstance(said, str) else None


def _kind(name: str) -> int | None:
    return next((kind for part, kind in _KINDS if part in name.lower()), None)


def _told(one: dict[str, Any]) -> Iterator[Told]:
    held = one.get("data")
    said = held if isinstance(held, dict) else one
    kind = _kind(_name(one) or "")
    if kind == ledger.HARD_BOUNCE:
        sort_of = within(said, "bounce", "type") or within(said, "bounce_type") or said.get("type")
        by_word = {"soft": ledger.SOFT_BOUNCE, "complaint": ledger.COMPLAINT}
        kind = by_word.get(sort_of, kind) if isinstance(sort_of, str) else kind
    if kind is None:
        return
    campaign, who = within(said, "campaign"), within(said, "subscriber")
    when = said.get("created_at") or one.get("timestamp")
    yield Told(
        kind,
        micros(when) if isinstance(when, int | float) else iso_micros(when),
        within(who, "email") or said.get("email"),
        one.get("id") if isinstance(one.get("id"), str) else None,
        None,
        within(campaign, "uuid") or said.get("campaign_uuid"),
        within(campaign, "name") or said.get("campaign_name"),
        within(campaign, "subject"),
        within(campaign, "tags"),
        said.get("url") or within(said, "link", "url"),
        said.get("ip"),
        said.get("user_agent"),
        None,
        False if kind == ledger.UNSUBSCRIBE else None,
        said.get("reason"),
        within(who, "name") or said.get("subscriber_name"),
    )


VENDOR = Vendor("listmonk", "listmonk", "ours", verify, sort, None, read=read, user=USER)
