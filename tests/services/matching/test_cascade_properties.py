"""The fast cascade against the slow one, and what must hold for any data."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import cascade
from services.matching.book import ANSWERS, CustomerBook, empty_book
from services.matching.cascade import match
from services.matching.keys import best_of, person_key
from services.matching.prepared import prepare
from tests.services.matching.slow import SlowMatcher

FIRST = ["Anna", "Ann", "Robert", "Bob", "Łukasz", "Kim", "J", "Jon", "John", "Zoë"]
LAST = ["Smith", "Smyth", "O'Brien", "Lee", "García", "Müller", "Muller", "Wu"]
WORDS = [
    "Acme",
    "Apex",
    "Data",
    "Flow",
    "Group",
    "Global",
    "Nord",
    "Licht",
    "Pharma",
    "Tools",
    "東洋",
    "Bank",
]
FORMS = ["", " Inc.", " GmbH", " S.p.A.", " Ltd", " A/S"]
FREE = ["gmail.com", "gmx.de", "rogers.com", "gmial.com", "outlok.com"]


def _company(rng: random.Random) -> str:
    joint = rng.choice([" ", " ", "", "-"])
    words = [rng.choice(WORDS) for _ in range(rng.choice([1, 2, 2, 3]))]
    return joint.join(words) + rng.choice(FORMS)


def _slip(rng: random.Random, text: str) -> str:
    i = rng.randrange(1, max(2, len(text) - 1))
    ways = [
        text[:i] + text[i + 1 :],
        text[:i] + "x" + text[i:],
        text[: i - 1] + text[i : i + 1] + text[i - 1] + text[i + 1 :],
    ]
    return rng.choice(ways)


def _world(seed: int) -> tuple[CustomerBook, pl.DataFrame]:
    """A small book in which everything collides, and rows that mean it, miss it or mangle it."""
    rng = random.Random(seed)
    ids = range(1, rng.choice([3, 12, 25]))
    customers = [(i, _company(rng)) for i in ids]
    hosts = [
        f"{rng.choice(WORDS[:8]).lower()}{rng.choice(WORDS[:8]).lower()}.{t}"
        for t in ("com", "io", "co.uk", "example")
    ]
    hosts += ["eu." + hosts[0], *FREE[:3]]
    domains = [(rng.choice(ids), rng.choice(hosts)) for _ in range(12)]
    people = [(i, rng.choice(ids), rng.choice(FIRST), rng.choice(LAST)) for i in range(100, 130)]
    emails = [
        (p, c, f"{f}.{n}@{rng.choice(hosts)}".replace("'", ""))
        for p, c, f, n in people
        if rng.random() < 0.6
    ]
    answers = []
    for _ in range(rng.choice([0, 3, 8])):
        kind = rng.choice(["domain", "name", "email"])
        key = {"domain": rng.choice(hosts), "name": _company(rng), "email": rng.choice(emails)[2]}[
            kind
        ]
        verdict = rng.choice(["is", "never", "nobody"])
        answers.append((kind, key, None if verdict == "nobody" else rng.choice(ids), verdict))
    rows = []
    for _ in range(80):
        host = rng.choice([*hosts, *FREE, "unknown.example", "mail." + rng.choice(hosts)])
        email = rng.choice(
            [
                rng.choice(emails)[2],
                f"{rng.choice(FIRST)}@{host}",
                f"{rng.choice(FIRST)}@{_slip(rng, host)}",
                None,
                "junk",
            ]
        )
        if email and rng.random() < 0.2:
            email = _slip(rng, email).upper()
        company = rng.choice(
            [rng.choice(customers)[1], _slip(rng, rng.choice(customers)[1]), _company(rng), None]
        )
        name = rng.choice(
            [
                f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                f"{rng.choice(LAST)}, {rng.choice(FIRST)}",
                None,
            ]
        )
        rows.append((email, company, name))
    book = empty_book(
        customers=pl.DataFrame(
            customers, schema={"customer_id": pl.Int64, "name": pl.Utf8}, orient="row"
        ),
        names=pl.DataFrame(
            [(rng.choice(ids), _company(rng))],
            schema={"customer_id": pl.Int64, "name": pl.Utf8},
            orient="row",
        ),
        domains=pl.DataFrame(
            domains, schema={"customer_id": pl.Int64, "domain": pl.Utf8}, orient="row"
        ),
        stakeholders=pl.DataFrame(
            people,
            schema=["stakeholder_id", "customer_id", "first_name", "last_name"],
            orient="row",
        ),
        emails=pl.DataFrame(
            emails, schema=["stakeholder_id", "customer_id", "email"], orient="row"
        ),
        answers=pl.DataFrame(answers, schema=ANSWERS, orient="row"),
    )
    table = pl.DataFrame(
        rows, schema={"email": pl.Utf8, "company": pl.Utf8, "name": pl.Utf8}, orient="row"
    )
    return book, table


@pytest.mark.parametrize("seed", range(12))
def test_fast_and_slow_agree(seed) -> None:
    book, rows = _world(seed)
    found = match(rows, book)
    slow = SlowMatcher(book)
    for row, fast in zip(rows.to_dicts(), found.to_dicts(), strict=True):
        told = slow.decide(row["email"], row["company"], row["name"])
        said = (fast["band"], fast["evidence"], fast["customer_id"])
        assert said == told[:3], (seed, row)
        assert fast["confidence"] == pytest.approx(told[3], abs=2e-3), (seed, row)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_order_of_rows_and_book_does_not_matter(seed, rng) -> None:
    book, rows = _world(seed)
    order = list(range(rows.height))
    rng.shuffle(order)
    frames = ("customers", "names", "domains", "stakeholders", "emails", "answers")
    shuffled = {
        name: getattr(book, name).sample(fraction=1, shuffle=True, seed=rng.randrange(999))
        for name in frames
    }
    turned = replace(book, **shuffled)
    assert match(rows[order], turned).equals(match(rows, book)[order])


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_a_row_is_judged_alone(seed) -> None:
    book, rows = _world(seed)
    ready = prepare(book)
    whole = match(rows, ready)
    parts = [match(rows[i : i + 27], ready) for i in range(0, rows.height, 27)]
    assert pl.concat(parts).equals(whole)
    assert match(pl.concat([rows, rows]), ready).equals(pl.concat([whole, whole]))


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_two_halves_are_judged_as_the_whole(seed) -> None:
    book, rows = _world(seed)
    whole = match(rows, book)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cascade, "MANY", 1)
        assert match(rows, book).equals(whole)


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_only_automatic_rows_name_a_customer(seed) -> None:
    book, rows = _world(seed)
    found = match(rows, book)
    named = found["customer_id"].is_not_null()
    assert named.equals((found["band"] == "automatic").alias("customer_id"))
    assert (found["confidence"] >= 0.9).equals(
        found["band"].is_in(["automatic"]).alias("confidence")
    )
    asked = found.filter(pl.col("question_kind").is_not_null())
    assert asked["band"].is_in(["review", "unmatched"]).all()
    assert asked["question_key"].null_count() == 0


def _folded(frame: pl.DataFrame) -> list[dict]:
    return best_of(frame, "person").sort("person").to_dicts()


@given(st.integers(0, 10_000), st.integers(1, 79), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_best_verdict_of_a_person_is_a_fold(seed, cut, rng) -> None:
    book, rows = _world(seed)
    people = rows.with_columns(person=pl.Series([rng.choice("abcdef") for _ in range(rows.height)]))
    frame = pl.concat([people, match(rows, book)], how="horizontal")
    whole = _folded(frame)
    left, right = best_of(frame[:cut], "person"), best_of(frame[cut:], "person")
    assert _folded(pl.concat([left, right])) == whole
    assert _folded(pl.concat([right, left])) == whole
    assert _folded(frame.reverse()) == whole
    assert _folded(best_of(frame, "person")) == whole


def test_a_person_is_the_address_or_the_name_with_the_company() -> None:
    rows = pl.DataFrame({
        "email": ["A@x.com", "Ann <a+1@X.com>", None, "junk", None, None, None],
        "company": ["X", None, "Acme Inc.", "ACME", None, "Acme", None],
        "name": ["Ann", None, "José Díaz", "Diaz, Jose", "Jose Diaz", "15550100142", None],
    })  # fmt: skip
    assert person_key(rows).to_list() == [
        "a@x.com", "a@x.com", "jose diaz|acme", "jose diaz|acme", "jose diaz|",
        "15550100142|acme", None,
    ]  # fmt: skip
