"""The accounts mail leaves from: connected by people, kept by us, and stood for by senders."""

from __future__ import annotations

from services.mailboxes.book import (
    OUR_TEAM,
    FromLine,
    below_name,
    calendar_of,
    folders,
    from_line,
    google_account,
    imap_account,
    mailbox_for,
    mailbox_found,
    sender_of,
    signature_for,
)
from services.mailboxes.changes import Checked
from services.mailboxes.listing import MailboxRow, google_is_set_up, listing
from services.mailboxes.vault import Rotated, Sealed, rotate, seal, unseal

__all__ = [
    "OUR_TEAM",
    "Checked",
    "FromLine",
    "MailboxRow",
    "Rotated",
    "Sealed",
    "below_name",
    "calendar_of",
    "folders",
    "from_line",
    "google_account",
    "google_is_set_up",
    "imap_account",
    "listing",
    "mailbox_for",
    "mailbox_found",
    "rotate",
    "seal",
    "sender_of",
    "signature_for",
    "unseal",
]
