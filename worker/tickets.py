"""Tickets: what desks posted is taken in, and what was solved is followed up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from data.db import Transact
from services.hooks.receiving import TAKE_IN_TICKETS
from services.tickets import assessing
from services.tickets.follow_up import run
from services.tickets.receiving import take_in_tickets
from worker.jobs import Kind, Payload

FOLLOW_UP = "tickets.follow_up"
WEIGH = "tickets.weigh"
AFTERWARDS = "tickets.afterwards"


def _follow_up(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    run.follow_up_all(transact, clock)


def _weigh(session: Session, _payload: Payload, now: datetime) -> None:
    run.weigh_anew(session, now)


def _afterwards(session: Session, _payload: Payload, now: datetime) -> None:
    assessing.assess_due(session, now)
    assessing.learn_timing(session, now)


KINDS = {
    TAKE_IN_TICKETS: Kind(take_in_tickets, apart=True),
    FOLLOW_UP: Kind(_follow_up, apart=True),
    WEIGH: Kind(_weigh),
    AFTERWARDS: Kind(_afterwards),
}
EVERY = {
    TAKE_IN_TICKETS: timedelta(minutes=1),
    FOLLOW_UP: timedelta(minutes=2),
    WEIGH: timedelta(hours=6),
    AFTERWARDS: timedelta(days=1),
}
