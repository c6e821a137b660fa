"""What is decided without a database: who is asked when, in what tone, and what it all came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from services.tickets.assessing import BACK, NOT_BACK, UNKNOWN, Signs, assess
from services.tickets.courses import CASE, health_at, lifts
from services.tickets.follow_up.compose import compose
from services.tickets.follow_up.phrases import aid_of, matter_of, resolution_of, topic_of
from services.tickets.follow_up.records import Case, Reader, Relation
from services.tickets.follow_up.timing import SENT, timing
from services.tickets.follow_up.triggers import CASES, KNOWN, triggered
from services.tickets.impact import CHANGES
from services.tickets.terms import HOLD_OFF
from services.tickets.weighing import solved_lately

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
CASE_ = Case(
    1, "TF-2024-0847", "API rate limiting causing sync failures", "API", "incident", "high",
    NOW - timedelta(days=6), NOW - timedelta(days=2),
    "Rate limits increased 3x, optimization guide provided.", points=8, level="relationship_repair",
)  # fmt: skip
DAVID = Reader(5, "David", "user")
TECHFLOW = Relation(3, "TechFlow", "Ana Souza", "+1 555 0134", health_before=72, health_lowest=66)


def solved(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "customer_id": number, "stakeholder_id": None, "cluster_id": number,
        "severity": "normal", "level": "acknowledge", "points": 1,
        "opened_at": NOW - timedelta(days=4), "solved_at": NOW - timedelta(days=1),
    } | more  # fmt: skip


def asking(*rows: dict[str, Any], known: Any = (), risk: Any = ()) -> list[tuple[int, str]]:
    found = triggered(
        pl.DataFrame(list(rows), schema=CASES), pl.DataFrame(list(known), schema=KNOWN, orient="row"),
        frozenset(risk), HOLD_OFF, NOW,
    )  # fmt: skip
    return sorted(found.select("ticket_id", "reason").iter_rows())


def test_severe_several_and_at_risk_ask_by_themselves_and_a_normal_one_does_not():
    one = {"customer_id": 50}
    rows = [
        solved(1), solved(2, severity="urgent"), solved(3, level="relationship_repair"), solved(4),
        solved(5, **one), solved(6, **one), solved(7, **one),
        solved(8, severity="high", solved_at=NOW - timedelta(days=15)),
    ]  # fmt: skip
    assert asking(*rows, risk=[4]) == [
        (2, "severe"), (3, "severe"), (4, "at_risk"), (5, "several"), (6, "several"), (7, "several"),
    ]  # fmt: skip


def test_a_root_cause_asks_once_until_it_is_solved_anew():
    severe = solved(1, severity="high", cluster_id=9)
    twin = solved(2, severity="high", cluster_id=9, points=5)
    assert asking(severe, twin) == [(2, "severe")]
    assert asking(severe, known=[(9, "drafted", NOW - timedelta(days=9))]) == []
    assert asking(severe, known=[(9, "left", NOW - timedelta(hours=2))]) == []
    assert asking(severe, known=[(9, "withdrawn", NOW - timedelta(days=2))]) == [(1, "severe")]
    withdrawn = (9, "withdrawn", NOW - timedelta(hours=2))
    assert asking(severe, known=[withdrawn]) == [(1, "severe")]
    assert asking(severe, known=[withdrawn, (9, "sent", NOW - timedelta(hours=1))]) == []
    long_ago = severe | {"solved_at": NOW - timedelta(days=20)}
    assert asking(long_ago, known=[withdrawn]) == [(1, "severe")]
    assert asking(long_ago) == []


def test_tickets_closed_in_bulk_are_several_each_of_them():
    month = timedelta(days=30)
    rows = [(1, 7, NOW), (2, 7, NOW), (3, 7, NOW), (4, 8, NOW), (5, 8, NOW - month), (6, 8, NOW)]
    schema = {"id": pl.Int64, "customer_id": pl.Int64, "solved_at": CASES["solved_at"]}
    found = solved_lately(pl.DataFrame(rows, schema=schema, orient="row"))
    counts = dict(found.select("id", "count").iter_rows())
    assert counts == {1: 3, 2: 3, 3: 3, 4: 2, 5: 1, 6: 2}


def test_the_hold_off_counts_from_the_last_solving():
    early = solved(1, severity="high", cluster_id=9, solved_at=NOW - timedelta(days=3))
    rows = [early, solved(2, cluster_id=9)]
    found = triggered(
        pl.DataFrame(rows, schema=CASES), pl.DataFrame(schema=KNOWN), frozenset(), HOLD_OFF, NOW
    )
    assert found["due_at"].to_list() == [NOW - timedelta(days=1) + HOLD_OFF["acknowledge"]]


@pytest.mark.parametrize(
    ("subject", "kind", "topic", "matter"),
    [
        ("API rate limiting causing sync failures", "incident", "API rate limiting", "API rate limiting issue"),
        ("Re: [#12] Export fails when I press it", None, "Export fails",
         "request about “Export fails when I press it”"),
        ("The login problem", None, "The login problem", "login problem"),
        ("How do I invite users?", None, "How do I invite users", "question"),
        ("Limits", "question", "Limits", "question"),
        ("Question about billing", None, "Question about billing", "question about billing"),
        ("Problem exporting reports", None, "Problem exporting reports", "problem exporting reports"),
        ("Error pages", None, "Error pages", "error pages issue"),
        ("!!!", None, "!!!", "request"),
        ("Please help", None, "Please help", "request"),
        ("Can't log in", None, "Can't log in", "request about “Can't log in”"),
        ("We were charged twice", None, "We were charged twice", "request about “We were charged twice”"),
        ("URGENT: production is down!!!", None, "production is down", "request about “production is down”"),
        ("Umlaute fehlen im Export", None, "Umlaute fehlen im Export", "request about “Umlaute fehlen im Export”"),
        ("TF-12: failed payments in the US", None, "failed payments in the US", "failed payments in the US issue"),
        ("Invoice wrong", None, "Invoice wrong", "request about “Invoice wrong”"),
        ("Bug: totals differ", None, "totals differ", "request about “totals differ”"),
        ("Request: more seats", None, "more seats", "request about “more seats”"),
        ("Question: exports", None, "exports", "question"),
        ("Request for refund of invoice 22", None, "Request for refund of invoice 22",
         "request for refund of invoice 22"),
        ("Reset our limits", None, "Reset our limits", "request about “Reset our limits”"),
    ],
)  # fmt: skip
def test_subjects_become_words_that_fit_into_a_sentence(
    subject: str, kind: str | None, topic: str, matter: str
):
    assert (topic_of(subject), matter_of(subject, kind)) == (topic, matter)


def test_resolutions_are_cut_at_sentences_and_what_helps_is_found():
    assert resolution_of("Fixed.  See the guide. " + "x" * 400) == "Fixed. See the guide."
    assert aid_of("Rate limits increased 3x, optimization guide provided.") == "optimization guide"
    assert aid_of("We gave you the workaround") == "workaround"
    assert aid_of("Restarted the server") is None


def values(level: str = "relationship_repair", case: Case = CASE_, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"reader": DAVID, "relation": TECHFLOW} | more
    return compose(
        level, [case], given["reader"], given["relation"], rating_url=None, now=NOW
    ).values


def test_tone_follows_severity_and_relationship_and_says_no_more_than_the_facts():
    usual = values()
    assert "the past few days were frustrating" in usual["sorry"]
    assert "I have read what you wrote" in values(case=replace(CASE_, sentiment="angry"))["sorry"]
    assert "let you wait" in values(reader=replace(DAVID, role="executive_sponsor"))["sorry"]
    assert usual["course"] == []
    again = values(case=replace(CASE_, reopens=2, csat="bad"))["course"]
    assert "came back 2 times" in again[0]
    assert "not satisfied" in again[1]
    assert (
        "my number is below"
        in values("satisfaction_check", relation=replace(TECHFLOW, at_risk=True))["offer"]
    )
    quiet = replace(TECHFLOW, at_risk=True, signature="Head of Customer Success")
    assert "number" not in values("satisfaction_check", relation=quiet)["offer"]
    assert "engineering team" in values(case=replace(CASE_, escalated_to="Engineering"))["offer"]
    minor = values("acknowledge")
    assert (minor["sorry"], minor["promise"], len(minor["questions"])) == ("", "", 1)


def test_every_claim_has_its_fact():
    made = compose(
        "relationship_repair", [CASE_], DAVID, TECHFLOW, rating_url="https://x/f/1", now=NOW
    )
    told = {one.claim: one.fact for one in made.evidence}
    assert told["Health fell during the ticket"] == "72 when it was opened, 66 at the lowest."
    assert made.values["sorry"] in told
    assert made.values["promise"] in told
    assert all(one.screen and one.query for one in made.evidence)
    untold = replace(CASE_, resolution=None, answer="We raised your limits.")
    made = compose("acknowledge", [untold], DAVID, TECHFLOW, rating_url=None, now=NOW)
    (offered,) = [one.fact for one in made.evidence if one.claim == "No resolution is told"]
    assert "“We raised your limits.”" in offered


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        (Signs(72, 71), BACK),
        (Signs(72, 67), NOT_BACK),
        (Signs(72, 68, score=5), BACK),
        (Signs(72, 72, score=2), NOT_BACK),
        (Signs(score=4), BACK),
        (Signs(replied=True), BACK),
        (Signs(score=5, again=1), NOT_BACK),
        (Signs(score=3), UNKNOWN),
        (Signs(), UNKNOWN),
    ],
)
def test_confidence_is_back_only_where_something_says_so(signs: Signs, verdict: str):
    assert assess(signs).verdict == verdict


def mails(hours: int, answered: int, of: int) -> pl.DataFrame:
    rows = [
        ("acknowledge", NOW, NOW + timedelta(hours=hours), NOW + timedelta(days=5) if n < answered else None, None)
        for n in range(of)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SENT, orient="row")


def test_timing_is_learned_only_from_enough_mails():
    few = timing(pl.concat([mails(12, 9, 10), mails(30, 1, 10)]))
    assert few.best is None
    assert "Not enough data" in few.sentence
    sure = timing(pl.concat([mails(12, 10, 60), mails(30, 45, 60)]))
    assert sure.best is not None
    assert (sure.best.hours_from, sure.best.answered.hits, sure.best.answered.of) == (24, 45, 60)
    assert timing(pl.concat([mails(12, 30, 60), mails(30, 32, 60)])).best is None


def test_health_with_a_follow_up_is_set_against_health_without():
    rng = np.random.default_rng(7)
    cases, changes = [], []
    start = NOW - timedelta(days=60)
    for number in range(80):
        treated = number % 2 == 0
        level = "relationship_repair" if number % 4 < 2 else "acknowledge"
        cases.append((number, number, level, treated, start))
        base = 50 + (4 if treated else 0)
        changes.append((number, start - timedelta(days=9), None, base))
        changes.append(
            (
                number,
                start + timedelta(days=10),
                base,
                base + int(rng.integers(0, 3)) + (6 if treated else 0),
            )
        )
    frame = pl.DataFrame(cases, schema=CASE, orient="row")
    moves = pl.DataFrame(changes, schema=CHANGES, orient="row")
    found = dict(lifts(frame, moves, NOW, draws=200))
    assert (found[0].points, found[7].points) == (4.0, 0.0)
    assert found[14].points == pytest.approx(6, abs=0.8)
    assert found[14].low is not None
    assert found[14].low > 4
    few = dict(lifts(frame.head(10), moves, NOW, draws=50))
    assert few[14].points is None
    assert (few[14].treated, few[14].others) == (5, 5)


def test_health_before_the_first_change_is_what_it_was_then():
    points = pl.DataFrame({"id": [1, 2], "customer_id": [1, 2], "at": [NOW, NOW]}).with_columns(
        pl.col("at").cast(CASE["at"])
    )
    moves = pl.DataFrame([(1, NOW + timedelta(days=1), 70, 60)], schema=CHANGES, orient="row")
    assert sorted(health_at(points, moves).iter_rows()) == [(1, 70), (2, None)]
