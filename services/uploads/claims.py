"""Whose an address is already, when a record names another customer for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from data.tables import Customer, MatchAnswer, Participant, Stakeholder, StakeholderEmail
from services.access import Viewer, visible

STAKEHOLDERS = (
    "This address is recorded for another customer: correct it there, or leave out the customer"
)
COLLEAGUES = "This address belongs to a colleague's customer: ask whoever looks after it, or leave out the customer"
ANSWERED = (
    "Somebody has said otherwise of this address on the Match review page: change that answer there, "
    "or leave out the customer"
)
_AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True)
class Claim:
    """A record says that `key`, an address as compared, belongs to `wanted`; `matched` is the customer that
    matching leads to, if it is sure."""

    key: str
    wanted: int
    matched: int | None


def refusals(session: Session, claims: Sequence[Claim], by: Viewer) -> dict[str, str]:
    """By address why it is not given to the customer named: it is a stakeholder's of another, a person has
    said otherwise, or it belongs to a customer that `by` does not see."""
    keys = sorted({one.key for one in claims})
    owners, answers = _owners(session, keys), _answers(session, keys)
    seated = _seated(session, keys)
    own = _seen(session, {c for one in claims for c in (one.matched, seated.get(one.key)) if c}, by)
    found: dict[str, str] = {}
    for one in claims:
        others = {c for c in (one.matched, seated.get(one.key)) if c and c != one.wanted}
        if owners.get(one.key, one.wanted) != one.wanted:
            found[one.key] = STAKEHOLDERS
        elif others - own:
            found[one.key] = COLLEAGUES
        elif _contradicted(one, answers):
            found[one.key] = ANSWERED
    return found


def _contradicted(claim: Claim, answers: Sequence[MatchAnswer]) -> bool:
    return any(
        _speaks_against(one, claim.wanted)
        for one in answers
        if one.key == (claim.key if one.kind == "email" else claim.key.rpartition("@")[2])
    )


def _speaks_against(answer: MatchAnswer, wanted: int) -> bool:
    if answer.verdict == "nobody":
        return answer.kind == "email"  # of a shared domain one address may well be somebody's
    same = answer.customer_id == wanted
    return same if answer.verdict == "never" else not same


def _owners(session: Session, keys: Sequence[str]) -> Mapping[str, int]:
    return {
        email: customer
        for some in _pieces(keys)
        for email, customer in session.execute(
            select(StakeholderEmail.email, Stakeholder.customer_id)
            .join(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
            .where(StakeholderEmail.email.in_(some))
        )
    }


def _answers(session: Session, keys: Sequence[str]) -> list[MatchAnswer]:
    """What people have said of these addresses and of their domains, and still holds."""
    return [
        answer
        for some in _pieces(keys)
        for answer in session.scalars(
            select(MatchAnswer).where(
                MatchAnswer.withdrawn_at.is_(None),
                or_(
                    and_(MatchAnswer.kind == "email", MatchAnswer.key.in_(some)),
                    and_(
                        MatchAnswer.kind == "domain",
                        MatchAnswer.key.in_({key.rpartition("@")[2] for key in some}),
                    ),
                ),
            )
        )
    ]


def _seated(session: Session, keys: Sequence[str]) -> Mapping[str, int]:
    """The customers of those who are on record under these addresses."""
    return {
        key: customer
        for some in _pieces(keys)
        for key, customer in session.execute(
            select(Participant.person_key, Participant.customer_id).where(
                Participant.person_key.in_(some),
                Participant.band == "automatic",
                Participant.customer_id.is_not(None),
            )
        )
        if customer is not None
    }


def _seen(session: Session, ids: set[int], by: Viewer) -> set[int]:
    return {
        number
        for some in _pieces(sorted(ids))
        for number in session.scalars(select(Customer.id).where(Customer.id.in_(some), visible(by)))
    }


def _pieces(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE)]
