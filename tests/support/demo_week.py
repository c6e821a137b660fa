"""The demo company as the guide's pictures show it: loaded, worked with for a week, and looked at on one Wednesday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Draft, Person
from services import demo, drafts
from services.access.viewer import viewer_of
from tests.support.fakes.memory import Provider
from worker.delivery import Delivery
from worker.jobs import Runner
from worker.periodic import KINDS, PERIODIC, tick

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
BEGAN = NOW - timedelta(days=8)
"""When the demo was loaded: its year of events ends here."""
MANAGER, CSM = "Ruth Adler", "Maya Torres"


def fill(engine: Engine) -> None:
    demo.load(BEGAN, engine)
    work(engine, BEGAN)
    _approve(engine, BEGAN + timedelta(hours=3))
    for hours in range(4, 8 * 24, 4):
        _send(engine, BEGAN + timedelta(hours=hours))
    work(engine, NOW)


def work(engine: Engine, now: datetime) -> None:
    """What the worker does when it looks at this moment."""
    transact = partial(transaction, engine)
    for one in PERIODIC:
        tick(transact, one, now)
    runner = Runner(transact, lambda: now, KINDS)
    while runner.run_next():
        pass


def _approve(engine: Engine, now: datetime) -> None:
    """The follow-ups of the event before, each by its owner; what something speaks against waits on."""
    with transaction(engine) as session:
        waiting = session.execute(
            select(Draft.id, Draft.revision, Person)
            .join(Person, Person.id == Draft.owner_id)
            .where(Draft.state == "pending", Draft.kind == "event_follow_up")
            .order_by(Draft.id)
        ).all()
        for number, revision, owner in waiting:
            by = viewer_of(session, owner, now)
            if not drafts.preflight(session, session.get_one(Draft, number), now):
                drafts.approve(session, number, revision, by=by, now=now)


def _send(engine: Engine, now: datetime) -> None:
    provider = Provider("plain")
    delivery = Delivery(partial(transaction, engine), lambda _box: provider, lambda: now)
    while delivery.send_next():
        pass
