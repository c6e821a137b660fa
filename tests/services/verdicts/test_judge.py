"""Each rule by itself, on a mail that nobody else touches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.verdicts import DELIVERIES, EVENTS, REASONS, judge

SENT = datetime(2026, 11, 2, 9, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
KINDS = ["open", "click", "unsubscribe", "reply", "auto_reply", "bounce", "complaint", "delivered"]


def _events(*given: dict[str, Any]) -> pl.DataFrame:
    rows = []
    for number, event in enumerate(given):
        usual: dict[str, Any] = {
            "id": number, "message": 1, "kind": "click", "link": 1, "hidden": False, "method": "GET",
            "ip": "203.0.113.9", "user_agent": BROWSER, "flagged": None, "after": 3600.0,
        }  # fmt: skip
        row = usual | event
        row["at"] = SENT + timedelta(seconds=row.pop("after"))
        rows.append(row)
    return pl.DataFrame(rows, schema=EVENTS)


def _deliveries(count: int = 1) -> pl.DataFrame:
    """Message n to recipient n of company n at a domain of its own."""
    rows = [(n, n, n, f"c{n}.example", SENT) for n in range(1, count + 1)]
    return pl.DataFrame(rows, schema=DELIVERIES, orient="row")


def _told(*given: dict[str, Any], deliveries: pl.DataFrame | None = None) -> list[tuple[str, str]]:
    found = judge(_events(*given), _deliveries() if deliveries is None else deliveries)
    assert found["id"].to_list() == [event.get("id", n) for n, event in enumerate(given)]
    return found.select("verdict", "reason").rows()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({}, ("human", "person")),
        ({"method": None, "ip": None, "user_agent": None}, ("human", "person")),
        ({"method": "HEAD"}, ("machine", "method")),
        ({"method": "POST"}, ("machine", "method")),
        ({"user_agent": " "}, ("machine", "agent")),
        ({"user_agent": "python-requests/2.32"}, ("machine", "agent")),
        ({"user_agent": "Barracuda Sentinel (EE)"}, ("machine", "agent")),
        ({"after": 4.9}, ("machine", "at_once")),
        ({"after": -60}, ("machine", "at_once")),
        ({"after": 5.1}, ("human", "person")),
        ({"hidden": True}, ("machine", "hidden_link")),
        ({"kind": "open", "link": None}, ("human", "person")),
        ({"kind": "open", "user_agent": "Mozilla/5.0"}, ("unknown", "privacy")),
        ({"kind": "open", "flagged": True, "after": 1}, ("unknown", "privacy")),
        ({"kind": "open", "after": 1}, ("machine", "at_once")),
        ({"kind": "open", "method": "HEAD"}, ("machine", "method")),
        ({"kind": "open", "user_agent": "x (via ggpht.com GoogleImageProxy)"}, ("human", "person")),
        ({"kind": "reply"}, ("human", "answered")),
        ({"kind": "auto_reply"}, ("machine", "auto_reply")),
        ({"kind": "bounce"}, ("machine", "server")),
        ({"kind": "delivered"}, ("machine", "server")),
        ({"kind": "complaint"}, ("human", "reported")),
        ({"kind": "unsubscribe", "method": "POST", "after": 1}, ("human", "said_no")),
        ({"kind": "unsubscribe", "method": "HEAD"}, ("machine", "method")),
        ({"kind": "unsubscribe", "method": None}, ("human", "person")),
    ],
)
def test_one_event_by_itself(event: dict[str, Any], expected: tuple[str, str]):
    assert _told(event) == [expected]


def test_three_links_within_ten_seconds_are_no_reader():
    links = [{"link": n, "after": 3600 + 3 * n} for n in range(3)]
    later = {"link": 9, "after": 3900}
    assert [reason for _, reason in _told(*links, later)] == ["many_links"] * 3 + ["person"]


def test_two_links_are_a_reader_but_not_when_one_of_them_leaves():
    two = [{"link": 1}, {"link": 2, "after": 3605}]
    assert [verdict for verdict, _ in _told(*two)] == ["human", "human"]
    leaving = [{"link": 1}, {"kind": "unsubscribe", "link": None, "after": 3605}]
    assert [reason for _, reason in _told(*leaving)] == ["many_links", "many_links"]


def test_one_link_many_times_is_no_burst():
    assert {verdict for verdict, _ in _told(*[{"after": 3600 + n} for n in range(5)])} == {"human"}


def test_fetch_just_before_the_readers_click_is_a_pre_check():
    ahead = {"ip": "198.51.100.1", "after": 3598.5}
    assert [reason for _, reason in _told(ahead, {})] == ["pre_check", "person"]
    earlier = {"ip": "198.51.100.1", "after": 3590}
    assert [reason for _, reason in _told(earlier, {})] == ["person", "person"]


def test_whoever_follows_the_hidden_link_is_believed_nothing_for_ten_minutes():
    events = [
        {"after": 3600 - 599},
        {"hidden": True, "link": 7},
        {"link": 2, "after": 3600 + 599},
        {"link": 3, "after": 3600 + 601},
        {"link": 4, "ip": "198.51.100.7", "after": 3700},
    ]
    reasons = [reason for _, reason in _told(*events)]
    assert reasons == ["hidden_link"] * 3 + ["person"] * 2


def _everywhere(count: int, after: float) -> list[tuple[str, str]]:
    events = [{"message": n, "after": after + n} for n in range(1, count + 1)]
    return _told(*events, deliveries=_deliveries(count))


def test_address_at_five_people_of_three_companies_is_a_scanner_while_the_mail_is_fresh():
    assert set(_everywhere(5, 300)) == {("machine", "shared_ip")}
    assert set(_everywhere(4, 300)) == {("human", "person")}
    assert set(_everywhere(5, 1200)) == {("human", "person")}


def test_address_that_clicks_all_day_is_people_behind_one_gateway():
    fresh = [{"message": n, "after": 300 + n} for n in range(1, 6)]
    later = [{"message": n, "after": 9000 + n} for n in range(6, 20)]
    assert {v for v, _ in _told(*fresh, *later, deliveries=_deliveries(20))} == {"human"}


def _one_domain(count: int) -> pl.DataFrame:
    return _deliveries(count).with_columns(domain=pl.lit("scanned.example"))


def _lone(message: int, after: float) -> dict[str, Any]:
    return {"message": message, "ip": f"192.0.2.{message}", "after": after}


def test_fast_clicks_at_a_domain_that_scans_are_its_scanner():
    fast = [_lone(n, 60) for n in range(1, 3)]
    late = _lone(3, 170)
    reader = _lone(4, 200)
    told = _told(*fast, late, reader, deliveries=_one_domain(6))
    assert [reason for _, reason in told] == ["fast_domain"] * 3 + ["person"]
    few = _told(*fast, deliveries=_one_domain(5))
    assert {verdict for verdict, _ in few} == {"human"}


def test_many_links_in_a_minute_at_a_domain_that_scans_are_its_scanner():
    scanned = [{**_lone(n, 60), "hidden": True} for n in range(1, 4)]
    slow = [{**_lone(4, 600 + 20 * n), "link": n} for n in range(3)]
    told = _told(*scanned, *slow, deliveries=_one_domain(8))
    assert [reason for _, reason in told[3:]] == ["scanning_domain"] * 3


def test_mail_that_is_not_known_is_judged_by_what_it_shows():
    none = _deliveries(0)
    assert _told({}, {"method": "HEAD"}, deliveries=none) == [
        ("human", "person"),
        ("machine", "method"),
    ]


def test_nothing_in_gives_nothing_out():
    assert judge(_events(), _deliveries()).is_empty()


_EVENT = st.fixed_dictionaries(
    {
        "message": st.integers(1, 4),
        "kind": st.sampled_from(KINDS),
        "link": st.none() | st.integers(1, 4),
        "hidden": st.booleans(),
        "method": st.sampled_from([None, "GET", "HEAD", "POST"]),
        "ip": st.sampled_from([None, "192.0.2.1", "192.0.2.2"]),
        "user_agent": st.sampled_from([None, "", BROWSER, "Mozilla/5.0", "curl/8"]),
        "after": st.integers(-10, 2000).map(float),
    }
)


@given(st.lists(_EVENT, max_size=25), st.randoms())
def test_order_does_not_matter_and_every_reason_has_words(
    events: list[dict[str, Any]], chance: Any
):
    numbered = [{"id": n, **event} for n, event in enumerate(events)]
    mixed = numbered.copy()
    chance.shuffle(mixed)
    straight = judge(_events(*numbered), _one_domain(4)).sort("id")
    assert straight.equals(judge(_events(*mixed), _one_domain(4)).sort("id"))
    assert set(straight["reason"]) <= set(REASONS)
    assert straight["id"].to_list() == list(range(len(events)))
