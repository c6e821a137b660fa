"""Company and person names as keys that compare equal when only the spelling differs."""

from __future__ import annotations

import polars as pl

from services.matching.words import (
    ABBREVIATIONS,
    CORE_DROPS,
    LEGAL_FORMS,
    LEGAL_JOINTS,
    LEGAL_LEADS,
    LEGAL_MARKS,
    LETTERS,
    TITLES,
)

_LONGEST = 200  # letters; keys are stored, and a longer name is no name
_FORMS = "|".join(LEGAL_FORMS)
_JOINTS = "|".join(LEGAL_JOINTS)
_TRAILING_FORMS = rf"(?: (?:(?:{_JOINTS}) )?(?:{_FORMS}))+$"
_LEADING_FORMS = rf"^(?:{'|'.join(LEGAL_LEADS)}) "
_LONG = {f" {short} ": f" {long} " for short, long in ABBREVIATIONS.items()}
_DROPPED = {f" {word} ": "  " for word in CORE_DROPS}


def folded(raw: pl.Expr) -> pl.Expr:
    """Lower case without accents: 'Łódź Straße' -> 'lodz strasse'. Other scripts keep their letters."""
    text = raw.str.to_lowercase()
    plain = text.str.len_bytes() == text.str.len_chars()
    spelled = text.str.normalize("NFKD").str.replace_all(r"[\u0300-\u036f]", "")
    spelled = spelled.str.replace_many(list(LETTERS), list(LETTERS.values()))
    return pl.when(plain).then(text).otherwise(spelled.str.to_lowercase())


def company_keys(names: pl.Series) -> pl.DataFrame:
    """One row per distinct name: `name`, `full` (no legal form), `core` (no group/holdings/...), `compact` (no blanks).

    Keys are null for a name without a letter or digit.
    """
    table = names.drop_nulls().unique().to_frame("name")
    text = folded(pl.col("name")).str.replace_many(list(LEGAL_MARKS), [" "] * len(LEGAL_MARKS))
    text = text.str.replace_all(r"['’‘`´]", "").str.replace_all(r"[&+]", " and ")
    text = text.str.replace_all(r"\b(\p{L})/(\p{L})\b", "$1$2")  # A/S -> as
    text = text.str.replace_all(r"\b(\p{L})\.", "$1")  # S.p.A. -> spa
    text = text.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ")
    text = text.str.strip_chars(" ").str.slice(0, _LONGEST)
    table = table.with_columns(text.alias("words"))
    bare = pl.col("words").str.replace(_TRAILING_FORMS, "").str.replace(_LEADING_FORMS, "")
    table = table.with_columns(_swapped(bare, _LONG).alias("full"))
    table = table.with_columns(_swapped(pl.col("full"), _DROPPED).alias("core"))
    table = table.with_columns(
        pl.when(pl.col("core") == "").then(pl.col("full")).otherwise(pl.col("core")).alias("core"),
        pl.col("full").str.replace_all(" ", "", literal=True).alias("compact"),
    )
    keys = [pl.when(pl.col(k) != "").then(pl.col(k)).alias(k) for k in ("full", "core", "compact")]
    return table.select("name", *keys)


def company_key(names: pl.Series) -> pl.Series:
    """The full key of each name, row by row: what an answer about a company name is kept under."""
    keys = company_keys(names)
    return names.to_frame("name").join(keys, on="name", how="left", maintain_order="left")["full"]


def person_parts(names: pl.Series) -> pl.DataFrame:
    """One row per distinct name: `name`, `whole` (folded words), `given` and `family` (first and last word).

    'Last, First' is turned round; brackets, titles and marks are dropped. A single word has no
    family and so proves nothing.
    """
    table = names.drop_nulls().unique().to_frame("name")
    text = folded(pl.col("name")).str.replace_all(r"\([^)]*\)|\[[^\]]*\]", " ")
    text = text.str.replace(r"^([^,]+),\s*([^,]+)$", "$2 $1")
    text = text.str.replace_all(r"['’‘`´]", "").str.replace_all(r"[^\p{L}\p{M}]+", " ")
    text = text.str.slice(0, _LONGEST)
    titles = "|".join(TITLES)
    text = text.str.strip_chars(" ").str.replace(rf"^(?:(?:{titles}) )+", "")
    text = text.str.replace(rf"(?: (?:{titles}))+$", "")
    table = table.with_columns(text.alias("whole"))
    words = pl.col("whole").str.split(" ")
    many = pl.col("whole").str.contains(" ", literal=True)
    return table.with_columns(
        pl.when(pl.col("whole") != "").then(pl.col("whole")).alias("whole"),
        pl.when(many).then(words.list.first()).alias("given"),
        pl.when(many).then(words.list.last()).alias("family"),
    )


def _swapped(text: pl.Expr, pairs: dict[str, str]) -> pl.Expr:
    """Words replaced through a table. Blanks are doubled meanwhile, or neighbours would share one."""
    spaced = pl.concat_str(pl.lit(" "), text.str.replace_all(" ", "  ", literal=True), pl.lit(" "))
    spaced = spaced.str.replace_many(list(pairs), list(pairs.values()))
    return spaced.str.replace_all(r" +", " ").str.strip_chars(" ")
