"""Whom a server's report is about, of a mail of ours."""

from __future__ import annotations

from data.errors import BadInput
from data.tables import OutboxMail
from integrations.dsn import Report, worst
from services.suppression import address_key


def of_ours(mail: OutboxMail, report: Report) -> Report:
    """What the report says of the address that the mail went to; where it does not name that one, its worst."""
    every = [report, *report.others]
    ours = [one for one in every if one.recipient and is_recipient(mail, one.recipient)]
    return worst(ours) if ours else report


def same_recipient(mail: OutboxMail, report: Report) -> bool:
    """Whether the report is about the address that the mail went to, or names none. What providers pass on of
    complaints hides who complained (RFC 6590), so there the domain has to do."""
    if report.recipient is None or is_recipient(mail, report.recipient):
        return True
    domains = {one.rpartition("@")[2].lower() for one in (report.recipient, mail.recipient)}
    return report.kind == "complaint" and len(domains) == 1


def is_recipient(mail: OutboxMail, address: str) -> bool:
    try:
        return address_key(address) == address_key(mail.recipient)
    except BadInput:
        return False
