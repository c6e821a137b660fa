"""SendGrid's event webhook: batches of events, signed with a key of which we know the public half."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_public_key,
)

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, micros, objects
from integrations.hooks.records import Headers, Said, Vendor, digest, is_recent

_KINDS = {
    "processed": ledger.SENT,
    "deferred": ledger.DEFERRED,
    "delivered": ledger.DELIVERED,
    "bounce": ledger.HARD_BOUNCE,
    "dropped": ledger.DROPPED,
    "open": ledger.OPEN,
    "click": ledger.CLICK,
    "spamreport": ledger.COMPLAINT,
    "unsubscribe": ledger.UNSUBSCRIBE,
    "group_unsubscribe": ledger.UNSUBSCRIBE,
    "group_resubscribe": ledger.RESUBSCRIBE,
}
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIME = "x-twilio-email-event-webhook-timestamp"


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Over the time and the bytes as they came, the line end behind the list included."""
    stamp = headers.get(_TIME, "")
    try:
        given = b64decode(headers.get(_SIGNATURE, ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = stamp.encode("utf-8", "replace") + raw
    return is_recent(stamp, now) and any(_is_right(one, given, signed) for one in secrets)


def _is_right(secret: str, given: bytes, signed: bytes) -> bool:
    key = _key(secret)
    if key is None:
        return False
    try:
        key.verify(given, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _key(secret: str) -> EllipticCurvePublicKey | None:
    """The public key as SendGrid shows it, or in PEM; None when it is none of this curve."""
    try:
        if "BEGIN" in secret:
            key = load_pem_public_key(secret.encode())
        else:
            key = load_der_public_key(b64decode("".join(secret.split()), validate=True))
    except (ValueError, TypeError):
        return None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return None


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    events = objects(raw)
    if not any("event" in one for one in events):
        raise BadInput("Send a list of events, each with an event and an email.")
    return Said(digest(raw), "events", "mail")


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in read_list(objects(raw)))


def read_list(events: Sequence[dict[str, Any]]) -> Iterator[Told]:
    """Of events as the webhook and the exports have them."""
    for one in events:
        said = one.get("event")
        kind = _KINDS.get(said) if isinstance(said, str) else None
        if kind is None:
            continue
        if said == "bounce" and one.get("type") == "blocked":
            kind = ledger.SOFT_BOUNCE
        yield Told(
            kind,
            micros(one.get("timestamp")),
            one.get("email"),
            one.get("sg_event_id"),
            one.get("sg_message_id"),
            one.get("marketing_campaign_id") or one.get("singlesend_id"),
            one.get("marketing_campaign_name") or one.get("singlesend_name"),
            one.get("subject"),
            one.get("category"),
            one.get("url"),
            one.get("ip") if kind in (ledger.OPEN, ledger.CLICK) else None,
            one.get("useragent"),
            one.get("sg_machine_open") is True if kind == ledger.OPEN else None,
            said == "unsubscribe" if kind == ledger.UNSUBSCRIBE else None,
            one.get("reason") or one.get("response"),
        )


VENDOR = Vendor("sendgrid", "SendGrid", "theirs", verify, sort, None, read=read)
