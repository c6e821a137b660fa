"""The mail channel of the alarm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal
from sqlalchemy.orm import Session

from services.campaigns import take_in
from services.scoring import backtest
from services.scoring.load import CUSTOMER_SCHEMA
from services.scoring.risk.alarm import ALERT_FUSED, WATCH_FUSED
from services.scoring.risk.mail import GOT, SENT, channel, mail_channel, mail_history
from tests.services.campaigns import mail_world
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, frame, mail

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


def told_of(numbers: range) -> pl.DataFrame:
    """Campaigns three weeks apart, the first 400 days before `AS_OF`: two customers click, one stops halfway."""
    events = []
    for number in numbers:
        ago = (400 - 21 * number) * 86_400 - 2 * 86_400
        rest: dict[str, Any] = {"campaign": number + 1}
        for place, who in enumerate(("ana@one.example", "bo@two.example", "cy@three.example")):
            told = mail(who, **rest)
            if place < 2 or number < 9:
                told.append(click(who, 4_000 + number, **rest))
            events += [{**one, "timestamp": one["timestamp"] - ago} for one in told]
    return frame(events)


def test_a_look_back_knows_of_mail_what_was_known_then(session: Session):
    for name in ("one", "two", "three"):
        mail_world.customer(session, name, f"{name}.example")
    take_in(session, SENDGRID, told_of(range(11)), now=NOW)
    then = (NOW - timedelta(days=400 - 21 * 10 - 5)).date()
    known = mail_channel(session, then).sort("customer_id")
    assert known["campaigns"].to_list() == [11, 11, 11]
    take_in(session, SENDGRID, told_of(range(11, 19)), now=NOW)
    look = mail_history(session)
    assert look is not None
    assert_frame_equal(look(then).sort("customer_id"), known)
    assert_frame_equal(
        look(AS_OF).sort("customer_id"), mail_channel(session, AS_OF).sort("customer_id")
    )
    assert look(then - timedelta(days=400)).is_empty()
    found, _ = backtest.material(session, NOW)
    assert found.mail is not None
    assert found.mail(AS_OF).height == 3


def test_without_campaigns_there_is_no_channel_to_look_back_on(session: Session):
    assert mail_history(session) is None
