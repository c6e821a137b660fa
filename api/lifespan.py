"""What happens when the app starts, before the first visitor is served."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api import hosts
from api.headers import policy
from api.hits import hits
from api.worker_child import WorkerChild
from data.db import migrate, transaction
from data.errors import BadInput, InTheWay
from data.memory import settle
from data.settings import Settings, settings
from services import demo, logs
from services.access import links, people, welcome
from services.campaigns import rules
from services.clock import utc_now
from services.scoring import board

log = logging.getLogger(__name__)

# Imported now, so that nobody's first click waits for them.
# Not st_aggrid: its files are served only when its first import happens in the run of a page.
WARM = ("adbc_driver_sqlite.dbapi", "pandas", "plotly.express", "polars", "pyarrow")
HOUR = 3600.0
"""Seconds."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

ServerOption = Callable[[str], Any]
SetServerOption = Callable[[str, Any], None]


def started(
    option: ServerOption, set_option: SetServerOption
) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """The app's lifespan. `option` answers what the server runs with (`server.port`, …), `set_option` changes it."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        answer_to_our_names(option, set_option)
        await run_in_threadpool(start, option)
        hourly = asyncio.create_task(_every_hour())
        child = WorkerChild() if settings().worker == "child" else None
        if child:
            child.start()
        yield
        hourly.cancel()
        if child:
            await run_in_threadpool(child.stop)
        await run_in_threadpool(hits.flush)
        log.info("stopped")

    return lifespan


def start(option: ServerOption) -> None:
    """Set up logs, bring the database up to date, load demo data, print the sign-up link."""
    now = settings()
    logs.set_up(now.log_level)
    refuse_public_demo(now, option("server.address"))
    migrate()
    refuse_open_house(now, option("server.address"))
    fill_in()
    if now.demo:
        _load_demo()
    else:
        _print_sign_up_link(now, option("server.port"))
    refresh_board()
    for name in WARM:
        import_module(name)
    policy(framed=False)
    settle()
    log.info("started port=%s demo=%s", option("server.port"), now.demo)


def answer_to_our_names(option: ServerOption, set_option: SetServerOption) -> None:
    """The dashboard's socket answers to the same names as everything else."""
    set_option("server.allowedHosts", hosts.allow(option("server.allowedHosts")))


def fill_in() -> None:
    """What everybody starts with and may then change: campaign rules, all of them off."""
    with transaction() as session:
        rules.ensure_built_in(session, now=utc_now())


async def _every_hour() -> None:
    while True:
        await asyncio.sleep(HOUR)
        await run_in_threadpool(refresh_board)


def refresh_board() -> None:
    """Scores age with the day. Without this, pages would work out the day's board for each reader."""
    try:
        with transaction() as session:
            done = board.refresh(session, now=utc_now())
    except (SQLAlchemyError, InTheWay):
        log.exception("board_not_refreshed")
        return
    if done:
        log.info("board_refreshed")


def refuse_public_demo(given: Settings, address: str | None) -> None:
    """BadInput when a demo, which has no passwords, would listen beyond this machine."""
    if given.demo and address not in _LOOPBACK:
        raise BadInput(
            "A demo has no passwords, so it must not be reachable from other machines. "
            "Set server.address to 127.0.0.1, or start without CSCX_DEMO."
        )


def refuse_open_house(given: Settings, address: str | None) -> None:
    """BadInput when other machines would reach an app that nobody has a way to sign in to: whoever finds
    the sign-up link first would own it."""
    if given.demo or given.oidc or address in _LOOPBACK:
        return
    with transaction(read_only=True) as session:
        known = people.owner_exists(session) or links.waiting(session, utc_now())
    if not known:
        raise BadInput(
            "Nobody can sign in yet, so the app must not be reachable from other machines. Run "
            "`python admin.py sign-in-link --email you@company.com --role admin` first, or set up "
            "CSCX_OIDC_METADATA_URL, or start once with server.address 127.0.0.1."
        )


def _load_demo() -> None:
    """Loading twice changes nothing."""
    loaded = demo.load(utc_now())
    log.info(
        "demo_loaded day=%s customers=%s records=%s fresh=%s",
        loaded.day,
        loaded.customers,
        loaded.records,
        loaded.fresh,
    )


def _print_sign_up_link(given: Settings, port: int) -> None:
    with transaction() as session:
        key = welcome.new_link(session, utc_now())
    if key:
        chosen = "base_url" in given.model_fields_set
        base = given.base_url if chosen else f"http://localhost:{port}"
        # To the terminal alone, as it is a secret: logs are kept and shipped.
        sys.stderr.write(
            f"\n  Open {base.rstrip('/')}/welcome?key={quote(key)}\n"
            "  to create the owner account. The link works once, for 24 hours.\n\n"
        )
        sys.stderr.flush()
