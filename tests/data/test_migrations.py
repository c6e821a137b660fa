from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from data.db import MIGRATIONS, migrate
from data.tables import metadata


def config(engine: Engine) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


REVISIONS = [
    script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions("base", "heads")
][::-1]


def test_migrations_are_one_line(engine: Engine):
    assert len(ScriptDirectory.from_config(config(engine)).get_heads()) == 1


def test_migrated_schema_is_what_the_tables_say(engine: Engine):
    command.check(config(engine))
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


@pytest.mark.parametrize("revision", ["base", *REVISIONS[:-1]])
def test_every_version_can_be_left_and_reached_again(engine: Engine, revision: str):
    command.downgrade(config(engine), revision)
    command.upgrade(config(engine), "head")
    command.check(config(engine))


def test_data_of_the_first_version_survive_the_way_up(engine: Engine):
    command.downgrade(config(engine), REVISIONS[0])
    with engine.begin() as connection:
        connection.execute(
            text("insert into data_version (name, value) values ('facts', 7)"),
        )
    migrate(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("select value from data_version where name = 'facts'")) == 7


def test_migrating_twice_changes_nothing(engine: Engine):
    before = sorted(inspect(engine).get_table_names())
    migrate(engine)
    assert sorted(inspect(engine).get_table_names()) == before
