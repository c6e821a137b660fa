"""What mail says about each recipient and about customers, kept as compressed frames beside the tables.

Everybody is drawn towards everybody else, so that one person's likelihood needs a year of all mail: the
worker makes it after news, and a reader before that makes it for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.frames import pack, unpack
from data.tables import AppSetting, CampaignRecipient, Customer, KeptFrame, Stakeholder
from data.versions import CAMPAIGNS, current
from services.access.day import usable_zone
from services.campaigns.insight.best_time import BEST, best_times
from services.campaigns.insight.likelihood import LIKELIHOOD, likelihood
from services.campaigns.insight.mails import mails
from services.campaigns.insight.pattern import PATTERN, patterns

NAME = "campaign_insight"
_FRAMES = ("campaign_people", "campaign_counts")
YEAR, DAY = timedelta(days=365), timedelta(days=1)
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


COUNTS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "kind": pl.Utf8,
    "day": pl.Int8,
    "hour": pl.Int8,
    "delivered": pl.UInt32,
    "hidden": pl.UInt32,
    "opened": pl.UInt32,
    "clicked": pl.UInt32,
    "answered": pl.UInt32,
}
"""Delivered mails to a customer of a kind, by the weekday (0 Monday) and the two hours (UTC) they were sent in."""
FEW = 30_000
"""Mails up to which everything is worked out anew for whoever asks."""
LONGEST = timedelta(hours=1)
"""How old what is kept may be where there are more; what rests on it says its age."""


@dataclass(frozen=True)
class Insight:
    """`people`: PEOPLE, `counts`: COUNTS, both of the year before `as_of`."""

    people: pl.DataFrame
    counts: pl.DataFrame
    as_of: datetime


def load_insight(session: Session, now: datetime) -> Insight:
    """As kept where that is of the ledger as it stands, or where there is much mail and it is not old."""
    version = current(session).get(CAMPAIGNS, 0)
    said = session.get(AppSetting, NAME)
    if said is None:
        return make_insight(session, now)
    at = _at(said)
    young = said.value["mails"] > FEW and now - at < LONGEST
    if said.value["version"] != version and not young:
        return make_insight(session, now)
    found = [_frame(session, name) for name in _FRAMES]
    people, counts = found
    return (
        make_insight(session, now)
        if people is None or counts is None
        else Insight(people, counts, at)
    )


def keep_insight(session: Session, *, now: datetime) -> None:
    """Make it anew and keep it, where the ledger has changed or a day has gone by."""
    version = current(session).get(CAMPAIGNS, 0)
    said = session.get(AppSetting, NAME) or AppSetting(name=NAME)
    if said.value and said.value["version"] == version and now - _at(said) < DAY:
        return
    year = _year(session, now)
    made = _made(session, year, now)
    session.execute(delete(KeptFrame).where(KeptFrame.name.in_(_FRAMES)))
    for name, frame in zip(_FRAMES, (made.people, made.counts), strict=True):
        for seq, body in enumerate(pack(frame)):
            row = {"name": name, "seq": seq, "version": version, "body": body}
            session.execute(insert(KeptFrame).values(**row))
    said.value = {"at": now.isoformat(), "version": version, "mails": year.height}
    said.changed_at = now
    session.add(said)


def make_insight(session: Session, now: datetime) -> Insight:
    """From the ledger's folds."""
    return _made(session, _year(session, now), now)


def counted(year: pl.DataFrame) -> pl.DataFrame:
    """COUNTS of `year` (MAILS)."""
    answered = pl.col("clicked") | pl.col("replied")
    found = (
        year.filter("delivered")
        .group_by(
            "customer_id",
            "kind",
            day=pl.col("sent_at").dt.weekday() - 1,
            hour=pl.col("sent_at").dt.hour() // 2 * 2,
        )
        .agg(
            *(pl.col(sign).sum() for sign in ("hidden", "opened", "clicked")),
            delivered=pl.len(),
            answered=answered.sum(),
        )
    )
    typed = found.select(pl.col(name).cast(kind) for name, kind in COUNTS.items())
    return typed.sort("customer_id", "kind", "day", "hour")


def _year(session: Session, now: datetime) -> pl.DataFrame:
    return mails(session, since=now - YEAR, until=now + DAY).filter("judged")


def _made(session: Session, year: pl.DataFrame, now: datetime) -> Insight:
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
    people = found.select(pl.col(name).cast(kind) for name, kind in PEOPLE.items())
    return Insight(people, counted(year), now)


def _at(said: AppSetting) -> datetime:
    return datetime.fromisoformat(said.value["at"])


def _frame(session: Session, name: str) -> pl.DataFrame | None:
    pieces = select(KeptFrame.body).where(KeptFrame.name == name).order_by(KeptFrame.seq)
    return unpack(session.scalars(pieces))


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
