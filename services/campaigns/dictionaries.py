"""Links, origins and words that events refer to by their hash: each kept once."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from data.bulk import insert_missing
from data.tables import CampaignLink, CampaignOrigin, CampaignText
from services.campaigns.hashing import hashed

_PLAIN = r"^[a-z]{2,20}(?: (?:[a-z&]{1,20}|\d{1,4}))*$"
"""Not the letters and digits of which redirecting links are made."""
_EVERYWHERE = r"unsubscribe|preference|opt ?out|view online|browser|^(?:index|home|en|login|click|open|track)$"
"""Words of links that are in every mail."""
HIDDEN = "hidden:link"
"""What all hidden links are called: only scanners follow them."""


def with_keys(events: pl.DataFrame) -> pl.DataFrame:
    """With `link`, `origin` and `detail` as keys; `words` is what `detail` was."""
    origin = events.select(
        origin=pl.when(pl.col("ip").is_not_null() | pl.col("agent").is_not_null()).then(
            pl.format("{}|{}", pl.col("ip").fill_null("-"), pl.col("agent").fill_null("\x00"))
        )
    )["origin"]
    return events.rename({"detail": "words"}).with_columns(
        hashed(events["url"]).alias("link"),
        hashed(origin).alias("origin"),
        hashed(events["detail"]).alias("detail"),
    )


def keep(session: Session, keyed: pl.DataFrame) -> None:
    """Add what is not there yet. `keyed` has the columns of `with_keys`, and `of_campaign`."""
    links = (
        keyed.filter(pl.col("link").is_not_null())
        .group_by("of_campaign", "link")
        .agg(pl.col("url").min())
        .select(
            campaign_id="of_campaign",
            key="link",
            url="url",
            label=_label(),
            topic=_topic(),
            hidden=pl.col("url") == HIDDEN,
        )
    )
    _add(session, CampaignLink.__table__, links.sort("campaign_id", "key"))
    seen = keyed.select(key="origin", ip="ip", agent="agent")
    _add(session, CampaignOrigin.__table__, _distinct(seen))
    words = keyed.select(key="detail", words="words")
    _add(session, CampaignText.__table__, _distinct(words))


def _label() -> pl.Expr:
    """The last part of an address's path in words, such as `pricing` or `release notes`; else its host."""
    words = _path_words()
    host = pl.col("url").str.extract(r"^[a-z]+://(?:www\.)?([^/?#:]+)")
    return pl.when(words.str.contains(r"[A-Za-z]")).then(words).otherwise(host)


def _path_words() -> pl.Expr:
    path = pl.col("url").str.replace(r"^[a-z]+://[^/?#]*", "").str.replace(r"[?#].*$", "")
    last = path.str.strip_chars("/").str.extract(r"([^/]+)$").str.replace(r"\.[a-z]{2,5}$", "")
    return last.str.replace_all(r"[-_+]|%20", " ").str.strip_chars().str.slice(0, 200)


def _topic() -> pl.Expr:
    """What a link is about, as far as its address says so: none for front pages, numbers and what all mails have."""
    words = _path_words().str.to_lowercase().str.replace_all(r"\s+", " ").str.slice(0, 60)
    tells = words.str.contains(_PLAIN) & ~words.str.contains(_EVERYWHERE)
    return pl.when(tells).then(words)


def _distinct(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("key").is_not_null()).unique("key").sort("key")


def _add(session: Session, table: object, rows: pl.DataFrame) -> None:
    assert isinstance(table, Table)
    insert_missing(session, table, rows)


def copy_links(session: Session, moves: Sequence[tuple[int, int]]) -> None:
    """What the links of the first campaign of each pair are called, to the second as well."""
    table = CampaignLink.__table__
    assert isinstance(table, Table)
    for old, new in moves:
        there = select(CampaignLink.key).where(CampaignLink.campaign_id == new)
        rows = session.execute(
            select(table.c.key, table.c.url, table.c.label, table.c.topic, table.c.hidden).where(
                table.c.campaign_id == old, table.c.key.not_in(there)
            )
        ).mappings()
        if rows := list(rows):
            values = [dict(row) | {"campaign_id": new} for row in rows]
            session.execute(insert(table), values)
