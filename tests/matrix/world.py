"""Two portfolios full of everything: the demo after a day's work of the worker.

Nothing that names a customer of the other portfolio, or one of its people's addresses, may reach a CSM or
the manager of another team.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Select, select
from sqlalchemy.orm import Session

import data.db
from data.db import transaction
from data.settings import settings
from data.tables import (
    Campaign,
    Customer,
    Draft,
    Event,
    EventSession,
    Opportunity,
    OutboxMail,
    Person,
    RiskSignal,
    Stakeholder,
    StakeholderEmail,
    Ticket,
    Upload,
)
from services import demo, outbox
from services.access import MANAGER
from services.clock import utc_now
from services.ids import public_id
from tests.support import databases
from tests.support.queued import approved, mailbox
from worker.jobs import Runner
from worker.periodic import KINDS, PERIODIC, tick

OUTSIDE = {"responses.poll", "mailboxes.tidy"}
"""What would ask somebody else's machine."""


@dataclass(frozen=True)
class World:
    """Ids of people; `foreign` has, per kind of record, the public id of one that is not the CSM's, and `own`
    one that is. `canaries` are the words that must not reach the CSM or the manager."""

    csm: int
    manager: int
    admin: int
    own: dict[str, str]
    foreign: dict[str, str]
    canaries: tuple[bytes, ...]
    url: URL
    folder: Path
    log: str = ""
    """What was logged meanwhile, before anything was hidden in it."""


@contextmanager
def inhabited(template: Path, folder: Path) -> Generator[World]:
    """A database with a world in it, there while the block runs; `entered` makes it the application's."""
    with databases.sqlite_database(template, folder) as engine, entered(engine.url, folder):
        with listening() as log:
            demo.load(utc_now())
            live_a_day()
        with transaction() as session:
            found = _people(session, engine.url, folder)
    yield replace(found, log=log.getvalue())


@contextmanager
def listening() -> Generator[io.StringIO]:
    """All that our own loggers say while the block runs, as it was said."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    ours = [logging.getLogger(name) for name in ("data", "integrations", "services", "worker")]
    for one in ours:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    try:
        yield said
    finally:
        for one in ours:
            one.removeHandler(handler)
            one.setLevel(logging.NOTSET)


@contextmanager
def entered(url: URL, folder: Path) -> Generator[None]:
    """The application's own database while the block runs, and not a moment longer: other tests on the same
    process look at what the environment says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        patch.setenv("CSCX_DATA_DIR", str(folder))
        patch.setenv("CSCX_API_PER_MINUTE", "0")  # without a limit: a program asks faster
        settings.cache_clear()
        data.db.engine.cache_clear()
        try:
            yield
        finally:
            data.db.engine().dispose()
            data.db.engine.cache_clear()
            settings.cache_clear()


def live_a_day() -> None:
    """What the worker does in a day, but for what would ask somebody else's machine."""
    for periodic in PERIODIC:
        if periodic.kind not in OUTSIDE:
            tick(transaction, periodic, utc_now())
    runner = Runner(transaction, utc_now, KINDS)
    while runner.run_next():
        pass


def _people(session: Session, url: URL, folder: Path) -> World:
    """The CSM with the most drafts; another manager leads that CSM alone."""
    now = utc_now()
    csms = session.scalars(
        select(Person).where(Person.role == "csm", Person.id.in_(select(Draft.owner_id)))
    ).all()
    csm, other = csms[0], csms[1]
    manager = Person(name="Mona Ortiz", role=MANAGER, email="mona@ours.example", created_at=now)
    session.add(manager)
    session.flush()
    csm.manager_id = manager.id
    admin = session.scalars(select(Person.id).where(Person.role == "admin")).first()
    assert admin is not None
    for person in (csm, other):
        session.add(_opportunity(session, person.id, now))
        _queue(session, person.id, now)
    session.flush()
    mine = select(Customer.id).where(Customer.csm_id == csm.id)
    theirs = select(Customer.id).where(Customer.csm_id == other.id)
    return World(
        csm=csm.id,
        manager=manager.id,
        admin=admin,
        own=_records(session, mine, csm.id),
        foreign=_records(session, theirs, other.id),
        canaries=_canaries(session, csm.id),
        url=url,
        folder=folder,
    )


def _opportunity(session: Session, csm: int, now: datetime) -> Opportunity:
    customer = session.scalars(select(Customer.id).where(Customer.csm_id == csm)).first()
    return Opportunity(
        customer_id=customer,
        types=["reference"],
        stage="identified",
        created_at=now,
        updated_at=now,
    )


def _queue(session: Session, csm: int, now: datetime) -> None:
    """A mail to somebody of this CSM's customers waits to be sent."""
    email, stakeholder, customer = session.execute(
        select(StakeholderEmail.email, Stakeholder.id, Customer.id)
        .join(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
        .join(Customer, Customer.id == Stakeholder.customer_id)
        .where(Customer.csm_id == csm)
        .order_by(Stakeholder.id)
        .limit(1)
    ).one()
    ids = {"customer_id": customer, "stakeholder_id": stakeholder, "owner_id": csm}
    outbox.enqueue(session, approved(mailbox(session), email, now, **ids), now=now)


def _records(session: Session, customers: Select[Any], person: int) -> dict[str, str]:
    """One record of each kind that belongs to these customers or this person."""
    of = {
        "customer": select(Customer.id).where(Customer.id.in_(customers)),
        "stakeholder": select(Stakeholder.id).where(Stakeholder.customer_id.in_(customers)),
        "draft": select(Draft.id).where(Draft.customer_id.in_(customers)),
        "signal": select(RiskSignal.id).where(RiskSignal.customer_id.in_(customers)),
        "opportunity": select(Opportunity.id).where(Opportunity.customer_id.in_(customers)),
        "ticket": select(Ticket.id).where(Ticket.customer_id.in_(customers)),
        "outbox": select(OutboxMail.id).where(OutboxMail.customer_id.in_(customers)),
    }
    found: dict[str, str] = {}
    for kind, query in of.items():
        number = session.scalars(query.order_by("id").limit(1)).first()
        assert number is not None, f"the world has no {kind} of person {person}"
        found[kind] = public_id(kind, number)
    # The uploads are the admin's; events and campaigns are everybody's.
    everybodys = {
        "upload": select(Upload.id).where(Upload.purpose == "attendance"),
        "event": select(Event.id).where(Event.status == "planned"),
        # Without a programme: who spoke is told to everybody.
        "past": select(Event.id)
        .where(Event.status == "held", Event.id.not_in(select(EventSession.event_id)))
        .order_by(Event.starts_at.desc()),
        "campaign": select(Campaign.id),
    }
    for kind, query in everybodys.items():
        sort = "event" if kind == "past" else kind
        found[kind] = public_id(sort, session.scalars(query.limit(1)).one())
    return found


def _canaries(session: Session, csm: int) -> tuple[bytes, ...]:
    """Names of customers are searched for in quotes or tags only where they are common words, so the
    addresses of their people do most of the work."""
    names = session.scalars(select(Customer.name).where(Customer.csm_id != csm)).all()
    addresses = session.scalars(
        select(StakeholderEmail.email)
        .join(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
        .join(Customer, Customer.id == Stakeholder.customer_id)
        .where(Customer.csm_id != csm)
    ).all()
    return tuple(word.encode() for word in (*names, *addresses))
