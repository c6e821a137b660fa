"""The PRD's two tables, advocacy and decline, as the demo's story tells them on any day."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from services.demo.story import tell
from services.scoring.advocacy.notable import CONTEXT, FACTS, high_scorers, rated
from services.scoring.health.mean import healths
from services.scoring.health.weights import HealthWeights
from services.scoring.risk.alarm import judged
from services.scoring.risk.shortfall import shortfalls
from tests.services.demo import scores
from tests.services.demo.scores import some_days


def candidates(day: date) -> pl.DataFrame:
    story = tell(day)
    board = scores.board(story)
    known = board.select(
        "customer_id", "attended", "eligible", score=pl.col("score").cast(pl.Int64),
        missed=pl.col("missed_in_row"), before=pl.lit(None, pl.Int64),
    ).join(
        pl.DataFrame({"customer_id": [a.number for a in story.accounts],
                      "reported": [a.health for a in story.accounts],
                      "renews_in": [a.renews_in_days for a in story.accounts]}),
        on="customer_id",
    )  # fmt: skip
    context = healths(known, HealthWeights()).with_columns(
        asked_ago=pl.lit(None, pl.Int64),
        **dict.fromkeys(("under_way", "left", "ticket"), pl.lit(value=False)),
    )
    found = rated(high_scorers(board.select(*FACTS)), context.select(*CONTEXT))
    names = board.select("customer_id", "name")
    return found.join(names, on="customer_id", maintain_order="left")


@pytest.mark.parametrize("day", some_days()[:6], ids=str)
def test_the_first_three_advocates_are_those_of_the_prd(day: date):
    found = candidates(day)
    free = found.filter(pl.col("blocks").list.len() == 0)
    assert free["name"].head(3).to_list() == ["TechCorp", "DataPro", "CloudMax"]
    assert free["types"].head(3).to_list() == [
        ["case_study", "speaking"],
        ["advisory_board", "reference"],
        ["reference"],
    ]


@pytest.mark.parametrize("day", some_days()[:6], ids=str)
def test_acme_has_done_nothing_notable_and_betainc_declines(day: date):
    blocks = dict(candidates(day).select("name", "blocks").iter_rows())
    assert blocks["Acme Corp"] == ["no_notable_act"]
    assert blocks["BetaInc"] == ["declining"]


@pytest.mark.parametrize("day", some_days()[:6], ids=str)
def test_the_three_that_fade_and_no_other_are_risk_signals(day: date):
    story = tell(day)
    frames = (scores._attendances(story), scores._events(story), scores._customers(story))
    found = judged(shortfalls(*frames, as_of=day)).drop_nulls("level")
    names = {account.number: account.name for account in story.accounts}
    told = {
        names[row["customer_id"]]: (row["current"], row["missed"])
        for row in found.iter_rows(named=True)
    }
    assert told == {"OldCorp": (2, 6), "SmallBiz": (3, 4), "LegacyCo": (4, 3)}
