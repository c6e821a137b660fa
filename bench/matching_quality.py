"""How well the matcher does on generated attendance: `python -m bench.matching_quality DIRECTORY`.

The directory holds attendance.csv, attendance_truth.csv, customers.csv and contacts.csv. Prints
JSON: automatic precision and recall (of rows with a true customer), share of rows for review,
share of outsiders matched, people, and seconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import polars as pl

from bench.document import table
from services.matching.book import CustomerBook, empty_book
from services.matching.cascade import match
from services.matching.prepared import prepare


def load_book(directory: Path) -> CustomerBook:
    """The master data of a generated directory, as a service would hand it over."""
    customers = _read(directory, "customers").with_columns(pl.col("customer_id").cast(pl.Int64))
    contacts = _read(directory, "contacts").with_columns(
        pl.col("contact_id", "customer_id").cast(pl.Int64)
    )
    domains = [
        customers.select("customer_id", domain=column).drop_nulls()
        for column in ("domain", "alt_domains")
    ]
    return empty_book(
        customers=customers.select("customer_id", "name"),
        names=customers.select("customer_id", name="aliases").drop_nulls(),
        domains=pl.concat(domains),
        stakeholders=contacts.select(
            "customer_id", "first_name", "last_name", stakeholder_id="contact_id"
        ),
        emails=contacts.select("customer_id", "email", stakeholder_id="contact_id"),
    )


def load_people(directory: Path) -> pl.DataFrame:
    """`email`, `company`, `name` of every attendance row."""
    rows = _read(directory, "attendance")
    return rows.select(email="Email", company="Customer", name="Name")


def judged(directory: Path) -> pl.DataFrame:
    """The matcher's verdicts beside the truth, row by row: its columns, then `true_customer`, `true_person`, `kind`."""
    truth = _read(directory, "attendance_truth").select(
        true_customer=pl.col("customer_id").cast(pl.Int64),
        true_person=pl.col("contact_id").cast(pl.Int64),
        kind="kind",
    )
    people = load_people(directory)
    return pl.concat([people, match(people, load_book(directory)), truth], how="horizontal")


def measure(rows: pl.DataFrame) -> dict[str, float]:
    """Shares of `judged` rows."""
    automatic = pl.col("band") == "automatic"
    right = automatic & (pl.col("customer_id") == pl.col("true_customer"))
    known = pl.col("true_customer").is_not_null()
    named = pl.col("stakeholder_id").is_not_null()
    right_person = named & (pl.col("stakeholder_id") == pl.col("true_person"))
    real = pl.col("true_person").is_not_null()
    figures = rows.select(
        rows=pl.len(),
        precision=right.sum() / automatic.sum(),
        recall=right.sum() / known.sum(),
        review=(pl.col("band") == "review").mean(),
        leak=(automatic & ~known).sum() / (~known).sum(),
        person_precision=right_person.sum() / named.sum(),
        person_recall=right_person.sum() / real.sum(),
    )
    return {name: round(value, 6) for name, value in figures.to_dicts()[0].items()}


def _read(directory: Path, name: str) -> pl.DataFrame:
    packed = directory / f"{name}.csv.gz"
    return pl.read_csv(packed if packed.exists() else directory / f"{name}.csv", infer_schema=False)


def timed(directory: Path) -> dict[str, float]:
    """Seconds: a first match of 1,000 rows with everything cold, then warm, then all distinct rows."""
    book, people = load_book(directory), load_people(directory)
    distinct = people.unique(maintain_order=True)
    seconds: dict[str, float] = {"distinct_rows": distinct.height}
    ready = prepare(book)
    for name, part in (
        ("first_1000_rows", people.head(1000)),
        ("again_1000_rows", people.head(1000)),
        ("all_distinct_first", distinct),
        ("all_distinct", distinct),
    ):
        begun = perf_counter()
        match(part, ready)
        seconds[name] = round(perf_counter() - begun, 3)
    return seconds


def section(directory: Path) -> str:
    """The figures as text of the document."""
    found = measure(judged(directory))
    aims = {"precision": ">= 0.998", "recall": ">= 0.98", "review": "<= 0.03", "leak": "<= 0.001"}
    words = {
        "precision": "automatic precision",
        "recall": "automatic recall",
        "review": "rows for review",
        "leak": "outsiders matched automatically",
        "person_precision": "precision of persons",
        "person_recall": "recall of persons",
    }
    shares = [[word, f"{found[name]:.4f}", aims.get(name, "")] for name, word in words.items()]
    seconds = timed(directory)
    distinct = seconds.pop("distinct_rows")
    speed = [[name.replace("_", " "), f"{spent:.3f} s"] for name, spent in seconds.items()]
    return f"""{found["rows"]:,.0f} generated rows ({distinct:,.0f} distinct), of which the generator says whom they are about.

{table(["what", "share", "aim"], shares)}

Matching alone, against 10,000 customers and 100,000 contacts:

{table(["rows", "time"], speed)}"""


if __name__ == "__main__":
    where = Path(sys.argv[1])
    print(json.dumps(measure(judged(where)) | timed(where), indent=2))
