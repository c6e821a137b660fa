"""The board the story leads to, from its facts alone: no file, no database."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from services.demo.story import HeldEvent, Seat, Story
from services.scoring.score import score_customers
from services.scoring.weights import WeightBook

# Platforms whose export has both the minutes and the schedule they are compared with.
TIMED = {"zoom_2025", "zoom_2026", "goto", "teams", "webex", "sheet"}


def board(story: Story) -> pl.DataFrame:
    """`score_customers` as of the story's day, best first, with `name`."""
    scored = score_customers(
        _attendances(story),
        _events(story),
        _customers(story),
        weights=WeightBook(),
        as_of=story.day,
    )
    names = pl.DataFrame({"customer_id": [a.number for a in story.accounts]}).with_columns(
        name=pl.Series([a.name for a in story.accounts])
    )
    return scored.join(names, on="customer_id").sort("rank")


def _attendances(story: Story) -> pl.DataFrame:
    schema = {
        **dict.fromkeys(("customer_id", "event_id", "participant_id"), pl.Int64),
        "minutes": pl.Float32,
        **dict.fromkeys(("questions", "polls", "downloads"), pl.Int32),
        "feedback": pl.Float32,
        "spoke": pl.Boolean,
    }
    rows = [_row(held, seat) for held in story.events for seat in held.seats if seat.came]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(held: HeldEvent, seat: Seat) -> tuple[object, ...]:
    account = seat.member.account.number
    return (
        account,
        held.event.number,
        account * 100 + seat.member.person,
        seat.minutes,
        seat.questions,
        seat.polls,
        seat.downloads,
        seat.feedback,
        seat.role == "speaker",
    )


def _events(story: Story) -> pl.DataFrame:
    schema = {
        "event_id": pl.Int64,
        "held_on": pl.Date,
        "type": pl.Utf8,
        "scheduled_minutes": pl.Float32,
        "polls_asked": pl.Int32,
        "segments": pl.List(pl.Utf8),
        "regions": pl.List(pl.Utf8),
    }
    rows = [
        (
            held.event.number,
            held.day,
            held.event.type,
            held.event.minutes if held.event.platform in TIMED else None,
            None,
            None,
            None,
        )
        for held in story.events
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _customers(story: Story) -> pl.DataFrame:
    schema = {
        "customer_id": pl.Int64,
        "segment": pl.Utf8,
        "region": pl.Utf8,
        "started_on": pl.Date,
    }
    rows = [
        (a.number, a.segment, a.region, story.day - timedelta(days=a.started_days_ago))
        for a in story.accounts
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def some_days() -> list[date]:
    """Ends and beginnings of months, leap days, each weekday, and some in between."""
    fixed = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 1)]
    week = [date(2026, 11, 21) + timedelta(days=n) for n in range(7)]
    spread = [date(2026, 2, 3) + timedelta(days=53 * n) for n in range(14)]
    return [*fixed, *week, *spread]
