"""Registrations that platforms know of: what uploads, webhooks and programs brought, taken over from the
record of attendance."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

import polars as pl
from sqlalchemy import Table, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from data.bulk import delete_frame, read_frame, update_frame
from data.tables import (
    Attendance,
    Event,
    Invitation,
    Participant,
    Registration,
    Stakeholder,
    StakeholderEmail,
    Upload,
)
from data.tables.events import ATTENDED, STATUS_WORDS
from services.invitations.catalogue.records import ended
from services.invitations.registrations.linking import INVITED, linked
from services.seats import COUNTED_BAND

AFTERWARDS = timedelta(days=30)
"""How long after an event what comes in about it still counts: attendance comes late."""
MOMENT = pl.Datetime("us", "UTC")
_SEEN: dict[str, Any] = {
    "email": pl.String,
    "name": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "status": pl.Int32,
    "registered_at": MOMENT,
    "form": pl.String,
    "uploaded_at": MOMENT,
}
_KNOWN: dict[str, Any] = {
    "id": pl.Int64,
    "email": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "invitation_id": pl.Int64,
    "source": pl.String,
    "state": pl.String,
}
_LINKS = ("customer_id", "stakeholder_id", "invitation_id")
_OURS = ("link", "person")
"""Said to us: a platform that knows nothing of it, or still has it as registered, takes nothing back."""
_WORDS = dict(STATUS_WORDS)
_TABLE = cast("Table", Registration.__table__)


def recent(session: Session, now: datetime) -> list[int]:
    """The events to come, or not long over, that platforms or people may have told of."""
    seen = select(Attendance.event_id).where(Attendance.event_id == Event.id).exists()
    known = select(Registration.id).where(Registration.event_id == Event.id).exists()
    asked = select(Invitation.id).where(Invitation.event_id == Event.id).exists()
    return list(
        session.scalars(
            select(Event.id)
            .where(
                or_(
                    and_(Event.starts_at > now, seen),
                    and_(Event.starts_at > now - AFTERWARDS, or_(known, asked)),
                )
            )
            .order_by(Event.id)
        )
    )


def take_over(session: Session, event_ids: Collection[int], now: datetime) -> int:
    """Bring the registrations of these events in line with what platforms say; how many are new or changed.

    Doing it again changes nothing. When an upload is taken back, its registrations go with it.
    """
    return sum(
        _of_event(session, event, now)
        for event_id in sorted(event_ids)
        if (event := session.get(Event, event_id)) is not None
    )


def _of_event(session: Session, event: Event, now: datetime) -> int:
    over = ended(event.starts_at, event.ends_at, event.duration_minutes) <= now
    seen = _seen(session, event.id, over=over)
    known = read_frame(
        session,
        select(*[getattr(Registration, name) for name in _KNOWN]).where(
            Registration.event_id == event.id
        ),
        _KNOWN,
    )
    coming = linked(seen, _invited(session, event.id)).with_columns(
        seen.select("state", "source", "at", "registered_at", "uploaded_at")
    )
    coming = _answered(coming, _answers(session, event.id))
    added = _add(session, event.id, coming.join(known, on="email", how="anti"), now)
    changed = _change(session, known, coming, now)
    gone = known.join(coming, on="email", how="anti").filter(~pl.col("source").is_in(_OURS))
    delete_frame(session, _TABLE, gone.select("id"))
    return added + changed + gone.height


def _seen(session: Session, event_id: int, *, over: bool) -> pl.DataFrame:
    """One row per address on record for the event, with `state`, `source` and `at`. Who was only
    registered did not come, once it is over and others came."""
    a, p, u = Attendance, Participant, Upload
    rows = read_frame(
        session,
        select(
            p.person_key, p.name, p.customer_id, p.stakeholder_id, a.status, a.registered_at,
            u.format, u.uploaded_at,
        )
        .join(p, p.id == a.participant_id)
        .outerjoin(u, u.id == a.upload_id)
        .where(a.event_id == event_id, p.email.is_not(None), p.band != "excluded")
        .order_by(a.participant_id),
        _SEEN,
    )  # fmt: skip
    counted = read_frame(
        session,
        select(p.person_key)
        .join(a, a.participant_id == p.id)
        .where(a.event_id == event_id, p.band == COUNTED_BAND),
        {"email": pl.String},
    )["email"]
    sure = pl.col("email").is_in(counted.implode())
    held = over and not rows.filter(status=ATTENDED).is_empty()
    state = pl.col("status").replace_strict(_WORDS, default="registered", return_dtype=pl.String)
    form = pl.col("form").fill_null("")
    return rows.with_columns(
        customer_id=pl.when(sure).then("customer_id"),
        stakeholder_id=pl.when(sure).then("stakeholder_id"),
        state=pl.when(pl.lit(held) & (state == "registered")).then(pl.lit("no_show")).otherwise(state),
        source=pl.when(form.str.ends_with("_hook")).then(pl.lit("webhook"))
        .when(form.is_in(["api", "signed"])).then(pl.lit("api"))
        .when(form == "manual").then(pl.lit("person"))
        .otherwise(pl.lit("file")),
        at=pl.coalesce("registered_at", "uploaded_at"),
    )  # fmt: skip


def _invited(session: Session, event_id: int) -> pl.DataFrame:
    i, s = Invitation, Stakeholder
    rows = read_frame(
        session,
        select(i.id, i.customer_id, i.stakeholder_id, s.first_name, s.last_name)
        .join(s, s.id == i.stakeholder_id)
        .where(i.event_id == event_id)
        .order_by(i.id),
        {"invitation_id": pl.Int64, "customer_id": pl.Int64, "stakeholder_id": pl.Int64,
         "first": pl.String, "last": pl.String},
    )  # fmt: skip
    return rows.with_columns(name=pl.concat_str("first", "last", separator=" ")).select(*INVITED)


def _answers(session: Session, event_id: int) -> pl.DataFrame:
    """What the invited told us last, and when: `no` or `yes`."""
    i = Invitation
    no = i.declined_why.is_not(None)
    wanted = select(i.id, i.answered_at, no).where(
        i.event_id == event_id, or_(no, and_(i.answered_at.is_not(None), i.waits_since.is_(None)))
    )
    shape = {"invitation_id": pl.Int64, "answered_at": MOMENT, "no": pl.Boolean}
    return read_frame(session, wanted, shape).with_columns(yes=~pl.col("no"))


def _answered(coming: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Who told us that they do not come is not registered by what a platform has had all along. `again` are
    those of whom a platform said something after they had told us: of a no, only a registration there of a
    later moment is. `back` are those who told us that they come after a platform had said otherwise: an
    upload that says the same again leaves the row with the one that said it first."""
    rows = coming.join(answers, on="invitation_id", how="left", maintain_order="left")
    no, yes = (pl.col(name).fill_null(value=False) for name in ("no", "yes"))
    later = (pl.col("registered_at") > pl.col("answered_at")).fill_null(value=False)
    newer = (pl.col("uploaded_at") > pl.col("answered_at")).fill_null(value=False)
    came = pl.col("state").is_in(["registered", "no_show"])
    state = pl.when(no & ~later & came).then(pl.lit("cancelled")).otherwise("state")
    rows = rows.with_columns(again=(no & later) | (yes & newer), back=yes & ~newer, state=state)
    return rows.drop("no", "yes", "answered_at", "registered_at", "uploaded_at")


def _add(session: Session, event_id: int, fresh: pl.DataFrame, now: datetime) -> int:
    rows = [
        {**row, "event_id": event_id, "at": row["at"] or now, "updated_at": now}
        for row in fresh.drop("again", "back").iter_rows(named=True)
    ]
    if rows:
        session.execute(insert(Registration), rows)
    return len(rows)


def _change(session: Session, known: pl.DataFrame, coming: pl.DataFrame, now: datetime) -> int:
    """What a platform says of somebody who is on record already. What the person told us outlasts a
    platform's “registered”, and a “cancelled” from before it, but not what happened."""
    both = known.join(coming, on="email", suffix="_now")
    told = pl.col("source").is_in(_OURS) & (pl.col("state_now") == "registered") & ~pl.col("again")
    back = pl.col("back") & (pl.col("state") == "registered") & (pl.col("state_now") == "cancelled")
    both = both.with_columns(
        state_now=pl.when(told | back).then("state").otherwise("state_now"),
        **{f"{name}_now": pl.coalesce(f"{name}_now", name) for name in _LINKS},
    )
    differs = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in ("state", *_LINKS)
    )
    changed = both.filter(differs)
    stamp = pl.lit(now.replace(tzinfo=None), pl.Datetime("us"))
    update_frame(
        session,
        _TABLE,
        changed.select(
            "id", updated_at=stamp, state="state_now", **{n: pl.col(f"{n}_now") for n in _LINKS}
        ),
        ["id"],
    )
    session.expire_all()
    return changed.height


def primary_addresses(session: Session, stakeholder_ids: Collection[int]) -> dict[int, str]:
    """The compared address by stakeholder; people without one are missing."""
    e = StakeholderEmail
    rows = session.execute(
        select(e.stakeholder_id, e.email)
        .where(e.stakeholder_id.in_(list(stakeholder_ids)))
        .order_by(e.is_primary, e.email.desc())
    )
    return {number: email for number, email in rows}  # noqa: C416 - the last, primary one stays


def link_late(session: Session, event_id: int) -> None:
    """Registrations that came before their invitation was made answer it all the same."""
    session.execute(
        update(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.invitation_id.is_(None),
            Registration.stakeholder_id.is_not(None),
        )
        .execution_options(synchronize_session=False)
        .values(
            invitation_id=select(Invitation.id)
            .where(
                Invitation.event_id == event_id,
                Invitation.stakeholder_id == Registration.stakeholder_id,
            )
            .scalar_subquery()
        )
    )
