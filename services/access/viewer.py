"""Who acts, and what they may see: the one place that decides it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_, select, true
from sqlalchemy.orm import Session

from data.errors import NotAllowed, NotFound
from data.tables import Customer, Delegation, Person

ADMINISTRATOR = "admin"
MANAGER = "manager"
CSM = "csm"


WRITE = "write"
SCOPES = {
    WRITE: "Upload and change",
    "drafts:approve": "Approve and reject drafts",
    "stakeholders:erase": "Erase contacts for good",
}
"""What a token may do only when it was made for it; each reads what its owner reads."""


@dataclass(frozen=True)
class Lens:
    """A part of what somebody sees, that they want to look at alone; None means all of it.

    `whole`: they see all customers, and this is a part of these. `segment` is that of the customers, NO_SEGMENT
    for those without one; `csm_ids` whose customers.
    """

    whole: bool
    segment: str | None = None
    csm_ids: frozenset[int] | None = None


NO_SEGMENT = "No segment"


@dataclass(frozen=True)
class Viewer:
    """The `by` of every service: a person who is signed in, or the app itself (`SYSTEM`, no id).

    `scopes` narrows what a token of theirs may do; None when they act themselves. `stands_in_for` are the
    people who are away and whose portfolios are theirs meanwhile. `lens` narrows what they look at, for figures
    of a part: see `narrowed`.
    """

    person_id: int | None
    name: str
    email: str | None
    role: str
    sees_all: bool
    scopes: frozenset[str] | None = None
    stands_in_for: frozenset[int] = frozenset()
    lens: Lens | None = None
    token: str | None = None
    """How the token that stands for them is told from others, where they do not act themselves."""
    token_by: int | None = None
    """Who else it may be: they made the token that stands for the person."""
    time_zone: str | None = None
    """The zone they chose for their day; None while they have not."""

    @property
    def who(self) -> frozenset[int]:
        """All that this may be, of people who have to be different ones."""
        return frozenset(n for n in (self.person_id, self.token_by) if n is not None)

    @property
    def desks(self) -> frozenset[int]:
        """Whose work is theirs to do today: their own, and that of people they stand in for."""
        own = () if self.person_id is None else (self.person_id,)
        return self.stands_in_for.union(own)


SYSTEM = Viewer(None, "CSCX Engage", None, ADMINISTRATOR, sees_all=True)
"""The operators' command line and periodic jobs; never handed out by a sign-in."""


_HAS_REPORTS = select(exists().where(Person.manager_id == bindparam("person_id")))
_AWAY = select(Delegation.person_id).where(
    Delegation.stand_in_id == bindparam("person_id"),
    Delegation.starts_at <= bindparam("now"),
    Delegation.ends_at > bindparam("now"),
)


def viewer_of(session: Session, person: Person, now: datetime) -> Viewer:
    """A manager nobody reports to sees all customers: a company that has not entered its teams yet
    would otherwise show its managers an empty app. The first report narrows it to the team."""
    sees_all = person.role == ADMINISTRATOR or (
        person.role == MANAGER and not session.scalar(_HAS_REPORTS, {"person_id": person.id})
    )
    away = session.scalars(_AWAY, {"person_id": person.id, "now": now})
    return Viewer(
        person.id,
        person.name,
        person.email,
        person.role,
        sees_all=sees_all,
        stands_in_for=frozenset(away),
        time_zone=person.time_zone,
    )


def visible(by: Viewer) -> ColumnElement[bool]:
    """The condition on `Customer` that every query for customers carries.

    Admin: all. Manager: their own portfolio and those of their reports. CSM: their own portfolio. Everybody:
    also the portfolios of those they stand in for, but not the teams of these.
    """
    if by.lens is not None:
        return and_(_portfolio(by, whole=by.lens.whole), *_through(by.lens))
    return _portfolio(by, whole=by.sees_all)


def narrowed(
    by: Viewer, *, segment: str | None = None, csm_ids: frozenset[int] | None = None
) -> Viewer:
    """Who sees what `by` sees of these customers alone, and never more: to read figures of a part with, not to
    act with. With nothing to narrow by it is `by` as they are, so that what is cached for them serves."""
    if segment is None and csm_ids is None:
        return by
    lens = Lens(by.sees_all, segment, csm_ids)
    # Whoever sees all is let past the condition here and there; nobody with a lens may be.
    return replace(by, sees_all=False, lens=lens)


def _through(lens: Lens) -> Iterator[ColumnElement[bool]]:
    if lens.segment == NO_SEGMENT:
        yield Customer.segment.is_(None)
    elif lens.segment is not None:
        yield Customer.segment == lens.segment
    if lens.csm_ids is not None:
        yield Customer.csm_id.in_(lens.csm_ids)


def _portfolio(by: Viewer, *, whole: bool) -> ColumnElement[bool]:
    if whole:
        return true()
    if not by.desks:
        return false()
    own = Customer.csm_id.in_(by.desks)
    if by.role == MANAGER:
        reports = select(Person.id).where(Person.manager_id == by.person_id)
        return or_(own, Customer.csm_id.in_(reports))
    return own


def require_customer(session: Session, by: Viewer, customer_id: int) -> Customer:
    """The customer, or NotFound: in the same words whether it is unknown or somebody else's."""
    found = session.scalar(select(Customer).where(Customer.id == customer_id, visible(by)))
    if found is None:
        raise NotFound(
            "There is no such customer in your portfolio. Look it up on the Customers page."
        )
    return found


def require_role(by: Viewer, *roles: str) -> None:
    """NotAllowed unless `by` has one of `roles`."""
    if by.role not in roles:
        wanted = " or ".join("an admin" if role == ADMINISTRATOR else f"a {role}" for role in roles)
        raise NotAllowed(f"Only {wanted} can do this. Ask one to do it, or to change your role.")


def require_scope(by: Viewer, scope: str) -> None:
    """NotAllowed when `by` is a token that was not made for this."""
    if by.scopes is not None and scope not in by.scopes:
        raise NotAllowed(
            f"This token was not made to {SCOPES[scope].lower()}. "
            "Create one that was, under Settings, API tokens."
        )
