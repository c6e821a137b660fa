"""Postmark: one event per delivery, sent with a user name and a password."""

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
    loads,
    within,
)
from integrations.hooks.records import Headers, Said, Vendor, digest

_KINDS = {
    "Delivery": ledger.DELIVERED,
    "Bounce": ledger.SOFT_BOUNCE,
    "Open": ledger.OPEN,
    "Click": ledger.CLICK,
    "SpamComplaint": ledger.COMPLAINT,
    "SubscriptionChange": ledger.UNSUBSCRIBE,
}
_HARD = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"}
_BULK = {"broadcast": True, "outbound": False}
"""Postmark's own two streams, for mail to many and to one; what others are called is the sender's choice."""
_TIMES = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")


def verify(headers: Headers, _raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    return knows_password(headers, secrets)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    kind = within(loads(raw), "RecordType")
    if not isinstance(kind, str):
        raise BadInput("The body names no RecordType.")
    return Said(digest(raw), kind[:80], "mail" if kind in _KINDS else None)


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in _told(loads(raw)))


def _told(one: Any) -> Iterator[Told]:
    said = within(one, "RecordType")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    if kind == ledger.SOFT_BOUNCE:
        kind = ledger.HARD_BOUNCE if within(one, "Type") in _HARD else kind
    if kind == ledger.UNSUBSCRIBE:
        kind = _of_change(one)
    if kind is None:
        return
    number = within(one, "ID")
    metadata, stream = within(one, "Metadata"), within(one, "MessageStream")
    yield Told(
        kind,
        next((at for key in _TIMES if (at := iso_micros(within(one, key))) is not None), None),
        within(one, "Recipient") or within(one, "Email"),
        f"{said}:{number}" if number else None,
        within(one, "MessageID"),
        within(metadata, "campaign_id"),
        within(metadata, "campaign_name") or within(metadata, "campaign"),
        within(one, "Subject"),
        within(one, "Tag"),
        within(one, "OriginalLink"),
        within(one, "Geo", "IP"),
        within(one, "UserAgent"),
        None,
        False if kind == ledger.UNSUBSCRIBE else None,
        within(one, "Description") or within(one, "SuppressionReason"),
        bulk=_BULK.get(stream) if isinstance(stream, str) else None,
    )


def _of_change(one: Any) -> int | None:
    """What the recipient chose; what follows from a bounce is told as a bounce."""
    if within(one, "SuppressSending") is False:
        return ledger.RESUBSCRIBE
    return ledger.UNSUBSCRIBE if within(one, "SuppressionReason") == "ManualSuppression" else None


VENDOR = Vendor("postmark", "Postmark", "ours", verify, sort, None, read=read, user=USER)
