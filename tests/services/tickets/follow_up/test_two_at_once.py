"""Two who ask for the same follow-up at the same moment get one draft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Draft, Ticket, TicketFollowUp
from services.access import SYSTEM
from services.tickets.follow_up.command import follow_up
from services.tickets.follow_up.run import follow_up_all
from tests.support import desk
from tests.support.desk import SOLVED

NOW = SOLVED + timedelta(hours=30)


def test_command_and_worker_at_once_make_one_draft(app_database: Engine):
    with transaction() as session:
        desk.customer(session)
        desk.ticket(session, now=NOW)
        number = session.scalars(select(Ticket.id)).one()

    def ask(place: int) -> int:
        if place % 2:
            return follow_up_all(transaction, lambda: NOW)
        with transaction() as session:
            return follow_up(session, SYSTEM, number, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    with transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).where(Draft.state == "pending")) == 1
        assert session.scalars(select(TicketFollowUp.state)).all() == ["drafted"]
