"""People at a domain of customers whom it does not settle, and what was answered about them alone.

The question names its part of the domain as `domain|company`: those there who write a company's name that
speaks against the domain; `domain|` is those whom nothing tells apart where several customers share it, or
where the domain is one slip from a customer's. An answer on the whole domain would move the people whom domain
and name tell together, and nobody asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from services.matching.addresses import domain_keys
from services.matching.names import company_key
from services.matching.verdict import CANDIDATES, PART, verdicts

UNSURE = 0.60


@dataclass(frozen=True)
class Part:
    """How one kind of open case is settled: the evidence it goes by, and that of each answer with its worth."""

    evidence: str
    said: str
    nobody: str
    sure: float
    alone: float


TORN = Part("conflict", "answer", "conflict_nobody", 0.99, 0.96)
# Below what tells a person's customer apart: who has another row that does is not of the rest.
REST = Part("shared_domain", "shared_domain_answer", "answer_nobody", 0.91, 0.91)
MISTYPED = Part("typo_domain", "typo_domain_answer", "answer_nobody", 0.91, 0.91)


def answers_of_parts(answers: pl.DataFrame) -> pl.DataFrame:
    """Answers about a part of a domain: `root`, `full` (empty for the rest), `customer_id`, `verdict`."""
    found = answers.filter(pl.col("key").str.contains(PART, literal=True))
    sides = found["key"].str.splitn(PART, 2).struct.unnest()
    return found.select(
        domain_keys(sides["field_0"]).alias("root"),
        company_key(sides["field_1"]).fill_null("").alias("full"),
        "customer_id",
        "verdict",
    )


def settled(
    torn: pl.DataFrame, rows: pl.DataFrame, answers: pl.DataFrame, part: Part
) -> pl.DataFrame:
    """Verdicts on open cases. `torn`: `row`, `customer_id`, `worth`, `owns` (the domain), best first in each row;
    `rows`: `row`, `root`, `full`; `answers` as `answers_of_parts` has them.

    Who is ruled out is offered no longer; the only owner left has them, a name alone never has.
    """
    asked = rows.join(torn.select("row").unique(), on="row").with_columns(
        pl.col("full").fill_null("")
    )
    told = asked.join(answers, on=["root", "full"]).select("row", "customer_id", "verdict")
    yes = told.filter(pl.col("verdict") == "is").select("row", "customer_id")
    yes = yes.sort("row", "customer_id").unique("row", keep="first")
    nobody = told.filter(pl.col("verdict") == "nobody").join(yes, on="row", how="anti")
    never = told.filter(pl.col("verdict") == "never")
    said = pl.concat([yes.select("row"), nobody.select("row")])
    left = torn.join(said, on="row", how="anti", maintain_order="left")
    kept = left.join(never, on=["row", "customer_id"], how="anti", maintain_order="left")
    alone = kept.filter((pl.len().over("row") == 1) & pl.col("owns")).join(
        never, on="row", how="semi"
    )
    entry = pl.struct("customer_id", confidence=pl.col("worth").cast(pl.Float32))
    offered = kept.join(alone, on="row", how="anti", maintain_order="left")
    offered = offered.group_by("row", maintain_order=True).agg(candidates=entry.head(3))
    nothing = left.select("row").unique().join(kept, on="row", how="anti")
    return pl.concat(
        [
            _found(yes, part.said, part.sure),
            _found(nobody.select("row"), part.nobody, 0.0),
            _found(alone.select("row", "customer_id"), "domain", part.alone),
            _found(offered, part.evidence, UNSURE),
            _found(nothing.with_columns(candidates=pl.lit([], CANDIDATES)), part.evidence, 0.0),
        ]
    )


def not_ruled_out(torn: pl.DataFrame, rows: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Without the customers of `torn` that somebody has ruled out: other evidence may speak for such a row."""
    asked = rows.select("row", "root", pl.col("full").fill_null(""))
    never = asked.join(answers.filter(pl.col("verdict") == "never"), on=["root", "full"])
    return torn.join(never, on=["row", "customer_id"], how="anti", maintain_order="left")


def _found(rows: pl.DataFrame, evidence: str, confidence: float) -> pl.DataFrame:
    said = {"evidence": pl.lit(evidence), "confidence": pl.lit(confidence)}
    return verdicts(rows.with_columns(**said))
