"""Attendance recorded by programs and by hand: one call is one upload, with the same undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Customer, MatchAnswer, Upload
from data.versions import MATCHING, bump
from integrations.attendance_records import AttendanceRecord
from integrations.formats.records import ParsedFile
from services.access import Viewer, audit, visible
from services.hooks import deliveries
from services.matching.addresses import email_keys
from services.matching.cascade import match
from services.plurals import plural
from services.uploads import store
from services.uploads.batches import Batch, in_force, key_of, take_in
from services.uploads.book import load_book
from services.uploads.claims import Claim, refusals
from services.uploads.colleagues import left_as_it_is
from services.uploads.commit import take_turn
from services.uploads.deciding import judged
from services.uploads.entry_events import UNKNOWN, named
from services.uploads.entry_frames import Person, file_from, people_of
from services.uploads.preview import PARTS
from services.uploads.records import COUNTED, Staged

LABELS = {"api": "Sent by a program", "manual": "Entered by hand", "signed": "Sent by your system"}
TWO_CUSTOMERS = "Another record gives the same address to another customer"
FOREIGN = "It belongs to a colleague's customer"


@dataclass(frozen=True)
class Answer:
    """What became of one record. `verdict` is one of services.uploads.records.VERDICTS."""

    verdict: str
    reason: str | None
    event_id: int | None
    customer_id: int | None
    customer: str | None
    stakeholder_id: int | None
    confidence: float | None


@dataclass(frozen=True)
class Recorded:
    """`upload_id` is None when no record could be used; then nothing was written. `repeat`: the same was
    recorded before, and this is what became of it."""

    upload_id: int | None
    repeat: bool
    answers: list[Answer]


def record(  # noqa: PLR0913 - what is recorded, by whom, and how it is told from the next
    session: Session,
    records: Sequence[AttendanceRecord],
    *,
    by: Viewer,
    now: datetime,
    form: str = "api",
    key: str | None = None,
    title: str | None = None,
) -> Recorded:
    """Record attendance, in the caller's transaction.

    `key` is the sender's name for this call: the same key again records nothing and answers as before;
    with other records it is a BadInput. Without one, the same records are the same call.
    """
    take_turn(session)
    content = key_of(*(one.model_dump_json() for one in records))
    who = str(by.person_id or 0)
    batch_key = key_of(form, who, "key", key) if key else key_of(form, who, "content", content)
    former = in_force(session, batch_key)
    if former is not None:
        if former.summary.get("content") != content:
            raise BadInput("This Idempotency-Key was used for other records. Use a new one.")
        return Recorded(former.id, True, _answers(session, former, by))  # noqa: FBT003
    people = _settled(session, people_of(session, records, by), by, now)
    parsed = file_from(session, records, people, form=form, label=LABELS[form])
    _held_by(parsed, now)
    before = named(session, parsed.events)
    names = parsed.events["name"].unique(maintain_order=True).to_list()
    about = names[0] if len(names) == 1 else f"{len(names)} events"
    judged: list[Staged] = []

    def look(staged: Staged) -> Staged:
        judged.append(left_as_it_is(session, staged, by))
        return judged[-1]

    batch = Batch(batch_key, title or f"{LABELS[form]}: {about}", parsed)
    upload = take_in(session, batch, by=by, now=now, look=look)
    if upload is None:
        return Recorded(None, False, _told(session, judged[0], {}, by))  # noqa: FBT003
    upload.summary = upload.summary | {"content": content}
    told = sorted(named(session, parsed.events) - before)
    deliveries.try_again(session, [UNKNOWN.format(key) for key in told], now=now)
    return Recorded(upload.id, False, _answers(session, upload, by))  # noqa: FBT003


def _held_by(parsed: ParsedFile, now: datetime) -> None:
    """BadInput when somebody is said to have attended what is still to come."""
    tomorrow = now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
    ahead = parsed.events.filter(pl.col("starts_at") > tomorrow).select(
        "event_ref", "name", "starts_at"
    )
    rows = parsed.rows.filter(pl.col("status") == "attended", pl.col("problem").is_null())
    early = rows.join(ahead, on="event_ref", suffix="_of_event").head(1)
    for name, at in early.select("name_of_event", "starts_at").iter_rows():
        raise BadInput(
            f"“{name}” is on {at.day} {at:%B %Y}: nobody can have attended it yet. Correct its date, or say "
            "that they are registered."
        )


def _settled(session: Session, people: list[Person], by: Viewer, now: datetime) -> list[Person]:
    """Where a record names a customer that its address would not lead to, remember that it belongs there.

    An address that is another customer's by a person's word, or a colleague's customer's, is not moved: that
    is a problem of the record.
    """
    stated = [n for n, one in enumerate(people) if one.stated and one.email and not one.problem]
    if not stated:
        return people
    frame = pl.DataFrame(
        [(people[n].email, people[n].company, people[n].name) for n in stated],
        schema={"email": pl.String, "company": pl.String, "name": pl.String},
        orient="row",
    )
    book = load_book(session)
    found = match(frame, book).select("customer_id", "band")
    # What is known of the address alone: the customer's name beside it only makes it doubtful.
    alone = frame.with_columns(company=pl.lit(None, pl.String), name=pl.lit(None, pl.String))
    known = match(alone, book).select(
        pl.when(pl.col("band") == "automatic").then("customer_id").alias("known")
    )["known"]
    keys = email_keys(frame["email"]).to_list()
    claims: dict[int, Claim] = {}
    for n, key, (customer, band), own in zip(stated, keys, found.iter_rows(), known, strict=True):
        wanted = people[n].stated
        settled_already = band == "automatic" and customer == wanted
        if key is not None and wanted is not None and not settled_already:
            claims[n] = Claim(key, wanted, own)
    refused = refusals(session, list(claims.values()), by)
    settled, told = list(people), dict[str, int]()
    for n, claim in claims.items():
        why = refused.get(claim.key)
        if why or told.setdefault(claim.key, claim.wanted) != claim.wanted:
            settled[n] = replace(people[n], company=None, problem=why or TWO_CUSTOMERS)
    _remember(session, {key: one for key, one in told.items() if key not in refused}, by, now)
    return settled


def _remember(session: Session, told: dict[str, int], by: Viewer, now: datetime) -> None:
    """As answers to the question whose address it is; they can be taken back like any other."""
    if not told:
        return
    former = session.scalars(
        select(MatchAnswer).where(
            MatchAnswer.kind == "email",
            MatchAnswer.key.in_(list(told)),
            MatchAnswer.verdict != "never",
            MatchAnswer.withdrawn_at.is_(None),
        )
    )
    for old in former:
        old.withdrawn_by, old.withdrawn_at = by.person_id, now
    session.add_all(
        MatchAnswer(
            kind="email",
            key=key,
            customer_id=customer_id,
            verdict="is",
            answered_by=by.person_id,
            answered_at=now,
        )
        for key, customer_id in sorted(told.items())
    )
    bump(session, MATCHING)
    session.flush()
    audit(
        session,
        by,
        "match_answer.given",
        "match_answer",
        None,
        plural(len(told), "address", "addresses"),
        now,
    )


def _answers(session: Session, upload: Upload, by: Viewer) -> list[Answer]:
    frames = {name: store.load_frame(session, upload.id, name) for name in PARTS}
    whole = {name: f for name, f in frames.items() if f is not None}
    events = {int(ref): number for ref, number in upload.summary["event_ids"].items()}
    return _told(session, Staged("attendance", **whole), events, by)


def _told(session: Session, staged: Staged, events: dict[int, int], by: Viewer) -> list[Answer]:
    people = judged(staged.people, staged.decided).select(
        "person", "customer_id", "stakeholder_id", "confidence", why=pl.col("reason")
    )
    rows = staged.rows.sort("line").join(people, on="person", how="left", maintain_order="left")
    matched = rows.filter(pl.col("verdict") == "matched")["customer_id"].drop_nulls().unique()
    names = {
        row[0]: row[1]
        for row in session.execute(
            select(Customer.id, Customer.name).where(
                Customer.id.in_(matched.to_list()), visible(by)
            )
        )
    }
    return [_answer(row, events, names) for row in rows.to_dicts()]


def _answer(row: dict[str, Any], events: dict[int, int], names: dict[int, str]) -> Answer:
    verdict = row["verdict"]
    seen = verdict == "matched" and row["customer_id"] in names
    hidden = verdict == "matched" and not seen
    reason = FOREIGN if hidden else row["reason"] or (None if verdict == "matched" else row["why"])
    return Answer(
        verdict=verdict,
        reason=reason,
        event_id=events.get(row["event_ref"])
        if verdict in COUNTED or verdict == "duplicate"
        else None,
        customer_id=row["customer_id"] if seen else None,
        customer=names[row["customer_id"]] if seen else None,
        stakeholder_id=row["stakeholder_id"] if seen else None,
        confidence=round(row["confidence"], 3) if row["confidence"] is not None else None,
    )
