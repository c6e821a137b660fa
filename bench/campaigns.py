"""`python -m bench.campaigns [rows]`: a million events of mail, by webhook and by file, and what they cost."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from data.db import migrate, transaction
from data.tables import Integration
from services import hooks
from services.access import SYSTEM
from services.campaigns import judging
from services.campaigns.receiving import take_in_mail
from services.uploads import intake, mail

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
PER_DELIVERY = 1_000
CAMPAIGNS = 20
AGENTS = (
    "Mozilla/5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (via ggpht.com GoogleImageProxy)",
)
LINKS = tuple(
    f"https://lumenridge.example/{part}" for part in ("pricing", "release-notes", "events")
)


def events(rows: int, *, people: int = 40_000, domains: int = 4_000) -> Iterator[dict[str, object]]:
    """SendGrid's events: of each mail that it was sent and delivered, then opens and clicks."""
    chance = np.random.default_rng(7)
    told = 0
    per_mail = 4
    mails = rows // per_mail
    whose = chance.integers(0, people, mails)
    opens = chance.random(mails)
    for number in range(mails):
        person, campaign = int(whose[number]), number * CAMPAIGNS // mails
        begin = int(START.timestamp()) + campaign * 86_400 + number % 600
        common = {
            "email": f"p{person}@company-{person % domains}.example",
            "sg_message_id": f"m{number}.filter",
            "marketing_campaign_id": 1000 + campaign,
            "marketing_campaign_name": f"Product update {campaign}",
            "category": ["product-update"],
        }
        machine = bool(opens[number] < 0.4)
        kinds = ("processed", "delivered", "open", "click" if opens[number] > 0.9 else "open")
        for place, kind in enumerate(kinds):
            late = (0, 4, 9, 4_000 + number % 5_000)[place]
            yield common | {
                "event": kind,
                "timestamp": begin + late,
                "sg_event_id": f"e{number}-{place}",
                "ip": f"198.51.{person % 250}.{number % 250}",
                "useragent": AGENTS[0 if machine else 1 + person % 3],
                "sg_machine_open": machine and kind == "open",
                "url": LINKS[number % 3] if kind == "click" else None,
            }
            told += 1


def bodies(rows: int) -> list[bytes]:
    """As they are posted: a list of PER_DELIVERY events each."""
    found, piece = [], []
    for one in events(rows):
        piece.append(one)
        if len(piece) == PER_DELIVERY:
            found.append(json.dumps(piece).encode())
            piece = []
    return found


def by_webhook(sent: list[bytes]) -> tuple[float, float]:
    """Seconds to check and keep the deliveries, and to take them in."""
    key = ec.generate_private_key(ec.SECP256R1())
    shown = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    secret = b64encode(shown).decode()
    now = datetime.now(UTC)
    stamp = str(int(now.timestamp()))
    headers = [_signed(key, stamp, raw) for raw in sent]
    with transaction() as session:
        row = Integration(
            vendor="sendgrid",
            name="Bench",
            address=stamp,
            options={},
            state="ready",
            created_at=now,
        )
        session.add(row)
        session.flush()
        known = hooks.Known(row.id, "sendgrid", (secret,))
    began = time.perf_counter()
    for said, raw in zip(headers, sent, strict=True):
        told = hooks.believed(known, said, raw, now=now)
        with transaction() as session:
            hooks.store(session, known, told, raw, now=now)
    kept = time.perf_counter()
    new = take_in_mail(transaction, {}, lambda: datetime.now(UTC))
    assert new == len(sent) * PER_DELIVERY, new
    return kept - began, time.perf_counter() - kept


def _signed(key: ec.EllipticCurvePrivateKey, stamp: str, raw: bytes) -> dict[str, str]:
    given = key.sign(stamp.encode() + raw, ec.ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": stamp,
        "x-twilio-email-event-webhook-signature": b64encode(given).decode(),
    }


def by_file(rows: int) -> tuple[float, float]:
    """Seconds to preview and to import a table of so many clicks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clicks.csv"
        with path.open("w") as file:
            file.write("campaign_uuid,campaign_name,subscriber_uuid,email,url,created_at\n")
            for one in range(rows):
                person, at = one % 40_000, START + timedelta(seconds=one)
                file.write(
                    f"c{one * CAMPAIGNS // rows},Digest,u{person},p{person}@company-{person % 4_000}.example,"
                    f"{LINKS[one % 3]},{at:%Y-%m-%dT%H:%M:%SZ}\n"
                )
        now = datetime.now(UTC)
        began = time.perf_counter()
        with transaction() as session:
            received = intake.receive(session, path, path.name, by=SYSTEM, now=now)
        mail.preview(received.upload_id, now=now)
        seen = time.perf_counter()
        mail.commit(received.upload_id, by=SYSTEM, now=now)
        return seen - began, time.perf_counter() - seen


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    ways = sys.argv[2:] or ["webhook", "file"]
    migrate()
    if "webhook" in ways:
        sent = bodies(rows)
        size = sum(map(len, sent)) / 1e6
        kept, taken = by_webhook(sent)
        print(f"{rows:,} events in {len(sent):,} deliveries, {size:.0f} MB:", flush=True)
        print(f"  checked and kept in {kept:.1f} s, taken in in {taken:.1f} s", flush=True)
        began = time.perf_counter()
        with transaction() as session:
            changed = judging.judge_again(session, now=datetime(2026, 10, 1, tzinfo=UTC))
        print(f"  all judged again in {time.perf_counter() - began:.1f} s, {changed:,} changed")
    if "file" in ways:
        seen, taken = by_file(rows)
        print(f"a file of {rows:,} clicks: previewed in {seen:.1f} s, imported in {taken:.1f} s")


if __name__ == "__main__":
    main()
