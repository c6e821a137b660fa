"""What the start of the app does to the board."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from api.lifespan import answer_to_our_names, fill_in, refresh_board, refuse_open_house
from data.db import transaction
from data.errors import BadInput
from data.settings import Settings, settings
from services.access import SYSTEM, links, people
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


def test_other_machines_are_let_in_only_when_somebody_can_sign_in(app_database: Engine):
    refuse_open_house(Settings(), "127.0.0.1")
    for address in ("0.0.0.0", "", None, "192.0.2.7"):  # noqa: S104 - what is refused
        with pytest.raises(BadInput, match="sign-in-link"):
            refuse_open_house(Settings(), address)
    company = Settings(oidc_metadata_url="https://id.example/x", oidc_client_id="engage")
    refuse_open_house(company, "0.0.0.0")  # noqa: S104
    with transaction() as session:
        person = people.ensure_person(session, "ada@ours.example", "admin", utc_now())
        session.flush()
        links.make(session, person.id, by=SYSTEM, now=utc_now())
    refuse_open_house(Settings(), "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize(
    ("given", "foreign"), [(["engage.company.com"], False), (["*"], True), ([], True)]
)
def test_the_dashboard_answers_to_the_name_in_links_too(
    monkeypatch: pytest.MonkeyPatch, given: list[str], foreign: bool
):
    monkeypatch.setattr("api.hosts._allowed.names", ())  # as it was, afterwards
    monkeypatch.setenv("CSCX_BASE_URL", "https://links.company.com:8443/")
    settings.cache_clear()
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", given)
    try:
        answer_to_our_names(config.get_option, config.set_option)
        assert is_host_allowed("links.company.com:8443")
        assert is_host_allowed("evil.example") is foreign
    finally:
        config.set_option("server.allowedHosts", before)
        settings.cache_clear()


def test_an_app_as_delivered_answers_to_this_machine_by_all_its_names():
    for host in ("localhost:8501", "127.0.0.1:8501", "[::1]:8501"):
        assert is_host_allowed(host)
    assert not is_host_allowed("evil.example")
