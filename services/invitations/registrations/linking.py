"""Whose registration it is: the invited person's, also under another address of theirs. Pure."""

from __future__ import annotations

import unicodedata

import polars as pl

COMING = {
    "email": pl.String,
    "name": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
}
INVITED = {
    "invitation_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "name": pl.String,
}


def folded(name: str) -> str:
    """A person's name as compared: without accents, case and order. Empty for a single word, which
    many people share."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = "".join(c if c.isalpha() else " " for c in plain if not unicodedata.combining(c))
    parts = sorted(words.split())
    return " ".join(parts) if len(parts) > 1 else ""


def linked(coming: pl.DataFrame, invited: pl.DataFrame) -> pl.DataFrame:
    """Rows of COMING with the invitation that each answers (`invitation_id`), and customer and stakeholder
    filled in from it.

    It is the invited person when the matching took the address for theirs; when a colleague's address
    came in their name (same customer, same full name); or when the address is nobody's, but the full name
    is that of exactly one person invited to this very event. Anybody else's registration answers nothing.
    """
    people = invited.with_columns(key=_keys(invited["name"]))
    rows = coming.with_row_index("row").with_columns(key=_keys(coming["name"]))
    ours = people.select("invitation_id", owner="customer_id", who="stakeholder_id", key="key")
    by_person = rows.join(ours, left_on="stakeholder_id", right_on="who", coalesce=False)
    named = rows.filter(pl.col("key") != "").join(ours, on="key")
    at_home = named.filter(pl.col("customer_id") == pl.col("owner"))
    once = pl.col("key").is_unique()
    nobodys = (
        rows.filter(pl.col("customer_id").is_null(), pl.col("key") != "")
        .join(ours.filter(once), on="key")
    )  # fmt: skip
    columns = ("row", "invitation_id", "owner", "who")
    found = pl.concat([part.select(columns) for part in (by_person, at_home, nobodys)])
    first = found.unique("row", keep="first", maintain_order=True)
    return (
        rows.join(first, on="row", how="left")
        .sort("row")
        .with_columns(
            customer_id=pl.coalesce("customer_id", "owner"),
            # A colleague's address that came in their name is theirs.
            stakeholder_id=pl.coalesce("who", "stakeholder_id"),
        )
        .select(*COMING, "invitation_id")
    )


def _keys(names: pl.Series) -> pl.Series:
    return pl.Series("key", [folded(name) if name else "" for name in names], pl.String)
