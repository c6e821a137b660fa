"""Customers and stakeholders changed by hand. Every change is in the audit log, by the names of its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import (
    Customer,
    CustomerDomain,
    CustomerName,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from data.texts import one_line
from data.versions import FACTS, MATCHING, bump
from services.access import Viewer, audit, require_customer
from services.customers import values
from services.customers.arr import note_lowered
from services.customers.identifiers import become_own
from services.customers.known import LABELS
from services.customers.parents import closes_circle
from services.customers.stakeholder_plan import LABELS as PERSON_LABELS
from services.ids import read_id
from services.matching.addresses import email_keys


def _amount(value: object) -> Decimal:
    return values.parse_amount(str(value)).value


def _day(value: object) -> date:
    return value if isinstance(value, date) else values.parse_day(str(value), day_first=None)


def _listed(value: object) -> list[str]:
    pieces = values.split_list(value) if isinstance(value, str) else [str(one) for one in value]  # type: ignore[attr-defined]
    return [values.short(200)(piece) for piece in pieces]


def _line(limit: int) -> Callable[[object], str]:
    return lambda value: values.short(limit)(one_line(str(value)))


_TEXT = _line(100)
_CUSTOMER: dict[str, Callable[[Any], Any]] = {
    "external_id": _TEXT,
    "name": _line(300),
    **dict.fromkeys(("segment", "industry", "region", "country", "city", "lifecycle_stage"), _TEXT),
    "time_zone": values.parse_zone,
    "arr": _amount,
    "currency": values.parse_currency,
    "started_on": _day,
    "renews_on": _day,
    "churned_on": _day,
    "reported_health": lambda value: values.parse_health(str(value)),
    **dict.fromkeys(("interests", "goals", "challenges"), _listed),
}
_PERSON: dict[str, Callable[[Any], Any]] = {
    "external_id": _TEXT,
    "first_name": _line(150),
    "last_name": _line(150),
    "title": _line(200),
    "role": values.parse_role,
    "time_zone": values.parse_zone,
    "language": _line(20),
    "unsubscribed": bool,
}
_NEVER_NULL = {"name": None, "currency": "USD", "first_name": "", "last_name": ""}


def edit_customer(
    session: Session, customer_id: int, changes: Mapping[str, Any], *, by: Viewer, now: datetime
) -> list[str]:
    """Set the fields in `changes` (keys of `_CUSTOMER`, `csm_id`, `parent`: a public id); a blank value
    empties one. Gives the labels of what changed. BadInput names the field that cannot be used."""
    customer = require_customer(session, by, customer_id)
    wanted = {k: _value(k, v, _CUSTOMER, LABELS) for k, v in changes.items() if k in _CUSTOMER}
    if "parent" in changes:
        wanted["parent_id"] = _parent(session, by, customer, changes["parent"])
    if "csm_id" in changes:
        wanted["csm_id"] = _csm(session, changes["csm_id"])
    _unique_id(session, Customer, customer.id, wanted.get("external_id"))
    if own := wanted.get("external_id"):
        become_own(session, customer.id, own)
    before, arr, csm = customer.name, customer.arr, customer.csm_id
    changed = _set(customer, wanted, LABELS)
    if changed:
        customer.updated_at = now
        if customer.name != before:
            _keep_name(session, customer, before)
        if arr is not None:
            note_lowered(session, [(customer.id, arr, customer.arr)], by=by, now=now)
        said = ", ".join(changed)
        if customer.csm_id != csm:
            handed = f"{LABELS['csm_id']} from {_called(session, csm)} to {_called(session, customer.csm_id)}"
            said = ", ".join(handed if one == LABELS["csm_id"] else one for one in changed)
        _told(session, by, "customer.edited", "customer", customer.id, said, now)
    return changed


def _called(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else "nobody"


def _value(name: str, value: Any, parsers: Mapping[str, Any], labels: Mapping[str, str]) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()) or value == []:
        if name in ("interests", "goals", "challenges"):
            return []
        if name == "name":
            raise BadInput("A customer needs a name.")
        return False if name == "unsubscribed" else _NEVER_NULL.get(name)
    try:
        return parsers[name](value)
    except ValueError as error:
        raise BadInput(f"{labels[name]}: {error}.") from None


def _set(record: Any, wanted: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    changed = []
    for name, value in wanted.items():
        if getattr(record, name) != value:
            setattr(record, name, value)
            changed.append(labels[name])
    return changed


def _parent(session: Session, by: Viewer, customer: Customer, public: str | None) -> int | None:
    if not public:
        return None
    parent = require_customer(session, by, read_id("customer", public))
    parents = select(Customer.id, Customer.parent_id).where(Customer.parent_id.is_not(None))
    above: dict[int, int] = {row.id: row.parent_id for row in session.execute(parents)}
    if closes_circle(customer.id, parent.id, above):
        raise BadInput("This parent is the customer itself, or one of the customers under it.")
    return parent.id


def _csm(session: Session, person_id: int | None) -> int | None:
    if person_id is not None and session.get(Person, person_id) is None:
        raise NotFound("There is no such colleague. Reload the page and choose from the list.")
    return person_id


def _unique_id(
    session: Session, table: type[Customer | Stakeholder], own: int | None, external_id: str | None
) -> None:
    if external_id is None:
        return
    other = session.scalar(
        select(table.id).where(table.external_id == external_id, table.id != (own or 0))
    )
    if other is not None:
        raise AlreadyExists("Another record has this identifier. Each can be used once.")


def _keep_name(session: Session, customer: Customer, before: str) -> None:
    """Files from before the change still use the old name, so it stays as another name."""
    if session.get(CustomerName, (customer.id, before)) is None:
        session.add(CustomerName(customer_id=customer.id, name=before))


def _told(  # noqa: PLR0913 - the parts of a log line
    session: Session, by: Viewer, action: str, entity: str, entity_id: int, what: str, now: datetime
) -> None:
    audit(session, by, action, entity, entity_id, what, now)
    bump(session, FACTS, MATCHING)


def add_domain(
    session: Session, customer_id: int, domain: str, *, by: Viewer, now: datetime
) -> str:
    """Gives the domain as stored. Parent and subsidiary may share one."""
    require_customer(session, by, customer_id)
    try:
        host = values.parse_domain(domain)
    except ValueError:
        raise BadInput("Type a domain such as example.com.") from None
    if session.get(CustomerDomain, (customer_id, host)) is None:
        session.add(CustomerDomain(customer_id=customer_id, domain=host))
        _told(session, by, "customer.domain_added", "customer", customer_id, host, now)
    return host


def remove_domain(
    session: Session, customer_id: int, domain: str, *, by: Viewer, now: datetime
) -> None:
    require_customer(session, by, customer_id)
    found = session.get(CustomerDomain, (customer_id, domain))
    if found is None:
        raise NotFound("The customer does not have this domain any more. Reload the page.")
    session.delete(found)
    _told(session, by, "customer.domain_removed", "customer", customer_id, domain, now)


def add_name(session: Session, customer_id: int, name: str, *, by: Viewer, now: datetime) -> str:
    """Another name the customer is known by."""
    customer = require_customer(session, by, customer_id)
    clean = one_line(name)
    if not 1 <= len(clean) <= 300:
        raise BadInput("Type a name of 1 to 300 characters.")
    if clean != customer.name and session.get(CustomerName, (customer_id, clean)) is None:
        session.add(CustomerName(customer_id=customer_id, name=clean))
        _told(session, by, "customer.name_added", "customer", customer_id, clean, now)
    return clean


def remove_name(
    session: Session, customer_id: int, name: str, *, by: Viewer, now: datetime
) -> None:
    require_customer(session, by, customer_id)
    found = session.get(CustomerName, (customer_id, name))
    if found is None:
        raise NotFound("The customer does not have this name any more. Reload the page.")
    session.delete(found)
    _told(session, by, "customer.name_removed", "customer", customer_id, name, now)


def add_stakeholder(
    session: Session, customer_id: int, fields: Mapping[str, Any], *, by: Viewer, now: datetime
) -> int:
    """The new stakeholder's id. `fields`: keys of `_PERSON`, and `emails`, one or several as text."""
    require_customer(session, by, customer_id)
    wanted = {k: _value(k, v, _PERSON, PERSON_LABELS) for k, v in fields.items() if k in _PERSON}
    addresses = _addresses(fields.get("emails") or "")
    if not (wanted.get("first_name") or wanted.get("last_name") or addresses):
        raise BadInput("A stakeholder needs a name or an e-mail address.")
    _unique_id(session, Stakeholder, None, wanted.get("external_id"))
    who = Stakeholder(customer_id=customer_id, created_at=now, updated_at=now, **wanted)
    session.add(who)
    session.flush()  # the addresses refer to its id
    _set_addresses(session, who.id, addresses)
    _told(session, by, "stakeholder.added", "stakeholder", who.id, "", now)
    return who.id


def edit_stakeholder(
    session: Session, stakeholder_id: int, fields: Mapping[str, Any], *, by: Viewer, now: datetime
) -> list[str]:
    """As `edit_customer`; `emails` replaces all addresses, the first becoming the primary one."""
    who = session.get(Stakeholder, stakeholder_id)
    if who is None:
        raise NotFound("There is no such stakeholder. Reload the page.")
    require_customer(session, by, who.customer_id)
    wanted = {k: _value(k, v, _PERSON, PERSON_LABELS) for k, v in fields.items() if k in _PERSON}
    _unique_id(session, Stakeholder, who.id, wanted.get("external_id"))
    changed = _set(who, wanted, PERSON_LABELS)
    if "emails" in fields and _set_addresses(session, who.id, _addresses(fields["emails"] or "")):
        changed.append("E-mail")
    if changed:
        who.updated_at = now
        _told(session, by, "stakeholder.edited", "stakeholder", who.id, ", ".join(changed), now)
    return changed


def _addresses(text: str) -> list[tuple[str, str]]:
    """(key, as typed) of each address in the text; BadInput when a piece is none."""
    pieces = values.split_domains(text)
    keys = email_keys(pl.Series("raw", pieces, dtype=pl.Utf8)).to_list()
    if None in keys or any(len(piece) > 320 for piece in pieces):
        raise BadInput("Type whole e-mail addresses, such as name@company.com, apart by commas.")
    return list({key: (key, piece) for key, piece in zip(keys, pieces, strict=True)}.values())


def _set_addresses(session: Session, stakeholder_id: int, wanted: list[tuple[str, str]]) -> bool:
    e = StakeholderEmail
    keys = [key for key, _ in wanted]
    taken = select(func.count()).where(e.email.in_(keys), e.stakeholder_id != stakeholder_id)
    if session.scalar(taken):
        raise AlreadyExists("Another stakeholder has this e-mail address. Remove it there first.")
    before = {
        row.email: row
        for row in session.scalars(select(e).where(e.stakeholder_id == stakeholder_id))
    }
    told = {key: (row.shown_as, row.is_primary) for key, row in before.items()}
    for gone in before.keys() - set(keys):
        session.delete(before[gone])
    for place, (key, shown_as) in enumerate(wanted):
        row = before.get(key) or e(email=key, stakeholder_id=stakeholder_id)
        row.shown_as, row.is_primary = shown_as, place == 0
        session.add(row)
    return told != {key: (shown, place == 0) for place, (key, shown) in enumerate(wanted)}
