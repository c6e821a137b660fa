"""What can be asked of the generator."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """`until` is the day after the last event; `months` have 30 days."""

    out: Path
    rows: int = 1_000_000
    customers: int = 10_000
    contacts: int = 100_000
    events: int = 2_000
    csms: int = 40
    months: int = 24
    until: str = "2026-01-31"
    duplicates: float = 0.02
    rejoins: float = 0.05
    shuffle: bool = False
    sample: int = 0
    xlsx: bool = False
    seed: int = 1
    row_seed: int | None = None

    @property
    def end(self) -> datetime:
        return datetime.fromisoformat(self.until)

    @property
    def days(self) -> int:
        return self.months * 30


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m bench.generator",
        description="Write customers, contacts, events and a messy attendance upload as CSV.",
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder to write to; made when missing")
    add("--rows", type=int, default=Options.rows, help="attendance rows")
    add("--customers", type=int, default=Options.customers)
    add("--contacts", type=int, default=Options.contacts)
    add("--events", type=int, default=Options.events)
    add("--csms", type=int, default=Options.csms)
    add("--months", type=int, default=Options.months, help="how far back events go")
    add("--until", default=Options.until, help="the day after the last event")
    add("--duplicates", type=float, default=Options.duplicates, help="share of exact copies")
    add("--rejoins", type=float, default=Options.rejoins, help="share of people joining again")
    add("--shuffle", action="store_true", help="rows in random order, not event by event")
    add("--sample", type=int, default=0, metavar="N", help="keep N rows drawn from all")
    add("--xlsx", action="store_true", help="also write attendance.xlsx")
    add("--seed", type=int, default=Options.seed)
    add("--row-seed", type=int, help="other rows over the same customers and events")
    return Options(**vars(parser.parse_args(arguments)))
