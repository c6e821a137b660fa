"""Who was erased on request: no address and no name, only what either turns into when it comes again."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import AppSetting, Suppression
from services.matching.addresses import email_keys
from services.matching.keys import person_key

SETTING = "erasure_salt"
NAME = "Erased contact"
NOTE = "Erased on request"
_DOMAIN = "erased.invalid"
"""Of RFC 2606: no mail can be delivered to it."""
_BEFORE, _AFTER = "erased-", f"@{_DOMAIN}"


_SALT = select(AppSetting.value).where(AppSetting.name == SETTING)


def salt(session: Session) -> str | None:
    """What addresses are hashed with here; None while nobody was ever erased."""
    return session.scalar(_SALT)


def ensure_salt(session: Session, now: datetime) -> str:
    known = salt(session)
    if known is None:
        known = secrets.token_hex(32)
        session.add(AppSetting(name=SETTING, value=known, changed_at=now))
        session.flush()
    return known


def stand_in(with_salt: str, key: str) -> str:
    """What stands in the place of this compared address (or other key of a person): always the same, in
    the form of an address, and of no use to find the person by."""
    digest = hmac.new(with_salt.encode(), key.casefold().encode(), sha256).hexdigest()
    return f"{_BEFORE}{digest[:32]}{_AFTER}"


def is_stand_in(text: str) -> bool:
    return text.startswith(_BEFORE) and text.endswith(_AFTER)


def stand_ins(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Per key its stand-in, whether erased or not; nothing while nobody was ever erased."""
    known = salt(session) if keys else None
    return {key: stand_in(known, key) for key in keys} if known else {}


def among(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Those of the compared addresses (or other keys of people) that were erased, with their stand-ins."""
    known = salt(session) if keys else None
    if not known:
        return {}
    s = Suppression
    listed = set(session.scalars(select(s.email).where(s.email.like(f"{_BEFORE}%{_AFTER}"))))
    found = {key: stand_in(known, key) for key in keys}
    return {key: instead for key, instead in found.items() if instead in listed}


def sampled(session: Session, sample: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows of a sample as they stand in a file, whatever its columns mean, but for those with the address
    of somebody who was erased."""
    keys = [
        email_keys(pl.Series(list(row), dtype=pl.String)).drop_nulls().to_list() for row in sample
    ]
    gone = among(session, {key for some in keys for key in some})
    return [
        list(row) for row, some in zip(sample, keys, strict=True) if gone.keys().isdisjoint(some)
    ]


def masked(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a file (email, company, name and others) in which people who were erased stay so.

    Such a row counts as it always did, under the stand-in, without its name, title and words.
    """
    if salt(session) is None:
        return rows
    identity = ["email", "company", "name"]
    told = rows.select(pl.col(identity).replace("", None)).unique()
    keyed = told.with_columns(key=person_key(told))
    found = among(session, keyed["key"].drop_nulls().unique().to_list())
    if not found:
        return rows
    instead = pl.col("key").replace_strict(found, default=None, return_dtype=pl.String)
    gone = keyed.select(*identity, _instead=instead).drop_nulls("_instead")
    blank = [pl.col(c).replace("", None).alias(f"_{c}") for c in identity]
    gone = gone.rename({c: f"_{c}" for c in identity})
    joined = rows.with_columns(blank).join(
        gone, on=[f"_{c}" for c in identity], how="left", nulls_equal=True, maintain_order="left"
    )
    kept = pl.col("_instead").is_null()
    words = [c for c in ("title", "detail", "raw") if c in rows.columns]
    return joined.with_columns(
        pl.coalesce("_instead", "email").alias("email"),
        pl.when(kept).then("name").otherwise(pl.lit(NAME)).alias("name"),
        *(pl.when(kept).then(c).alias(c) for c in words),
    ).select(rows.columns)
