"""A million events of mail, by webhook and by file, and the pages that show them.

`python -m bench --only campaigns`; `python -m bench.campaigns webhook|file|judge|insight [--rows N]` is one step of it,
on the database of the settings, and prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from data.db import migrate, transaction
from data.memory import settle
from data.tables import Integration, StakeholderEmail
from services import hooks
from services.access import SYSTEM
from services.campaigns import judging
from services.campaigns.insight.kept import keep_insight
from services.campaigns.receiving import take_in_mail
from services.uploads import intake, mail
from services.uploads.job import NICE

ROWS = 1_000_000
START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
PER_DELIVERY = 1_000
PEOPLE = 40_000
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


def addresses() -> list[str]:
    """Of PEOPLE stakeholders, over all customers; made up where there are none."""
    with transaction(read_only=True) as session:
        found = session.scalars(select(StakeholderEmail.email).order_by(StakeholderEmail.email))
        known = list(found)
    if len(known) < PEOPLE:
        return [f"p{one}@company-{one % 4_000}.example" for one in range(PEOPLE)]
    return known[:: len(known) // PEOPLE][:PEOPLE]


def events(rows: int, people: Sequence[str], *, first: int = 0) -> Iterator[dict[str, object]]:
    """SendGrid's events: of each mail that it was sent and delivered, then opens and clicks.

    Campaigns and events are counted from `first`."""
    chance = np.random.default_rng(7)
    told = 0
    per_mail = 4
    mails = rows // per_mail
    whose = chance.integers(0, len(people), mails)
    opens = chance.random(mails)
    for number in range(mails):
        person, campaign = int(whose[number]), number * CAMPAIGNS // mails
        begin = int(START.timestamp()) + campaign * 86_400 + number % 600
        common = {
            "email": people[person],
            "sg_message_id": f"m{first}-{number}.filter",
            "marketing_campaign_id": 1000 + first + campaign,
            "marketing_campaign_name": f"Product update {first + campaign}",
            "category": ["product-update"],
        }
        machine = bool(opens[number] < 0.4)
        kinds = ("processed", "delivered", "open", "click" if opens[number] > 0.9 else "open")
        for place, kind in enumerate(kinds):
            late = (0, 4, 9, 4_000 + number % 5_000)[place]
            yield common | {
                "event": kind,
                "timestamp": begin + late,
                "sg_event_id": f"e{first}-{number}-{place}",
                "ip": f"198.51.{person % 250}.{number % 250}",
                "useragent": AGENTS[0 if machine else 1 + person % 3],
                "sg_machine_open": machine and kind == "open",
                "url": LINKS[number % 3] if kind == "click" else None,
            }
            told += 1


def bodies(rows: int, first: int = 0) -> list[bytes]:
    """As they are posted: a list of PER_DELIVERY events each."""
    found, piece = [], []
    for one in events(rows, addresses(), first=first):
        piece.append(one)
        if len(piece) == PER_DELIVERY:
            found.append(json.dumps(piece).encode())
            piece = []
    return found


def by_webhook(rows: int, first: int = 0) -> dict[str, float]:
    """Seconds to check and keep the deliveries, and to take them in."""
    sent = bodies(rows, first)
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
    return {
        "mb": sum(map(len, sent)) / 1e6,
        "kept": kept - began,
        "taken": time.perf_counter() - kept,
    }


def _signed(key: ec.EllipticCurvePrivateKey, stamp: str, raw: bytes) -> dict[str, str]:
    given = key.sign(stamp.encode() + raw, ec.ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": stamp,
        "x-twilio-email-event-webhook-signature": b64encode(given).decode(),
    }


def by_file(rows: int) -> dict[str, float]:
    """Seconds to preview and to import a table of so many clicks."""
    people = addresses()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clicks.csv"
        with path.open("w") as file:
            file.write("campaign_uuid,campaign_name,subscriber_uuid,email,url,created_at\n")
            for one in range(rows):
                at = START + timedelta(seconds=one)
                file.write(
                    f"c{one * CAMPAIGNS // rows},Digest,u{one % PEOPLE},{people[one % PEOPLE]},"
                    f"{LINKS[one % 3]},{at:%Y-%m-%dT%H:%M:%SZ}\n"
                )
        now = datetime.now(UTC)
        began = time.perf_counter()
        with transaction() as session:
            received = intake.receive(session, path, path.name, by=SYSTEM, now=now)
        mail.preview(received.upload_id, now=now)
        seen = time.perf_counter()
        mail.commit(received.upload_id, by=SYSTEM, now=now)
        return {"previewed": seen - began, "imported": time.perf_counter() - seen}


def judge(_rows: int) -> dict[str, float]:
    """Seconds to judge everything again, and how many verdicts changed."""
    began = time.perf_counter()
    with transaction() as session:
        changed = judging.judge_again(session, now=START + timedelta(days=30))
    return {"judged": time.perf_counter() - began, "changed": changed}


def insight(_rows: int) -> dict[str, float]:
    """Seconds to work out pattern, likelihood and best time of everybody, as the worker does after news."""
    began = time.perf_counter()
    with transaction() as session:
        keep_insight(session, now=datetime.now(UTC))
    return {"kept": time.perf_counter() - began}


STEPS = {"webhook": by_webhook, "file": by_file, "judge": judge, "insight": insight}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.campaigns", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--beside-pages", action="store_true", help="as the app's own process does")
    parser.add_argument("--again", action="store_true", help="webhooks: other events than before")
    given = parser.parse_args()
    if given.beside_pages:
        os.nice(NICE)
    migrate()
    settle()  # as the worker does
    told = by_webhook(given.rows, CAMPAIGNS) if given.again else STEPS[given.step](given.rows)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
