"""One question per domain or company name, the answers, and taking them back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Subquery,
    and_,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import (
    Attendance,
    CampaignMail,
    CampaignRecipient,
    Customer,
    CustomerDomain,
    MatchAnswer,
    Participant,
    Person,
    Ticket,
    TicketRequester,
)
from data.versions import MATCHING, bump
from services.access.audit import audit
from services.access.viewer import Viewer, require_customer, visible
from services.ids import public_id

KINDS = ("domain", "name", "email")
VERDICTS = ("is", "never", "nobody")


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


@dataclass(frozen=True)
class AnswerRow:
    id: int
    kind: str
    key: str
    verdict: str
    customer_id: int | None
    customer: str | None
    answered_by: str | None
    answered_at: datetime
    withdrawn_at: datetime | None


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
    total = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    page = session.execute(
        grouped.order_by(in_review, rows.desc(), key).limit(limit).offset(offset)
    ).all()
    return [_question(session, by, row) for row in page], total


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
    kind, key, people, rows, band = found
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


def answer(  # noqa: PLR0913 - the parts of an answer
    session: Session,
    *,
    by: Viewer,
    now: datetime,
    kind: str,
    key: str,
    verdict: str,
    customer_id: int | None = None,
) -> int:
    """Keep an answer; gives its id. It counts once everybody is matched anew: call it within
    services.uploads.rematch.rematching.

    'is' and 'never' name a customer the person may see; 'nobody' names none.
    """
    if kind not in KINDS or verdict not in VERDICTS or not key.strip():
        raise BadInput(
            "An answer is about a domain, a name or an address, and is yes, never or nobody."
        )
    if (verdict == "nobody") != (customer_id is None):
        raise BadInput("Choose the customer this is about.")
    if customer_id is not None:
        require_customer(session, by, customer_id)
    same = session.scalar(
        select(MatchAnswer.id).where(
            MatchAnswer.kind == kind,
            MatchAnswer.key == key,
            MatchAnswer.verdict == verdict,
            MatchAnswer.customer_id == customer_id,
            MatchAnswer.withdrawn_at.is_(None),
        )
    )
    if same is not None:
        raise AlreadyExists("Somebody has given this answer already.")
    if verdict != "never":
        _replace_former(session, by, kind, key, now)
    given = MatchAnswer(
        kind=kind,
        key=key,
        verdict=verdict,
        customer_id=customer_id,
        answered_by=by.person_id,
        answered_at=now,
    )
    session.add(given)
    session.flush()  # the audit entry names it
    bump(session, MATCHING)
    audit(session, by, "match_answer.given", "match_answer", given.id, f"{kind} {verdict}", now)
    return given.id


def _replace_former(session: Session, by: Viewer, kind: str, key: str, now: datetime) -> None:
    """The newest yes or nobody counts: withdraw the one before."""
    former = session.scalars(
        select(MatchAnswer).where(
            MatchAnswer.kind == kind,
            MatchAnswer.key == key,
            MatchAnswer.verdict != "never",
            MatchAnswer.withdrawn_at.is_(None),
        )
    )
    for old in former:
        old.withdrawn_by, old.withdrawn_at = by.person_id, now


def withdraw(session: Session, *, by: Viewer, now: datetime, answer_id: int) -> None:
    """Take an answer back; within rematching, as an answer."""
    given = session.get(MatchAnswer, answer_id)
    if given is None or given.withdrawn_at is not None:
        raise NotFound("There is no such answer in force.")
    if given.customer_id is not None:
        require_customer(session, by, given.customer_id)
    given.withdrawn_by, given.withdrawn_at = by.person_id, now
    bump(session, MATCHING)
    audit(session, by, "match_answer.withdrawn", "match_answer", answer_id, given.kind, now)


def answers(session: Session, by: Viewer, *, limit: int = 100) -> list[AnswerRow]:
    """What has been answered, newest first, withdrawn ones included."""
    statement = (
        select(MatchAnswer, Customer.name, Person.name)
        .outerjoin(Customer, Customer.id == MatchAnswer.customer_id)
        .outerjoin(Person, Person.id == MatchAnswer.answered_by)
        .where(or_(MatchAnswer.customer_id.is_(None), visible(by)))
        .order_by(MatchAnswer.id.desc())
        .limit(limit)
    )
    return [
        AnswerRow(
            a.id,
            a.kind,
            a.key,
            a.verdict,
            a.customer_id,
            customer,
            person,
            a.answered_at,
            a.withdrawn_at,
        )
        for a, customer, person in session.execute(statement)
    ]
