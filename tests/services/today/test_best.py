"""The next best five: what moves a customer up and down, and whose they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Person, RiskSignal, Task
from services.access import Viewer
from services.today import inbox
from services.today.best import DRAFT, OCCASIONS, SIGNAL, STAKES, TASK, Pick, best
from services.today.digest import values
from services.today.next_best import DRAFT_STRENGTH, next_best
from tests.services.impact.test_impact import signal, touch
from tests.support.portfolio import Portfolio, portfolio

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
Stake = tuple[int, str, float | None, str]
Occasion = tuple[int, str, int, float, datetime, str]

amounts = st.none() | st.floats(0, 1e7).map(lambda one: round(one, 2))
desks = st.lists(st.tuples(amounts, st.sampled_from(["USD", "EUR"])), min_size=1, max_size=9).map(
    lambda rows: [(n, f"Customer {n}", arr, currency) for n, (arr, currency) in enumerate(rows)]
)
reasons = st.lists(
    st.tuples(
        st.integers(0, 8), st.sampled_from([SIGNAL, DRAFT, TASK]), st.floats(0.05, 0.95),
        st.integers(-40, 90),
    ),
    min_size=1, max_size=20,
).map(
    lambda rows: [
        (who, kind, n, strength, NOW + days * DAY, f"reason {n}")
        for n, (who, kind, strength, days) in enumerate(rows)
    ]
)  # fmt: skip


def picked(stakes: list[Stake], occasions: list[Occasion], most: int = 99) -> tuple[Pick, ...]:
    there = {one[0] for one in stakes}
    return best(
        pl.DataFrame(stakes, schema=STAKES, orient="row"),
        usual(stakes),
        pl.DataFrame([o for o in occasions if o[0] in there], schema=OCCASIONS, orient="row"),
        NOW,
        most=most,
    )


def usual(stakes: list[Stake]) -> dict[str, float]:
    amounts: dict[str, list[float]] = {}
    for _, _, arr, currency in stakes:
        amounts.setdefault(currency, []).append(max(arr or 0.0, 0.0))
    return {currency: fmean(some) for currency, some in amounts.items()}


def place(found: tuple[Pick, ...], customer: int) -> int:
    return [one.customer_id for one in found].index(customer)


@settings(max_examples=60)
@given(desks, reasons, st.randoms(use_true_random=False))
def test_order_of_what_comes_in_does_not_matter(
    stakes: list[Stake], occasions: list[Occasion], chance: Any
):
    mixed, others = stakes[:], occasions[:]
    chance.shuffle(mixed)
    chance.shuffle(others)
    assert picked(mixed, others) == picked(stakes, occasions)


@settings(max_examples=60)
@given(desks, reasons, st.floats(0, 1e7), st.data())
def test_more_arr_never_lowers_anybody(
    stakes: list[Stake], occasions: list[Occasion], more: float, data: Any
):
    before = picked(stakes, occasions)
    assume(before)
    one = data.draw(st.sampled_from(before))
    richer = [
        (n, name, (arr or 0.0) + more, currency) if n == one.customer_id else (n, name, arr, currency)
        for n, name, arr, currency in stakes
    ]  # fmt: skip
    after = picked(richer, occasions)
    assert place(after, one.customer_id) <= place(before, one.customer_id)
    assert after[place(after, one.customer_id)].value >= one.value


@settings(max_examples=60)
@given(desks, reasons, st.data())
def test_a_further_reason_never_lowers_anybody(
    stakes: list[Stake], occasions: list[Occasion], data: Any
):
    before = picked(stakes, occasions)
    assume(before)
    one = data.draw(st.sampled_from(before))
    after = picked(stakes, [*occasions, (one.customer_id, TASK, 99, 0.3, NOW, "one more")])
    assert place(after, one.customer_id) <= place(before, one.customer_id)


@settings(max_examples=60)
@given(desks, reasons)
def test_only_customers_with_a_reason_and_the_highest_first(
    stakes: list[Stake], occasions: list[Occasion]
):
    found = picked(stakes, occasions)
    assert {one.customer_id for one in found} == {o[0] for o in occasions} & {s[0] for s in stakes}
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)
    assert picked(stakes, occasions, most=3) == found[:3]


def test_value_is_what_the_formula_says():
    (found,) = picked(
        [(1, "A", 100.0, "USD")],
        [(1, SIGNAL, 7, 0.8, NOW - DAY, "risk"), (1, DRAFT, 8, 0.4, NOW + 14 * DAY, "mail")],
    )
    assert found.value == pytest.approx((0.1 + 1.0) * (1 - (1 - 0.8) * (1 - 0.4 / 2)))
    assert [one.number for one in found.reasons] == [7, 8]
    assert found.why == "Risk; mail"


def test_amounts_of_two_currencies_are_not_compared():
    stakes: list[Stake] = [(1, "A", 9e6, "JPY"), (2, "B", 9e6, "JPY"), (3, "C", 6e4, "USD"),
                           (4, "D", 1e4, "USD")]  # fmt: skip
    found = picked(stakes, [(n, DRAFT, n, 0.4, NOW, "mail") for n in (1, 2, 3, 4)])
    assert [one.customer for one in found] == ["C", "A", "B", "D"]


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    for customer in (made.techcorp, made.datapro):
        session.add(signal(customer, now - 10 * DAY))
    session.flush()
    return made


def draft(known: Portfolio, owner: Viewer, now: datetime, **said: Any) -> Draft:
    given: dict[str, Any] = {"state": "pending", "subject": "Thanks", "created_at": now} | said
    return Draft(
        dedup_key=f"{given['subject']}", kind="note", topic="relationship",
        customer_id=known.techcorp, stakeholder_id=known.maria, owner_id=owner.person_id, text="",
        html="", source="manual", updated_at=now, **given,
    )  # fmt: skip


def task(known: Portfolio, owner: Viewer, title: str, due: datetime, **said: Any) -> Task:
    given: dict[str, Any] = {"customer_id": known.techcorp} | said
    return Task(
        dedup_key=title, owner_id=owner.person_id, title=title, due_at=due, created_at=due,
        updated_at=due, **given,
    )  # fmt: skip


def test_customers_of_others_are_never_among_them(
    session: Session, known: Portfolio, now: datetime
):
    session.add(task(known, known.erik, "Erik's", now))
    session.flush()
    assert [one.customer for one in next_best(session, known.dana, now)] == ["TechCorp"]
    (mine,) = next_best(session, known.erik, now)
    assert (mine.customer, [one.kind for one in mine.reasons]) == ("DataPro", [SIGNAL])
    assert next_best(session, known.morgan, now) == ()
    session.execute(update(Customer).values(churned_on=now.date()))
    assert next_best(session, known.dana, now) == ()


def test_a_word_with_them_ends_the_signal_s_part(session: Session, known: Portfolio, now: datetime):
    (found,) = next_best(session, known.dana, now)
    assert found.why == "At risk (alert) for 10 days, and nobody has spoken with them"
    session.add(touch(known.techcorp, now - DAY))
    session.flush()
    assert next_best(session, known.dana, now) == ()


def test_what_may_not_go_yet_or_is_snoozed_is_no_reason(
    session: Session, known: Portfolio, now: datetime
):
    session.add_all(
        [
            draft(known, known.dana, now),
            draft(known, known.dana, now, subject="Later", not_before=now + DAY),
            draft(known, known.dana, now, subject="Gone", state="rejected"),
            task(known, known.dana, "Call", now),
            task(known, known.dana, "Snoozed", now, snoozed_until=now + DAY),
            task(known, known.dana, "Done", now, state="done"),
        ]
    )
    session.flush()
    (found,) = next_best(session, known.dana, now)
    assert sorted(one.kind for one in found.reasons) == [DRAFT, SIGNAL, TASK]
    assert "Thanks" in found.why
    assert "Call" in found.why


@pytest.mark.parametrize(("whole_day", "said"), [(False, "24 Nov"), (True, "23 Nov")])
def test_tasks_are_due_on_the_reader_s_day(
    session: Session, known: Portfolio, whole_day: bool, said: str
):
    session.get_one(Person, known.dana.person_id).time_zone = "Pacific/Auckland"
    due = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=0 if whole_day else 21)
    session.add(task(known, known.dana, "Plan", due, whole_day=whole_day))
    session.flush()
    (found,) = next_best(session, known.dana, NOW)
    assert f"do by {said}: Plan" in found.why
    day = inbox(session, known.dana, NOW)
    assert f"do by {said}: Plan" in str(values("Dana", day, NOW)["sections"])


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Pacific/Auckland", "; the renewal is today"), ("UTC", "; 1 day to the renewal")],
)
def test_days_to_the_renewal_are_those_of_the_reader(
    session: Session, known: Portfolio, zone: str, said: str
):
    late = NOW.replace(hour=13)
    session.get_one(Person, known.dana.person_id).time_zone = zone
    session.get_one(Customer, known.techcorp).renews_on = date(2026, 11, 23)
    session.flush()
    (found,) = next_best(session, known.dana, late)
    assert said in found.why
    day = inbox(session, known.dana, late)
    assert said in str(values("Dana", day, late)["sections"])


def test_renewal_of_the_reader_s_yesterday_is_told_no_more(session: Session, known: Portfolio):
    late = NOW.replace(hour=13)
    session.get_one(Person, known.dana.person_id).time_zone = "Pacific/Auckland"
    session.get_one(Customer, known.techcorp).renews_on = NOW.date()
    session.flush()
    (found,) = next_best(session, known.dana, late)
    assert "renewal" not in found.why


NAMES = ("Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Oak", "Yew")
portfolios = st.lists(
    st.tuples(
        st.none() | st.integers(-1, 3).map(lambda one: Decimal(one * 50_000)),
        st.sampled_from(["USD", "EUR"]), st.sampled_from(["", "signal", "task"]),
    ),
    min_size=len(NAMES), max_size=len(NAMES),
)  # fmt: skip
"""Few amounts, so that many are worth the same."""
drafts_waiting = st.lists(
    st.tuples(
        st.integers(0, len(NAMES) - 1), st.sampled_from(list(DRAFT_STRENGTH)), st.integers(0, 9),
        st.none() | st.integers(1, 4), st.booleans(),
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(portfolios, drafts_waiting)
def test_the_first_five_are_those_of_all_looked_at_one_by_one(
    session: Session,
    known: Portfolio,
    now: datetime,
    desk: list[tuple[Decimal | None, str, str]],
    rows: list[tuple[int, str, int, int | None, bool]],
):
    for table in (Draft, RiskSignal, Task):
        session.execute(delete(table))
    session.execute(update(Customer).values(csm_id=None))
    customers = [
        Customer(
            name=name, csm_id=known.dana.person_id, arr=arr, currency=currency, created_at=now,
            updated_at=now,
        )
        for name, (arr, currency, _) in zip(NAMES, desk, strict=True)
    ]  # fmt: skip
    session.add_all(customers)
    session.flush()
    occasions: list[Occasion] = []
    for one, (_, _, other) in zip(customers, desk, strict=True):
        occasions += _other(session, known, one.id, other, now)
    for n, (whose, severity, days, left, later) in enumerate(rows):
        made = draft(
            known, known.dana, now, subject=f"Mail {n}", severity=severity,
            created_at=now - days * DAY - timedelta(microseconds=n),
            expires_at=now + left * DAY if left else None, not_before=now + DAY if later else None,
        )  # fmt: skip
        made.customer_id = customers[whose].id
        session.add(made)
        session.flush()
        due = min(made.created_at + 3 * DAY, made.expires_at or now + 99 * DAY)
        words = f"a mail waits for your approval: “{made.subject}”"
        one = (made.customer_id, DRAFT, made.id, DRAFT_STRENGTH[severity], due, words)
        occasions += [] if later else [one]
    stakes: list[Stake] = [
        (c.id, c.name, None if c.arr is None else float(c.arr), c.currency) for c in customers
    ]
    expected = best(
        pl.DataFrame(stakes, schema=STAKES, orient="row"), usual(stakes),
        pl.DataFrame(occasions, schema=OCCASIONS, orient="row"), now,
    )  # fmt: skip
    assert next_best(session, known.dana, now) == expected


def _other(
    session: Session, known: Portfolio, customer: int, kind: str, now: datetime
) -> list[Occasion]:
    """A reason besides mails, on record and as it is weighed."""
    if not kind:
        return []
    made: Any = (
        signal(customer, now - 10 * DAY)
        if kind == "signal"
        else task(known, known.dana, f"Call {customer}", now + 2 * DAY, customer_id=customer)
    )
    session.add(made)
    session.flush()
    words = "at risk (alert) for 10 days, and nobody has spoken with them"
    if kind == "signal":
        return [(customer, SIGNAL, made.id, 0.8, now + 4 * DAY, words)]
    due = now + 2 * DAY
    words = f"to do by {due.day} {due:%b}: Call {customer}"
    return [(customer, TASK, made.id, 0.5, due, words)]


def test_daily_mail_names_the_same_in_the_same_order(
    session: Session, known: Portfolio, now: datetime
):
    session.execute(update(Customer).values(csm_id=known.dana.person_id))
    found = inbox(session, known.dana, now)
    (section,) = [s for s in values("Dana", found, now)["sections"] if s["title"] == "Best next"]
    assert [line["text"].split(" (")[0] for line in section["lines"]] == [
        one.customer for one in found.best
    ]
    assert [one.customer for one in found.best] == ["TechCorp", "DataPro"]
    assert found.best[0].why in section["lines"][0]["text"]
    assert "/risk?signal=sig_" in section["lines"][0]["url"]
