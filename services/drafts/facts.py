"""What is known about drafts' recipients and ways out, asked for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.pieces import pieces
from data.settings import settings
from data.tables import Customer, Draft, Mailbox, Stakeholder, StakeholderEmail, Touch
from integrations.mime import checked_address
from services import suppression, touches
from services.drafts import files, owners
from services.drafts.checks import Facts
from services.drafts.holding import under_way
from services.drafts.records import SEVERITY_RANK
from services.drafts.zones import local
from services.mailboxes import from_line, mailbox_found
from services.outbox.policy import SendPolicy
from services.outbox.quiet import open_at

_BOUNCED = "hard_bounce"


@dataclass(frozen=True)
class Person:
    """A recipient: `address` as it is written in the mail, None when there is none; `zone` is theirs."""

    name: str
    address: str | None
    zone: str


_S, _C, _E = Stakeholder, Customer, StakeholderEmail
_RECIPIENTS = (
    select(
        _S.id, _S.first_name, _S.last_name, _S.time_zone, _C.time_zone.label("home"), _E.shown_as
    )
    .join(_C, _C.id == _S.customer_id)
    .outerjoin(_E, _E.stakeholder_id == _S.id)
    .where(_S.id.in_(bindparam("people", expanding=True)))
    .order_by(_E.is_primary, _E.email.desc())
)


def recipients(session: Session, stakeholder_ids: Sequence[int]) -> dict[int, Person]:
    """By stakeholder. Their primary address; their zone, else the customer's, else the default."""
    found: dict[int, Person] = {}
    for some in pieces(stakeholder_ids):
        rows = session.execute(_RECIPIENTS, {"people": some})
        for row in rows:  # the last address of each, the primary one, stays
            name = f"{row.first_name} {row.last_name}".strip()
            zone = row.time_zone or row.home or settings().default_zone
            found[row.id] = Person(name, row.shown_as, zone)
    return found


def gather(
    session: Session,
    drafts: Sequence[Draft],
    policy: SendPolicy,
    now: datetime,
    people: Mapping[int, Person] | None = None,
) -> dict[int, Facts]:
    """The facts about each draft, by its id. `people`: their `recipients`, where these are at hand."""
    people = people or recipients(session, [draft.stakeholder_id for draft in drafts])
    blocked = _blocked(session, drafts, people)
    mailboxes = _mailboxes(session, drafts)
    duplicates = _duplicates(session, drafts, people, now)
    capped = _over_cap(session, drafts, policy, now)
    left, wrong = owners.gone(session, drafts), files.wrong_with(session, drafts)
    found: dict[int, Facts] = {}
    for draft in drafts:
        person = people[draft.stakeholder_id]
        why = blocked.get(draft.id)
        found[draft.id] = Facts(
            at=leaves_at(draft, now),
            address=person.address,
            bounced=why.words if why and why.reason == _BOUNCED else None,
            suppressed=why.words if why and why.reason != _BOUNCED else None,
            over_cap=capped.get(draft.id),
            duplicate=duplicates.get(draft.id),
            mailbox=mailboxes.get(draft.id),
            owner_gone=left.get(draft.id),
            file=wrong.get(draft.id),
        )
    return found


def leaves_at(draft: Draft, now: datetime) -> datetime:
    """When it would leave at the earliest."""
    return max(now, draft.not_before) if draft.not_before else now


def really_leaves(
    people: Mapping[int, Person], due: Mapping[int, tuple[int, datetime]], policy: SendPolicy
) -> dict[int, datetime]:
    """When each may leave, in UTC, by draft: quiet hours of the recipient hold it beyond the moment it is due.

    `due` is (stakeholder, moment) by draft.
    """
    asked = {number: (at, people[person].zone) for number, (person, at) in due.items()}
    opens = {(at, zone): open_at(at, zone, policy) for at, zone in set(asked.values())}
    return {number: opens[one] for number, one in asked.items()}


def _blocked(
    session: Session, drafts: Sequence[Draft], people: Mapping[int, Person]
) -> dict[int, suppression.Why]:
    by_topic: dict[str, dict[str, int]] = defaultdict(dict)
    for draft in drafts:
        if address := people[draft.stakeholder_id].address:
            by_topic[draft.topic][address] = draft.stakeholder_id
    blocked = {
        topic: suppression.blocked_among(session, whose, topic, whose)
        for topic, whose in by_topic.items()
    }
    found: dict[int, suppression.Why] = {}
    for draft in drafts:
        address = people[draft.stakeholder_id].address
        why = blocked[draft.topic].get(address) if address else None
        if why:
            found[draft.id] = why
    return found


def _mailboxes(session: Session, drafts: Sequence[Draft]) -> dict[int, str]:
    """What is wrong with the mailbox that each would leave from."""
    known: dict[tuple[int | None, int | None], str | None] = {}
    found: dict[int, str] = {}
    for draft in drafts:
        which = (draft.mailbox_id, draft.owner_id)
        if which not in known:
            mailbox = (
                session.get(Mailbox, draft.mailbox_id)
                if draft.mailbox_id
                else mailbox_found(session, draft.owner_id)
            )
            known[which] = _wrong_with(mailbox) or _no_sender(session, mailbox, draft.owner_id)
        if why := known[which]:
            found[draft.id] = why
    return found


def _wrong_with(mailbox: Mailbox | None) -> str | None:
    """Paused is no hindrance to approving: the mail waits in the queue until it is resumed."""
    if mailbox is None or mailbox.state in ("ready", "paused"):
        return None
    said = f" ({mailbox.why})" if mailbox.why else ""
    return f"The sender's mailbox cannot send{said}. Its owner can connect it again on the Mailboxes page."


def _no_sender(session: Session, mailbox: Mailbox | None, owner_id: int | None) -> str | None:
    """Where there is no mailbox yet, the folder that is made on first need writes in its owner's name."""
    folder = Mailbox(kind="eml", address="", display_name="")
    line = from_line(session, mailbox or folder, owner_id)
    try:
        for address in filter(None, (line.address, line.reply_to)):
            checked_address(address, "sender's address")
    except BadInput as error:
        return error.message
    return None


def _duplicates(
    session: Session, drafts: Sequence[Draft], people: Mapping[int, Person], now: datetime
) -> dict[int, str]:
    """Contacts on the same day of theirs, and other mails to the same person that are under way. The weightiest
    of those that still wait goes first, so the lighter ones do not speak against it."""
    contacts = _contacts(session, drafts, now)
    others = under_way(session, [draft.stakeholder_id for draft in drafts])
    found: dict[int, str] = {}
    for draft in drafts:
        who, at = draft.stakeholder_id, leaves_at(draft, now)
        day = local(at, people[who].zone).date()
        had = [what for on, what in contacts[who] if local(on, people[who].zone).date() == day]
        rank = SEVERITY_RANK[draft.severity]
        met = [
            mail
            for mail in others.get(who, [])
            if mail.draft_id != draft.id
            and (mail.approved or mail.rank >= rank)
            and mail.meets(at, now)
        ]
        if had:
            found[draft.id] = f"This person hears from us that day already: “{had[0][:120]}”."
        elif met:
            said = "is in the send queue" if met[0].approved else "waits for approval"
            found[draft.id] = f"Another mail to this person {said}: “{met[0].subject[:120]}”."
    return found


_CONTACTS = (
    select(Touch.stakeholder_id, Touch.at, Touch.what)
    .where(
        Touch.stakeholder_id.in_(bindparam("people", expanding=True)),
        Touch.at.between(bindparam("first"), bindparam("last")),
        Touch.released_at.is_(None),
    )
    .order_by(Touch.at)
)


def _contacts(
    session: Session, drafts: Sequence[Draft], now: datetime
) -> dict[int, list[tuple[datetime, str]]]:
    """Contacts within two days of when the drafts would leave, by stakeholder."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    if not drafts:
        return found
    times = [leaves_at(draft, now) for draft in drafts]
    span = timedelta(days=2)
    for some in pieces([draft.stakeholder_id for draft in drafts]):
        around = {"people": some, "first": min(times) - span, "last": max(times) + span}
        rows = session.execute(_CONTACTS, around)
        for number, at, what in rows:
            if number is not None:
                found[number].append((at, what))
    return found


def _over_cap(
    session: Session, drafts: Sequence[Draft], policy: SendPolicy, now: datetime
) -> dict[int, str]:
    """Counted one by one only where somebody has been contacted at all: for most drafts of a large
    batch one question for all of them is enough."""
    if not drafts:
        return {}
    caps = touches.Caps(policy.per_stakeholder, policy.per_customer)
    busy = _busy_customers(session, drafts, policy, now)
    found: dict[int, str] = {}
    for draft in drafts:
        if draft.customer_id not in busy or draft.kind in touches.ASKED_FOR:
            continue
        whom = {"stakeholder_id": draft.stakeholder_id, "customer_id": draft.customer_id}
        at = leaves_at(draft, now)
        why = touches.over_cap(session, **whom, at=at, caps=caps)
        if why:
            free = touches.free_at(session, **whom, at=at, caps=caps)
            day = f"{local(free, settings().default_zone):%d %b %Y}".lstrip("0")
            found[draft.id] = f"{why} Schedule it for {day} or later."
    return found


_BUSY = (
    select(Touch.customer_id)
    .where(
        Touch.customer_id.in_(bindparam("customers", expanding=True)),
        Touch.at.between(bindparam("first"), bindparam("last")),
        Touch.released_at.is_(None),
    )
    .group_by(Touch.customer_id)
    .having(func.count() >= bindparam("least"))
)


def _busy_customers(
    session: Session, drafts: Sequence[Draft], policy: SendPolicy, now: datetime
) -> set[int]:
    """Customers with so many contacts around that time that a cap may be reached."""
    times = [leaves_at(draft, now) for draft in drafts]
    span = timedelta(days=touches.DAYS)
    least = min(policy.per_stakeholder, policy.per_customer)
    found: set[int] = set()
    for some in pieces([draft.customer_id for draft in drafts]):
        around = {"customers": some, "first": min(times) - span, "last": max(times) + span}
        found.update(session.scalars(_BUSY, around | {"least": least}))
    return found
