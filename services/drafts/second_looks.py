"""Drafts that wait for a second person: who that may be, and how they hear of it, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from data.tables import Customer, Draft, Person
from services import notifications
from services.access import ADMINISTRATOR, MANAGER
from services.ids import public_id
from services.notifications import Action

KIND, MANY = "second_look", "second_looks"
EACH = 5
"""As many are told one by one; more at once are told as a number."""
MOST_TOLD = 50
"""Colleagues at most, per owner."""


def tell(
    session: Session, drafts: Sequence[Draft], first: frozenset[int], name: str, *, now: datetime
) -> None:
    """Notify everybody who may give the second look to drafts that one person alone, of this name, has approved."""
    found = _may_second(session, {draft.owner_id for draft in drafts})
    theirs: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        for person in found[draft.owner_id]:
            if person not in first:
                theirs[person].append(draft)
    names = _customers(session, drafts)
    for person, waiting in theirs.items():
        if len(waiting) > EACH:
            _tell_of_many(session, person, waiting, name, now)
            continue
        for draft in waiting:
            notifications.notify(
                session,
                person,
                _key(draft.id, draft.revision),
                KIND,
                f"A mail to {names.get(draft.customer_id, 'a customer')} waits for your second look",
                f"{name} approved “{draft.subject[:200]}”. {draft.why or ''}".strip(),
                customer_id=draft.customer_id,
                actions=[Action("Look at it", "draft", (("id", public_id("draft", draft.id)),))],
                now=now,
            )


def put_away(session: Session, drafts: Sequence[Draft], now: datetime) -> None:
    """They wait no longer, so nobody needs to be told any more. An edit has raised their revision."""
    keys = [_key(d.id, n) for d in drafts for n in (d.revision - 1, d.revision)]
    notifications.put_away(session, keys, now=now)


def _tell_of_many(
    session: Session, person: int, waiting: Sequence[Draft], name: str, now: datetime
) -> None:
    first, last = min(draft.id for draft in waiting), max(draft.id for draft in waiting)
    revisions = sum(draft.revision for draft in waiting)
    notifications.notify(
        session,
        person,
        f"{MANY}:{first}-{last}:{len(waiting)}:{revisions}",
        MANY,
        f"{len(waiting):,} mails wait for a second look",
        f"{name} approved them, and another person has to. The list of drafts has those that still wait.",
        actions=[Action("Open Drafts", "drafts")],
        now=now,
    )


def _key(draft_id: int, revision: int) -> str:
    return f"{KIND}:{draft_id}:{revision}"


def _may_second(session: Session, owners: set[int | None]) -> Mapping[int | None, Sequence[int]]:
    """By owner: the owner, their manager, managers who see everything, and admins; active ones."""
    report = aliased(Person)
    has_reports = exists().where(report.manager_id == Person.id)
    everybodys = session.scalars(
        select(Person.id)
        .where(Person.active.is_(True))
        .where((Person.role == ADMINISTRATOR) | ((Person.role == MANAGER) & ~has_reports))
        .order_by(Person.id)
        .limit(MOST_TOLD)
    ).all()
    manager = aliased(Person)
    rows = session.execute(
        select(Person.id, Person.active, manager.id.label("manager"))
        .outerjoin(
            manager,
            (manager.id == Person.manager_id)
            & (manager.role == MANAGER)
            & manager.active.is_(True),
        )
        .where(Person.id.in_([owner for owner in owners if owner is not None]))
    ).all()
    near: dict[int | None, list[int]] = {
        row.id: [n for n in (row.id if row.active else None, row.manager) if n] for row in rows
    }
    return {owner: sorted({*near.get(owner, ()), *everybodys}) for owner in owners}


def _customers(session: Session, drafts: Sequence[Draft]) -> dict[int, str]:
    if len(drafts) > EACH * MOST_TOLD:
        return {}
    numbers = {draft.customer_id for draft in drafts}
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(numbers)))
    return {row.id: row.name for row in rows}
