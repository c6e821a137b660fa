"""Which tickets have one root cause, and what calls for the highest level by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.tickets.causes import Case, gather
from services.tickets.marks import marked, worded

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def case(
    number: int, subject: str, day: float, area: str | None = None, held: int | None = None
) -> Case:
    return Case(number, subject, area, DAY + timedelta(days=day), held)


def groups(*cases: Case) -> list[list[int]]:
    return sorted(sorted(one.id for one in cause.members) for cause in gather(cases))


def test_tickets_that_say_the_same_belong_together_within_a_month():
    assert groups(
        case(1, "API rate limiting causing sync failures", 0),
        case(2, "Sync fails: API rate limits again", 3),
        case(3, "Invoice shows the wrong VAT", 3),
        case(4, "API rate limit hit during sync", 60),
    ) == [[1, 2], [3], [4]]


def test_one_word_in_common_is_enough_within_an_area_and_general_words_never_are():
    assert groups(case(1, "Login loop", 0, "SSO"), case(2, "No login on phones", 1, "sso")) == [
        [1, 2]
    ]
    assert groups(case(1, "Login loop", 0), case(2, "No login on phones", 1)) == [[1], [2]]
    assert groups(
        case(1, "Urgent problem, please help", 0), case(2, "Please help: urgent problem", 0)
    ) == [[1], [2]]


def test_what_belongs_somewhere_stays_and_the_next_joins_it():
    found = gather(
        [case(1, "Export to PDF cuts pages", 0, held=7), case(2, "PDF export cuts off pages", 2)]
    )
    assert [(cause.id, cause.fresh) for cause in found] == [(7, [2])]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (["incident", "outage"], {"outage"}),
        (["sev-1"], {"outage"}),
        (["data_loss", "security incident"], {"data_loss", "security"}),
        (["[System] Major Incident"], {"outage"}),
        (["network-outage", "breach"], {"outage", "security"}),
        (["question", "security"], set()),
        (["security-team", "outage-comms", "Downtime planning", "post-breach"], set()),
        (["vulnerability scan report request", "SSO & Security"], set()),
        (["security_question"], set()),
        (["planned downtime"], set()),
        (["route-outages"], set()),
        ([None, ""], set()),
    ],
)
def test_the_desks_fields_say_it_for_sure(fields: list[str | None], found: set[str]):
    assert marked(fields) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The whole platform is down since nine.", {"outage"}),
        ("Nobody here can log in.", {"outage"}),
        ("All our records from March are gone.", {"data_loss"}),
        ("We can see another customer's data in the report.", {"security"}),
        ("There was no data loss, luckily.", set()),
        ("We are worried about a data breach.", set()),
        ("Is there a planned outage next week?", set()),
        ("The sync stops after some minutes.", set()),
        ("How do I calm down my colleagues?", set()),
    ],
)
def test_words_suggest_it_unless_they_deny_fear_or_plan_it(text: str, found: set[str]):
    assert worded([text]) == found
