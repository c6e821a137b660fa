"""Drafts for everybody who was registered for an event: one mail per person, made many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Draft, DraftEvent, Event, FollowUp, OutboxMail
from services import drafts, rendering
from services.attendance.follow_up.compose import FOLDER, Composer
from services.attendance.follow_up.deeds import KNOWN, snapshot
from services.attendance.follow_up.detect import among
from services.attendance.follow_up.loading import (
    finished_since,
    guests,
    houses,
    not_to_contact,
    occasion,
    present_at,
)
from services.attendance.follow_up.records import KIND, SOURCE, TOPIC, Guest, House, Only
from services.attendance.follow_up.truth import differences
from services.drafts import NewDraft
from services.drafts.wholes import carrier, standing
from services.outbox import GIVEN_UP

GOOD_FOR = timedelta(days=30)
"""How long after its making a follow-up may still be sent."""
CHANGED = "What was known of this person at the event has changed."
_KEPT = ":kept"
"""Ends the key of a draft that stays although its occasion was taken back."""


def key_of(event_id: int, stakeholder_id: int, *, came: bool) -> str:
    """Names the occasion of a draft: one mail per person, event, and whether they came."""
    return f"follow_up:{event_id}:{stakeholder_id}:{'came' if came else 'no_show'}"


def waiting(
    session: Session, event_id: int, *, only: Only = None, since: datetime | None = None
) -> list[int]:
    """The stakeholders of followed-up customers who have no draft yet, in order; without those who do not
    want mail, and those who attended before `since`."""
    wanted = among(_wanted(session, event_id, since), only)
    keys = {
        key_of(event_id, who, came=came): who
        for who, came in wanted.select("stakeholder_id", "came").iter_rows()
    }
    known = {key for key, withdrawn in _drafted(session, event_id) if not withdrawn}
    written = _written_to(session, event_id)
    missing = [who for key, who in keys.items() if key not in known and who not in written]
    unwanted = not_to_contact(session, missing)
    return sorted(who for who in missing if who not in unwanted)


def make_drafts(
    session: Session, event_id: int, stakeholder_ids: Sequence[int], now: datetime
) -> list[int]:
    """Drafts for these of the event's people; the ids of those that are new."""
    event = session.get(Event, event_id)
    if event is None or not stakeholder_ids:
        return []
    people = present_at(session, event_id)
    coming = guests(session, event_id, people, stakeholder_ids)
    known = houses(session, {guest.customer_id for guest in coming})
    templates = {one.key for one in rendering.catalogue() if one.key.startswith(f"{FOLDER}/")}
    composer = Composer(occasion(session, event), templates)
    times = Counter(key for key, withdrawn in _drafted(session, event_id) if withdrawn)
    wanted = [
        _new(composer, guest, known[guest.customer_id], now, times)
        for guest in coming
        if guest.customer_id in known
    ]
    return drafts.create_many(session, wanted, now=now)


def _new(
    composer: Composer, guest: Guest, house: House, now: datetime, times: Mapping[str, int]
) -> NewDraft:
    made = composer.compose(guest, house)
    event_id = composer.event_id
    key = key_of(event_id, guest.stakeholder_id, came=guest.deeds.came)
    return NewDraft(
        dedup_key=f"{key}:{times[key]}" if key in times else key,
        kind=KIND,
        topic=TOPIC,
        customer_id=guest.customer_id,
        stakeholder_id=guest.stakeholder_id,
        source=SOURCE,
        source_id=event_id,
        template=made.template,
        values=made.values | {KNOWN: snapshot(guest.deeds)},
        evidence=[one.as_json() for one in made.evidence],
        expires_at=now + GOOD_FOR,
        owner_id=house.csm_id,
    )


@dataclass(frozen=True)
class Stale:
    """Drafts that say what is no longer true: how many were withdrawn, and how many stay as approved."""

    withdrawn: int
    kept: int


def withdraw_stale(
    session: Session, event_id: int, now: datetime, *, keep_approved: bool = False
) -> Stale:
    """Cancel the drafts, unless they have left, of people of whom it is no longer true that they came (or
    did not), and those nobody has looked at that speak of other deeds than are on record now: they are
    made anew. With `keep_approved` what a person has approved stays, now and later.

    Those that somebody has opened or edited stay with a block that names what has changed; approved ones
    go, since they would leave as they are.
    """
    true = {
        key_of(event_id, who, came=came)
        for who, came in _wanted(session, event_id).select("stakeholder_id", "came").iter_rows()
    }
    rows = session.execute(
        select(
            Draft.id, Draft.dedup_key, standing().label("state"), Draft.stakeholder_id, Draft.values
        ).where(
            Draft.source == SOURCE,
            Draft.source_id == event_id,
            Draft.kind == KIND,
            standing().in_(("pending", "second_look", "held", "approved")),
            Draft.dedup_key.not_like(f"%{_KEPT}"),
        )
    ).all()
    left = _left(session, [row.id for row in rows])
    here = [row for row in rows if row.id not in left]
    stale = [row for row in here if _base(row.dedup_key) not in true]
    others = {
        row.id: (row.stakeholder_id, row.values) for row in here if _base(row.dedup_key) in true
    }
    differ = differences(session, event_id, others) if others else {}
    seen = _touched(session, list(differ))
    stale += [
        row for row in here if row.id in differ and (row.state == "approved" or row.id not in seen)
    ]
    kept = [row for row in stale if keep_approved and row.state == "approved"]
    for row in kept:
        named = update(Draft).where(Draft.id == row.id)
        session.execute(named.values(dedup_key=f"{row.dedup_key}{_KEPT}"))
    going = [row.id for row in stale if row not in kept]
    return Stale(drafts.cancel_many(session, going, CHANGED, now=now), len(kept))


def _touched(session: Session, draft_ids: Sequence[int]) -> set[int]:
    """Those that a person has opened, edited or moved."""
    found: set[int] = set()
    for some in pieces(draft_ids):
        found.update(
            session.scalars(
                select(DraftEvent.draft_id).where(
                    DraftEvent.draft_id.in_(some), DraftEvent.person_id.is_not(None)
                )
            )
        )
    return found


def _drafted(session: Session, event_id: int) -> list[tuple[str, bool]]:
    """The key of each draft of the event, and whether it was withdrawn because the facts changed: then it
    may be made again. So it may where it is older than the event: it speaks of one that had the id before."""
    rows = session.execute(
        select(
            Draft.dedup_key,
            ((standing() == "cancelled") & (Draft.why == CHANGED))
            | (Draft.created_at < Event.created_at),
        )
        .join(Event, Event.id == Draft.source_id)
        .where(Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == KIND)
    )
    return [(_base(key), bool(again)) for key, again in rows]


def _base(key: str) -> str:
    """Without the number of a draft that was made again."""
    return ":".join(key.split(":")[:4])


def _wanted(session: Session, event_id: int, since: datetime | None = None) -> pl.DataFrame:
    """stakeholder_id, customer_id and came, of the customers that have a follow-up; cancelled people are none."""
    people = finished_since(present_at(session, event_id), since)
    followed = list(
        session.scalars(
            select(FollowUp.customer_id).where(
                FollowUp.event_id == event_id, FollowUp.waived_at.is_(None)
            )
        )
    )
    return (
        people.filter(
            pl.col("stakeholder_id").is_not_null(),
            pl.col("presence") != "cancelled",
            pl.col("customer_id").is_in(followed),
        )
        .group_by("stakeholder_id")
        .agg(pl.col("customer_id").first(), came=(pl.col("presence") == "attended").any())
        .sort("stakeholder_id")
    )


def _left(session: Session, draft_ids: Sequence[int]) -> set[int]:
    """Those among the drafts whose mail is on the wire or has gone."""
    found: set[int] = set()
    for some in pieces(draft_ids):
        rows = session.scalars(
            select(Draft.id)
            .join(OutboxMail, OutboxMail.draft_id == carrier())
            .where(Draft.id.in_(some), OutboxMail.state.not_in((*GIVEN_UP, "queued")))
        )
        found.update(rows)
    return found


def _written_to(session: Session, event_id: int) -> set[int]:
    """Who has been written to about the event, whatever was said of them then."""
    rows = session.scalars(
        select(Draft.stakeholder_id)
        .join(OutboxMail, OutboxMail.draft_id == carrier())
        .join(Event, Event.id == Draft.source_id)
        .where(
            Draft.source == SOURCE,
            Draft.source_id == event_id,
            Draft.kind == KIND,
            Draft.created_at >= Event.created_at,
            OutboxMail.state.not_in(GIVEN_UP),
        )
    )
    return set(rows)
