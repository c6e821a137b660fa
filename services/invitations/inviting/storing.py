"""Drafts and invitations into the tables, and the log of who stood on the list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Draft, Event, Invitation, InvitationEvent, Recommendation
from integrations.calendar_file import Invitee
from services import drafts
from services.access import Viewer
from services.drafts import NewDraft
from services.invitations.entry import attached, uid_of
from services.invitations.inviting.records import Composed
from services.invitations.ranking.people import Contact
from services.invitations.ranking.rank import Ranking
from services.invitations.recipients import Recipient
from services.invitations.records import INVITATION, SOURCE, TOPIC, invitation_key


@dataclass(frozen=True)
class One:
    """Somebody about to be invited."""

    contact: Contact
    to: Recipient
    token: str
    composed: Composed


@dataclass
class _Known:
    """Invitations there were to the event, by stakeholder; drafts made for them so far."""

    rows: dict[int, Invitation] = field(default_factory=dict[int, Invitation])
    times: dict[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True)
class Storing:
    """One batch of invitations to one event."""

    session: Session
    event: Event
    ranking: Ranking
    by: Viewer
    now: datetime

    def store(self, made: Sequence[One], follows: Mapping[int, int]) -> tuple[list[int], list[int]]:
        """The ids of drafts and invitations, in the order of `made`."""
        session, event, now = self.session, self.event, self.now
        known = _known(session, event.id, [one.contact.stakeholder_id for one in made])
        keys = [_key(event.id, one.contact.stakeholder_id, known) for one in made]
        new = [_draft(event, one, key, now) for one, key in zip(made, keys, strict=True)]
        drafts.create_many(session, new, now=now)
        found = _drafts_of(session, keys)
        rows = self._rows(made, [found[key] for key in keys], follows)
        _write(session, rows, known)
        numbers = _numbers(session, event.id, [row["stakeholder_id"] for row in rows])
        moves = [
            {"invitation_id": numbers[row["stakeholder_id"]], "at": now, "from_state": None,
             "to_state": "drafted", "person_id": self.by.person_id}
            for row in rows
        ]  # fmt: skip
        if moves:
            session.execute(insert(InvitationEvent), moves)
        ids = [numbers[row["stakeholder_id"]] for row in rows]
        return [row["draft_id"] for row in rows], ids

    def _rows(
        self, made: Sequence[One], draft_ids: Sequence[int], follows: Mapping[int, int]
    ) -> list[dict[str, Any]]:
        wanted = [one.contact.customer_id for one in made]
        listed = {
            row["customer_id"]: row
            for row in self.ranking.rows.filter(pl.col("customer_id").is_in(wanted)).iter_rows(
                named=True
            )
        }
        rest = {
            "event_id": self.event.id, "created_by": self.by.person_id, "created_at": self.now,
            "updated_at": self.now,
        }  # fmt: skip
        return [
            _invitation(one, number, listed[one.contact.customer_id], self.ranking)
            | {"follows_id": follows.get(one.contact.customer_id), **rest}
            for one, number in zip(made, draft_ids, strict=True)
        ]


def _known(session: Session, event_id: int, stakeholder_ids: Sequence[int]) -> _Known:
    """Withdrawn ones are taken up again, since there is one invitation per person and event."""
    known = _Known()
    for some in pieces(stakeholder_ids):
        rows = session.scalars(
            select(Invitation).where(
                Invitation.event_id == event_id, Invitation.stakeholder_id.in_(some)
            )
        )
        known.rows |= {row.stakeholder_id: row for row in rows}
    if known.rows:
        counted = session.execute(
            select(Draft.stakeholder_id, func.count())
            .where(
                Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == INVITATION,
                Draft.stakeholder_id.in_(list(known.rows)),
            )
            .group_by(Draft.stakeholder_id)
        )  # fmt: skip
        known.times = {number: count for number, count in counted}  # noqa: C416 - rows into pairs
    return known


def _key(event_id: int, stakeholder_id: int, known: _Known) -> str:
    key = invitation_key(event_id, stakeholder_id)
    times = known.times.get(stakeholder_id, 0)
    return f"{key}:{times}" if times else key


def _draft(event: Event, one: One, key: str, now: datetime) -> NewDraft:
    organiser = Invitee(one.to.csm, one.to.csm_email) if one.to.csm_email else None
    return NewDraft(
        dedup_key=key,
        kind=INVITATION,
        topic=TOPIC,
        customer_id=one.contact.customer_id,
        stakeholder_id=one.contact.stakeholder_id,
        source=SOURCE,
        source_id=event.id,
        template=one.composed.template,
        values=one.composed.values,
        evidence=one.composed.evidence,
        attachments=[attached(event, uid_of(one.token), now, organiser)],
        expires_at=event.starts_at,
        owner_id=one.to.csm_id,
    )


def _drafts_of(session: Session, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), 5_000):
        some = keys[start : start + 5_000]
        rows = session.execute(select(Draft.dedup_key, Draft.id).where(Draft.dedup_key.in_(some)))
        found |= {key: number for key, number in rows}  # noqa: C416 - rows into pairs
    return found


def _invitation(
    one: One, draft_id: int, row: Mapping[str, Any], ranking: Ranking
) -> dict[str, Any]:
    customer, made = one.contact.customer_id, one.composed
    because = {
        "code": "because",
        "sentence": made.because,
        "feature": "",
        "weight": 0.0,
        "evidence": {},
    }
    reasons = [
        {"code": r.feature, "sentence": r.sentence, "feature": r.feature, "weight": r.lift, "evidence": r.facts}
        for r in ranking.reasons.get(customer, ())
    ]  # fmt: skip
    sessions = [
        {
            "session_id": p.session.id, "title": p.session.title, "why": p.why,
            "starts_at": p.session.starts_at.isoformat() if p.session.starts_at else None,
        }
        for p in made.picks
    ]  # fmt: skip
    return {
        "customer_id": customer,
        "stakeholder_id": one.contact.stakeholder_id,
        "seat": made.seat,
        "sessions": sessions,
        "offer_id": made.offer.id if made.offer else None,
        "reasons": [because, *reasons],
        "features": ranking.features.get(customer, {}),
        "chance": row["chance"],
        "arm": row["arm"] or "chosen",
        "propensity": row["propensity"] if row["arm"] else None,
        "model_version": ranking.model_version,
        "draft_id": draft_id,
        "token": one.token,
        "state": "drafted",
        "declined_why": None,
        "answered_at": None,
    }


def _write(session: Session, rows: Sequence[dict[str, Any]], known: _Known) -> None:
    fresh = [row for row in rows if row["stakeholder_id"] not in known.rows]
    for row in rows:
        again = known.rows.get(row["stakeholder_id"])
        if again is not None:
            for name, value in row.items():
                setattr(again, name, value)
    if fresh:
        session.execute(insert(Invitation), fresh)
    session.flush()


def _numbers(session: Session, event_id: int, stakeholder_ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in pieces(stakeholder_ids):
        rows = session.execute(
            select(Invitation.stakeholder_id, Invitation.id).where(
                Invitation.event_id == event_id, Invitation.stakeholder_id.in_(some)
            )
        )
        found |= {person: number for person, number in rows}  # noqa: C416 - rows into pairs
    return found


def log(session: Session, ranking: Ranking, now: datetime) -> None:
    """Who stood on the list and who was left out for comparison, each once per event."""
    known = set(
        session.scalars(
            select(Recommendation.customer_id).where(Recommendation.event_id == ranking.event_id)
        )
    )
    stood = ranking.rows.filter(pl.col("arm").is_not_null()).select(
        "customer_id", "rank", "arm", "propensity", "chance"
    )
    shadow = ranking.holdout.with_columns(
        arm=pl.lit("holdout"), rank=pl.lit(0), propensity=pl.lit(0.0)
    )
    names = {name: pl.col(name).cast(kind) for name, kind in stood.schema.items()}
    rows = pl.concat([stood, shadow.select(**names)])
    new = [
        row | {"event_id": ranking.event_id, "made_at": now, "model_version": ranking.model_version}
        for row in rows.iter_rows(named=True)
        if row["customer_id"] not in known
    ]
    if new:
        session.execute(insert(Recommendation), new)
