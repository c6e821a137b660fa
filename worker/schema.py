"""Whether the database is the one this code was written for."""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from data.db import MIGRATIONS, transaction


def schema_is_current() -> bool:
    """False while the app has not brought it up to date yet, or when it cannot be reached."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        with transaction(read_only=True) as session:
            return session.scalar(text("SELECT version_num FROM alembic_version")) == head
    except SQLAlchemyError:
        return False
