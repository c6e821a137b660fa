"""One invitation as it would be written, before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data.errors import NotFound
from services import rendering
from services.access import Viewer, require_customer
from services.invitations import links
from services.invitations.catalogue.book import required
from services.invitations.fit.reasons import Reason
from services.invitations.inviting.compose import FOLDER, compose
from services.invitations.inviting.loading import guest, happening, houses
from services.invitations.inviting.records import Composed, Guest, Happening, House
from services.invitations.ranking.people import Contact, contacts
from services.invitations.ranking.rank import rank
from services.invitations.recipients import recipients

SAMPLE_TOKEN = "your-link"  # noqa: S105 - it opens nothing


@dataclass(frozen=True)
class InvitePreview:
    """`people`: who could be invited, the best first; `contact` is the one it is written to. `blocker`: why
    this customer is not on the list, if so. `chance` 0..1; `reasons` for the CSM. `composed`, `subject`,
    `text`, `html` are empty where nobody can be written to."""

    event: Happening
    house: House
    chance: float
    arm: str | None
    blocker: str | None
    reasons: tuple[Reason, ...]
    people: tuple[Contact, ...]
    contact: Contact | None
    composed: Composed | None
    subject: str = ""
    text: str = ""
    html: str = ""


def preview(
    session: Session,
    by: Viewer,
    event_id: int,
    customer_id: int,
    now: datetime,
    *,
    stakeholder_id: int | None = None,
) -> InvitePreview:
    """For the person that fits best, or the one named. NotFound when the customer is not `by`'s to see or
    the person not theirs; InvalidMove when the event is over."""
    require_customer(session, by, customer_id)
    event = required(session, event_id)
    ranking = rank(session, by, event_id, now, also=[customer_id])
    row: dict[str, Any] = next(
        (r for r in ranking.rows.iter_rows(named=True) if r["customer_id"] == customer_id), {}
    )
    if not row:
        raise NotFound("This customer has left. Choose another one.")
    people = contacts(session, event, [customer_id], now).get(customer_id, [])
    contact = _contact(people, stakeholder_id)
    told = happening(session, event)
    house = houses(session, event, [customer_id], ranking.topics)[customer_id]
    known = InvitePreview(
        told, house, row["chance"], row["arm"], row["blocker"],
        ranking.reasons.get(customer_id, ()), tuple(people), contact, None,
    )  # fmt: skip
    if contact is None:
        return known
    to = recipients(session, [contact.stakeholder_id]).get(contact.stakeholder_id)
    who = (
        guest(contact, to)
        if to
        else Guest(contact.stakeholder_id, contact.first_name, contact.zone, by.name, "")
    )
    templates = {one.key for one in rendering.catalogue() if one.key.startswith(f"{FOLDER}/")}
    made = compose(told, house, who, links.answer_url(SAMPLE_TOKEN), now=now, known=templates)
    shown = rendering.render(session, made.template, made.values)
    return InvitePreview(
        told, house, known.chance, known.arm, known.blocker, known.reasons, known.people, contact,
        made, shown.subject, shown.text, shown.html,
    )  # fmt: skip


def _contact(people: list[Contact], stakeholder_id: int | None) -> Contact | None:
    if stakeholder_id is None:
        return people[0] if people else None
    for one in people:
        if one.stakeholder_id == stakeholder_id:
            return one
    raise NotFound("There is no such stakeholder of this customer. Reload the page.")
