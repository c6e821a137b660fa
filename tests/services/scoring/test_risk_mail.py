"""The mail channel of the alarm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from services.scoring.load import CUSTOMER_SCHEMA
from services.scoring.risk.alarm import ALERT_FUSED, WATCH_FUSED
from services.scoring.risk.mail import GOT, SENT, channel

AS_OF = date(2026, 11, 20)
CAMPAIGNS = 24
FADING, STEADY, LATE = 1, 2, 3


def world() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Two campaigns a month. All answer as a rule; one stopped half a year ago, one gets mail only since."""
    on = [AS_OF - timedelta(days=15 * (CAMPAIGNS - n) - 5) for n in range(CAMPAIGNS)]
    sent = pl.DataFrame([(n, day) for n, day in enumerate(on)], schema=SENT, orient="row")
    rows: list[Any] = []
    for n in range(CAMPAIGNS):
        early = n < CAMPAIGNS // 2
        for customer in range(1, 31):
            if customer == LATE and early:
                continue
            answered = early if customer == FADING else (n + customer) % 4 != 0
            rows.append((customer, n, customer * 10, answered))
    customers = pl.DataFrame(
        [(n, None, None, None) for n in range(1, 31)], schema=CUSTOMER_SCHEMA, orient="row"
    )
    return pl.DataFrame(rows, schema=GOT, orient="row"), sent, customers


def test_who_stopped_answering_falls_short_and_others_do_not():
    found = channel(*world(), as_of=AS_OF)
    z = dict(found.select("customer_id", "z_mail").iter_rows())
    assert z[FADING] > ALERT_FUSED
    assert abs(z[STEADY]) < WATCH_FUSED
    assert max(z.values()) == z[FADING]


def test_only_campaigns_that_were_got_count():
    found = channel(*world(), as_of=AS_OF)
    counts = dict(found.select("customer_id", "campaigns").iter_rows())
    assert counts[LATE] == CAMPAIGNS // 2
    assert counts[STEADY] == CAMPAIGNS


def test_nothing_got_is_nothing_said():
    _, sent, customers = world()
    assert channel(pl.DataFrame(schema=GOT), sent, customers, as_of=AS_OF).is_empty()
