"""Events of mail into the ledger, once each, with what they make of mails and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, update_frame
from data.settings import settings
from data.tables import CampaignEvent, CampaignMail
from data.versions import CAMPAIGNS, bump
from services.campaigns import dictionaries, stored
from services.campaigns.accounts import placed
from services.campaigns.counts import drop_empty, recount
from services.campaigns.detection import ensure_campaigns
from services.campaigns.fold import EVENT, FOLDED, fold
from services.campaigns.hashing import hashed
from services.campaigns.naming import identified, rank
from services.campaigns.people import recipients
from services.campaigns.settling import reopen
from services.campaigns.source import Source
from services.campaigns.verdicts import judged, told_delivered
from services.matching.addresses import email_keys
from services.matching.book import CustomerBook
from services.matching.prepared import PreparedBook
from services.matching.stored import load_book
from services.matching.turn import take_turn

AHEAD = timedelta(days=1)
"""How far others' clocks and zones may be ahead of ours."""


@dataclass(frozen=True)
class Taken:
    """`new` events, those that were `known`, and those `without` an address anybody could have."""

    new: int
    known: int
    without: int
    campaigns: tuple[int, ...]


def take_in(
    session: Session,
    source: Source,
    events: pl.DataFrame,
    *,
    now: datetime,
    book: CustomerBook | PreparedBook | None = None,
) -> Taken:
    """Events of integrations.hooks.mail.MAIL_EVENTS, in any order, however often and late they come. What
    lies in the future has not happened, whoever says so, and is left out.

    Their verdict is a first one, from what this batch and its mails tell; services.campaigns.judging
    has the last word.
    """
    take_turn(session)
    events = events.filter(pl.col("at") <= (now + AHEAD).astimezone(UTC).replace(tzinfo=None))
    keyed = events.with_columns(address=email_keys(events["email"]))
    without = keyed["address"].null_count()
    keyed = keyed.filter(pl.col("address").is_not_null())
    places = placed(session, source, keyed)
    keyed = identified(keyed, source, settings().default_zone, places)
    if keyed.is_empty():
        return Taken(0, 0, without, ())
    keyed = keyed.with_columns(key=_keys(keyed), at=pl.col("at").dt.replace_time_zone("UTC"))
    told = keyed.select("address", "email", "name", "company")
    who = recipients(session, told, book or load_book(session))
    ids = who.select("address", recipient_id="id")
    keyed = keyed.join(ids, on="address", how="left", maintain_order="left")
    ensure_campaigns(session, source, keyed, now=now)
    mails, fresh, moved = _mails(session, source, keyed)
    keyed = keyed.join(
        mails.select("recipient_id", "message", mail_id="id", of_campaign="campaign_id"),
        left_on=["recipient_id", "message_key"],
        right_on=["recipient_id", "message"],
        how="left",
    )
    keyed = dictionaries.with_keys(keyed)
    dictionaries.keep(session, keyed)
    heard = _as_events(keyed, source, now)
    new = _write(session, heard, mails, fresh, who)
    touched = sorted({*mails["campaign_id"].unique().to_list(), *moved})
    named = stored.campaigns(session, source.vendor, keyed["vendor_key"].unique().to_list())
    recount(session, sorted({*touched, *named["campaign_id"].to_list()}))
    drop_empty(session, named["campaign_id"].to_list() + sorted(moved))
    bump(session, CAMPAIGNS)
    return Taken(new, heard.height - new, without, tuple(touched))


def _keys(events: pl.DataFrame) -> pl.Series:
    """The hash of the vendor's own id of an event; without one, of what it says."""
    said = pl.format(
        "={}|{}|{}|{}|{}",
        "kind",
        pl.when("timed").then(pl.col("at").dt.epoch("us")).otherwise(0),
        pl.col("url").fill_null(""),
        pl.format("{}|{}", pl.col("ip").fill_null(""), pl.col("agent").fill_null("")),
        "times",
    )
    spelled = (
        pl.when(pl.col("event_id").is_not_null())
        .then(pl.format("{}|{}", "kind", "event_id"))
        .otherwise(said)
    )
    return hashed(events.select(key=spelled)["key"])


def _mails(
    session: Session, source: Source, keyed: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, set[int]]:
    """All mails of the batch (MAIL), those of them that are new, and the campaigns that lost one."""
    best = (
        keyed.select(
            "recipient_id",
            "vendor_key",
            message="message_key",
            native=~pl.col("vendor_key").str.starts_with("~"),
        )
        .unique()
        .with_columns(place=_ranks(keyed["vendor_key"]))
        .sort("place")
        .unique(["recipient_id", "message"], keep="first", maintain_order=True)
    )
    campaigns = stored.campaigns(session, source.vendor, best["vendor_key"].unique().to_list())
    wanted = best.join(campaigns, on="vendor_key", how="left")
    known = stored.mails(session, wanted, campaigns["campaign_id"].to_list())
    fresh = wanted.join(known, on=["recipient_id", "message"], how="anti")
    first = (session.scalar(select(func.max(CampaignMail.id))) or 0) + 1
    # By campaign, so that the events of one lie together.
    fresh = fresh.sort("campaign_id", "recipient_id", "message").select(
        (pl.int_range(pl.len(), dtype=pl.Int64) + first).alias("id"),
        "campaign_id",
        "recipient_id",
        "message",
    )
    known, lost = _moved(session, known, wanted)
    return pl.concat([known, fresh]), fresh, lost


def _ranks(keys: pl.Series) -> pl.Expr:
    ordered = sorted(keys.unique().to_list(), key=rank)
    places = list(range(len(ordered)))
    return pl.col("vendor_key").replace_strict(ordered, places, return_dtype=pl.Int64)


def _moved(
    session: Session, known: pl.DataFrame, wanted: pl.DataFrame
) -> tuple[pl.DataFrame, set[int]]:
    """Mails of which we now know better what campaign they are of."""
    pair = ["recipient_id", "message"]
    said = wanted.select(*pair, better="campaign_id", better_key="vendor_key")
    both = known.join(said, on=pair, how="left", maintain_order="left")
    other = both.filter(pl.col("better") != pl.col("campaign_id"))
    if other.is_empty():
        return known, set()
    names = stored.campaigns_of(session, other["campaign_id"].unique().to_list())
    former = dict(names.iter_rows())
    pairs = other.select("campaign_id", "better", "better_key").unique()
    go = [(old, new) for old, new, key in pairs.iter_rows() if rank(key) < rank(former[old])]
    if not go:
        return known, set()
    table = pl.DataFrame(go, schema={"campaign_id": pl.Int64, "better": pl.Int64}, orient="row")
    moving = other.join(table, on=["campaign_id", "better"], how="semi")
    dictionaries.copy_links(session, go)
    change = moving.select("id", campaign_id="better")
    update_frame(session, CampaignMail.__table__, change, ["id"])  # type: ignore[arg-type]
    after = known.update(change, on="id", how="left")
    return after, {old for old, _ in go}


def _as_events(keyed: pl.DataFrame, source: Source, now: datetime) -> pl.DataFrame:
    """EVENT and what judging needs, each event of the batch once."""
    told = keyed.with_columns(
        verdict=pl.lit(None, pl.Int16),
        reason=pl.lit(None, pl.Int16),
        received_at=pl.lit(now),
        upload_id=pl.lit(source.upload_id, pl.Int64),
    )
    columns = [pl.col(name).cast(kind) for name, kind in EVENT.items()]
    return (
        told.select(*columns, "ip", "agent")
        .sort("mail_id", "key", "at", "kind", "link", "origin")
        .unique(["mail_id", "key"], keep="first", maintain_order=True)
    )


def _write(
    session: Session,
    told: pl.DataFrame,
    mails: pl.DataFrame,
    fresh: pl.DataFrame,
    who: pl.DataFrame,
) -> int:
    """Add what is new, judge it beside what was there, and fold; how many were new."""
    old = mails.join(fresh, on="id", how="anti")
    before = stored.events(session, old["id"], old["campaign_id"].unique().to_list())
    new = told.join(before, on=["mail_id", "key"], how="anti")
    _keep_for_good(session, before, told)
    if new.is_empty():
        return 0
    before = before.join(new, on="mail_id", how="semi")
    said = before.join(stored.origins(session, before["origin"]), on="origin", how="left")
    both = pl.concat([said.select(new.columns), new], how="vertical_relaxed")
    found = _judged(session, both, mails, who)
    _keep_verdicts(session, before, found)
    added = found.join(new, on=["mail_id", "key"], how="semi").sort("mail_id", "key")
    insert_frame(session, CampaignEvent.__table__, added.select(*EVENT))  # type: ignore[arg-type]
    folded = fold(found.select(*EVENT))
    change = folded.rename({"mail_id": "id"})
    born = fresh.join(change, on="id").sort("id")
    insert_frame(session, CampaignMail.__table__, born)  # type: ignore[arg-type]
    grown = change.join(old, on="id", how="semi").select("id", *FOLDED)
    update_frame(session, CampaignMail.__table__, grown, ["id"])  # type: ignore[arg-type]
    known = found.join(old, left_on="mail_id", right_on="id", how="semi")
    was = both.select("mail_id", "key", was="verdict")
    reopen(
        session,
        known.join(was, on=["mail_id", "key"])
        .join(
            new.select("mail_id", "key", new=pl.lit(value=True)), on=["mail_id", "key"], how="left"
        )
        .with_columns(pl.col("new").fill_null(value=False)),
    )
    return new.height


def _keep_for_good(session: Session, before: pl.DataFrame, told: pl.DataFrame) -> None:
    """What only a file had told, and now somebody else tells as well, does not go with the file any more."""
    others = told.filter(pl.col("upload_id").is_null()).select("mail_id", "key")
    claimed = before.filter(pl.col("upload_id").is_not_null()).select("mail_id", "key")
    both = claimed.join(others, on=["mail_id", "key"], how="semi").sort("mail_id", "key")
    freed = both.with_columns(upload_id=pl.lit(None, pl.Int64))
    update_frame(session, CampaignEvent.__table__, freed, ["mail_id", "key"])  # type: ignore[arg-type]


def _judged(
    session: Session, both: pl.DataFrame, mails: pl.DataFrame, who: pl.DataFrame
) -> pl.DataFrame:
    """Verdicts of what this batch and its mails tell. What was a machine before stays one: more may
    have been known then than these few mails tell."""
    hidden = stored.links(session, mails["campaign_id"].unique().to_list())
    shown = both.join(
        mails.select(mail_id="id", campaign_id="campaign_id"), on="mail_id", how="left"
    )
    shown = shown.join(hidden, on=["campaign_id", "link"], how="left").drop("campaign_id")
    shown = shown.with_columns(pl.col("hidden").fill_null(value=False))
    deliveries = stored.deliveries(mails, who, told_delivered(shown))
    found = judged(shown, deliveries, stored.scanning(session))
    was = both.select("mail_id", "key", was="verdict", why="reason")
    found = found.join(was, on=["mail_id", "key"], how="left")
    stays = (pl.col("was") < pl.col("verdict")).fill_null(value=False)
    return found.with_columns(
        verdict=pl.when(stays).then("was").otherwise("verdict"),
        reason=pl.when(stays).then("why").otherwise("reason"),
    ).drop("was", "why")


def _keep_verdicts(session: Session, before: pl.DataFrame, found: pl.DataFrame) -> None:
    """Of events that were there, the verdicts that have changed."""
    was = before.select("mail_id", "key", was="verdict", why="reason")
    changed = was.join(found.select("mail_id", "key", "verdict", "reason"), on=["mail_id", "key"])
    changed = changed.filter(
        pl.col("was").ne_missing(pl.col("verdict")) | pl.col("why").ne_missing(pl.col("reason"))
    )
    rows = changed.select("mail_id", "key", "verdict", "reason")
    update_frame(session, CampaignEvent.__table__, rows, ["mail_id", "key"])  # type: ignore[arg-type]
