"""What the worker does about follow-ups, in transactions of moderate length."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.db import Transact
from data.tables import Ticket
from services.tickets.appraising import appraise
from services.tickets.follow_up.drafting import draft_due
from services.tickets.follow_up.sent import reconcile
from services.tickets.follow_up.triggers import begin
from services.tickets.records import OVER
from services.tickets.weighing import LATELY

log = logging.getLogger(__name__)
BATCH = 50
"""Drafts per transaction, so that nobody who writes has to wait for more than a second."""


def follow_up_all(transact: Transact, clock: Callable[[], datetime]) -> int:
    """Bring follow-ups in line with mail, begin what solved tickets ask for and draft what is due; how
    many drafts were made. A worker killed at any point leaves what the next one goes on with."""
    with transact() as session:
        reconcile(session, clock())
    with transact() as session:
        begin(session, clock())
    drafted = 0
    while True:
        with transact() as session:
            made = draft_due(session, clock(), limit=BATCH)
        drafted += made.drafted
        if made.drafted + made.left == 0:
            return drafted


def weigh_anew(session: Session, now: datetime) -> int:
    """Weigh what was solved lately anew: renewals come nearer, health and risk move; how many were looked
    at."""
    recent = select(Ticket.id).where(Ticket.solved_at > now - LATELY, Ticket.state.in_(OVER))
    ids = session.scalars(recent).all()
    appraise(session, ids, now=now)
    return len(ids)
