"""Exports of support desks: previewed, imported and taken back as attendance files are, into the tickets."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.settings import settings
from data.tables import Upload
from integrations.formats.records import ParsedFile
from integrations.ticket_records import Told
from services.access.audit import audit
from services.access.viewer import Viewer
from services.matching.prepared import PreparedBook
from services.matching.turn import take_turn
from services.tickets.exports import exported
from services.tickets.intake import Taken, take_in
from services.tickets.source import Source
from services.tickets.taking_back import take_back
from services.uploads import elsewhere, previewing, store
from services.uploads.previewing import Judged
from services.uploads.records import Choices, Report, silent

PURPOSE = "tickets"
ROWS, PEOPLE = "ticket_rows", "ticket_people"
"""The staged frames: a row per record with its verdict, and whom requesters are taken for."""
TOLD = ("tickets_told", "messages_told")
PARTS = (ROWS, PEOPLE, *TOLD)
BEFORE, ADDED = "ticket_before", "ticket_added"
"""What an import found and what it added: what is needed to take it back."""
_PERSON = ["email", "name", "organisation"]


def _judged(
    _upload: Upload, parsed: ParsedFile, chosen: Choices, book: PreparedBook, now: datetime
) -> Judged:
    if parsed.needs_mapping:
        return Judged()
    zone = chosen.zone or settings().default_zone
    found = exported(parsed.rows, zone=zone, now=now, day_first=chosen.day_first)
    rows = previewing.with_cells(found.rows, parsed, PURPOSE)
    rows, people = previewing.matched(rows, _PERSON, book)
    titles = found.told.tickets.select("number", event="subject").unique("number", keep="last")
    rows = rows.with_columns(verdict=previewing.verdict(pl.col("again"))).join(
        titles, on="number", how="left", maintain_order="left"
    )
    shown = rows.select(
        "line", "person", "email", "name", "what", "verdict", "problem", "raw",
        company="organisation",
        event=pl.concat_str(pl.lit("#") + pl.col("number"), "event", separator=" ", ignore_nulls=True),
    )  # fmt: skip
    told = {TOLD[0]: found.told.tickets, TOLD[1]: found.told.messages}
    frames = {ROWS: shown, PEOPLE: people, **told}
    return Judged(frames, _figures(parsed, frames), found.unsure)


def _figures(parsed: ParsedFile, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    rows, people, tickets = frames[ROWS], frames[PEOPLE], frames[TOLD[0]]
    customers = people["customer_id"].drop_nulls().n_unique()
    numbers = tickets["number"].n_unique()
    solved = tickets.filter(pl.col("state").is_in(["solved", "closed"]))["number"].n_unique()
    return {
        **previewing.counted(rows, parsed),
        "tickets": numbers,
        "sentence": (
            f"{numbers:,} {'ticket' if numbers == 1 else 'tickets'}, {solved:,} of them solved, "
            f"of {customers:,} {'customer' if customers == 1 else 'customers'}"
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
        progress("Writing tickets", 0.2)
        taken = _take_in(session, upload, now)
        store.save_frame(session, upload_id, BEFORE, taken.before)
        store.save_frame(session, upload_id, ADDED, taken.added)
        changes = {"new": taken.new, "changed": taken.known, "same": 0, "new_people": 0}
        upload.state, upload.committed_at = "committed", now
        upload.summary = upload.summary | {"changes": changes}
        audit(session, by, "upload.committed", "upload", upload_id, upload.summary["sentence"], now)
    progress("Done", 1.0)


def _take_in(session: Session, upload: Upload, now: datetime) -> Taken:
    tickets, messages = (store.load_frame(session, upload.id, name) for name in TOLD)
    if tickets is None or messages is None:
        raise BadInput("This upload has no preview yet. Map its columns first.")
    source = Source(upload.summary["source"], "file", upload.id)
    return take_in(session, source, Told(tickets, messages=messages), now=now)


def undo(
    upload_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> None:
    """Take an import back, in one transaction. What other files told as well stays."""
    with transaction(engine) as session:
        take_turn(session)
        upload = elsewhere.imported(session, upload_id, by)
        progress("Taking tickets back", 0.2)
        before, added = (store.load_frame(session, upload_id, name) for name in (BEFORE, ADDED))
        assert before is not None, "an imported upload keeps what it found"
        assert added is not None, "an imported upload keeps what it added"
        take_back(session, before, added, now=now)
        upload.state, upload.undone_at = "undone", now
        for other in _touching(session, upload):
            _again(session, other, before if upload.id < other.id else before.clear(), now)
        audit(session, by, "upload.undone", "upload", upload_id, upload.summary["sentence"], now)
    progress("Done", 1.0)


def _touching(session: Session, upload: Upload) -> list[Upload]:
    """Imported files of the same desk that tell of the same tickets, oldest first."""
    mine = store.load_frame(session, upload.id, TOLD[0])
    assert mine is not None, "an imported upload keeps what it told"
    others = session.scalars(
        select(Upload)
        .where(Upload.purpose == PURPOSE, Upload.state == "committed", Upload.id != upload.id)
        .order_by(Upload.id)
    )
    found = []
    for other in others:
        if other.summary["source"] != upload.summary["source"]:
            continue
        theirs = store.load_frame(session, other.id, TOLD[0])
        if theirs is not None and theirs.join(mine, on="number", how="semi").height:
            found.append(other)
    return found


def _again(session: Session, other: Upload, found: pl.DataFrame, now: datetime) -> None:
    """Take another file in anew. What it `found` was of an earlier file that is taken back now, and is of
    that one's own beginnings from here on; what it adds now stands beside what it had added before."""
    taken = _take_in(session, other, now)
    added, before = (store.load_frame(session, other.id, name) for name in (ADDED, BEFORE))
    assert added is not None, "an imported upload keeps what it added"
    assert before is not None, "an imported upload keeps what it found"
    inherited = found.join(before, on="id", how="semi")
    own = before.join(inherited, on="id", how="anti")
    now_on_record = taken.before.select("id", "updated_after")
    both = pl.concat([inherited, own]).drop("updated_after")
    store.save_frame(session, other.id, BEFORE, both.join(now_on_record, on="id"))
    store.save_frame(session, other.id, ADDED, pl.concat([added, taken.added]).unique())
