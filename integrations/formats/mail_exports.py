"""Exports of mail campaigns: told from other files by their headings, and what their columns mean."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from integrations.formats.headings import Field, field, normalise

MAIL: dict[str, Field] = {
    "email": field(
        "Email",
        "email address|email|recipient|recipient email|contact email|subscriber email|to|to email|address",
        required=True,
    ),
    "first_name": field("First name", "first name|firstname|fname"),
    "last_name": field("Last name", "last name|lastname|lname"),
    "name": field("Name", "subscriber name|name|full name|contact name|recipient name"),
    "company": field(
        "Company",
        "company|company name|account|account name|customer|customer name|organization|organisation",
    ),
    "event": field("What happened", "event|event type|type|action|activity|metric"),
    "at": field(
        "When",
        "timestamp|created at|occurred at|event date|event time|date|time|created|processed",
    ),
    "url": field("Link", "url|link|clicked url|original link|link url"),
    "opens": field("Opens", "opens|open count|times opened|opened|total opens|email opens"),
    "clicks": field("Clicks", "clicks|click count|times clicked|clicked|total clicks|email clicks"),
    "replies": field("Replies", "replies|replied|email replies"),
    "bounce": field("Bounce", "bounce type|bounce|bounced|bounces|bounce reason"),
    "unsubscribed": field(
        "Unsubscribed", "unsub time|unsubscribed|unsubscribed at|unsubscribe date|unsubscribe time"
    ),
    "complained": field("Spam report", "spam report|spam|marked as spam|complained|complaint"),
    "delivered": field("Delivered", "delivered|delivered at|delivery date"),
    "sent": field("Sent", "sent|sent at|send date|sent date"),
    "campaign": field(
        "Campaign number",
        "campaign uuid|unsub campaign id|marketing campaign id|email campaign id|campaign id|email id",
    ),
    "campaign_name": field(
        "Campaign",
        "campaign name|unsub campaign title|marketing campaign name|campaign title|campaign|email name",
    ),
    "subject": field("Subject", "subject|email subject|subject line"),
    "event_id": field("Event number", "sg event id|event id"),
    "message": field("Message number", "sg message id|message id"),
    "ip": field("Network address", "ip|ip address"),
    "agent": field("Program", "useragent|user agent"),
    "machine": field("Automatic", "sg machine open|machine open|filtered event|is bot"),
    "kind": field("Kind of bounce", "type|severity|bounce classification"),
}
LAYOUTS: tuple[tuple[frozenset[str], str, str, str], ...] = tuple(
    (frozenset(headings.split("|")), form, label, source)
    for headings, form, label, source in (
        ("sg event id|event|timestamp", "sendgrid_events", "SendGrid events", "sendgrid"),
        (
            "campaign uuid|subscriber uuid|email|url",
            "listmonk_clicks",
            "listmonk clicks",
            "listmonk",
        ),
        ("campaign uuid|subscriber uuid|email", "listmonk_views", "listmonk views", "listmonk"),
        (
            "email address|unsub time",
            "mailchimp_unsubscribed",
            "Mailchimp unsubscribed contacts",
            "mailchimp",
        ),
        (
            "email address|opens|clicks",
            "mailchimp_recipients",
            "Mailchimp campaign recipients",
            "mailchimp",
        ),
        ("email|timestamp|url", "mailchimp_clicks", "Mailchimp clicks", "mailchimp"),
        ("email address|bounce type", "mailchimp_bounces", "Mailchimp bounces", "mailchimp"),
        ("recipient|email campaign id|created", "hubspot_events", "HubSpot mail events", "hubspot"),
        ("recipient|opened|clicked", "hubspot_recipients", "HubSpot mail recipients", "hubspot"),
        (
            "email|delivered|opened|clicked",
            "hubspot_recipients",
            "HubSpot mail recipients",
            "hubspot",
        ),
        ("email|opens|clicks", "mail_recipients", "Campaign recipients", "file"),
    )
)
"""Headings that give a layout away; the more particular first."""
EVENT_LOG = ("mail_events", "Campaign events", "file")
CLICK_LOG = ("mail_clicks", "Campaign clicks", "file")
"""Logs that nobody knows: with a column that says what happened, and of clicks alone."""
SAYS = frozenset(
    ["status", "activity type", "event name", "event status", "message status", "result", "outcome"]
)
"""Headings of what happened in a log that nobody knows; elsewhere they say other things."""
TOTALS = (
    "opens", "clicks", "replies", "bounce", "unsubscribed", "complained", "delivered", "sent",
)  # fmt: skip
VIEWS = ("listmonk_views", "mailchimp_opens")
_HEAD = 64 * 1024
_LINES = 10
_TEXTS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
_CELL_TEXT = re.compile(r"<(?:si|is)>(.*?)</(?:si|is)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_FIRST = 60
"""Texts of a workbook among which its headings are."""


def layout_of(header: set[str]) -> tuple[str, str, str] | None:
    """Format, label and vendor of normalised headings; None for what is no mail export. Whoever wrote it, a
    table of addresses, campaigns, links and times is one."""
    for headings, form, label, source in LAYOUTS:
        if headings <= header:
            return form, label, source
    if header == {"email", "timestamp"}:  # two columns, and a name like any other's
        return "mailchimp_opens", "Mailchimp opens", "mailchimp"
    said = {name for name, meant in MAIL.items() if header.intersection(meant.aliases)}
    if said >= {"email", "at", "url"} and said & {"campaign", "campaign_name"}:
        return EVENT_LOG if "event" in said or header & SAYS else CLICK_LOG
    return None


def says_nothing(form: str, mapping: Mapping[str, str]) -> bool:
    """Whether of a table that nobody knows no more is understood than to whom: neither what happened when, nor
    any total."""
    logged = "at" in mapping and bool({"event", "url"} & set(mapping))
    return form == "generic" and not logged and not set(TOTALS) & set(mapping)


def is_mail_export(path: Path) -> bool:
    """Whether the beginning of a file has the headings of one."""
    found = first_headings(path)
    if isinstance(found, str):
        return all(f'"{key}"' in found for key in ("sg_event_id", "event", "timestamp"))
    return any(layout_of(header) for header in found)


def first_headings(path: Path) -> list[set[str]] | str:
    """What may be the headings of a text file, normalised, under each delimiter; of a workbook the texts that
    come first; of a JSON file its beginning."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return [first_texts(path)]
    text = _decoded(head)
    if text.lstrip()[:1] in ("[", "{"):
        return text
    lines = "\n".join(text.splitlines()[:_LINES])
    found = []
    for delimiter in ",;\t":
        try:
            rows = list(csv.reader(io.StringIO(lines), delimiter=delimiter))
        except csv.Error:
            continue
        found += [{normalise(cell) for cell in row if cell.strip()} for row in rows[:3]]
    return found


def first_texts(path: Path) -> set[str]:
    """The texts a workbook begins with, normalised: of those that it shares between its cells, in the order in
    which cells first use them, or else of its first sheet. Nothing of it is unpacked beyond what is looked at."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in _TEXTS if name in archive.namelist()]
            for name in names:
                with archive.open(name) as stream:
                    found = _CELL_TEXT.findall(stream.read(_HEAD).decode("utf-8", "replace"))
                if found:
                    texts = (html.unescape(_TAG.sub("", one)) for one in found[:_FIRST])
                    return {normalise(text) for text in texts if text.strip()}
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        pass  # whoever reads it says what is wrong with it
    return set()


def _decoded(head: bytes) -> str:
    for mark, encoding in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
    ):
        if head.startswith(mark):
            return head.decode(encoding, "replace")
    return head.decode("utf-8", "replace").replace("\x00", "")
