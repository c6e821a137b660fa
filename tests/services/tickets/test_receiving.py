"""Deliveries of desks, from the door to tickets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.tables import HookDelivery, Integration, Job, Ticket
from integrations.hooks import VENDORS
from integrations.ticket_records import FUTURE
from services import hooks
from services.hooks import Known, OwnState, store
from services.hooks.receiving import TAKE_IN_TICKETS
from services.tickets.receiving import take_in_tickets
from tests.services.hooks.zoom_world import admin

NOW = datetime(2026, 9, 18, 13, 6, tzinfo=UTC)
SOLVED = Path(__file__).resolve().parents[2] / "samples/webhook_zendesk_ticket_solved.json"


def account(session: Session, vendor: str, address: str) -> Known:
    row = Integration(
        vendor=vendor, name="Ours", address=address, options={}, state="ready", created_at=NOW
    )
    session.add(row)
    session.flush()
    return Known(row.id, vendor, ("secret",))


def deliver(session: Session, known: Known, raw: bytes) -> bool:
    said = VENDORS[known.vendor].sort({}, raw, known.secrets)
    return store(session, known, said, raw, now=NOW)


def open_again() -> bytes:
    body: dict[str, Any] = json.loads(SOLVED.read_bytes())
    body |= {"id": "another", "time": "2026-09-19T08:00:00Z"}
    body["detail"] |= {"status": "OPEN", "updated_at": "2026-09-19T08:00:00Z"}
    body["event"] = {"current": "OPEN", "previous": "SOLVED"}
    return json.dumps(body).encode()


def test_deliveries_become_tickets_once(engine: Engine):
    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    with transact() as session:
        first = account(session, "zendesk", "a" * 30)
        other = account(session, "zendesk", "b" * 30)
        assert deliver(session, first, open_again())
        assert deliver(session, first, SOLVED.read_bytes())
        assert not deliver(session, first, SOLVED.read_bytes())
        assert deliver(session, other, SOLVED.read_bytes())
        assert session.scalars(select(Job.kind)).all() == [TAKE_IN_TICKETS]
    new = take_in_tickets(transact, {}, lambda: NOW)
    assert new > 0
    assert take_in_tickets(transact, {}, lambda: NOW) == 0
    with transact() as session:
        found = session.execute(
            select(Ticket.desk, Ticket.number, Ticket.state, Ticket.reopens).order_by(Ticket.desk)
        )
        assert [tuple(row) for row in found] == [
            ("zendesk", "1004", "open", 1),
            (f"zendesk:{other.integration_id}", "1004", "solved", 0),
        ]
        assert set(session.scalars(select(HookDelivery.state))) == {"done"}


def test_delivery_that_cannot_be_read_does_not_stop_the_others(engine: Engine):
    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    with transact() as session:
        known = account(session, "zendesk", "a" * 30)
        deliver(session, known, SOLVED.read_bytes())
        session.add(
            HookDelivery(
                integration_id=known.integration_id, vendor_event_id="x", kind="ticket",
                subject="ticket:1", body=b"{", received_at=NOW, state="new",
            )
        )  # fmt: skip
    take_in_tickets(transact, {}, lambda: NOW)
    with transact() as session:
        states = session.scalars(select(HookDelivery.state).order_by(HookDelivery.id)).all()
        assert list(states) == ["done", "failed"]
        assert session.scalars(select(Ticket.number)).all() == ["1004"]


def test_delivery_that_tells_of_the_future_is_refused_with_its_reason(engine: Engine):
    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    before = NOW - timedelta(days=1)
    with transact() as session:
        known = account(session, "zendesk", "a" * 30)
        deliver(session, known, SOLVED.read_bytes())
        deliver(session, known, open_again())  # told for the morning after
    take_in_tickets(transact, {}, lambda: before)
    with transact() as session:
        told = select(HookDelivery.state, HookDelivery.error).order_by(HookDelivery.id)
        assert [tuple(row) for row in session.execute(told)] == [("done", None), ("failed", FUTURE)]
        assert session.scalars(select(Ticket.state)).all() == ["solved"]


def stage(ticket: int, event: int, hour: int, value: str) -> bytes:
    at = datetime(2026, 9, 18, hour, tzinfo=UTC)
    said = {"subscriptionType": "ticket.propertyChange", "objectId": ticket, "eventId": event,
            "occurredAt": int(at.timestamp() * 1000), "propertyName": "hs_pipeline_stage",
            "propertyValue": value}  # fmt: skip
    return json.dumps([said]).encode()


def test_stages_of_a_pipeline_of_their_own_are_counted_until_named_and_then_read_again(
    engine: Engine,
):
    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    def states() -> dict[str, str]:
        with transact() as session:
            return dict(session.execute(select(Ticket.number, Ticket.state)).all())

    with transact() as session:
        ada, known = admin(session, NOW), account(session, "hubspot_tickets", "a" * 30)
        deliver(session, known, stage(12, 1, 8, "99001"))
        deliver(session, known, stage(12, 2, 9, "99002"))
        deliver(session, known, stage(13, 3, 10, "99001"))
    take_in_tickets(transact, {}, lambda: NOW)
    assert states() == {"12": "open", "13": "open"}
    with transact() as session:
        told = hooks.listing(session, ada)[0].own_states
        assert told == (OwnState("99001", None, 2), OwnState("99002", None, 1))
        number = known.integration_id
        with pytest.raises(BadInput):
            hooks.name_states(session, number, {"99002": "gone"}, by=ada, now=NOW)
        assert hooks.name_states(session, number, {"99002": "solved"}, by=ada, now=NOW)
    take_in_tickets(transact, {}, lambda: NOW)
    assert states() == {"12": "solved", "13": "open"}
    with transact() as session:
        solved = session.scalars(select(Ticket.solved_at).where(Ticket.number == "12")).one()
        assert solved == datetime(2026, 9, 18, 9, tzinfo=UTC)
        told = hooks.listing(session, ada)[0].own_states
        assert told == (OwnState("99001", None, 2), OwnState("99002", "solved", 0))
        assert not hooks.name_states(session, number, {"99009": "pending"}, by=ada, now=NOW)
        assert not hooks.name_states(session, number, {"99002": None}, by=ada, now=NOW)
        assert hooks.listing(session, ada)[0].own_states == (
            OwnState("99001", None, 2),
            OwnState("99009", "pending", 0),
        )


def test_a_state_of_freshdesks_users_is_open_until_named(engine: Engine):
    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    body = {"id": 5, "subject": "Sync", "status": "Checked by QA", "created_at": "2026-09-17T08:00:00Z",
            "updated_at": "2026-09-18T08:00:00Z"}  # fmt: skip
    with transact() as session:
        ada, known = admin(session, NOW), account(session, "freshdesk", "a" * 30)
        deliver(session, known, json.dumps(body).encode())
    take_in_tickets(transact, {}, lambda: NOW)
    with transact() as session:
        assert session.scalars(select(Ticket.state)).all() == ["open"]
        said = {"checked  by QA": "closed"}
        assert hooks.name_states(session, known.integration_id, said, by=ada, now=NOW)
    take_in_tickets(transact, {}, lambda: NOW)
    with transact() as session:
        found = session.scalars(select(Ticket)).one()
        assert (found.state, found.reopens) == ("closed", 0)
        assert found.solved_at == datetime(2026, 9, 18, 8, tzinfo=UTC)
