"""Mail addresses of stakeholders as files give them."""

from __future__ import annotations

import polars as pl

from services.customers import cells
from services.matching.addresses import email_keys


def address_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with a note where a cell holds no address, and `line`, `email` (key), `shown_as`, `position`."""
    pieces = (
        rows.select(
            "line", shown_as=pl.col("email").str.replace_all(r"[;,|\s<>]+", " ").str.strip_chars()
        )
        .drop_nulls("shown_as")
        .with_columns(pl.col("shown_as").str.split(" "))
        .explode("shown_as")
        .with_columns(position=pl.int_range(pl.len(), dtype=pl.UInt32).over("line"))
    )
    # The words before `<address>` are a name; a cell without any @ is a mistake worth telling.
    pieces = pieces.with_columns(email=email_keys(pieces["shown_as"]))
    usable = pl.col("email").is_not_null() & (pl.col("shown_as").str.len_chars() <= 320)
    good = pieces.filter(usable).unique(["line", "email"], keep="first", maintain_order=True)
    typed = rows.filter(pl.col("email").is_not_null()).select("line")
    wrong = pieces.filter(~usable & pl.col("shown_as").str.contains("@", literal=True)).select(
        "line"
    )
    bad = pl.concat([typed.join(good, on="line", how="anti"), wrong]).unique()
    bad = bad.with_columns(_bad=pl.lit("An e-mail address was left out: it is not a whole address"))
    rows = rows.join(bad, on="line", how="left", maintain_order="left")
    return cells.add_note(rows, pl.col("_bad")).drop("_bad"), good
