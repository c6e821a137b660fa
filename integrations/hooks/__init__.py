"""What other systems send by themselves: how each proves that it was them, and what it says.

A vendor is one file and one line of the table below. `verify` looks at the raw bytes alone; `sort` says
what one delivery is about; `gather` makes one attendance file of the deliveries that belong together,
the same however often and in whatever order they came. Of mail, `read` makes rows for the ledger; of
desks, `tickets` tells what became of tickets.
"""

from __future__ import annotations

from integrations.hooks import (
    brevo,
    customerio,
    freshdesk,
    hubspot,
    hubspot_tickets,
    intercom,
    jira,
    listmonk,
    mailchimp,
    mailgun,
    postmark,
    sendgrid,
    ses,
    signed,
    skilljar,
    thinkific,
    xapi,
    zendesk,
    zoom,
)
from integrations.hooks.records import Said, Vendor

__all__ = ["VENDORS", "Said", "Vendor"]

VENDORS: dict[str, Vendor] = {
    vendor.key: vendor
    for vendor in (
        zoom.VENDOR,
        thinkific.VENDOR,
        skilljar.VENDOR,
        xapi.VENDOR,
        signed.VENDOR,
        sendgrid.VENDOR,
        mailgun.VENDOR,
        postmark.VENDOR,
        ses.VENDOR,
        mailchimp.VENDOR,
        hubspot.VENDOR,
        brevo.VENDOR,
        customerio.VENDOR,
        listmonk.VENDOR,
        zendesk.VENDOR,
        intercom.VENDOR,
        freshdesk.VENDOR,
        jira.VENDOR,
        hubspot_tickets.VENDOR,
    )
}
