"""Judging and counting many rows at once, held against judging them one by one."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from data.tables.events import ATTENDED
from integrations.formats.records import EVENT_SCHEMA, ROW_SCHEMA, ParsedFile
from services.matching.book import CUSTOMERS, DOMAINS, empty_book
from services.matching.cascade import match
from services.matching.keys import person_key
from services.matching.prepared import prepare
from services.uploads.records import COUNTED, Choices, Staged
from services.uploads.staging import FACTS, IDENTITY, stage
from services.uploads.summary import event_list, per_event, summarise

BOOK = empty_book(
    ("ours.example",),
    customers=pl.DataFrame({"customer_id": [1], "name": ["Umbra"]}, schema=CUSTOMERS),
    domains=pl.DataFrame({"customer_id": [1], "domain": ["umbra.example"]}, schema=DOMAINS),
)
EVENTS = 3


def _file(seed: int, size: int = 300) -> ParsedFile:
    """Rows of few people, some of them twice, of hosts and staff, of nobody, and with problems."""
    chance = random.Random(seed)
    start = datetime(2026, 5, 5, 10)  # noqa: DTZ001 - frames hold UTC without a zone

    def row(line: int) -> dict[str, Any]:
        return {
            "line": line,
            "event_ref": chance.randrange(EVENTS),
            "email": chance.choice(["a@umbra.example", "b@x.example", "me@ours.example", "", None]),
            "name": chance.choice(["Ada Berg", "Bo Cole", None]),
            "company": chance.choice(["Umbra", None]),
            "title": chance.choice(["CTO", "CEO", None]),
            "role": chance.choice(["attendee", "attendee", "attendee", "host", "panelist"]),
            "status": chance.choice(["attended", "no_show", None]),
            "joined_at": chance.choice([start, start + timedelta(minutes=7), None]),
            "zoned": True,
            "problem": chance.choice([None] * 9 + ["Bad."]),
        }

    rows = pl.DataFrame([row(line) for line in range(size)], schema=ROW_SCHEMA)
    events = pl.DataFrame(
        {"event_ref": range(EVENTS), "name": ["A", "B", "C"], "starts_at": [start] * EVENTS},
    )
    missing = [pl.lit(None, t).alias(c) for c, t in EVENT_SCHEMA.items() if c not in events.columns]
    return ParsedFile(
        format="generic",
        label="Table",
        source="generic",
        kind="attendance",
        events=events.with_columns(missing).select(
            pl.col(c).cast(t) for c, t in EVENT_SCHEMA.items()
        ),
        rows=rows,
        columns=(),
        mapping={},
        needs_mapping=False,
        sample=(),
        layout_key="",
        warnings=(),
        records=size,
        blank=0,
        day_first=None,
        dates_ambiguous=False,
    )


def _staged(parsed: ParsedFile) -> Staged:
    return stage(parsed, prepare(BOOK), Choices(), file_name="a.csv", default_zone="UTC")


@pytest.mark.parametrize("seed", range(5))
def test_rows_get_the_number_of_their_person(seed: int):
    parsed = _file(seed)
    staged = _staged(parsed)
    people = staged.people.select("person", *IDENTITY).rows()
    known = {tuple(identity): number for number, *identity in people}
    titles: dict[int, set[str]] = defaultdict(set)
    for given, found in zip(
        parsed.rows.iter_rows(named=True), staged.rows.iter_rows(named=True), strict=True
    ):
        identity = tuple(given[c] or None for c in IDENTITY)
        assert found["person"] == (known[identity] if given["problem"] is None else None)
        if found["person"] is not None and given["title"]:
            titles[found["person"]].add(given["title"])
    told = dict(staged.people.select("person", "title").rows())
    assert told == {n: min(titles[n], default=None) for n in known.values()}
    assert staged.people["person_key"].equals(person_key(staged.people).alias("person_key"))
    matched = match(staged.people, BOOK)
    assert staged.people.select(matched.columns).equals(matched)


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_judged_one_by_one(seed: int):
    parsed = _file(seed)
    staged = _staged(parsed)
    people = {p["person"]: p for p in staged.people.to_dicts()}
    seen: set[tuple[Any, ...]] = set()
    for given, found in zip(parsed.rows.to_dicts(), staged.rows.to_dicts(), strict=True):
        person = people.get(found["person"], {})
        same = tuple(found[c] for c in ("person", "event_ref", *FACTS))
        if given["problem"] or person.get("person_key") is None:
            verdict = "rejected"
        elif given["role"] == "host" or person["band"] == "excluded":
            verdict = "excluded"
        elif same in seen:
            verdict = "duplicate"
        else:
            verdict = {"automatic": "matched"}.get(person["band"], person["band"])
        seen.add(same)
        assert found["verdict"] == verdict
        assert (found["reason"] is None) == (verdict in COUNTED)
    assert staged.rows["verdict"].n_unique() > 3


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_the_rows_one_by_one(seed: int):
    staged = _staged(_file(seed))
    people = {p["person"]: p for p in staged.people.to_dicts()}
    counted = [r for r in staged.rows.to_dicts() if r["verdict"] in COUNTED]
    records: dict[int, int] = defaultdict(int)
    came: dict[int, set[str]] = defaultdict(set)
    for row in counted:
        records[row["event_ref"]] += 1
        if row["status"] == ATTENDED:
            came[row["event_ref"]].add(people[row["person"]]["person_key"])
    counts = per_event(staged)
    listed = {e["event_ref"]: e for e in event_list(staged, counts, {0: 7})}
    for ref in range(EVENTS):
        assert (listed[ref]["records"], listed[ref]["attendees"]) == (records[ref], len(came[ref]))
    assert listed[0]["event_id"] == 7
    told = summarise(staged, counts, label="Table", format_name="generic", blank=0)
    assert told["users"] == len({people[r["person"]]["person_key"] for r in counted})
    assert told["customers"] == 1
    assert told["events"] == EVENTS
    assert sum(t["attendees"] for t in told["event_summary"]) == sum(map(len, came.values()))


def test_file_without_a_row_that_counts_has_no_figures():
    parsed = _file(1)
    rejected = parsed.rows.with_columns(problem=pl.lit("Bad."))
    staged = _staged(ParsedFile(**{**vars(parsed), "rows": rejected}))
    told = summarise(staged, per_event(staged), label="Table", format_name="generic", blank=0)
    assert (told["users"], told["customers"], told["events"]) == (0, 0, 0)
    assert told["rejected"] == parsed.records
