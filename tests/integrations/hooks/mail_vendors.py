"""One honest delivery of each vendor of mail, and how to sign anything as they would."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from integrations.hooks import certificates
from integrations.hooks.records import URI, hmac_hex

NOW = datetime(2026, 9, 17, 15, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET = "test-secret-not-real"
ADDRESS = "https://engage.example/hooks/hubspot/" + "a" * 43
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-" + "0" * 32 + ".pem"
Headers = dict[str, str]
Sign = Callable[[bytes, str, str], tuple[Headers, bytes]]
"""Body, secret and time in seconds -> headers and the body as sent."""


@dataclass(frozen=True)
class Honest:
    """`secret` is what we keep, `key` what the vendor signs with."""

    vendor: str
    body: bytes
    secret: str
    key: str
    sign: Sign


def dumps(body: Any) -> bytes:
    return json.dumps(body).encode()


def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(123_456_789, ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey) -> str:
    body = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(body).decode()


def sign_sendgrid(body: bytes, key: str, stamp: str) -> tuple[Headers, bytes]:
    signing = ec.derive_private_key(int(key), ec.SECP256R1())
    given = signing.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": stamp,
        "x-twilio-email-event-webhook-signature": b64encode(given).decode(),
    }, body


def sign_mailgun(body: bytes, key: str, stamp: str) -> tuple[Headers, bytes]:
    token = hashlib.sha256(body).hexdigest()[:50]
    said = {
        "timestamp": stamp,
        "token": token,
        "signature": hmac_hex(key, (stamp + token).encode()),
    }
    return {}, dumps(json.loads(body) | {"signature": said})


def sign_hubspot(body: bytes, key: str, stamp: str) -> tuple[Headers, bytes]:
    signed = b"POST" + ADDRESS.encode() + body + f"{stamp}000".encode()
    given = b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()
    return {
        "x-hubspot-request-timestamp": f"{stamp}000",
        "x-hubspot-signature-v3": given,
        URI: ADDRESS,
    }, body


def sign_customerio(body: bytes, key: str, stamp: str) -> tuple[Headers, bytes]:
    given = hmac_hex(key, f"v0:{stamp}:".encode() + body)
    return {"x-cio-timestamp": stamp, "x-cio-signature": given}, body


def sign_listmonk(body: bytes, key: str, stamp: str) -> tuple[Headers, bytes]:
    given = "sha256=" + hmac_hex(key, f"{stamp}.".encode() + body)
    return {"x-listmonk-timestamp": stamp, "x-listmonk-signature": given}, body


def sign_password(body: bytes, key: str, _stamp: str) -> tuple[Headers, bytes]:
    return {"authorization": "Basic " + b64encode(f"cscx:{key}".encode()).decode()}, body


@cache
def amazon() -> rsa.RSAPrivateKey:
    """A key whose certificate is known at CERTIFICATE."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=300))
        .sign(key, SHA256())
    )
    certificates.keep(CERTIFICATE, made, datetime(2100, 1, 1, tzinfo=UTC))
    return key


def sign_ses(
    body: bytes, key: str, stamp: str, version: str = "2", **changed: str
) -> tuple[Headers, bytes]:
    at = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    fields = {
        "Message": body.decode(),
        "MessageId": hashlib.sha256(body).hexdigest()[:36],
        "Timestamp": at,
        "TopicArn": key,
        "Type": "Notification",
    } | changed
    signed = "".join(f"{name}\n{value}\n" for name, value in sorted(fields.items())).encode()
    hashing = SHA256() if version == "2" else SHA1()  # noqa: S303 - as they do
    given = amazon().sign(signed, padding.PKCS1v15(), hashing)
    return {}, dumps(
        fields
        | {
            "SignatureVersion": version,
            "Signature": b64encode(given).decode(),
            "SigningCertURL": CERTIFICATE,
        }
    )


_SENDGRID = [
    {"email": "maria@dataflow.io", "event": "open", "timestamp": int(STAMP), "sg_event_id": "e"}
]
_MAILGUN = {
    "event-data": {
        "event": "clicked",
        "id": "Ase7i2zsRYeDXztHGENqRA",
        "timestamp": 1789657182.908181,
        "recipient": "maria@dataflow.io",
        "url": "https://ours.example/pricing",
        "ip": "203.0.113.9",
        "tags": ["newsletter"],
        "client-info": {"user-agent": "Mozilla/5.0 (X11)"},
        "message": {"headers": {"message-id": "m1@ours", "subject": "News"}},
    }
}
_POSTMARK = {
    "RecordType": "Open",
    "FirstOpen": True,
    "Recipient": "maria@dataflow.io",
    "ReceivedAt": "2026-09-17T14:59:41.1234567Z",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Tag": "newsletter",
    "UserAgent": "Mozilla/5.0",
    "Geo": {"IP": "203.0.113.9"},
}
_SES = {
    "eventType": "Click",
    "mail": {
        "messageId": "0102",
        "timestamp": "2026-09-17T14:00:00.000Z",
        "destination": ["maria@dataflow.io"],
        "commonHeaders": {"subject": "News"},
        "tags": {"campaign": ["september"]},
    },
    "click": {
        "timestamp": "2026-09-17T14:58:00.000Z",
        "ipAddress": "203.0.113.9",
        "userAgent": "Mozilla/5.0 (X11)",
        "link": "https://ours.example/pricing",
    },
}
_HUBSPOT = [
    {
        "id": "17d3fcc4-bc34-38b4-9103-69b5896bbdde",
        "created": int(STAMP) * 1000,
        "type": "CLICK",
        "recipient": "maria@dataflow.io",
        "emailCampaignId": 77,
        "subject": "News",
        "url": "https://ours.example/pricing",
        "userAgent": "Mozilla/5.0 (X11)",
    }
]
_BREVO = {
    "event": "proxy_open",
    "email": "maria@dataflow.io",
    "ts_epoch": int(STAMP) * 1000,
    "date": "2026-09-17 17:00:00",
    "message-id": "<1@relay>",
    "camp_id": 13,
    "campaign name": "News",
    "tag": '["newsletter"]',
}
_CUSTOMERIO = {
    "event_id": "01E4C4CT6YDC7Y5M7FE1GWWPQJ",
    "object_type": "email",
    "metric": "opened",
    "timestamp": int(STAMP),
    "data": {
        "recipient": "maria@dataflow.io",
        "delivery_id": "d1",
        "newsletter_id": 9,
        "subject": "News",
    },
}
_LISTMONK = {
    "event": "campaign.link_clicked",
    "timestamp": "2026-09-17T14:59:00Z",
    "data": {
        "subscriber": {"email": "maria@dataflow.io", "name": "Maria Lopez"},
        "campaign": {"uuid": "9f3c", "name": "News"},
        "url": "https://ours.example/pricing",
    },
}
HONEST = {
    one.vendor: one
    for one in (
        Honest("sendgrid", dumps(_SENDGRID), public(sendgrid_key()), "123456789", sign_sendgrid),
        Honest("mailgun", dumps(_MAILGUN), SECRET, SECRET, sign_mailgun),
        Honest("postmark", dumps(_POSTMARK), SECRET, SECRET, sign_password),
        Honest("ses", dumps(_SES), TOPIC, TOPIC, sign_ses),
        Honest("hubspot", dumps(_HUBSPOT), SECRET, SECRET, sign_hubspot),
        Honest("brevo", dumps(_BREVO), SECRET, SECRET, sign_password),
        Honest("customerio", dumps(_CUSTOMERIO), SECRET, SECRET, sign_customerio),
        Honest("listmonk", dumps(_LISTMONK), SECRET, SECRET, sign_listmonk),
    )
}
WITH_TIME = ("sendgrid", "mailgun", "ses", "hubspot", "customerio", "listmonk")
"""Those whose signature says when."""
OVER_THE_BODY = ("sendgrid", "ses", "hubspot", "customerio", "listmonk")
