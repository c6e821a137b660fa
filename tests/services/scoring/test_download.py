"""The board as Excel and CSV."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from data.db import transaction
from data.tables import Customer
from services.scoring.board import BoardFilters, board, recompute
from services.scoring.download import download_board
from services.scoring.words import BARS, sparkline
from tests.services.scoring.recorded import ANAS, EVERYBODYS, busy_world, record

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def scored(engine: Engine) -> Engine:
    with transaction(engine) as session:
        record(session, busy_world(TODAY))
        dangerous = update(Customer).where(Customer.id == 1).values(name='=HYPERLINK("http://x")')
        session.execute(dangerous)
    with transaction(engine) as session:
        recompute(session, now=NOW)
    return engine


def read_back(engine: Engine, form: str, filters: BoardFilters | None = None) -> list[dict]:
    with transaction(engine, read_only=True) as session:
        body = download_board(
            session, ANAS, as_of=TODAY, filters=filters or BoardFilters(), form=form
        )
    if form == "csv":
        return pl.read_csv(body).to_dicts()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_download_has_the_rows_of_the_board_in_its_order(scored: Engine, form: str):
    with transaction(scored, read_only=True) as session:
        rows = board(session, ANAS, as_of=TODAY).rows
    got = read_back(scored, form)
    assert [row["Rank"] for row in got] == rows["rank"].to_list()
    assert [row["Score"] for row in got] == rows["score"].to_list()
    assert [row["Events attended"] for row in got] == rows["attended"].to_list()
    for row in got:
        if row["Score"] is not None:
            points = sum(value for name, value in row.items() if name.endswith("points"))
            assert points == pytest.approx(row["Score"], abs=0.8)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_names_cannot_run_as_formulas(scored: Engine, form: str):
    names = [str(row["Customer"]) for row in read_back(scored, form)]
    assert '\'=HYPERLINK("http://x")' in names


def test_download_keeps_the_filters(scored: Engine):
    got = read_back(scored, "xlsx", BoardFilters(band="low"))
    assert got
    assert {row["Band"] for row in got} == {"Low"}


def test_an_empty_board_downloads_as_a_header_alone(scored: Engine):
    assert read_back(scored, "xlsx", BoardFilters(search="nobody at all")) == []


def test_everybody_downloads_what_they_may_see(scored: Engine):
    with transaction(scored, read_only=True) as session:
        every = download_board(session, EVERYBODYS, as_of=TODAY, filters=BoardFilters(), form="csv")
    assert pl.read_csv(every).height == 2 * len(read_back(scored, "csv"))


@given(st.lists(st.integers(0, 500), min_size=12, max_size=12))
def test_sparkline_rises_with_the_months(months: list[int]):
    drawn = pl.DataFrame({"months": [months]}).select(sparkline())["months"].item()
    heights = [BARS.index(bar) for bar in drawn]
    assert len(heights) == 12
    assert all((height == 0) == (month == 0) for height, month in zip(heights, months, strict=True))
    for (a, low), (b, high) in zip(
        zip(months, heights, strict=True), zip(months[1:], heights[1:], strict=True), strict=False
    ):
        assert low <= high if a <= b else low >= high
