"""What came of our mails, as people look at it: by person, by machine, and hidden from us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Customer, Draft, InboundMail, MailEvent, MailLink, OutboxMail, Stakeholder
from services.access import Viewer, require_customer, visible
from services.responses.intake import BY_WORDS
from services.verdicts import REASONS

MOST = 50
MOST_EVENTS = 2_000
_TOLD = {("reply", False): "person", ("other", False): "stranger", ("auto_reply", True): "words"}
"""By the kind of what came in, and whether nothing but its words calls it automatic."""


@dataclass(frozen=True)
class ResponseEvent:
    """`verdict` is human, unknown or machine, or empty while it has not been judged; `why` are words."""

    at: datetime
    kind: str
    verdict: str
    why: str
    url: str | None


@dataclass(frozen=True)
class Reply:
    """`text` is what is new in it; show it as text. `told` is "person", "stranger" (who is none of the customer's),
    "words" (nothing but its words calls it automatic) or "confirmed" (a colleague said that a person wrote it)."""

    id: int
    at: datetime
    sender: str
    text: str
    told: str


@dataclass(frozen=True)
class MailResponse:
    """One mail that went out. `opened` is "person", "hidden" (a privacy service loaded it: whether anybody
    looked is not known), "machine" or "no"; somebody who clicked or answered has opened it. `clicks` counts
    distinct links that a person followed, `machine_clicks` those of programs. `replies` are people's of the customer;
    `besides` came too: what strangers wrote, and what is automatic as far as its words go."""

    outbox_id: int
    subject: str
    stakeholder: str
    sent_at: datetime
    opened: str
    clicks: int
    machine_clicks: int
    replies: tuple[Reply, ...]
    besides: tuple[Reply, ...]
    bounced: str | None
    unsubscribed: bool
    complained: bool
    events: tuple[ResponseEvent, ...]


def of_customer(
    session: Session, by: Viewer, customer_id: int, *, limit: int = 20
) -> list[MailResponse]:
    """Of the newest mails to the customer. NotFound for customers `by` may not see."""
    require_customer(session, by, customer_id)
    return _of(session, OutboxMail.customer_id == customer_id, limit)


def of_draft(session: Session, by: Viewer, draft_id: int) -> MailResponse | None:
    """Of the mail that the draft became, or became a part of; None before it is sent. NotFound for foreign
    customers."""
    carrier = select(func.coalesce(Draft.merged_into_id, Draft.id)).where(Draft.id == draft_id)
    its = OutboxMail.draft_id == carrier.scalar_subquery()
    seen = session.scalar(
        select(OutboxMail.id)
        .join(Customer, Customer.id == OutboxMail.customer_id)
        .where(its, visible(by))
        .limit(1)
    )
    if seen is None:
        if session.scalar(select(OutboxMail.id).where(its).limit(1)):
            raise NotFound("There is no such draft in your portfolio. Open it from the list.")
        return None
    found = _of(session, its, 1)
    return found[0] if found else None


def _of(session: Session, which: ColumnElement[bool], limit: int) -> list[MailResponse]:
    o, p = OutboxMail, Stakeholder
    mails = session.execute(
        select(o.id, o.subject, o.sent_at, p.first_name, p.last_name)
        .outerjoin(p, p.id == o.stakeholder_id)
        .where(which, o.sent_at.is_not(None))
        .order_by(o.sent_at.desc(), o.id.desc())
        .limit(min(max(limit, 1), MOST))
    ).all()
    numbers = [mail.id for mail in mails]
    events, replies = _events(session, numbers), _replies(session, numbers)
    return [
        _summed(
            mail.id, mail.subject, f"{mail.first_name or ''} {mail.last_name or ''}".strip(),
            mail.sent_at, events.get(mail.id, []), replies.get(mail.id, []),
        )
        for mail in mails
    ]  # fmt: skip


@dataclass(frozen=True)
class _Event:
    told: ResponseEvent
    link_id: int | None
    method: str | None
    status: str | None


def _events(session: Session, numbers: list[int]) -> dict[int, list[_Event]]:
    e = MailEvent
    rows = session.execute(
        select(
            e.outbox_id, e.at, e.kind, e.verdict, e.reason, e.method, e.detail, e.link_id,
            MailLink.url, MailLink.hidden,
        )
        .outerjoin(MailLink, MailLink.id == e.link_id)
        .where(e.outbox_id.in_(numbers))
        .order_by(e.at.desc(), e.id.desc())
        .limit(MOST_EVENTS)
    )  # fmt: skip
    found: dict[int, list[_Event]] = {}
    for row in rows:
        verdict = row.verdict if row.reason else ""
        why = REASONS.get(row.reason or "", "")
        told = ResponseEvent(row.at, row.kind, verdict, why, None if row.hidden else row.url)
        status = (row.detail or {}).get("status")
        found.setdefault(row.outbox_id, []).append(_Event(told, row.link_id, row.method, status))
    return found


def _replies(session: Session, numbers: list[int]) -> dict[int, list[tuple[Reply, bool]]]:
    """With each whether it counts. A complaint is no answer, nor is what a header calls automatic."""
    i, e = InboundMail, MailEvent
    rows = session.execute(
        select(i.id, i.outbox_id, i.at, i.sender, i.text, i.kind, e.kind.label("event"), e.detail)
        .outerjoin(
            e,
            (e.source == "inbox")
            & (e.source_event_id == literal("inbound:").concat(cast(i.id, String))),
        )
        .where(i.outbox_id.in_(numbers), i.kind.in_(("reply", "auto_reply", "other")))
        .order_by(i.at, i.id)
    )
    found: dict[int, list[tuple[Reply, bool]]] = {}
    for row in rows:
        by_words = bool((row.detail or {}).get(BY_WORDS))
        if row.event == "complaint" or (row.kind == "auto_reply" and not by_words):
            continue
        told = _TOLD.get((row.kind, by_words), "confirmed")
        reply = Reply(row.id, row.at, row.sender, row.text, told)
        found.setdefault(row.outbox_id, []).append((reply, row.kind == "reply"))
    return found


def _summed(
    outbox_id: int,
    subject: str,
    stakeholder: str,
    sent_at: datetime,
    events: list[_Event],
    answers: list[tuple[Reply, bool]],
) -> MailResponse:
    def links(verdict: str) -> int:
        clicks = (e for e in events if e.told.kind == "click" and e.told.verdict == verdict)
        return len({e.link_id for e in clicks})

    replies = tuple(reply for reply, counts in answers if counts)
    kinds = {event.told.kind for event in events}
    bounces = [event for event in events if event.told.kind == "bounce"]
    # Looking at the page is not leaving: only the button is.
    left = any(e.told.kind == "unsubscribe" and e.method not in ("GET", "HEAD") for e in events)
    return MailResponse(
        outbox_id=outbox_id,
        subject=subject,
        stakeholder=stakeholder,
        sent_at=sent_at,
        opened=_opened(events, seen=bool(replies) or links("human") > 0),
        clicks=links("human"),
        machine_clicks=links("machine"),
        replies=replies,
        besides=tuple(reply for reply, counts in answers if not counts),
        bounced=(bounces[0].status or "unknown") if bounces else None,
        unsubscribed=left,
        complained="complaint" in kinds,
        events=tuple(event.told for event in events),
    )


def _opened(events: list[_Event], *, seen: bool) -> str:
    verdicts = {event.told.verdict for event in events if event.told.kind == "open"}
    if seen or "human" in verdicts:
        return "person"
    if "unknown" in verdicts:
        return "hidden"
    return "machine" if "machine" in verdicts else "no"
