"""`/healthz`: can this process answer, and is its database the one it expects?"""

from __future__ import annotations

import logging
from functools import lru_cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data.db import MIGRATIONS, transaction
from data.settings import version

log = logging.getLogger(__name__)


def health(_request: Request) -> JSONResponse:
    """200 when all is well, else 503; says what is wrong, never where the database is."""
    try:
        with transaction(read_only=True) as session:
            at = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        log.warning("unhealthy reason=database kind=%s", type(error).__name__)
        return _answer(database="unreachable", migration="unknown")
    return _answer(database="ok", migration="head" if at == _head() else "behind")


def _answer(*, database: str, migration: str) -> JSONResponse:
    well = database == "ok" and migration == "head"
    body = {
        "status": "ok" if well else "unhealthy",
        "version": version(),
        "database": database,
        "migration": migration,
    }
    return JSONResponse(body, 200 if well else 503, {"Cache-Control": "no-store"})


@lru_cache(maxsize=1)
def _head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


ROUTES = [Route("/healthz", health)]
