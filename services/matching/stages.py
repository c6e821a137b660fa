"""The steps of the cascade. Each takes the rows still open and returns verdicts for those it can decide.

A verdict: `row`, `customer_id` (the proposal), `stakeholder_id`, `confidence`, `evidence`, and
`candidates` where there is more than one to choose from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from services.matching.parts import MISTYPED, REST, TORN, UNSURE, not_ruled_out, settled
from services.matching.prepared import PreparedBook, at_domains
from services.matching.verdict import AUTOMATIC, verdicts
from services.matching.words import (
    NOTETAKER_ADDRESS,
    NOTETAKER_NAME,
    TEST_ADDRESS,
    TEST_DOMAINS,
)

if TYPE_CHECKING:
    from services.matching.evidence import Evidence

_SHOWN = 3


def outside(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Own staff and recorders, whatever else the row says."""
    names = rows["name"].drop_nulls().unique()
    recorders = names.filter(names.str.contains(NOTETAKER_NAME))
    recorder = pl.col("name").is_in(recorders.implode()) | pl.col("key").str.contains(
        NOTETAKER_ADDRESS
    )
    own = at_domains(pl.col("domain"), book.own_domains)
    evidence = pl.when(own).then(pl.lit("own_staff")).when(recorder).then(pl.lit("notetaker"))
    found = rows.select("row", evidence=evidence, confidence=pl.lit(1.0))
    return verdicts(found.drop_nulls("evidence"))


def email(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Addresses that are recorded, or that somebody answered for."""
    found = rows.select("row", "key").join(book.email_verdicts, left_on="key", right_on="email")
    return verdicts(found)


def trial(rows: pl.DataFrame, _book: PreparedBook) -> pl.DataFrame:
    """Addresses made up to try something."""
    testing = pl.col("domain").is_in(TEST_DOMAINS) | pl.col("key").str.contains(TEST_ADDRESS)
    found = rows.filter(testing).select(
        "row", evidence=pl.lit("test_address"), confidence=pl.lit(1.0)
    )
    return verdicts(found)


def one_owner(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """The domain belongs to one customer: sure, unless the company name says another and the person is unknown."""
    owned = evidence.owners.filter(pl.len().over("row") == 1)
    owned = owned.join(rows.select("row"), on="row", how="semi")
    owned = owned.join(evidence.people, on=["row", "customer_id"], how="left")
    owned = owned.join(evidence.companies, on=["row", "customer_id"], how="left")
    others = evidence.companies.filter(pl.col("p") > 0.9).select("row", rival="customer_id")
    others = others.join(owned.select("row", "customer_id"), on="row")
    others = others.filter(pl.col("rival") != pl.col("customer_id")).sort("rival")
    rivals = others.select("row", "rival")
    owned = owned.join(rivals.unique("row", keep="first"), on="row", how="left")
    agrees = pl.col("p").fill_null(0.0) > 0.3
    conflict = pl.col("rival").is_not_null() & pl.col("person").is_null() & ~agrees
    said = pl.col("answered")
    rules = (
        (said, 0.99, "answer"),
        (conflict, UNSURE, "conflict"),
        (agrees, 0.985, "domain_and_company"),
        (pl.lit(value=True), 0.96, "domain"),
    )
    owned = _ruled(owned, rules)
    torn = pl.col("evidence") == "conflict"
    case = owned.filter(torn).select("row", "customer_id", worth=UNSURE, owns=pl.lit(value=True))
    case = pl.concat([case, _beside(case, rivals)])
    return pl.concat([verdicts(owned.filter(~torn)), settled(case, rows, evidence.parts, TORN)])


def nobody(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Somebody said that the domain is no customer's."""
    found = rows.filter(pl.col("nobody")).join(evidence.owners, on="row", how="anti")
    return verdicts(found.select("row", evidence=pl.lit("answer_nobody"), confidence=pl.lit(0.0)))


def shared_domain(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Several customers own the domain: the person or the company name must tell which."""
    pairs = evidence.owners.join(rows.select("row"), on="row", how="semi")
    pairs = pairs.join(evidence.people, on=["row", "customer_id"], how="left")
    pairs = pairs.join(evidence.companies, on=["row", "customer_id"], how="left")
    pairs = pairs.with_columns(pl.col("p").fill_null(0.0))
    met = pl.col("person").is_not_null()
    pairs = pairs.with_columns(
        met=met, alone=met.sum().over("row") == 1, top=pl.col("p").max().over("row")
    )
    second = pl.col("p").sort(descending=True).get(1).over("row")
    pairs = pairs.with_columns(lead=pl.col("p") - second)
    known = pl.col("alone") & pl.col("met") & ~((pl.col("top") > 0.9) & (pl.col("p") < 0.3))
    named = ~pl.col("alone") & (pl.col("p") >= 0.5) & (pl.col("lead") >= 0.3)
    rules = (
        (known, 0.95, "shared_domain_person"),
        (named, 0.92, "shared_domain_company"),
        (pl.lit(value=True), UNSURE, "shared_domain"),
    )
    judged = _ruled(pairs, rules)
    best = _best(judged, "confidence", "p")
    told = pl.col("evidence") != "shared_domain"
    case = judged.join(best.filter(told), on="row", how="anti").select(
        "row", "customer_id", worth=UNSURE - 0.1 * (1 - pl.col("p")), owns=pl.lit(value=True)
    )
    case = case.sort(["worth", "customer_id"], descending=[True, False])
    rest = rows.with_columns(full=pl.lit(None, pl.Utf8))
    return pl.concat([verdicts(best.filter(told)), settled(case, rest, evidence.parts, REST)])


def typo(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """The domain is one slip from one customer's, or the address one slip from a recorded free-mail one."""
    near = evidence.typos.join(rows.select("row", "key"), on="row")
    free = rows.filter(pl.col("free_near").is_not_null())
    free = free.select("row", "key", near="free_near")
    both = pl.concat([near, free], how="diagonal")
    both = both.join(evidence.mended, on=["key", "near"], how="left")
    same = pl.col("recorded") == pl.coalesce("customer_id", "recorded")
    both = both.with_columns(
        pl.coalesce("customer_id", "recorded").alias("customer_id"), same=same
    ).drop_nulls("customer_id")
    both = both.join(evidence.people, on=["row", "customer_id"], how="left")
    both = both.join(evidence.companies, on=["row", "customer_id"], how="left")
    same = pl.col("same").fill_null(value=False)
    rules = (
        (same, 0.95, "typo_email"),
        (pl.col("person").is_not_null(), 0.95, "typo_domain_person"),
        ((pl.col("p") > 0.5).fill_null(value=False), 0.95, "typo_domain_company"),
        (pl.lit(value=True), UNSURE, "typo_domain"),
    )
    both = both.with_columns(stakeholder_id=pl.when(same).then("who").otherwise("stakeholder_id"))
    judged = _ruled(both, rules)
    told = pl.col("evidence") != "typo_domain"
    case = judged.filter(~told).select("row", "customer_id", worth=UNSURE, owns=pl.lit(value=False))
    rest = rows.with_columns(full=pl.lit(None, pl.Utf8))
    case = not_ruled_out(case, rest, evidence.parts)
    return pl.concat([verdicts(judged.filter(told)), settled(case, rest, evidence.parts, MISTYPED)])


def company(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """The company name, weighed together with the person's name and what the domain says against it."""
    silent = rows.filter(pl.col("name_nobody"))
    silent = silent.select("row", evidence=pl.lit("answer_nobody"), confidence=pl.lit(0.0))
    pairs = evidence.weighed.join(rows.select("row"), on="row", how="semi")
    ranked = pairs.sort(["confidence", "customer_id"], descending=[True, False])
    best = ranked.unique("row", keep="first")
    rivals = ranked.filter(~pl.col("row").is_first_distinct()).unique("row", keep="first")
    best = best.join(rivals.select("row", second="confidence"), on="row", how="left")
    # Two customers that fit equally well are a question, however well they fit.
    torn = (pl.col("second") > pl.col("confidence") - 0.05) & (pl.col("confidence") > UNSURE)
    met = pl.col("person").is_not_null()
    best = best.with_columns(
        confidence=pl.when(torn.fill_null(value=False)).then(UNSURE).otherwise("confidence"),
        evidence=pl.when(pl.col("said"))
        .then(pl.lit("answer"))
        .when(met)
        .then(pl.lit("company_and_person"))
        .otherwise(pl.lit("company")),
    )
    unsure = best.filter(pl.col("confidence") < AUTOMATIC).select("row")
    listed = _listed(pairs.join(unsure, on="row", how="semi"), "confidence")
    best = best.join(listed, on="row", how="left")
    return pl.concat([verdicts(silent), verdicts(best.filter(pl.col("confidence") >= 0.5))])


def person_name(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """No more than a name that one stakeholder alone bears: a hint, never a match."""
    found = evidence.namesakes.join(rows.select("row"), on="row", how="semi")
    found = found.with_columns(confidence=pl.lit(0.40), evidence=pl.lit("person_name"))
    return verdicts(found)


def nothing(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Whatever is left, with the names that came nearest."""
    pairs = evidence.weighed.join(rows.select("row"), on="row", how="semi")
    listed = _listed(pairs, "confidence")
    best = pairs.group_by("row").agg(pl.col("confidence").max())
    found = rows.select("row").join(best, on="row", how="left").join(listed, on="row", how="left")
    return verdicts(
        found.with_columns(pl.col("confidence").fill_null(0.0), evidence=pl.lit("none"))
    )


BY_NAME = (one_owner, nobody, shared_domain, typo, company, person_name, nothing)


def _ruled(pairs: pl.DataFrame, rules: tuple[tuple[pl.Expr, float, str], ...]) -> pl.DataFrame:
    """Adds confidence and evidence of the first rule that holds; the last always does."""
    confidence, evidence = pl.when(rules[0][0]).then(rules[0][1]), None
    evidence = pl.when(rules[0][0]).then(pl.lit(rules[0][2]))
    for test, value, code in rules[1:]:
        confidence = confidence.when(test).then(value)
        evidence = evidence.when(test).then(pl.lit(code))
    return pairs.with_columns(confidence=confidence, evidence=evidence)


def _best(pairs: pl.DataFrame, *by: str) -> pl.DataFrame:
    """One pair per row: the highest, the smaller customer id at a tie."""
    order = [True] * len(by)
    pairs = pairs.sort([*by, "customer_id"], descending=[*order, False], nulls_last=True)
    return pairs.unique("row", keep="first")


def _listed(pairs: pl.DataFrame, by: str) -> pl.DataFrame:
    """`row`, `candidates`: the best three."""
    pairs = pairs.sort([by, "customer_id"], descending=[True, False])
    entry = pl.struct("customer_id", confidence=pl.col(by).cast(pl.Float32))
    return pairs.group_by("row", maintain_order=True).agg(candidates=entry.head(_SHOWN))


def _beside(case: pl.DataFrame, rivals: pl.DataFrame) -> pl.DataFrame:
    """Whom the company names of open cases point to, in the columns of `case`."""
    others = case.select("row", "worth").join(rivals, on="row", maintain_order="left_right")
    return others.select("row", "worth", customer_id="rival", owns=pl.lit(value=False)).select(
        case.columns
    )
