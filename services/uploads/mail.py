"""Exports of campaigns: previewed, imported and taken back as attendance files are, into the ledger of mail."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.settings import settings
from data.tables import CampaignRecipient, Upload
from integrations.formats.records import ParsedFile
from integrations.hooks import VENDORS
from integrations.hooks.mail import MAIL_EVENTS
from services.access.audit import audit
from services.access.viewer import Viewer
from services.campaigns import Source, take_in
from services.campaigns.exports import About, exported, key_of
from services.campaigns.intake import AHEAD
from services.campaigns.settling import uphold
from services.campaigns.taking_back import take_back
from services.matching.prepared import PreparedBook
from services.matching.turn import take_turn
from services.uploads import elsewhere, previewing, store
from services.uploads.previewing import Judged
from services.uploads.records import Choices, Report, silent
from services.uploads.summary import count

PURPOSE = "mail"
ROWS, PEOPLE, EVENTS = "mail_rows", "mail_people", "mail_events"
PARTS = (ROWS, PEOPLE, EVENTS)
"""The staged frames: a row per record with its verdict, whom addresses are taken for, and the events."""


def _about(upload: Upload, parsed: ParsedFile, chosen: Choices, now: datetime) -> About:
    zone = chosen.zone or settings().default_zone
    name = chosen.only_event.get("name") or Path(upload.file_name).stem.replace("_", " ")
    said = chosen.only_event.get("date")
    try:
        day = date.fromisoformat(said) if said else upload.uploaded_at.date()
    except ValueError:
        raise BadInput("Give the day the campaign was sent as YYYY-MM-DD.") from None
    sent = datetime.combine(day, time(), UTC)
    if sent > now + AHEAD:
        raise BadInput("The campaign's day lies in the future. Give the day it was sent.")
    return About(parsed.format, name.strip()[:200], sent, zone, now + AHEAD, chosen.day_first)


def _judged(
    upload: Upload, parsed: ParsedFile, chosen: Choices, book: PreparedBook, now: datetime
) -> Judged:
    about = _about(upload, parsed, chosen, now)
    campaign = {"campaign": {"name": about.name, "date": about.sent_at.date().isoformat()}}
    if parsed.needs_mapping:
        return Judged(figures=campaign)
    found = exported(parsed.rows, about)
    rows = previewing.with_cells(found.rows, parsed, PURPOSE)
    rows, people = previewing.matched(rows, ["email", "name", "company"], book)
    again = pl.col("line").is_in(_repeated(found.events, rows).implode())
    rows = rows.with_columns(verdict=previewing.verdict(again))
    columns = ["line", "person", "email", "name", "what", "verdict", "problem", "raw"]
    events = found.events.filter(~again)
    frames = {ROWS: rows.select(columns), PEOPLE: people, EVENTS: events}
    return Judged(frames, campaign | _figures(parsed, about, frames), found.unsure)


def _repeated(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Lines that say again what an earlier one has said."""
    lone = events.filter(pl.col("line") > 0)
    said = [c for c in MAIL_EVENTS if c not in ("name", "company", "campaign_name", "detail")]
    if lone.is_empty():
        return rows["line"].clear()
    by_line = lone.group_by("line").agg(pl.struct(said).hash().sort().alias("told")).sort("line")
    spelled = by_line.with_columns(
        pl.col("told").list.eval(pl.element().cast(pl.String)).list.join(",")
    )
    return spelled.filter(~pl.col("told").is_first_distinct())["line"]


def _figures(parsed: ParsedFile, about: About, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    rows, people, events = frames[ROWS], frames[PEOPLE], frames[EVENTS]
    names = events["campaign"].n_unique()
    totals = bool((~events["timed"]).any())
    customers = people["customer_id"].n_unique() - int(people["customer_id"].null_count() > 0)
    recipients = events["email"].str.to_lowercase().n_unique()
    return {
        **previewing.counted(rows, parsed),
        "totals": totals,
        "asks_campaign": bool((events["campaign"] == key_of(about.name)).any()),
        "campaigns": names,
        "sentence": (
            f"{count(events.height, 'event', 'events')} of {count(names, 'campaign', 'campaigns')}, "
            f"{count(recipients, 'recipient', 'recipients')}, {count(customers, 'customer', 'customers')}"
        ),
    }


preview = partial(previewing.preview, purpose=PURPOSE, judge=_judged)


def commit(
    upload_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> None:
    """Make the preview count, in one transaction. InvalidMove when customers have changed since."""
    with transaction(engine) as session:
        take_turn(session)
        upload = elsewhere.ready(session, upload_id, by)
        progress("Writing events", 0.2)
        before = session.scalar(select(func.count()).select_from(CampaignRecipient)) or 0
        taken = _take_in(session, upload, now)
        people = (session.scalar(select(func.count()).select_from(CampaignRecipient)) or 0) - before
        changes = {"new": taken.new, "changed": 0, "same": taken.known, "new_people": people}
        upload.state, upload.committed_at = "committed", now
        upload.summary = upload.summary | {
            "changes": changes,
            "campaign_ids": list(taken.campaigns),
        }
        audit(session, by, "upload.committed", "upload", upload_id, upload.summary["sentence"], now)
    progress("Done", 1.0)


def _take_in(session: Session, upload: Upload, now: datetime) -> Any:
    events = store.load_frame(session, upload.id, EVENTS)
    if events is None:
        raise BadInput("This upload has no preview yet. Map its columns first.")
    vendor = upload.summary["source"]
    label = VENDORS[vendor].label if vendor in VENDORS else "File"
    source = Source(vendor, label, "file", 0, upload.id)
    # A file of before is without what was not asked for then.
    lacking = [
        pl.lit(None, kind).alias(n) for n, kind in MAIL_EVENTS.items() if n not in events.columns
    ]
    return take_in(session, source, events.with_columns(lacking).select(*MAIL_EVENTS), now=now)


def undo(
    upload_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> None:
    """Take an import back, in one transaction, with the entries of the list “Do not contact” that rest on it
    alone. What other files or hooks told as well stays."""
    with transaction(engine) as session:
        take_turn(session)
        upload = elsewhere.imported(session, upload_id, by)
        progress("Taking events back", 0.2)
        touched = take_back(session, upload_id)
        upload.state, upload.undone_at = "undone", now
        others = session.scalars(
            select(Upload)
            .where(Upload.purpose == PURPOSE, Upload.state == "committed", Upload.id != upload_id)
            .order_by(Upload.id)
        ).all()
        for other in others:
            if set(touched.campaigns) & set(other.summary.get("campaign_ids", ())):
                _take_in(session, other, now)
        uphold(session, touched.recipients, now=now)
        audit(session, by, "upload.undone", "upload", upload_id, upload.summary["sentence"], now)
    progress("Done", 1.0)
