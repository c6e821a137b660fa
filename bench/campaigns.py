"""`python -m bench.campaigns [rows]`: a million events of mail, by webhook and by file, and what they cost."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from data.db import migrate, transaction
from integrations.hooks import VENDORS
from services.campaigns import Source, take_in

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
PER_DELIVERY = 1_000
CAMPAIGNS = 20
AGENTS = (
    "Mozilla/5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (via ggpht.com GoogleImageProxy)",
)
LINKS = tuple(f"https://lumenridge.example/{part}" for part in ("pricing", "release-notes", "events"))


def events(rows: int, *, people: int = 40_000, domains: int = 4_000) -> Iterator[dict[str, object]]:
    """SendGrid's events: of each mail that it was sent and delivered, then opens and clicks."""
    chance = np.random.default_rng(7)
    told = 0
    per_mail = 4
    mails = rows // per_mail
    whose = chance.integers(0, people, mails)
    opens = chance.random(mails)
    for mail in range(mails):
        person, campaign = int(whose[mail]), mail * CAMPAIGNS // mails
        begin = int(START.timestamp()) + campaign * 86_400 + mail % 600
        common = {
            "email": f"p{person}@company-{person % domains}.example",
            "sg_message_id": f"m{mail}.filter",
            "marketing_campaign_id": 1000 + campaign,
            "marketing_campaign_name": f"Product update {campaign}",
            "category": ["product-update"],
        }
        machine = bool(opens[mail] < 0.4)
        kinds = ("processed", "delivered", "open", "click" if opens[mail] > 0.9 else "open")
        for place, kind in enumerate(kinds):
            late = (0, 4, 9, 4_000 + mail % 5_000)[place]
            yield common | {
                "event": kind,
                "timestamp": begin + late,
                "sg_event_id": f"e{mail}-{place}",
                "ip": f"198.51.{person % 250}.{mail % 250}",
                "useragent": AGENTS[0 if machine else 1 + person % 3],
                "sg_machine_open": machine and kind == "open",
                "url": LINKS[mail % 3] if kind == "click" else None,
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


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    migrate()
    sent = bodies(rows)
    print(f"{rows:,} events in {len(sent):,} deliveries, {sum(map(len, sent)) / 1e6:.0f} MB", flush=True)
    read = VENDORS["sendgrid"].read
    assert read is not None
    began = time.process_time()
    whole = 0.0
    for start in range(0, len(sent), 250):
        at = time.process_time()
        frame = read(sent[start : start + 250])
        parsed = time.process_time()
        with transaction() as session:
            taken = take_in(session, Source("sendgrid", "SendGrid", "webhook", 1), frame, now=datetime.now(UTC))
        whole = time.process_time()
        print(f"  read {parsed - at:.1f} s, taken in {whole - parsed:.1f} s, new {taken.new:,}", flush=True)
    print(f"{whole - began:.1f} s")


if __name__ == "__main__":
    main()
