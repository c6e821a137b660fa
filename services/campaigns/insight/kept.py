"""What mail says about each recipient, kept as one compressed frame beside the tables.

Everybody is drawn towards everybody else, so that one person's likelihood needs a year of all mail: the
worker makes it after news, and a reader before that makes it for itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.frames import pack, unpack
from data.tables import CampaignRecipient, Customer, KeptFrame, Stakeholder
from data.versions import CAMPAIGNS, current
from services.access.day import usable_zone
from services.campaigns.insight.best_time import BEST, best_times
from services.campaigns.insight.likelihood import LIKELIHOOD, likelihood
from services.campaigns.insight.mails import mails
from services.campaigns.insight.pattern import PATTERN, patterns

NAME = "campaign_people"
YEAR = timedelta(days=365)
_BEST = {
    name: kind for name, kind in BEST.items() if name not in ("recipient_id", "sent", "chance")
}
_LIKELY = ("house_sent", "chance", "level")
PEOPLE: dict[str, Any] = {
    **PATTERN,
    "stakeholder_id": pl.Int64,
    **{name: LIKELIHOOD[name] for name in _LIKELY},
    **{f"best_{name}": kind for name, kind in _BEST.items()},
}
"""One row per recipient who is a customer's: PATTERN, LIKELIHOOD's chance, and best_from_hour,
best_until_hour, best_slots, best_own, best_low and best_high as BEST has them."""


def load_people(session: Session, now: datetime) -> pl.DataFrame:
    """PEOPLE over the year before; as kept where that is of the ledger as it stands."""
    version = current(session).get(CAMPAIGNS, 0)
    kept = unpack(
        session.scalars(
            select(KeptFrame.body)
            .where(KeptFrame.name == NAME, KeptFrame.version == version)
            .order_by(KeptFrame.seq)
        )
    )
    return make_people(session, now) if kept is None else kept


def keep_people(session: Session, *, now: datetime) -> None:
    """Make it anew and keep it, where the ledger has changed."""
    version = current(session).get(CAMPAIGNS, 0)
    done = select(KeptFrame.seq).where(KeptFrame.name == NAME, KeptFrame.version == version)
    if session.scalar(done.limit(1)) is not None:
        return
    pieces = pack(make_people(session, now))
    session.execute(delete(KeptFrame).where(KeptFrame.name == NAME))
    for seq, body in enumerate(pieces):
        session.execute(insert(KeptFrame).values(name=NAME, seq=seq, version=version, body=body))


def make_people(session: Session, now: datetime) -> pl.DataFrame:
    """PEOPLE from the ledger's folds."""
    year = mails(session, since=now - YEAR, until=now + timedelta(days=1))
    who = year.sort("sent_at", "mail_id").group_by("recipient_id").agg(
        pl.col("stakeholder_id").last()
    )  # fmt: skip
    likely = likelihood(year).select("recipient_id", *_LIKELY)
    best = best_times(year, _zones(session), usable_zone()).select(
        "recipient_id", *(pl.col(name).alias(f"best_{name}") for name in _BEST)
    )
    found = patterns(year).join(who, on="recipient_id", how="left")
    found = found.join(likely, on="recipient_id", how="left")
    found = found.join(best, on="recipient_id", how="left")
    return found.select(pl.col(name).cast(kind) for name, kind in PEOPLE.items())


def _zones(session: Session) -> dict[int, str]:
    """The zone of each recipient of whom one is known, the person's own before the customer's."""
    schema = {"recipient_id": pl.Int64, "own": pl.String, "house": pl.String}
    r = CampaignRecipient
    asked = (
        select(r.id, Stakeholder.time_zone, Customer.time_zone)
        .join(Customer, Customer.id == r.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == r.stakeholder_id)
        .where(or_(Stakeholder.time_zone.is_not(None), Customer.time_zone.is_not(None)))
    )
    told = read_frame(session, asked, schema)
    pairs = told.select("own", "house").unique()
    named = {(own, house): usable_zone(own, house) for own, house in pairs.iter_rows()}
    return {number: named[own, house] for number, own, house in told.iter_rows()}
