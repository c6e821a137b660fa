"""Bulk mail as its platforms export it: a log, a list of clicks, and two lists of totals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook

from services.demo.mailings import FADING, SITE, Mailing, Reader, readers, sendgrid_events, sent_at
from services.demo.platforms.plain import save, text_of
from services.demo.platforms.sheet import undated
from services.demo.story import Story

MAILCHIMP = [
    "Email Address", "First Name", "Last Name", "Company", "Opens", "Clicks", "Bounce Type",
    "MEMBER_RATING", "TIMEZONE", "CC", "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS",
]  # fmt: skip
LISTMONK = [
    "campaign_id", "campaign_uuid", "campaign_name", "subscriber_id", "subscriber_uuid", "email",
    "subscriber_name", "url", "created_at",
]  # fmt: skip
HUBSPOT = [
    "Recipient",
    "Email Name",
    "Subject",
    "Sent",
    "Delivered",
    "Opened",
    "Clicked",
    "Bounced",
]
OFFER = Mailing(
    101, 52, "Autumn offer: certification seats", "Two seats for one", ("pricing", "certification")
)
DIGEST = Mailing(102, 27, "Admin digest", "For whoever runs it", ("release-notes", "integrations"))
NOTICE = Mailing(103, 13, "Announcement: new support hours", "We answer round the clock", ("help",))


def write_sendgrid(folder: Path, story: Story) -> Path:
    lines = ",\n".join(json.dumps(one) for one in sendgrid_events(story))
    return save(folder / "sendgrid_events.json", f"[{lines}]\n", "utf-8")


def write_listmonk(folder: Path, story: Story) -> Path:
    """Clicks of those who run the product; listmonk tells of nobody who did nothing."""
    start = sent_at(DIGEST, story)
    rows: list[Sequence[object]] = [LISTMONK]
    for reader in readers(story):
        if reader.member.role == "admin" and _totals(reader, 15)[1]:
            at = start + timedelta(minutes=40 + reader.number % 700)
            link = DIGEST.links[reader.number % 2]
            rows.append([
                4, "5b6e0c1a-demo-admin-digest", DIGEST.name, reader.number,
                f"s-{reader.number:04d}", reader.member.email, reader.member.name,
                f"{SITE}/{link}", at.isoformat(),
            ])  # fmt: skip
    return save(folder / "campaign_link_clicks.csv", text_of(rows), "utf-8")


def write_mailchimp(folder: Path, story: Story) -> Path:
    """Totals of each recipient, without times."""
    rows: list[Sequence[object]] = [MAILCHIMP]
    for reader in readers(story):
        who = reader.member
        opens, clicks = _totals(reader, 13)
        rows.append([
            who.email, who.first, who.last, who.company, opens, clicks, "", 2 + clicks,
            who.account.time_zone, "", "", 55_500_000 + reader.number, f"e{reader.number:07x}", "",
            '"Customers"',
        ])  # fmt: skip
    return save(folder / f"{OFFER.name}.csv".replace(":", ""), text_of(rows), "utf-8")


def write_hubspot(folder: Path, story: Story) -> Path:
    """As a workbook."""
    book = Workbook()
    table = book.create_sheet("Recipients", 0)
    table.append(HUBSPOT)
    sent = f"{sent_at(NOTICE, story):%Y-%m-%d %H:%M}"
    for reader in readers(story):
        opens, clicks = _totals(reader, 16)
        email = reader.member.email
        table.append([email, NOTICE.name, NOTICE.subject, sent, sent, opens, clicks, 0])
    path = folder / "hubspot_email_recipients.xlsx"
    path.write_bytes(undated(book))
    return path


def _totals(reader: Reader, nth: int) -> tuple[int, int]:
    """Opens and clicks."""
    if reader.member.account.name in FADING:
        return 0, 0
    opened, clicked = reader.does(reader.opens, nth), reader.does(reader.clicks, nth)
    return int(opened or clicked) + reader.number % 2 * int(opened), int(clicked)
