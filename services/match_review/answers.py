"""What people answered, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import Customer, MatchAnswer, Person
from data.versions import MATCHING, bump
from services.access.audit import audit
from services.access.viewer import Viewer, require_customer, visible

KINDS = ("domain", "name", "email")
VERDICTS = ("is", "never", "nobody")


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
    """Take an answer back; within rematching, as an answer. Where it replaced another, that one holds again."""
    given = session.get(MatchAnswer, answer_id)
    if given is None or given.withdrawn_at is not None:
        raise NotFound("There is no such answer in force.")
    if given.customer_id is not None:
        require_customer(session, by, given.customer_id)
    given.withdrawn_by, given.withdrawn_at = by.person_id, now
    _former_holds_again(session, given)
    bump(session, MATCHING)
    audit(session, by, "match_answer.withdrawn", "match_answer", answer_id, given.kind, now)


def _former_holds_again(session: Session, given: MatchAnswer) -> None:
    if given.verdict == "never":  # it has replaced nothing
        return
    replaced = update(MatchAnswer).where(
        MatchAnswer.id < given.id,
        MatchAnswer.kind == given.kind,
        MatchAnswer.key == given.key,
        MatchAnswer.verdict != "never",
        MatchAnswer.withdrawn_at == given.answered_at,
    )
    session.execute(replaced.values(withdrawn_by=None, withdrawn_at=None))


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
