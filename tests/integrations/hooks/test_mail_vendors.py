"""Vendors of mail: who may be believed, and what their events become."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks import VENDORS, mailchimp, ses
from integrations.hooks.mail import MAIL_EVENTS
from integrations.hooks.records import URI, Vendor
from tests.integrations.hooks.mail_vendors import (
    CERTIFICATE,
    HONEST,
    NOW,
    OVER_THE_BODY,
    SECRET,
    STAMP,
    TOPIC,
    WITH_TIME,
    dumps,
    sign_mailgun,
    sign_ses,
)

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
VECTORS = json.loads((SAMPLES / "webhook_signature_vectors.json").read_bytes())["vectors"]
MAIL = [vendor for vendor in VENDORS.values() if vendor.read is not None]


def believed(
    vendor: str, headers: dict[str, str], raw: bytes, *secrets: str, now: datetime = NOW
) -> bool:
    return VENDORS[vendor].verify(headers, raw, secrets or (HONEST[vendor].secret,), now)


def test_sendgrids_vector_holds_over_the_bytes_as_they_came():
    vector = next(v for v in VECTORS if v["provider"] == "sendgrid")
    raw = (SAMPLES / vector["file"]).read_bytes()
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    at = datetime.fromtimestamp(1789056400, UTC)
    key = vector["public_key"]
    assert believed("sendgrid", headers, raw, key, now=at)
    assert not believed("sendgrid", headers, raw.rstrip(), key, now=at)
    assert not believed("sendgrid", headers, dumps(json.loads(raw)), key, now=at)
    assert not believed("sendgrid", headers, raw, key, now=at + timedelta(minutes=6))
    read = VENDORS["sendgrid"].read
    assert read is not None
    assert read([raw]).height == 12


def test_mailchimps_sample_is_an_unsubscribe_by_hand():
    vector = next(v for v in VECTORS if v["provider"] == "mailchimp")
    raw = (SAMPLES / vector["file"]).read_bytes()
    row = mailchimp.read([raw]).row(0, named=True)
    assert row["kind"] == ledger.UNSUBSCRIBE
    assert row["email"] == "kwame.mensah+webinar@umbraretail.example"
    assert (row["campaign"], row["name"]) == ("2222cc33dd", "Kwame Mensah")
    assert row["at"] == datetime(2026, 9, 10, 14, 40, 57)  # noqa: DTZ001 - as frames have it
    assert ledger.METHODS[row["method"]] == "POST"


@pytest.mark.parametrize("vendor", HONEST)
def test_honest_delivery_is_believed_also_with_an_older_secret_beside(vendor: str):
    honest = HONEST[vendor]
    headers, raw = honest.sign(honest.body, honest.key, STAMP)
    assert believed(vendor, headers, raw)
    assert believed(vendor, headers, raw, "an older secret", honest.secret)


def forgeries(vendor: str) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """A dozen and more of each."""
    honest = HONEST[vendor]
    headers, raw = honest.sign(honest.body, honest.key, STAMP)
    shown = [name for name in headers if name != URI]
    for name in shown:
        value = headers[name]
        without = {k: v for k, v in headers.items() if k != name}
        yield f"no {name}", without, raw
        yield f"empty {name}", headers | {name: ""}, raw
        yield f"{name} cut off", headers | {name: value[:-1]}, raw
        yield f"{name} and more", headers | {name: value + "0"}, raw
        yield f"{name} in other letters", headers | {name: value.swapcase() + "é"}, raw
        yield f"{name} of another script", headers | {name: "١٧٨٩٦٥٧١٨٢"}, raw
        yield f"{name} twice", headers | {name: f"{value}, {value}"}, raw
    yield "no headers and an empty body", {}, b""
    other = str(int(honest.key) + 1) if vendor == "sendgrid" else honest.key + "x"
    yield "another secret", *honest.sign(honest.body, other, STAMP)
    yield "an empty secret", *(honest.sign(honest.body, "1" if vendor == "sendgrid" else "", STAMP))
    if vendor in OVER_THE_BODY:
        yield "a byte more", headers, raw[:-1] + b" " + raw[-1:] if vendor != "ses" else b" {}"
        changed = raw.replace(b"maria", b"mario")
        yield "another body", headers, changed
        yield "another body, unsigned", {URI: headers.get(URI, "")}, changed
    if vendor in WITH_TIME:
        for words, seconds in (
            ("too old", -3_700 if vendor == "ses" else -301),
            ("too early", 301),
        ):
            stamp = str(int(STAMP) + seconds)
            yield words, *honest.sign(honest.body, honest.key, stamp)
    yield from _PARTICULAR.get(vendor, lambda _: iter(()))(raw)


def _of_passwords(raw: bytes) -> Iterator[tuple[str, dict[str, str], bytes]]:
    for words in (SECRET, "Basic", f"Bearer {SECRET}x", f"bearer {SECRET}", f"Digest {SECRET}"):
        yield f"as {words}", {"authorization": words}, raw
    for user in ("", "admin", "CSCX"):
        told = b64encode(f"{user}:{SECRET}".encode()).decode()
        yield f"as the user {user}", {"authorization": f"Basic {told}"}, raw


def _of_mailgun(raw: bytes) -> Iterator[tuple[str, dict[str, str], bytes]]:
    body = json.loads(raw)
    said = body["signature"]
    for name in said:
        left = {k: v for k, v in said.items() if k != name}
        yield f"no {name}", {}, dumps(body | {"signature": left})
        for wrong in ("", 5.5, None, [said[name]], {}, said[name] + "0"):
            yield f"{name} as {wrong}", {}, dumps(body | {"signature": said | {name: wrong}})
    yield "a signature that is text", {}, dumps(body | {"signature": said["signature"]})
    yield "no object", {}, b"[]"
    yield "a short token", *sign_mailgun_with("short")
    moved = said | {
        "timestamp": said["timestamp"][:-1],
        "token": said["timestamp"][-1] + said["token"],
    }
    yield "a border moved", {}, dumps(body | {"signature": moved})


def sign_mailgun_with(token: str) -> tuple[dict[str, str], bytes]:
    from integrations.hooks.records import hmac_hex

    said = {
        "timestamp": STAMP,
        "token": token,
        "signature": hmac_hex(SECRET, (STAMP + token).encode()),
    }
    return {}, dumps({"event-data": {"event": "opened"}, "signature": said})


def _of_ses(raw: bytes) -> Iterator[tuple[str, dict[str, str], bytes]]:
    body = json.loads(raw)
    for name in body:
        if name not in ("SignatureVersion",):
            yield f"no {name}", {}, dumps({k: v for k, v in body.items() if k != name})
        yield f"{name} as a number", {}, dumps(body | {name: 5})
    for url in (
        CERTIFICATE.replace("https", "http"),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE.replace("sns.", "evil."),
        CERTIFICATE.replace("https://", "https://evil.example@"),
        CERTIFICATE.replace(".pem", ".pem?x=1"),
        CERTIFICATE.replace(".com/", ".com:8443/"),
        "https://s3.amazonaws.com/bucket/SimpleNotificationService-00000000.pem",
        "file:///etc/passwd",
    ):
        yield f"a certificate at {url}", {}, dumps(body | {"SigningCertURL": url})
    yield "version 3", {}, dumps(body | {"SignatureVersion": "3"})
    yield "version 1 of a signature of version 2", {}, dumps(body | {"SignatureVersion": "1"})
    yield "a topic of somebody else's", *sign_ses(b"{}", TOPIC + "2", STAMP)
    yield (
        "a type we know nothing of",
        *sign_ses(b"{}", TOPIC, STAMP, Type="UnsubscribeConfirmation"),
    )
    yield "a field slipped in", {}, dumps(body | {"Subject": "Hello"})


_PARTICULAR = {
    "mailgun": _of_mailgun,
    "ses": _of_ses,
    "postmark": _of_passwords,
    "brevo": _of_passwords,
}
CASES = [
    pytest.param(vendor, headers, raw, id=f"{vendor}-{number}-{words[:40]}")
    for vendor in HONEST
    for number, (words, headers, raw) in enumerate(forgeries(vendor))
]


@pytest.mark.parametrize(("vendor", "headers", "raw"), CASES)
def test_forgery_is_refused(vendor: str, headers: dict[str, str], raw: bytes):
    assert not believed(vendor, headers, raw)


@pytest.mark.parametrize("vendor", HONEST)
def test_there_are_a_dozen_forgeries_and_none_is_believed_without_a_secret(vendor: str):
    assert sum(1 for _ in forgeries(vendor)) >= 12
    honest = HONEST[vendor]
    headers, raw = honest.sign(honest.body, honest.key, STAMP)
    assert not VENDORS[vendor].verify(headers, raw, (), NOW)


def test_amazons_older_signatures_are_believed_and_late_ones_for_an_hour():
    assert believed("ses", *sign_ses(b"{}", TOPIC, STAMP, version="1"))
    headers, raw = sign_ses(b"{}", TOPIC, STAMP)
    assert believed("ses", headers, raw, now=NOW + timedelta(minutes=59))


def test_only_amazons_own_address_is_followed_to_subscribe():
    right = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns&Token=2336"
    said = {"Type": "SubscriptionConfirmation", "MessageId": "x", "SubscribeURL": right}
    assert ses.subscribe_url(dumps(said)) == right
    for wrong in (
        right.replace("amazonaws.com", "evil.example"),
        right.replace("https", "http"),
        right.replace("ConfirmSubscription", "Publish"),
        "https://169.254.169.254/?Action=ConfirmSubscription&a=b",
        right + "\nHost: evil.example",
    ):
        assert ses.subscribe_url(dumps(said | {"SubscribeURL": wrong})) is None


@pytest.mark.parametrize(
    ("vendor", "kind", "expected"),
    [
        ("mailgun", ledger.CLICK, {"tags": "newsletter", "message": "m1@ours", "flagged": False}),
        ("postmark", ledger.OPEN, {"agent": "Mozilla/5.0", "tags": "newsletter"}),
        ("ses", ledger.CLICK, {"campaign_name": "september", "ip": "203.0.113.9"}),
        ("hubspot", ledger.CLICK, {"campaign": "77", "subject": "News"}),
        ("brevo", ledger.OPEN, {"campaign": "13", "flagged": True, "tags": "newsletter"}),
        ("customerio", ledger.OPEN, {"campaign": "newsletter:9", "message": "d1"}),
        ("listmonk", ledger.CLICK, {"campaign": "9f3c", "name": "Maria Lopez"}),
    ],
)
def test_event_is_read_as_what_it_is(vendor: str, kind: int, expected: dict[str, Any]):
    honest = HONEST[vendor]
    headers, raw = honest.sign(honest.body, honest.key, STAMP)
    said = VENDORS[vendor].sort(headers, raw, (honest.secret,))
    assert said.subject == "mail"
    read = VENDORS[vendor].read
    assert read is not None
    frame = read([raw, raw])
    row = frame.row(0, named=True)
    assert (frame.height, row["kind"], row["email"]) == (2, kind, "maria@dataflow.io")
    assert {name: row[name] for name in expected} == expected
    assert abs(row["at"] - NOW.replace(tzinfo=None)) < timedelta(minutes=5)
    assert dict(frame.schema) == MAIL_EVENTS


def test_another_body_with_a_token_that_was_used_is_no_new_delivery():
    """What Mailgun signs is not the body, so the token is the delivery's number."""
    _, raw = sign_mailgun(HONEST["mailgun"].body, SECRET, STAMP)
    other = raw.replace(b"maria", b"mario")
    sort = VENDORS["mailgun"].sort
    assert sort({}, raw, ()).number == sort({}, other, ()).number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["open", "Open", "Click", "CLICK", "email", "2026-09-17T14:59:00Z", "a@b.example"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["event", "email", "timestamp", "event-data", "RecordType", "Recipient", "ReceivedAt", "type",
             "recipient", "created", "Message", "MessageId", "eventType", "mail", "click", "data", "metric",
             "destination", "subscriber", "campaign", "category", "tags", "url", "signature", "ts_epoch"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(body=JSON, vendor=st.sampled_from([v for v in MAIL if v.key != "mailchimp"]))
def test_signed_nonsense_becomes_rows_or_a_refusal_in_words(body: Any, vendor: Vendor):
    raw = json.dumps(body).encode()
    assert vendor.read is not None
    for work in (lambda: vendor.sort({}, raw, ()), lambda: vendor.read([raw])):  # type: ignore[misc]
        try:
            found = work()
        except BadInput:
            continue
        if isinstance(found, pl.DataFrame):
            assert dict(found.schema) == MAIL_EVENTS
