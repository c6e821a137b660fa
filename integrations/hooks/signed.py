"""Attendance from any system of your own, signed as Standard Webhooks describe it."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from integrations.attendance_records import read_records
from integrations.hooks.records import Headers, Said, Vendor, digest, is_recent, same

PREFIX = "whsec_"


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """One of the signatures in the header has to be right, by any of the secrets."""
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()[:10]
    signed = f"{number}.{stamp}.".encode("utf-8", "replace") + raw
    right = [same(one, "v1," + _sign(secret, signed)) for secret in secrets for one in given]
    return bool(number) and is_recent(stamp, now) and any(right)


def _sign(secret: str, message: bytes) -> str:
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = secret.encode()
    return b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def sort(headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    """Records are checked when they arrive: who sends them can mend them then. BadInput names the first
    wrong field."""
    read_records(raw)
    number = headers.get("webhook-id", "")[:150] or digest(raw)
    return Said(number, "attendance", f"records:{number}", closes=True)


VENDOR = Vendor("signed", "Your own system", "ours", verify, sort, None, settles=timedelta(0))
