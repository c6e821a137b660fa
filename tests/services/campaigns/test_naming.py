"""What campaigns are called and which mails are of one. Pure."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from integrations.hooks.mail import MAIL_EVENTS
from services.campaigns import Source
from services.campaigns.naming import identified, kind_of, name_of


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("spring campaign", "other"),
        ("Spring_campaign_recipients", "other"),
        (name_of("17", None, "Mailchimp"), "other"),
        ("spring campaign webinar", "marketing"),
        ("campaign newsletter", "newsletter"),
    ],
)
def test_that_it_is_a_campaign_says_nothing_of_its_kind(words: str, kind: str):
    assert kind_of(words) == kind


def weeks(zone: str, *moments: str) -> list[str]:
    """Of a mailing without an id, the week of events at these moments (UTC)."""
    blank = {name: [None] * len(moments) for name in MAIL_EVENTS}
    told = blank | {
        "at": [datetime.fromisoformat(at) for at in moments],
        "subject": ["Our news"] * len(moments),
    }
    found = identified(
        pl.DataFrame(told, schema=MAIL_EVENTS), Source("postmark", "Postmark", "webhook", 3), zone
    )
    return [key[-10:] for key in found["vendor_key"]]


def test_a_mailing_around_a_sundays_midnight_is_one():
    around = ["2026-11-15T23:58", "2026-11-16T00:02", "2026-11-16T01:30"]
    assert weeks("UTC", *around) == ["2026-11-09"] * 3
    # Monday morning in Tokyo is Sunday evening at Greenwich, and Sunday evening in Denver is Monday there.
    assert weeks("Asia/Tokyo", "2026-11-15T23:50", "2026-11-16T00:10") == ["2026-11-16"] * 2
    assert weeks("America/Denver", "2026-11-16T00:10", "2026-11-16T05:00") == ["2026-11-09"] * 2


def test_a_week_goes_on_as_it_was():
    assert weeks("UTC", "2026-11-16T09:00", "2026-11-22T20:00") == ["2026-11-16"] * 2
