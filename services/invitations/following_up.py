"""Those who have not answered: asked once more, a colleague asked instead, or a call.

Who looked at the mail is asked again; where nobody looked at it, or it did not arrive, somebody else at the
customer is a better choice; where there is nobody else, the CSM is asked to call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import (
    Customer,
    Draft,
    Event,
    Invitation,
    OutboxMail,
    Registration,
    Stakeholder,
    Task,
)
from services import drafts, tasks
from services.drafts import NewDraft
from services.drafts.wholes import carrier, standing
from services.ids import public_id
from services.invitations.catalogue.book import sessions_of
from services.invitations.catalogue.saying import when, where
from services.invitations.colleagues import colleagues
from services.invitations.links import answer_url
from services.invitations.picked import still_on
from services.invitations.recipients import Recipient, recipients
from services.invitations.records import MAIL_STATES, NUDGE, SOURCE, TOPIC, invitation_of, nudge_key
from services.tasks import NewTask

WAIT = timedelta(days=7)
"""Silence before somebody is asked again: a contact gets one invitation in seven days at most."""
LAST = timedelta(days=2)
"""Before the start: after that a mail only annoys."""
MOST = 500
CALL = "invitation_call:"
COMING = ("registered", "attended")
Step = Literal["again", "colleague", "call"]


@dataclass(frozen=True)
class Silence:
    """An invitation without an answer. `mailed_at`: when its newest mail left (None: it never did).
    `nudged`: asked again already. `passed_on`: somebody else was asked because of it, or a call."""

    invitation_id: int
    customer_id: int
    stakeholder_id: int
    state: str
    mailed_at: datetime | None
    nudged: bool
    passed_on: bool


@dataclass(frozen=True)
class FollowedUp:
    """How many were asked again, how many colleagues are to be asked, how many calls were put on lists."""

    again: int = 0
    colleagues: tuple[tuple[int, int], ...] = ()
    """(the invitation without an answer, the colleague to ask instead)."""
    calls: int = 0
    last: int | None = None
    """The invitation that was looked at last, where there may be more; for `after`."""


def step(
    one: Silence, starts_at: datetime, coming: Collection[int], *, others: bool, now: datetime
) -> Step | None:
    """What to do about a silence now; None: nothing, or not yet. `coming` are the customers of whom somebody
    comes; `others`: whether there is a colleague who can be asked."""
    if one.passed_on or one.customer_id in coming or starts_at - now < LAST:
        return None
    bounced = one.state == "undelivered"
    if not bounced and (one.mailed_at is None or now - one.mailed_at < WAIT):
        return None
    if one.state in ("opened", "clicked") and not one.nudged:
        return "again"
    return "colleague" if others else "call"


def follow_up(session: Session, event_id: int, now: datetime, *, after: int = 0) -> FollowedUp:
    """Do for one event what `step` says of each silence, MOST of them at a time so that nobody who writes
    waits long. Colleagues are named, for the generator of invitations to write to. Doing it again changes
    nothing."""
    event = session.get(Event, event_id)
    if event is None or event.status == "cancelled" or event.starts_at <= now:
        return FollowedUp()
    silent = _silences(session, event_id, after)
    coming = _coming(session, event_id)
    others = colleagues(session, event_id, {one.customer_id for one in silent})
    steps = [
        (one, step(one, event.starts_at, coming, others=bool(others.get(one.customer_id)), now=now))
        for one in silent
    ]
    again = _ask_again(session, event, [one for one, what in steps if what == "again"], now)
    calls = sum(
        ask_to_call(session, session.get_one(Invitation, one.invitation_id), now)
        for one, what in steps
        if what == "call"
    )
    chosen = [
        (one.invitation_id, others[one.customer_id].pop(0))
        for one, what in steps
        if what == "colleague" and others[one.customer_id]
    ]
    last = silent[-1].invitation_id if len(silent) == MOST else None
    return FollowedUp(again, tuple(chosen), calls, last)


def _coming(session: Session, event_id: int) -> set[int]:
    rows = session.scalars(
        select(Registration.customer_id).where(
            Registration.event_id == event_id, Registration.state.in_(COMING)
        )
    )
    return {number for number in rows if number is not None}


def waiting(session: Session, now: datetime) -> list[int]:
    """The events to come that have invitations without an answer."""
    return list(
        session.scalars(
            select(Event.id)
            .where(
                Event.starts_at > now + LAST,
                Event.status != "cancelled",
                select(Invitation.id)
                .where(
                    Invitation.event_id == Event.id,
                    Invitation.state.in_((*MAIL_STATES, "undelivered")),
                )
                .exists(),
            )
            .order_by(Event.starts_at)
        )
    )


def _silences(session: Session, event_id: int, after: int) -> list[Silence]:
    i = Invitation
    rows = session.scalars(
        select(i)
        .join(Customer, Customer.id == i.customer_id)
        .where(
            Customer.churned_on.is_(None),
            i.event_id == event_id,
            i.id > after,
            i.state.in_((*MAIL_STATES, "undelivered")),
            i.waits_since.is_(None),  # they have answered: it is us who keep them waiting
        )
        .order_by(i.id)
        .limit(MOST)
    ).all()
    followed = set(
        session.scalars(select(i.follows_id).where(i.event_id == event_id, i.follows_id.is_not(None)))
    )  # fmt: skip
    nudges = session.execute(
        select(Draft.dedup_key, Draft.id).where(
            Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == NUDGE,
            standing() != "cancelled",  # that one told of a time that is none any more
        )
    ).all()  # fmt: skip
    nudged = {invitation_of(key): number for key, number in nudges}
    mailed = _mailed(session, [*(row.draft_id for row in rows if row.draft_id), *nudged.values()])
    called = _called(session, event_id)
    return [
        Silence(
            row.id, row.customer_id, row.stakeholder_id, row.state,
            _newest(mailed, row.draft_id, nudged.get(row.id)),
            row.id in nudged, row.id in followed or row.id in called,
        )
        for row in rows
    ]  # fmt: skip


def _mailed(session: Session, draft_ids: Collection[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in pieces(draft_ids):
        rows = session.execute(
            select(Draft.id, OutboxMail.sent_at)
            .join(OutboxMail, OutboxMail.draft_id == carrier())
            .where(Draft.id.in_(some), OutboxMail.sent_at.is_not(None))
        )
        found |= {number: at for number, at in rows if at is not None}
    return found


def _newest(
    mailed: Mapping[int, datetime], first: int | None, second: int | None
) -> datetime | None:
    """None while the nudge has not left, too: its time has not come yet."""
    if second is not None:
        return mailed.get(second)
    return mailed.get(first) if first is not None else None


def _called(session: Session, event_id: int) -> set[int]:
    keys = session.scalars(
        select(Task.dedup_key).where(
            Task.source == SOURCE, Task.source_id == event_id, Task.dedup_key.startswith(CALL)
        )
    )
    return {int(key.removeprefix(CALL)) for key in keys}


def _ask_again(session: Session, event: Event, silent: Sequence[Silence], now: datetime) -> int:
    people = recipients(session, {one.stakeholder_id for one in silent})
    programme = sessions_of(session, event.id)
    made = []
    for one in silent:
        invitation = session.get_one(Invitation, one.invitation_id)
        to = people.get(one.stakeholder_id)
        if to is not None and one.mailed_at is not None:
            on = still_on(invitation.sessions, programme)[:5]
            picked = [{"title": planned.title, "why": why} for planned, why in on]
            made.append(_nudge(event, invitation, to, one.mailed_at, picked))
    return len(drafts.create_many(session, made, now=now))


def _nudge(
    event: Event, invitation: Invitation, to: Recipient, mailed_at: datetime,
    picked: Sequence[Mapping[str, str]],
) -> NewDraft:  # fmt: skip
    query = {"id": public_id("event", event.id)}
    reason = str(invitation.reasons[0].get("sentence", "")) if invitation.reasons else ""
    said = {"screen": "event", "query": query}
    evidence: list[dict[str, Any]] = [
        {
            "claim": "I wrote to you",
            "fact": f"Sent on {mailed_at:%d %B %Y}, no answer yet.",
            **said,
        },
        {"claim": f"{when(event)}, {where(event)}", "fact": "As the event is planned.", **said},
    ]
    if reason:
        evidence.append({"claim": reason, "fact": "As in the invitation.", **said})
    values = {
        "first_name": to.first_name,
        "customer": to.customer,
        "event": event.name,
        "written_on": f"{mailed_at.day} {mailed_at:%B}",
        "when": when(event),
        "where": where(event),
        "reason": reason,
        "sessions": picked,
        "offer": "",
        "answer_url": answer_url(invitation.token),
        "sender_name": to.csm,
        "signature": to.signature,
    }
    return NewDraft(
        dedup_key=nudge_key(invitation.id, event.revision),
        kind=NUDGE,
        topic=TOPIC,
        customer_id=to.customer_id,
        stakeholder_id=to.stakeholder_id,
        source=SOURCE,
        source_id=event.id,
        template="invitations/nudge",
        values=values,
        evidence=evidence,
        expires_at=event.starts_at - LAST,
        owner_id=to.csm_id,
    )


def ask_to_call(session: Session, invitation: Invitation, now: datetime) -> bool:
    """Another channel: a task for whoever looks after the customer; False when it is on the list already."""
    event = session.get_one(Event, invitation.event_id)
    person = session.get_one(Stakeholder, invitation.stakeholder_id)
    name = f"{person.first_name} {person.last_name}".strip() or "the invited person"
    made = tasks.add(
        session,
        NewTask(
            f"{CALL}{invitation.id}",
            f"Call {name} about {event.name}"[:300],
            min(now + timedelta(days=1), event.starts_at - LAST),
            session.get_one(Customer, invitation.customer_id).csm_id,
            customer_id=invitation.customer_id,
            stakeholder_id=invitation.stakeholder_id,
            detail=f"Invited by mail and no answer. {when(event)}, {where(event)}.",
            source=SOURCE,
            source_id=event.id,
        ),
        now=now,
    )
    return made is not None
