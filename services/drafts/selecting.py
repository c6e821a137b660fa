"""The statements behind the list of drafts. What is asked at every press is put together once: that takes several
times as long as the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
)

from data.tables import Approval, Customer, Draft, Person, Stakeholder
from data.types import BigId, UtcDateTime
from services.access import Viewer
from services.drafts.access import seen_by
from services.drafts.records import OPEN, SEVERITY_RANK, Filters
from services.drafts.wholes import listed, settled_within

ORDER = case({name: -rank for name, rank in SEVERITY_RANK.items()}, value=Draft.severity)
"""What is most severe comes first."""


def columns() -> Any:
    d = Draft
    return (
        select(
            d.id, d.revision, listed().label("state"), d.kind, d.severity, d.subject, d.customer_id, d.not_before,
            d.expires_at, d.created_at, Customer.name.label("customer"), Person.name.label("owner"),
            Stakeholder.first_name, Stakeholder.last_name,
        )
        .join(Customer, Customer.id == d.customer_id)
        .join(Stakeholder, Stakeholder.id == d.stakeholder_id)
        .outerjoin(Person, Person.id == d.owner_id)
    )  # fmt: skip


SHOWN = columns().where(Draft.id.in_(bindparam("drafts", expanding=True)))
PLACE = select(Draft.severity, Draft.created_at).where(Draft.id == bindparam("draft_id"))
_AFTER = (
    bindparam("rank", type_=Integer), bindparam("at", type_=UtcDateTime), bindparam("number", type_=BigId),
)  # fmt: skip


def among(by: Viewer, wanted: Filters, *columns: Any) -> Any:
    """These columns of the drafts that fit, joined with no more than what the filters look at: where 10,000
    wait, each table more is looked into as often."""
    query = select(*columns).select_from(Draft)
    everything = by.sees_all and by.lens is None
    if wanted.search.strip() or not (_own(by, wanted) or everything):
        query = query.join(Customer, Customer.id == Draft.customer_id)
    if wanted.search.strip():
        query = query.join(Stakeholder, Stakeholder.id == Draft.stakeholder_id)
    return query.where(*conditions(by, wanted))


def _own(by: Viewer, wanted: Filters) -> bool:
    """Only drafts of `by`, who sees these whosever the customer is."""
    return wanted.mine and by.person_id is not None and by.person_id in by.desks


def conditions(by: Viewer, wanted: Filters) -> list[ColumnElement[bool]]:
    found = [true() if _own(by, wanted) else seen_by(by)]
    exact = (
        (Draft.kind, wanted.kind),
        (Draft.customer_id, wanted.customer_id),
        (Draft.severity, wanted.severity),
        (Draft.owner_id, by.person_id if wanted.mine else wanted.owner_id),
    )
    found += [column == value for column, value in exact if value is not None]
    if words := wanted.search.strip()[:100]:
        parts = (Draft.subject, Customer.name, Stakeholder.first_name, Stakeholder.last_name)
        found.append(or_(*(part.icontains(words, autoescape=True) for part in parts)))
    return found


def ordered(query: Any, wanted: Filters, *, placed: bool = False) -> Any:
    """`placed`: only what comes after the place of _AFTER."""
    if set(wanted.states) and set(wanted.states) <= set(OPEN):
        order: tuple[Any, ...] = (ORDER, Draft.created_at, Draft.id)
        if placed:
            query = query.where(tuple_(*order) > tuple_(*_AFTER))
        return query.order_by(*order)
    if placed:
        query = query.where(tuple_(Draft.created_at, Draft.id) < tuple_(*_AFTER[1:]))
    return query.order_by(Draft.created_at.desc(), Draft.id.desc())


@lru_cache(maxsize=256)
def asked(by: Viewer, wanted: Filters, *, placed: bool, undecided: bool) -> Sequence[Any]:
    """What asks for ids in the order of the list, for each of its pieces. Kept, since putting it together takes
    longer than the answer."""
    query = among(by, wanted, Draft.id, Draft.created_at).limit(bindparam("most", type_=Integer))
    if undecided:
        query = query.where(or_(Draft.state != "second_look", ~_approved_by(by)))
    return [ordered(query.where(one), wanted, placed=placed) for one in as_listed(wanted)]


def as_listed(wanted: Filters) -> list[ColumnElement[bool]]:
    """What tells the drafts in the states that are asked for, in pieces that each have an index: a part of an
    approved mail is listed as that is."""
    if not wanted.states:
        return [true()]
    own = Draft.state.in_(wanted.states)
    if "approved" in wanted.states:
        return [own, settled_within() & Draft.state.not_in(wanted.states)]
    return [own & ~settled_within() if {"held", "cancelled"} & set(wanted.states) else own]


def _approved_by(by: Viewer) -> ColumnElement[bool]:
    return exists().where(
        Approval.draft_id == Draft.id,
        Approval.person_id == by.person_id,
        Approval.voided_at.is_(None),
    )


@lru_cache(maxsize=256)
def counted(by: Viewer, filters: Filters) -> Sequence[Any]:
    count = among(by, filters, func.count(Draft.id))
    return [count.where(states) for states in as_listed(filters)]
