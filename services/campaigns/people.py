"""Recipients: the addresses of campaigns, and whom we take them for."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame, read_large, update_frame
from data.tables import CampaignRecipient
from services.matching.book import CustomerBook
from services.matching.cascade import match
from services.matching.kept import differs, stored_match
from services.matching.prepared import PreparedBook
from services.matching.verdict import MATCH

RECIPIENT: dict[str, Any] = {
    "id": pl.Int64,
    "address": pl.String,
    "email": pl.String,
    "name": pl.String,
    "company": pl.String,
    "domain": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "band": pl.String,
    "confidence": pl.Float64,
    "evidence": pl.String,
    "question_kind": pl.String,
    "question_key": pl.String,
    "candidates": pl.String,
}
FEW = 2_000
_PIECE = 500


def recipients(
    session: Session, people: pl.DataFrame, book: CustomerBook | PreparedBook
) -> pl.DataFrame:
    """RECIPIENT of each distinct `address` of `people` (address, email, name, company); new ones are added.

    A person once matched stays so until everybody is matched anew; who is not is looked at again when their
    company is told for the first time. The caller has taken the turn.
    """
    known = _companies(session, among(session, people["address"]), people, book)
    fresh = people.join(known, on="address", how="anti")
    if fresh.is_empty():
        return known
    # The same address may be spelled in several ways: which one is kept must not hang on the order.
    one = fresh.group_by("address").agg(
        pl.col("email").min(), pl.col("name", "company").drop_nulls().min()
    )
    first = (session.scalar(select(func.max(CampaignRecipient.id))) or 0) + 1
    one = one.sort("address").with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + first,
        domain=pl.col("address").str.extract(r"@(.*)$"),
    )
    added = matched(one, book)
    insert_frame(session, CampaignRecipient.__table__, added)  # type: ignore[arg-type]
    return pl.concat([known, added])


def _companies(
    session: Session,
    known: pl.DataFrame,
    people: pl.DataFrame,
    book: CustomerBook | PreparedBook,
) -> pl.DataFrame:
    """`known` with the companies told of them; the first in the alphabet, whatever order they come in."""
    told = people.drop_nulls("company").group_by("address").agg(said=pl.col("company").min())
    both = known.join(told, on="address").with_columns(
        was="company", company=pl.min_horizontal("company", "said")
    )
    changed = both.filter(pl.col("was").ne_missing(pl.col("company"))).drop("was", "said")
    if changed.is_empty():
        return known
    settled = pl.col("band") == "automatic"
    again = matched(changed.filter(~settled), book)
    after = pl.concat([changed.filter(settled).select(*RECIPIENT), again])
    columns = after.select("id", "company", *MATCH)
    update_frame(session, CampaignRecipient.__table__, columns, ["id"])  # type: ignore[arg-type]
    return pl.concat([known.join(after, on="id", how="anti"), after])


def matched(people: pl.DataFrame, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """RECIPIENT of `people` (id, address, email, name, company, domain), by the same cascade as participants."""
    found = match(people.select("email", "company", "name"), book)
    who = people.select("id", "address", "email", "name", "company", "domain")
    whole = who.hstack(stored_match(found))
    return whole.select(pl.col(name).cast(kind) for name, kind in RECIPIENT.items())


def among(session: Session, addresses: pl.Series) -> pl.DataFrame:
    """Those of these addresses that are known, as RECIPIENT."""
    distinct = addresses.unique()
    columns = [CampaignRecipient.__table__.c[name] for name in RECIPIENT]
    if len(distinct) > FEW:
        everyone = read_large(session, select(*columns), RECIPIENT)
        return everyone.join(distinct.to_frame("address"), on="address", how="semi")
    pieces = [pl.DataFrame(schema=RECIPIENT)]
    for start in range(0, len(distinct), _PIECE):
        some = distinct.slice(start, _PIECE).to_list()
        found = select(*columns).where(CampaignRecipient.address.in_(some))
        pieces.append(read_frame(session, found, RECIPIENT))
    return pl.concat(pieces)


def rematch(session: Session, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """Match all recipients anew; gives those that changed, as RECIPIENT."""
    columns = [CampaignRecipient.__table__.c[name] for name in RECIPIENT]
    known = read_large(session, select(*columns).order_by(CampaignRecipient.id), RECIPIENT)
    if known.is_empty():
        return known
    found = matched(known, book)
    both = found.join(known, on="id", suffix="_was", maintain_order="left")
    changed = both.filter(differs()).select(*RECIPIENT)
    update_frame(session, CampaignRecipient.__table__, changed.select("id", *MATCH), ["id"])  # type: ignore[arg-type]
    return changed
