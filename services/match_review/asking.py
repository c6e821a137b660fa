"""What to ask people: one question per domain, company name or address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Subquery,
    and_,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from data.tables import (
    Attendance,
    CampaignMail,
    CampaignRecipient,
    Customer,
    CustomerDomain,
    Participant,
    Ticket,
    TicketRequester,
)
from services.access.viewer import Viewer, visible
from services.ids import public_id


@dataclass(frozen=True)
class Candidate:
    customer_id: int
    name: str
    confidence: float
    detail: str = ""
    """What tells it from another of the same name: its first domain, else its public id."""


@dataclass(frozen=True)
class Question:
    """What to ask once. `people` and `rows` say how much one answer settles."""

    kind: str
    key: str
    band: str
    people: int
    rows: int
    names: list[str]
    companies: list[str]
    evidence: str
    candidates: list[Candidate]


def questions(
    session: Session,
    by: Viewer,
    *,
    search: str | None = None,
    band: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Question], int]:
    """Open questions, the ones that settle most rows first, and how many there are."""
    people = _asked_about(session, search, band)
    kind, key = people.c.kind, people.c.key
    rows, in_review = func.sum(people.c.rows), func.min(people.c.band)
    grouped = (
        # "review" sorts before "unmatched"
        select(
            kind, key, func.count().label("people"), rows.label("rows"), in_review.label("band")
        ).group_by(kind, key)
    )
    # Counted where they are put in order: after a large file, each look at all of them takes its time.
    page = session.execute(
        grouped.add_columns(func.count().over().label("total"))
        .order_by(in_review, rows.desc(), key)
        .limit(limit)
        .offset(offset)
    ).all()
    if page:
        total = page[0].total
    else:
        total = (
            session.scalar(select(func.count()).select_from(grouped.subquery())) if offset else 0
        )
    return [_question(session, by, row) for row in page], total or 0


def _asked_about(session: Session, search: str | None, band: str | None) -> Subquery:
    """Everybody whom a question is about, in attendance, in tickets and in campaigns: kind, key, band, and
    how many rows, tickets or mails are of them."""
    kinds: list[tuple[Any, Any, tuple[ColumnElement[bool], ...]]] = [
        (Participant, Attendance.participant_id, ()),
        (CampaignRecipient, CampaignMail.recipient_id, ()),
        (TicketRequester, Ticket.requester_id, (Ticket.state != "deleted",)),
    ]
    parts = []
    for table, of, also in kinds:
        asks = session.scalar(select(table.id).where(_open(table)).limit(1))
        if table is not Participant and asks is None:
            continue
        counted = (
            select(of.label("who"), func.count().label("rows"))
            .join(table, table.id == of)
            .where(table.question_key.is_not(None), *also)
            .group_by(of)
            .subquery()
        )
        asked = (
            select(
                table.question_kind.label("kind"),
                table.question_key.label("key"),
                table.band.label("band"),
                func.coalesce(counted.c.rows, 0).label("rows"),
            )
            .outerjoin(counted, counted.c.who == table.id)
            .where(_open(table))
        )
        if search:
            wanted = search.strip().lower()
            asked = asked.where(table.question_key.contains(wanted, autoescape=True))
        if band:
            asked = asked.where(table.band == band)
        parts.append(asked)
    return (parts[0] if len(parts) == 1 else union_all(*parts)).subquery()


def _open(table: Any) -> ColumnElement[bool]:
    return and_(table.question_key.is_not(None), table.band.in_(("review", "unmatched")))


def _question(session: Session, by: Viewer, found: Row[*tuple[Any, ...]]) -> Question:
    kind, key, people, rows, band, _total = found
    examples = _examples(session, kind, key)
    best: dict[int, float] = {}
    for one in examples:
        for customer_id, confidence in json.loads(one.candidates or "[]"):
            best[customer_id] = max(confidence, best.get(customer_id, 0.0))
    names = dict(
        session.execute(
            select(Customer.id, Customer.name).where(Customer.id.in_(best), visible(by))
        ).all()
    )
    ranked = sorted((c for c in best.items() if c[0] in names), key=lambda c: (-c[1], c[0]))[:3]
    details = _details(session, [number for number, _ in ranked])
    return Question(
        kind,
        key,
        band,
        people,
        int(rows),
        sorted({e.name for e in examples if e.name})[:3],
        sorted({e.company for e in examples if e.company})[:3],
        examples[0].evidence if examples else "none",
        [Candidate(c, names[c], p, details[c]) for c, p in ranked],
    )


def _examples(session: Session, kind: str, key: str) -> list[Any]:
    """Name, company, candidates and evidence of some of them, the surest first."""
    found: list[Any] = []
    told: list[tuple[Any, Any]] = [
        (Participant, Participant.company),
        (TicketRequester, TicketRequester.organisation),
        (CampaignRecipient, CampaignRecipient.company),
    ]
    for table, company in told:
        asked = (
            select(table.name, company.label("company"), table.candidates, table.evidence, table.confidence)
            .where(table.question_kind == kind, table.question_key == key)
            .order_by(table.confidence.desc(), table.id)
            .limit(20)
        )  # fmt: skip
        found.extend(session.execute(asked))
    return sorted(found, key=lambda one: -one.confidence)


def _details(session: Session, numbers: list[int]) -> dict[int, str]:
    rows = session.execute(
        select(CustomerDomain.customer_id, func.min(CustomerDomain.domain))
        .where(CustomerDomain.customer_id.in_(numbers))
        .group_by(CustomerDomain.customer_id)
    ).all()
    found = {row[0]: row[1] for row in rows}
    return {number: found.get(number) or public_id("customer", number) for number in numbers}
