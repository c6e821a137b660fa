"""Who could speak for us: notable participation, what speaks against asking, and what to ask for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from services.plurals import plural
from services.scoring.score import HIGH
from services.scoring.trend import DECLINING

LEAST_HEALTH = 70
TOP_SHARE = 0.10
"""Who asks more questions than all but this share of the customers."""
DEEP, DEEP_EVENTS = 0.8, 6
LEAST_FEEDBACK = 3
STEADY = 0.8
MOST_TYPES = 2
REST_DAYS = 90
RENEWAL_DAYS = 60

TYPES = {
    "case_study": "Case study",
    "speaking": "Speaking",
    "advisory_board": "Advisory board",
    "reference": "Reference",
}
BLOCKS = {
    "declining": "Comes less than before",
    "no_notable_act": "No notable participation yet",
    "health": "Health below 70",
    "ticket": "An urgent or major ticket is open, or was solved in the last 30 days",
    "asked": "Asked within the last 90 days",
    "under_way": "An opportunity is under way",
    "renewal": "Renewal within 60 days",
    "left": "The customer has left",
}
"""What speaks against asking, by its code."""
OVERRIDABLE = ("renewal",)
"""What a CSM may decide otherwise."""

FACTS = {
    "customer_id": pl.Int64,
    "score": pl.Int16,
    "attended": pl.Int32,
    "eligible": pl.Int32,
    "shortfall_z": pl.Float32,
    "depth": pl.Float32,
    "consistency": pl.Float32,
    "questions_asked": pl.Int32,
    "feedback_given": pl.Int32,
    "times_spoken": pl.Int32,
}
"""The columns of `score_customers` that count here, of everybody: the top tenth is one of them all."""
CONTEXT = {
    "customer_id": pl.Int64,
    "health": pl.Int64,
    "renews_in": pl.Int64,
    "asked_ago": pl.Int64,
    "under_way": pl.Boolean,
    "left": pl.Boolean,
    "ticket": pl.Boolean,
}
"""renews_in and asked_ago in days (null: never); ticket: see BLOCKS, false where nothing is known."""


def high_scorers(scores: pl.DataFrame) -> pl.DataFrame:
    """Of `scores` (FACTS, of everybody) the customers with a high score, with acts (List Utf8: codes)."""
    came = scores.filter(pl.col("attended") > 0)
    with_acts = came.with_columns(
        # The share of customers that asked more than this one.
        above=(pl.col("questions_asked").rank("min", descending=True) - 1) / pl.len()
    ).with_columns(acts=_listed(_acts()))
    return with_acts.filter(pl.col("score") >= HIGH).drop("above")


def rated(high: pl.DataFrame, context: pl.DataFrame) -> pl.DataFrame:
    """The high scorers of the context (CONTEXT), best first, with types and blocks (List Utf8: codes). Those
    without blocks are the candidates."""
    return (
        high.join(context, on="customer_id")
        .with_columns(blocks=_listed(_blocks()))
        .with_columns(types=_listed(_types()).list.head(MOST_TYPES))
        .sort("score", "attended", "customer_id", descending=[True, True, False])
    )


def _acts() -> dict[str, pl.Expr]:
    return {
        "spoke": pl.col("times_spoken") > 0,
        "questions": (pl.col("questions_asked") > 0) & (pl.col("above") < TOP_SHARE),
        "depth": (pl.col("depth") >= DEEP) & (pl.col("attended") >= DEEP_EVENTS),
        "feedback": pl.col("feedback_given") >= LEAST_FEEDBACK,
    }


def _types() -> dict[str, pl.Expr]:
    spoke = pl.col("acts").list.contains("spoke")
    return {
        "case_study": spoke,
        "speaking": spoke,
        "advisory_board": pl.col("acts").list.contains("questions"),
        "reference": (pl.col("consistency") >= STEADY)
        | ~(spoke | pl.col("acts").list.contains("questions")),
    }


def _blocks() -> dict[str, pl.Expr]:
    return {
        "left": pl.col("left"),
        "declining": pl.col("shortfall_z") >= DECLINING,
        "no_notable_act": pl.col("acts").list.len() == 0,
        "health": pl.col("health") < LEAST_HEALTH,
        "ticket": pl.col("ticket"),
        "under_way": pl.col("under_way"),
        "asked": pl.col("asked_ago") < REST_DAYS,
        "renewal": pl.col("renews_in").is_between(0, RENEWAL_DAYS),
    }


def _listed(flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """The names whose flag is true, in their order."""
    named = [
        pl.when(flag.fill_null(value=False)).then(pl.lit(name)) for name, flag in flags.items()
    ]
    return pl.concat_list(named).list.drop_nulls()


def remarks(row: Mapping[str, Any]) -> list[str]:
    """What is notable about a customer, as people read it; acts first, then what adds to them."""
    spoken, asked, given = row["times_spoken"], row["questions_asked"], row["feedback_given"]
    acts = row["acts"]
    said = []
    if "spoke" in acts:
        said.append("Spoke at an event" if spoken == 1 else f"Spoke at {spoken} events")
    if "questions" in acts:
        said.append(f"Among the tenth that ask most: {plural(asked, 'question')}")
    if "depth" in acts:
        said.append("Takes part in depth")
    if row["consistency"] is not None and row["consistency"] >= STEADY:
        said.append("Attends steadily")
    if given:
        said.append("Gave feedback" if given == 1 else f"Gave feedback {given} times")
    return said
