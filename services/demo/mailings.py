"""The story's bulk mail: a year of newsletters and product updates, and who did what with them.

What somebody does follows from how often they came to events, and is spread evenly over the year: who fades
from events stops answering mail as well. Beside the people stand the programs: services that hide their readers,
and scanners that follow every link within seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from services.demo.calendar import PAST, ZONE, on_a_weekday
from services.demo.story import Member, Story

SITE = "https://news.cscx.example"
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
)
PRIVACY_AGENT = "Mozilla/5.0"
FADING = {"OldCorp": 170, "SmallBiz": 150, "LegacyCo": 140, "BetaInc": 20}
"""Customers whose people did nothing with mail so many days ago or later."""
KEEN = ("TechCorp", "DataPro", "CloudMax")
SCANNING = (13, 21, 33, 48)
"""Numbers of the customers whose mail is scanned."""
LEAVES, SCANNED_LEAVES, GONE = ("BetaInc", 5), 21, ("LegacyCo", 6)
"""Who unsubscribes from the last newsletter, whose scanner does, and whose address is no more."""
OTHERS = tuple(f"{name}@prospect-{number}.example" for number, name in enumerate(
    ("ida", "noor", "felix", "tess", "omar", "lena"), 1))  # fmt: skip
"""On the mailing list, and no customers."""


@dataclass(frozen=True)
class Mailing:
    """`links` are the last parts of the addresses in it. `at` is the clock of the story's zone."""

    number: int
    days_ago: int
    name: str
    subject: str
    links: tuple[str, ...]
    at: time = time(10)


MAILINGS = (
    Mailing(1, 345, "December newsletter", "A year in dashboards", ("dashboards", "analytics-guide", "customer-story")),
    Mailing(2, 318, "January newsletter", "Start the year with clean data", ("data-quality", "automation-recipes", "events"), time(14)),
    Mailing(3, 300, "Product update: Automation", "Workflows that wait for people", ("automation-recipes", "release-notes")),
    Mailing(4, 290, "February newsletter", "What good onboarding looks like", ("onboarding", "customer-story", "events")),
    Mailing(5, 262, "March newsletter", "Security without tears", ("security-checklist", "single-sign-on", "events"), time(14)),
    Mailing(6, 234, "April newsletter", "Reports your board reads", ("reporting", "dashboards", "events")),
    Mailing(7, 215, "Product update: Integrations", "Two-way sync is here", ("integrations", "release-notes")),
    Mailing(8, 206, "May newsletter", "Health scores that work", ("health-scores", "customer-story", "events"), time(14)),
    Mailing(9, 178, "June newsletter", "Forecasting renewals", ("renewals", "forecasting", "events")),
    Mailing(10, 150, "July newsletter", "Summer reading for CS teams", ("analytics-guide", "customer-story", "events"), time(14)),
    Mailing(11, 122, "August newsletter", "Data governance for grown-ups", ("data-governance", "security-checklist", "events")),
    Mailing(12, 106, "Product update: Dashboards", "Build a dashboard in a minute", ("dashboards", "release-notes")),
    Mailing(13, 94, "September newsletter", "Renewals that run by themselves", ("renewals", "automation-recipes", "events"), time(14)),
    Mailing(14, 66, "October newsletter", "Getting ready for the summit", ("events", "customer-story", "analytics-guide")),
    Mailing(15, 38, "November newsletter", "AI agents in daily work", ("ai-agents", "automation-recipes", "events"), time(14)),
    Mailing(16, 20, "Product update: AI agents", "Meet your new colleague", ("ai-agents", "release-notes", "pricing")),
    Mailing(17, 6, "Customer newsletter", "What the community built", ("automation-recipes", "pricing", "events")),
)  # fmt: skip
"""Oldest first."""


@dataclass(frozen=True)
class Reader:
    """A member and what they are like: shares of mails they open and click."""

    member: Member
    opens: float
    clicks: float
    hidden: bool
    phase: float
    number: int

    def does(self, share: float, nth: int) -> bool:
        """For the nth mail; evenly spread over them."""
        return int((nth + 1) * share + self.phase) > int(nth * share + self.phase)


def sent_at(mailing: Mailing, story: Story) -> datetime:
    day = on_a_weekday(story.day - timedelta(days=mailing.days_ago))
    return datetime.combine(day, mailing.at, ZoneInfo(ZONE)).astimezone(UTC)


def readers(story: Story) -> list[Reader]:
    came: dict[tuple[int, int], int] = {}
    for held in story.events:
        for seat in held.seats:
            key = (seat.member.account.number, seat.member.person)
            came[key] = came.get(key, 0) + seat.came
    found = []
    for number, member in enumerate(story.members):
        if not member.in_crm:
            continue
        share = came.get((member.account.number, member.person), 0) / len(PAST)
        keen = member.account.name in KEEN and member.person <= 2
        chance = crc32(member.email.encode())
        found.append(
            Reader(
                member=member,
                opens=0.9 if keen else min(0.85, 0.25 + 1.5 * share),
                clicks=0.8 if keen else min(0.6, 0.08 + share),
                hidden=chance % 10 < 3 and not keen and member.account.name not in FADING,
                phase=chance % 97 / 97,
                number=number,
            )
        )
    return found


def sendgrid_events(story: Story) -> Iterator[dict[str, Any]]:
    """The year as SendGrid logs it, one event after the other of each mail."""
    for mailing in MAILINGS:
        start = sent_at(mailing, story)
        common = {
            "marketing_campaign_id": f"{mailing.number}", "marketing_campaign_name": mailing.name,
            "subject": mailing.subject,
        }  # fmt: skip
        for reader in readers(story):
            for place, one in enumerate(_one(mailing, reader)):
                yield _event(one, mailing, reader.member.email, place, start) | common
        for place, email in enumerate(OTHERS):
            delivered = {"event": "delivered", "after": 20 + place}
            yield _event(delivered, mailing, email, 0, start) | common


def _event(
    one: dict[str, Any], mailing: Mailing, email: str, place: int, start: datetime
) -> dict[str, Any]:
    after = one.pop("after")
    key = f"{crc32(f'{mailing.number}:{email}'.encode()):08x}"
    at = int((start + timedelta(seconds=after)).timestamp())
    also = {"sg_event_id": f"ev-{key}-{place}", "sg_message_id": f"{key}.filter{mailing.number}"}
    return {"email": email, "timestamp": at, **also, **one}


def _one(mailing: Mailing, reader: Reader) -> Iterator[dict[str, Any]]:
    """What happened to one mail: seconds after sending in `after`."""
    who, nth = reader.member, mailing.number - 1
    last = mailing.number == len(MAILINGS)
    if (who.account.name, who.person) == GONE and mailing.number >= len(MAILINGS) - 1:
        yield {"event": "bounce", "type": "bounce", "status": "5.1.1", "after": 9}
        return
    yield {"event": "delivered", "after": 5 + reader.number % 40}
    if who.account.number in SCANNING:
        yield from _scan(mailing, reader, leaves=last and who.account.number == SCANNED_LEAVES)
    if reader.hidden:
        yield {"event": "open", "after": 60 + reader.number % 300, "ip": f"104.28.7.{reader.number % 250}",
               "useragent": PRIVACY_AGENT, "sg_machine_open": True}  # fmt: skip
    quiet_from = FADING.get(who.account.name)
    if quiet_from is not None and mailing.days_ago <= quiet_from:
        if last and (who.account.name, who.person) == LEAVES:
            yield _seen("open", reader, 7_000)
            yield _seen("group_unsubscribe", reader, 7_060)
        return
    clicks = reader.does(reader.clicks, nth)
    later = 900 + crc32(f"{who.email}{mailing.number}".encode()) % 30_000
    if (clicks or reader.does(reader.opens, nth)) and not reader.hidden:
        yield _seen("open", reader, later)
    if clicks:
        favourite = (reader.number + mailing.number // 3) % len(mailing.links)
        yield _seen("click", reader, later + 45, url=f"{SITE}/{mailing.links[favourite]}")


def _seen(event: str, reader: Reader, after: int, **also: str) -> dict[str, Any]:
    """By the person, from their office."""
    ip = f"203.0.{reader.member.account.number}.{10 + reader.member.person}"
    agent = BROWSERS[reader.number % len(BROWSERS)]
    return {"event": event, "after": after, "ip": ip, "useragent": agent, **also}


def _scan(mailing: Mailing, reader: Reader, *, leaves: bool) -> Iterator[dict[str, Any]]:
    """Every link within seconds, from the address of the scanner."""
    ip = f"198.51.100.{reader.member.account.number}"
    start = 7 + reader.number % 40
    for place, link in enumerate(mailing.links):
        yield {"event": "click", "after": start + 2 + place, "ip": ip, "useragent": BROWSERS[0],
               "url": f"{SITE}/{link}"}  # fmt: skip
    if leaves:
        yield {"event": "unsubscribe", "after": start + 2 + len(mailing.links), "ip": ip,
               "useragent": BROWSERS[0]}  # fmt: skip
