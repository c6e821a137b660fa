"""Which customer is whose parent, without going round in circles."""

from __future__ import annotations

import polars as pl

from services.customers.known import Known

MOST_PASSES = 20
_WANTED = {"id": pl.Int64, "parent_id": pl.Int64, "problem": pl.Utf8}


def find_parents(wanted: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`id`, `parent_id`, `problem` for each row of `wanted` (id, parent as written, key: it folded).

    `known` holds the new customers too. By external id, else by a name that one customer alone has.
    A parent that would make a customer its own ancestor is refused; the first rows win.
    """
    if wanted.is_empty():
        return pl.DataFrame(schema=_WANTED)
    by_id = known.customers.filter(pl.col("external_id").is_not_null()).select(
        parent="external_id", by_id="id"
    )
    sole = known.names.filter(pl.len().over("key") == 1).select("key", by_name="id")
    found = wanted.join(by_id, on="parent", how="left", maintain_order="left")
    found = found.join(sole, on="key", how="left", maintain_order="left")
    found = found.with_columns(parent_id=pl.coalesce("by_id", "by_name"))
    above = dict(known.customers.select("id", "parent_id").drop_nulls().iter_rows())
    lines = list(found.select("id", "parent_id", "parent").iter_rows())
    rows = _settled(lines, above)
    return pl.DataFrame(rows, schema=_WANTED, orient="row")


def _settled(
    lines: list[tuple[int, int | None, str]], above: dict[int, int]
) -> list[tuple[int, int | None, str | None]]:
    """A parent refused for a circle may become possible by a later row that opens it: again until
    nothing changes, so that a second import of the file has nothing left to do."""
    rows = [_settle(*line, above) for line in lines]
    for _ in range(MOST_PASSES):
        again = [_settle(*line, above) for line in lines]
        if again == rows:
            break
        rows = again
    return rows


def _settle(
    customer: int, parent: int | None, written: str, above: dict[int, int]
) -> tuple[int, int | None, str | None]:
    if parent is None:
        return (
            customer,
            None,
            f"Parent “{written[:40]}” left out: no single customer has this id or name",
        )
    if customer in _ancestors(parent, above):
        return customer, None, f"Parent “{written[:40]}” left out: it would be its own parent"
    above[customer] = parent
    return customer, parent, None


def _ancestors(start: int, above: dict[int, int]) -> set[int]:
    """`start` and everything over it; stops at a circle that the database may already hold."""
    seen: set[int] = set()
    here: int | None = start
    while here is not None and here not in seen:
        seen.add(here)
        here = above.get(here)
    return seen


def closes_circle(customer_id: int, parent_id: int, above: dict[int, int]) -> bool:
    """Whether this parent would make the customer its own ancestor. `above`: id -> parent id."""
    return customer_id in _ancestors(parent_id, above)
