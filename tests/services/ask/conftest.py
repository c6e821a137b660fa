"""A small company, and somebody who asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Engine

from data.db import transaction
from services.access import Viewer
from services.ask.history import Turn
from services.clock import utc_now
from services.scoring import risk
from services.scoring.board import recompute
from tests.services.ask.talk import say_to
from tests.services.invitations.world import more_customers, summit
from tests.services.scoring.fading import fading_world, record_fading
from tests.services.scoring.recorded import EVERYBODYS
from tests.support import desk
from tests.support.portfolio import Portfolio, portfolio

SUMMIT = "2026 Customer Success Summit"


@pytest.fixture
def world(app_database: Engine) -> SimpleNamespace:
    """Dana looks after TechCorp and Techflow, Erik after DataPro; a summit is to come."""
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        event = summit(session, now + timedelta(days=20), made.dana, name=SUMMIT)
        customer = desk.customer(session, csm="Dana Example")
        desk.ticket(session, now=now)
        return SimpleNamespace(**vars(made), event=event, techflow=customer.id)


@pytest.fixture
def many(world: SimpleNamespace) -> SimpleNamespace:
    """Dana looks after eighty more."""
    with transaction() as session:
        more_customers(session, cast("Portfolio", world), utc_now(), 80)
    return world


@pytest.fixture
def ask(world: SimpleNamespace) -> Callable[..., Turn]:
    def asked(
        text: str, by: Viewer = world.dana, now: datetime | None = None, **more: object
    ) -> Turn:
        return say_to(by, text, now or utc_now(), **more)

    return asked


@pytest.fixture
def board(app_database: Engine) -> Callable[..., Turn]:
    """Ask of somebody who sees a board of sixty customers of whom four stay away; they were looked for."""
    now = utc_now()
    with transaction() as session:
        record_fading(session, fading_world(now.date(), customers=60, fading=(1, 2, 3, 4)))
    with transaction() as session:
        recompute(session, now=now)
        risk.detect(session, now=now)

    def asked(text: str) -> Turn:
        return say_to(EVERYBODYS, text, now)

    return asked
