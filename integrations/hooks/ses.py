"""Amazon SES by way of SNS: what is signed is a list of fields, with a certificate of Amazon's."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate

from data.errors import BadInput
from data.tables import ledger
from data.types import EPOCH
from integrations.hooks.certificates import certificate_at
from integrations.hooks.mail import Told, frame_of, iso_micros, loads, within
from integrations.hooks.records import STALE, Headers, Said, Vendor, digest, same

OLDEST = timedelta(hours=1)
"""How long SNS goes on trying to deliver a message; its time of signing stays the same."""
_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
_HOST = r"https://sns\.[a-z0-9-]{4,40}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
SUBSCRIBE = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[A-Za-z0-9%&=:._-]{1,1000}")
"""The only addresses that are ever followed to confirm a subscription."""
_KINDS = {
    "Send": ledger.SENT,
    "Delivery": ledger.DELIVERED,
    "DeliveryDelay": ledger.DEFERRED,
    "Open": ledger.OPEN,
    "Click": ledger.CLICK,
    "Bounce": ledger.HARD_BOUNCE,
    "Complaint": ledger.COMPLAINT,
    "Reject": ledger.DROPPED,
    "Rendering Failure": ledger.DROPPED,
    "Subscription": ledger.UNSUBSCRIBE,
}


def verify(_headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Of a topic that we know (the secret: anybody can have Amazon sign messages of their own topics),
    signed by Amazon, and not long ago. The certificate is fetched last, from Amazon alone."""
    try:
        said = loads(raw)
    except BadInput:
        return False
    fields = (
        {key: value for key, value in said.items() if isinstance(value, str)}
        if isinstance(said, dict)
        else {}
    )
    known = [same(fields.get("TopicArn", ""), secret) for secret in secrets]
    if not any(known) or not _is_timely(fields.get("Timestamp"), now):
        return False
    signed = _spelled(fields)
    if signed is None or not _CERTIFICATE.fullmatch(fields.get("SigningCertURL", "")):
        return False
    certificate = certificate_at(fields["SigningCertURL"], now)
    return certificate is not None and _is_right(certificate, fields, signed)


def _is_timely(stamp: str | None, now: datetime) -> bool:
    at = iso_micros(stamp)
    age = now - (EPOCH + timedelta(microseconds=at)) if at is not None else None
    return age is not None and -STALE <= age <= OLDEST


def _spelled(fields: dict[str, str]) -> bytes | None:
    names = _FIELDS.get(fields.get("Type", ""))
    if names is None or any(n not in fields for n in names if n != "Subject"):
        return None
    lines = [f"{name}\n{fields[name]}\n" for name in names if name in fields]
    return "".join(lines).encode("utf-8", "replace")


def _is_right(certificate: Certificate, fields: dict[str, str], signed: bytes) -> bool:
    key = certificate.public_key()
    hashing = {"1": SHA1(), "2": SHA256()}.get(fields.get("SignatureVersion", ""))  # noqa: S303 - theirs
    if not isinstance(key, RSAPublicKey) or hashing is None:
        return False
    try:
        given = b64decode(fields.get("Signature", ""), validate=True)
        key.verify(given, signed, PKCS1v15(), hashing)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = loads(raw)
    number = within(body, "MessageId")
    kind = within(body, "Type")
    if kind == "Notification":
        kind = _kind_of(_message(body)) or "Notification"
    if not isinstance(kind, str):
        raise BadInput("The body names no Type.")
    ours = kind in _KINDS or kind == "SubscriptionConfirmation"
    known = isinstance(number, str) and 8 <= len(number) <= 150
    return Said(str(number) if known else digest(raw), kind[:80], "mail" if ours else None)


def subscribe_url(raw: bytes) -> str | None:
    """Where to confirm that we want the messages; None for what is no such question."""
    body = loads(raw)
    url = within(body, "SubscribeURL")
    if within(body, "Type") != "SubscriptionConfirmation" or not isinstance(url, str):
        return None
    return url if SUBSCRIBE.fullmatch(url) else None


def _message(body: Any) -> Any:
    said = within(body, "Message")
    try:
        return loads(said.encode("utf-8", "replace")) if isinstance(said, str) else None
    except BadInput:
        return None


def _kind_of(message: Any) -> str | None:
    said = within(message, "eventType") or within(message, "notificationType")
    return said if isinstance(said, str) else None


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in _told(loads(raw)))


def _told(body: Any) -> Iterator[Told]:
    message, number = _message(body), within(body, "MessageId")
    said = _kind_of(message)
    kind = _KINDS.get(said or "")
    about = within(message, (said or "").lower() if said != "DeliveryDelay" else "deliveryDelay")
    if kind == ledger.HARD_BOUNCE and within(about, "bounceType") != "Permanent":
        kind = ledger.SOFT_BOUNCE
    mail = within(message, "mail")
    tags = within(mail, "tags")
    if kind is None:
        return
    left = within(about, "newTopicPreferences", "unsubscribeAll") is True
    for address in _recipients(mail, about):
        yield Told(
            kind,
            iso_micros(within(about, "timestamp")) or iso_micros(within(mail, "timestamp")),
            address,
            f"{number}:{address}" if isinstance(number, str) else None,
            within(mail, "messageId"),
            _first(within(tags, "campaign_id")),
            _first(within(tags, "campaign")),
            within(mail, "commonHeaders", "subject"),
            _first(within(tags, "ses:configuration-set")),
            within(about, "link"),
            within(about, "ipAddress"),
            within(about, "userAgent"),
            None,
            left if kind == ledger.UNSUBSCRIBE else None,
            within(about, "bounceSubType") or within(about, "smtpResponse"),
        )


def _recipients(mail: Any, about: Any) -> list[Any]:
    """Those the event is about; each by their address alone."""
    for key in ("bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients"):
        found = within(about, key)
        if isinstance(found, list):
            return [within(one, "emailAddress") or one for one in found][:100]
    found = within(mail, "destination")
    return found[:100] if isinstance(found, list) else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


VENDOR = Vendor("ses", "Amazon SES (SNS)", "theirs", verify, sort, None, read=read)
