"""E-mail addresses and domains as keys that compare equal when they mean the same mailbox or company."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LONGEST = 254  # bytes of an address
# Blanks that str.strip leaves alone, yet come with copied addresses.
_INVISIBLE = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\"'"
# What is a key as it stands: nothing to strip, fold, cut or spell out.
_PLAIN = r"^[a-z0-9._-]+@(?:[a-z0-9_][a-z0-9_-]*\.)+[a-z0-9-]+$"
_VALID = r"^[^\s@,;:<>()\[\]\\\"]+@(?:[0-9a-z_][0-9a-z_-]*\.)+[0-9a-z-]+$"


def email_keys(raw: pl.Series) -> pl.Series:
    """Address -> key: unwrapped, lower case, no +tag, googlemail as gmail; null when it is no address.

    International domains come out in their ASCII form.
    """
    text = pl.col("key")
    plain = text.str.contains(_PLAIN) & (text.str.len_bytes() <= _LONGEST)
    plain = plain & ~text.str.ends_with("@googlemail.com")
    # Most addresses are keys already, and one look tells; only the others are worked on.
    done = raw.to_frame("key").select(plain.fill_null(value=False))["key"]
    odd = np.flatnonzero(~done.to_numpy())
    if not odd.size:
        return raw.alias("key")
    return replaced(raw, odd, _mended(raw.gather(odd))).alias("key")


def replaced(values: pl.Series, places: np.ndarray, others: pl.Series) -> pl.Series:
    """`values` with those at `places` (row numbers) exchanged for `others`, one by one."""
    order = np.arange(len(values))
    order[places] = np.arange(len(values), len(values) + len(others))
    return pl.concat([values, others.alias(values.name)]).gather(order)


def _mended(raw: pl.Series) -> pl.Series:
    text = pl.col("key")
    table = raw.to_frame("key").with_columns(
        text.str.strip_chars(_INVISIBLE + ",;").str.to_lowercase()
    )
    # Each oddity is rare, so it is looked for before it is worked on.
    wrapped = text.str.contains("<", literal=True)
    table = _where(table, wrapped, text.str.extract(r"<\s*([^<>]*?)\s*>"))
    bare = text.str.strip_prefix("mailto:").str.strip_chars(_INVISIBLE + ",;")
    table = table.with_columns(bare.str.strip_chars_end(".,; "))
    tagged = text.str.contains("+", literal=True)
    table = _where(table, tagged, text.str.replace(r"^([^+@]+)\+[^@]*@", "$1@"))
    google = text.str.ends_with("@googlemail.com")
    table = _where(table, google, text.str.replace("@googlemail", "@gmail", literal=True))
    foreign = text.str.len_bytes() != text.str.len_chars()
    spelled = {key: _ascii_address(key) for key in table.filter(foreign)["key"].unique().to_list()}
    if spelled:
        table = table.with_columns(text.replace(list(spelled), list(spelled.values())))
    good = text.str.contains(_VALID) & (text.str.len_bytes() <= _LONGEST)
    return table.select(pl.when(good).then(text).alias("key"))["key"]


def domain_keys(raw: pl.Series) -> pl.Series:
    """Domain as somebody typed it (or a web address, or an e-mail address) -> key; null when it is none."""
    text = pl.col("raw").str.strip_chars(_INVISIBLE).str.to_lowercase()
    text = text.str.replace(r"^[a-z]+://", "").str.replace(r"^.*@", "")
    text = text.str.replace(r"[/?#:].*$", "").str.strip_chars(".").str.strip_prefix("www.")
    keys = raw.to_frame("raw").select(
        pl.when(text.str.contains(r"^[^\s@/]+\.[^\s@/.]+$")).then(text).alias("key")
    )["key"]
    foreign = keys.is_not_null() & (keys.str.len_bytes() != keys.str.len_chars())
    if not foreign.any():
        return keys
    spelled = {key: _ascii_domain(key) for key in keys.filter(foreign).unique().to_list()}
    return keys.replace_strict(list(spelled), list(spelled.values()), default=keys)


def registrable(domains: pl.Series) -> pl.Series:
    """The part of each domain that somebody registered: eu.umbra.example -> umbra.example.

    Suffixes companies let to others count as public, so a.hosting.example-style tenants stay apart.
    """
    # Nobody writes from a bare suffix (@co.uk), so a name of two labels is taken as registrable
    # and only deeper names walk the list.
    distinct = domains.drop_nulls().unique()
    deep = distinct.filter(distinct.str.count_matches(".", literal=True) >= 2).to_list()
    suffixes = _suffixes() if deep else None
    known = {name: suffixes.privatesuffix(name) for name in deep} if suffixes else {}
    if not known:
        return domains
    return domains.replace_strict(
        list(known), pl.Series(list(known.values()), dtype=pl.Utf8), default=domains
    )


def chains(domains: pl.Series) -> pl.DataFrame:
    """Each distinct domain with itself and its parents down to the registrable one: `domain`, `link`, `length`."""
    pairs = domains.drop_nulls().unique().to_frame("domain")
    pairs = pairs.with_columns(root=registrable(pairs["domain"]))
    pairs = pairs.with_columns(pl.col("root").fill_null(pl.col("domain")), link=pl.col("domain"))
    found = [pairs]
    climbing = pairs.filter(pl.col("link") != pl.col("root"))
    while climbing.height:
        climbing = climbing.with_columns(pl.col("link").str.replace(r"^[^.]*\.", ""))
        found.append(climbing)
        climbing = climbing.filter(pl.col("link") != pl.col("root"))
    table = pl.concat(found).with_columns(length=pl.col("link").str.len_bytes())
    return table.select("domain", "root", "link", "length")


def _ascii_address(key: str) -> str | None:
    local, _, domain = key.partition("@")
    spelled = _ascii_domain(domain)
    return f"{local}@{spelled}" if spelled else None


def _ascii_domain(domain: str) -> str | None:
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None


def _where(table: pl.DataFrame, odd: pl.Expr, mended: pl.Expr) -> pl.DataFrame:
    """The column `key` with `mended` where `odd` holds; untouched when it holds nowhere."""
    if not table.select(odd.any()).item():
        return table
    return table.with_columns(pl.when(odd).then(mended).otherwise(pl.col("key")).alias("key"))


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
