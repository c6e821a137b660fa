"""A small company for tests: two CSMs under a manager, an admin, and a customer of each CSM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from data.tables import Customer, Person, Stakeholder, StakeholderEmail
from services.access import Viewer
from services.access.viewer import viewer_of


@dataclass(frozen=True)
class Portfolio:
    """Dana looks after TechCorp (Maria, champion; Tom, user), Erik after DataPro (Ines). Both report to
    Morgan; Ada is the admin."""

    dana: Viewer
    erik: Viewer
    morgan: Viewer
    ada: Viewer
    techcorp: int
    datapro: int
    maria: int
    tom: int
    ines: int


def portfolio(session: Session, now: datetime) -> Portfolio:
    """Add the company to an empty database."""
    roles = {"Dana": "csm", "Erik": "csm", "Morgan": "manager", "Ada": "admin"}
    people = {
        name: Person(
            name=f"{name} Example", email=f"{name.lower()}@ours.example", role=role, created_at=now
        )
        for name, role in roles.items()
    }
    session.add_all(people.values())
    session.flush()
    people["Dana"].manager_id = people["Erik"].manager_id = people["Morgan"].id
    techcorp = _customer("TechCorp", people["Dana"], Decimal(250_000), "America/Chicago", now)
    datapro = _customer("DataPro", people["Erik"], Decimal(40_000), "Europe/Berlin", now)
    session.add_all([techcorp, datapro])
    session.flush()
    contacts = [
        _stakeholder(techcorp, "Maria", "Lopez", "champion", now),
        _stakeholder(techcorp, "Tom", "Baker", "user", now),
        _stakeholder(datapro, "Ines", "Weber", "admin", now),
    ]
    session.add_all(contacts)
    session.flush()
    session.add_all(
        StakeholderEmail(
            email=f"{one.first_name.lower()}@{name}.example",
            stakeholder_id=one.id,
            shown_as=f"{one.first_name}@{name}.example",
            is_primary=True,
        )
        for one, name in zip(contacts, ("techcorp", "techcorp", "datapro"), strict=True)
    )
    session.flush()
    viewers = {name.lower(): viewer_of(session, person, now) for name, person in people.items()}
    maria, tom, ines = (one.id for one in contacts)
    return Portfolio(
        **viewers, techcorp=techcorp.id, datapro=datapro.id, maria=maria, tom=tom, ines=ines
    )


def _customer(name: str, csm: Person, arr: Decimal, zone: str, now: datetime) -> Customer:
    return Customer(
        name=name, csm_id=csm.id, arr=arr, time_zone=zone, created_at=now, updated_at=now
    )


def _stakeholder(
    customer: Customer, first: str, last: str, role: str, now: datetime
) -> Stakeholder:
    return Stakeholder(
        customer_id=customer.id,
        first_name=first,
        last_name=last,
        role=role,
        created_at=now,
        updated_at=now,
    )
