"""Does a file show people of the company that runs the app, without the app knowing that they are?"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import CustomerDomain
from services.access.viewer import ADMINISTRATOR, Viewer
from services.matching.prepared import free_mail
from services.uploads import store
from services.uploads.access import require_upload
from services.uploads.book import own_domains

SEVERAL = 2
"""So many hosts and speakers from one domain are more likely colleagues than guests."""
HOSTS = "Host or staff"
"""How the reason of a row begins that was left out for its role."""


@dataclass(frozen=True)
class OwnCompany:
    """`people` of the file have an address at `domain`; `own`: so has the one who asks.
    `may_add`: whether the one who asks may say that it is the own company."""

    domain: str
    people: int
    own: bool
    may_add: bool


def suggest_own_domain(session: Session, by: Viewer, upload_id: int) -> OwnCompany | None:
    """The mail domain that is most likely the own company's: the asker's, else that of several hosts and
    speakers. Never a customer's, one that anybody can have, or one that is listed already."""
    require_upload(session, by, upload_id)
    rows, people = (store.load_frame(session, upload_id, name) for name in ("rows", "people"))
    if rows is None or people is None:
        return None
    mine = (by.email or "").rpartition("@")[2].lower()
    known = set(session.scalars(select(CustomerDomain.domain))) | set(own_domains(session))
    hosts = rows.filter(
        pl.col("reason").str.starts_with(HOSTS).fill_null(value=False) | pl.col("spoke")
    )
    counted = (
        people.with_columns(
            domain=pl.col("email").str.extract(r"@([^@\s]+)$").str.to_lowercase(),
            host=pl.col("person").is_in(hosts["person"].drop_nulls().unique().implode()),
        )
        .drop_nulls("domain")
        .unique("email")
        .group_by("domain")
        .agg(people=pl.len(), hosts=pl.col("host").sum())
        .filter(
            (pl.col("domain") == mine) | (pl.col("hosts") >= SEVERAL),
            ~pl.col("domain").is_in(list(known)),
            ~pl.col("domain").is_in(free_mail().implode()),
        )
        .sort(pl.col("domain") == mine, "hosts", "people", descending=True)
    )
    if counted.is_empty():
        return None
    domain, number, _ = counted.row(0)
    return OwnCompany(domain, number, domain == mine, by.role == ADMINISTRATOR)
