"""What the start of the app does to the board."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from api.lifespan import fill_in, refresh_board
from data.db import transaction
from services.access import SYSTEM
from services.campaigns import rules
from services.clock import utc_now
from services.scoring.board import recompute
from services.scoring.store import stamp
from tests.services.scoring.recorded import busy_world, record


def test_a_board_of_yesterday_is_todays_after_a_start(app_database: Engine):
    now = utc_now()
    with transaction() as session:
        record(session, busy_world(now.date()))
    with transaction() as session:
        recompute(session, now=now - timedelta(days=1))
    refresh_board()
    with transaction(read_only=True) as session:
        made = stamp(session)
    assert made is not None
    assert made.as_of == now.date()


def test_an_empty_database_starts_without_a_board(app_database: Engine):
    refresh_board()
    with transaction(read_only=True) as session:
        assert stamp(session) is None


def test_campaign_rules_are_there_from_the_first_start_and_off(app_database: Engine):
    for _ in range(2):
        fill_in()
    with transaction(read_only=True) as session:
        found = rules.listing(session, SYSTEM, utc_now())
    assert [row.built_in for row in found] == ["clicked", "engaged", "quiet", "left"]
    assert {row.state for row in found} == {"draft"}
