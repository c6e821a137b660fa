"""What a rule would have done on history is what it does when somebody looks as often as the worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import CampaignRule, RuleFiring
from services.campaigns import take_in
from services.campaigns.rules.conditions import MAIL, SIGNS, Condition, holding
from services.campaigns.rules.firing import fire
from services.campaigns.rules.history import Trial, walked
from services.campaigns.rules.looks import Looks
from services.campaigns.rules.material import material
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, frame, mail

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TIMES = [name for name, kind in MAIL.items() if isinstance(kind, pl.Datetime)]
Row = dict[str, Any]
Fired = list[tuple[datetime, int]]


def mails(rows: list[Row]) -> pl.DataFrame:
    """MAIL; what a row leaves out is a newsletter that was delivered as it was sent."""
    usual = dict.fromkeys(MAIL) | {"recipient_id": 1, "kind": "newsletter", "words": ""}
    filled = [
        {**usual, "mail_id": number, "campaign_id": number, "customer_id": row.get("recipient_id", 1),
         "delivered_at": row["sent_at"], **row}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(filled, schema=MAIL)


def trial(wanted: Condition, days: int, cap: int = 20, looks: Looks | None = None) -> Trial:
    return Trial(1, 1, wanted, timedelta(days=days), cap, looks or Looks(NOW, 26 * 7 * 96))


def by_and_by(every: pl.DataFrame, of: Trial) -> tuple[Fired, int]:
    """A rule that is looked at again and again, as firings are."""
    fired: list[tuple[datetime, int, str]] = []
    waited: set[int] = set()
    for number in range(of.looks.count):
        at = of.looks.at(number)
        rows = holding(every, of.wanted, of.window.days, at)
        room = of.cap - sum(when > at - WEEK for when, *_ in fired)
        for row in rows.sort("at", "customer_id", descending=True).iter_rows(named=True):
            who, once = row["customer_id"], row["occasion"]
            theirs = [when for when, whose, _ in fired if whose == who]
            lately = bool(theirs) and max(theirs) > at - of.window
            silent = of.wanted.sign == "quiet" and bool(theirs)
            if lately or (who, once) in {(whose, o) for _, whose, o in fired}:
                continue
            if silent and (row["since"] is None or row["since"] <= max(theirs)):
                continue
            if room > 0:
                fired.append((at, who, once))
                room -= 1
            else:
                waited.add(who)
    return [(at, who) for at, who, _ in fired], len(waited)


def at_once(every: pl.DataFrame, of: Trial) -> tuple[Fired, int]:
    fired, held_back = walked(every, of)
    return list(fired.select("fired_at", "customer_id").iter_rows()), held_back


ago = st.integers(0, 10 * 24)
sign = st.none() | st.integers(0, 90)
told = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 5), ago, st.integers(-1, 60), *[sign] * 7),
    max_size=25,
)


@pytest.mark.parametrize("name", SIGNS)
@given(
    told=told,
    least=st.integers(1, 3),
    days=st.sampled_from([1, 2, 7]),
    cap=st.sampled_from([1, 2, 20]),
)
@settings(max_examples=6, deadline=None)
def test_a_trial_comes_to_what_the_rule_does(
    name: str, told: list[tuple[Any, ...]], least: int, days: int, cap: int
):
    """Signs of all kinds, in hours from the sending, of mails that arrive late, too."""
    looks = Looks(NOW, 32, 6 * HOUR)
    names = [one for one in TIMES if one not in ("sent_at", "delivered_at")]
    rows = [
        {
            "recipient_id": whom, "customer_id": 1 + whom // 2, "campaign_id": campaign,
            "role": "champion" if whom == 1 else None,
            "sent_at": NOW - began * HOUR,
            "delivered_at": None if late < 0 else NOW - (began - late) * HOUR,
            **{n: None if v is None else NOW - (began - v) * HOUR for n, v in zip(names, signs, strict=True)},
        }
        for whom, campaign, began, late, *signs in told
    ]  # fmt: skip
    of = trial(Condition(name, least), days, cap, looks)
    assert at_once(mails(rows), of) == by_and_by(mails(rows), of)


def test_a_trial_comes_to_what_rules_did_that_were_on(session: Session):
    people = {"one": ("ana", "bo"), "two": ("cy",), "three": ("di",)}
    for name, who in people.items():
        customer(session, name, f"{name}.example", *who)
    told: list[Row] = []
    for number, (name, who) in enumerate((n, w) for n, of in people.items() for w in of):
        for week in range(4):
            one = [*mail(f"{who}@{name}.example", campaign=week + 1)]
            if week != number:
                one.append(
                    click(f"{who}@{name}.example", 3_600 * (5 + 7 * number), campaign=week + 1)
                )
            told += [{**sent, "timestamp": sent["timestamp"] + week * 3 * 86_400} for sent in one]
    take_in(session, SENDGRID, frame(told), now=NOW + 20 * DAY)
    looks = Looks(NOW + 14 * DAY, 4 * 15, 6 * HOUR)
    every = material(session, since=NOW - WEEK)
    for number, (wanted, days, cap) in enumerate(
        (
            (Condition("clicked", 2), 7, 20),
            (Condition("clicked"), 1, 2),
            (Condition("engaged", 2), 5, 1),
            (Condition("quiet"), 2, 20),
        )
    ):
        rule = CampaignRule(
            name=str(number), condition=wanted.stored(), window_days=days, cap=cap, action="notify",
            state="on", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(rule)
        session.flush()
        for look in range(looks.count):
            fire(session, rule, every, looks.at(look))
        asked = select(RuleFiring.fired_at, RuleFiring.customer_id).where(
            RuleFiring.rule_id == rule.id
        )
        real = sorted((at, who) for at, who in session.execute(asked))
        few = material(session, since=NOW - WEEK, wanted=wanted)
        of = trial(wanted, days, cap, looks)
        assert real == sorted(at_once(few, of)[0])
        assert real


def clicks(*when: tuple[int, timedelta]) -> pl.DataFrame:
    """Of so many customers, each so long before now."""
    return mails(
        [{"recipient_id": who, "sent_at": NOW - past - HOUR, "human_click_at": NOW - past}
         for who, past in when]
    )  # fmt: skip


def test_each_occasion_fires_once_and_the_cap_is_kept():
    many = clicks(*((who, DAY) for who in range(1, 6)))
    fired, held_back = walked(many, trial(Condition("clicked"), 30))
    assert (fired.height, held_back) == (5, 0)
    fired, held_back = walked(many, trial(Condition("clicked"), 30, 2))
    assert (fired.height, held_back) == (2, 3)


def test_two_clicks_a_quarter_of_an_hour_less_than_the_window_apart_are_seen():
    apart = WEEK - timedelta(minutes=15)
    seen = clicks((1, 30 * DAY + apart), (1, 30 * DAY), (2, 30 * DAY + WEEK), (2, 30 * DAY))
    fired, _ = walked(seen, trial(Condition("clicked", 2), 7))
    assert fired["customer_id"].to_list() == [1]
    assert fired["fired_at"].to_list() == [NOW - 30 * DAY]


def test_the_cap_is_of_any_seven_days_and_those_it_put_off_are_counted_once():
    days = [(1, 16), (2, 15), (3, 11), (4, 6)]
    of = trial(Condition("clicked"), 20, 2)
    fired, held_back = walked(clicks(*((who, n * DAY) for who, n in days)), of)
    past = [(NOW - at).days for at in fired["fired_at"]]
    assert list(zip(fired["customer_id"], past, strict=True)) == [(1, 16), (2, 15), (3, 9), (4, 6)]
    assert held_back == 1


def test_a_trial_tells_how_far_it_is():
    shares: list[float] = []
    walked(
        clicks((1, DAY), (2, 50 * DAY)),
        trial(Condition("clicked"), 7),
        lambda _, s: shares.append(s),
    )
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
