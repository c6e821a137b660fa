from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from data.db import MIGRATIONS, migrate
from data.settings import settings
from data.tables import metadata
from tests.support.databases import postgres_database, sqlite_database


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """What is kept from before a migration goes here."""
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def config(engine: Engine) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


REVISIONS = [
    script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions("base", "heads")
][::-1]


NOTED = (
    "insert into upload (id, file_name, sha256, size, purpose, state, uploaded_at, summary, choices, match_version) "
    "values (3, 'a.csv', 'x', 1, 'attendance', 'committed', {now}, '{{}}', '{{}}', 0)",
    "insert into event (id, name, name_key, type, starts_at, held_on, time_zone, status, source, created_at) "
    "values (4, 'E', 'e', 'other', {now}, '2026-01-01', 'UTC', 'held', 'generic', {now})",
    "insert into participant (id, person_key, band, confidence, evidence) "
    "values (5, 'k', 'unmatched', 0, 'nothing')",
    "insert into attendance_note (id, participant_id, event_id, upload_id, kind, text) "
    "values (6, 5, 4, 3, 'qa', 'Why?')",
)


def test_migrations_are_one_line(engine: Engine):
    assert len(ScriptDirectory.from_config(config(engine)).get_heads()) == 1


def test_migrated_schema_is_what_the_tables_say(engine: Engine):
    command.check(config(engine))
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


def test_every_version_can_be_left_and_reached_again(engine: Engine):
    """Down one version at a time to nothing, and up again past the same tables."""
    passed: list[tuple[str, set[str]]] = []
    for above, below in pairwise([*reversed(REVISIONS), "base"]):
        passed.append((above, _columns(engine)))
        command.downgrade(config(engine), below)
    assert _columns(engine) <= {"alembic_version.version_num"}
    for revision, columns in reversed(passed):
        command.upgrade(config(engine), revision)
        assert _columns(engine) == columns, revision
    command.check(config(engine))


def _columns(engine: Engine) -> set[str]:
    found = inspect(engine)
    return {
        f"{table}.{column['name']}"
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def test_data_of_the_first_version_survive_the_way_up(engine: Engine):
    command.downgrade(config(engine), REVISIONS[0])
    with engine.begin() as connection:
        connection.execute(
            text("insert into data_version (name, value) values ('facts', 7)"),
        )
    migrate(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("select value from data_version where name = 'facts'")) == 7


def test_people_and_what_refers_to_them_survive_the_way_up_and_down(engine: Engine):
    command.downgrade(config(engine), REVISIONS[0])
    now = "0" if engine.dialect.name == "sqlite" else "now()"
    true = "1" if engine.dialect.name == "sqlite" else "true"
    with engine.begin() as connection:
        for statement in (
            f"insert into person (id, name, role, active, created_at) values (1, 'Ana', 'csm', {true}, {now})",
            "insert into customer (id, name, csm_id, currency, interests, goals, challenges, created_at,"
            f" updated_at) values (1, 'Acme', 1, 'USD', '[]', '[]', '[]', {now}, {now})",
            "insert into customer_domain (customer_id, domain) values (1, 'acme.example')",
            "insert into api_token (id, prefix, token_hash, person_id, name, created_at)"
            f" values (1, 'p', 'h', 1, '', {now})",
        ):
            connection.exec_driver_sql(statement)
    for target in ("head", REVISIONS[0], "head"):
        go = command.upgrade if target == "head" else command.downgrade
        go(config(engine), target)
        with engine.begin() as connection:
            found = connection.execute(
                text(
                    "select person.name, customer.name, domain, prefix from person"
                    " join customer on csm_id = person.id join customer_domain on customer_id = customer.id"
                    " join api_token on person_id = person.id"
                )
            ).all()
            assert found == [("Ana", "Acme", "acme.example", "p")]
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(
            text("insert into customer_domain (customer_id, domain) values (9, 'x')")
        )


def test_participants_and_their_notes_survive_losing_their_foreign_keys(engine: Engine):
    command.downgrade(config(engine), "0004")
    assert len(inspect(engine).get_foreign_keys("participant")) == 2
    with engine.begin() as connection:
        for statement in NOTED:
            now = "0" if engine.dialect.name == "sqlite" else "now()"
            connection.exec_driver_sql(statement.format(now=now))
    migrate(engine)
    assert inspect(engine).get_foreign_keys("participant") == []
    with engine.begin() as connection:
        # Nobody's customer: only possible without the key. The note's own key still holds.
        connection.execute(text("update participant set customer_id = 99"))
        assert connection.execute(text("select id, person_key from participant")).all() == [
            (5, "k")
        ]
        assert connection.scalar(text("select text from attendance_note")) == "Why?"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("delete from participant"))


def test_copy_from_before_a_migration_is_kept_beside_the_database(
    sqlite_template: Path, tmp_path: Path
):
    with sqlite_database(sqlite_template, tmp_path) as engine:
        migrate(engine)
        assert list(tmp_path.glob("**/*.before-*")) == []
        for left in ("0013", "0011", "0014", "0015"):
            command.downgrade(config(engine), left)
            migrate(engine)
        copies = sorted(path.name.split(".before-")[1] for path in tmp_path.glob("**/*.before-*"))
        assert [name.split("-to-")[0] for name in copies] == ["0011", "0014", "0015"]
        (kept,) = tmp_path.glob("**/*.before-0014-*")
        with closing(sqlite3.connect(kept)) as copy:
            assert copy.execute("select version_num from alembic_version").fetchall() == [("0014",)]
            assert copy.execute("pragma integrity_check").fetchone() == ("ok",)


def test_postgres_is_dumped_before_a_migration_where_its_program_is_at_hand(
    postgres_template: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program = tmp_path / "pg_dump"
    wanted = '#!/bin/sh\nfor one; do case $one in --file=*) echo dumped > "${one#--file=}";; esac; done\n'
    program.write_text(wanted)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with postgres_database(postgres_template) as engine:
        command.downgrade(config(engine), "0014")
        migrate(engine)
        (kept,) = tmp_path.glob("before-migrating/*.before-0014-*")
        assert kept.read_text() == "dumped\n"
        assert kept.stat().st_mode & 0o077 == 0
        program.write_text("#!/bin/sh\necho server version mismatch >&2\nexit 1\n")
        command.downgrade(config(engine), REVISIONS[-2])
        migrate(engine)
        assert list(tmp_path.glob("before-migrating/*")) == [kept]
        command.check(config(engine))


def test_ids_of_events_that_went_before_stay_spent_on_sqlite(sqlite_template: Path, tmp_path: Path):
    told = """update upload set summary = '{"event_ids": {"0": 40}}'"""
    another = (
        "insert into event (name, name_key, type, starts_at, held_on, time_zone, status, source, created_at)"
        " values ('F', 'f', 'other', 0, '2026-01-01', 'UTC', 'held', 'generic', 0)"
    )
    with sqlite_database(sqlite_template, tmp_path) as engine:
        command.downgrade(config(engine), "0014")
        with engine.begin() as connection:
            for statement in NOTED[:2]:
                connection.exec_driver_sql(statement.format(now="0"))
            connection.exec_driver_sql(told)
        migrate(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(another)
            found = connection.exec_driver_sql("select id, name from event order by id").all()
            assert found == [(4, "E"), (41, "F")]


def test_migrating_twice_changes_nothing(engine: Engine):
    before = sorted(inspect(engine).get_table_names())
    migrate(engine)
    assert sorted(inspect(engine).get_table_names()) == before


MERGED = (
    "insert into draft (id, dedup_key, kind, topic, severity, customer_id, stakeholder_id, subject, text, html,"
    ' evidence, source, state, revision, template_version, created_at, updated_at, "values") values'
    " ({id}, 'k{id}', '{kind}', 'events', 'normal', 1, 1, '', '', '', '[]', 'x', '{state}', 1, 0, {now}, {now},"
    " '{values}')"
)


def test_parts_know_the_merged_mails_that_stood_when_the_column_came(engine: Engine):
    command.downgrade(config(engine), "0027")
    now = "0" if engine.dialect.name == "sqlite" else "now()"
    people = (
        "insert into customer (id, name, currency, interests, goals, challenges, created_at, updated_at)"
        f" values (1, 'Acme', 'USD', '[]', '[]', '[]', {now}, {now})",
        "insert into stakeholder (id, customer_id, first_name, last_name, unsubscribed, created_at, updated_at)"
        f" values (1, 1, 'A', 'B', {'0' if now == '0' else 'false'}, {now}, {now})",
    )
    wholes = {
        30: ("pending", "[1, 2]"), 31: ("second_look", "[3, 4]"), 32: ("approved", "[5, 6]"),
        33: ("cancelled", "[7, 8]"), 34: ("rejected", "[9, 10]"), 35: ("approved", None),
        # Merged once before, and taken apart.
        29: ("cancelled", "[1, 2]"), 36: ("cancelled", "[3, 4]"),
    }  # fmt: skip
    with engine.begin() as connection:
        for statement in people:
            connection.exec_driver_sql(statement)
        for number in range(1, 11):
            row = MERGED.format(id=number, kind="personal", state="held", values="{}", now=now)
            connection.exec_driver_sql(row)
        for number, (state, parts) in wholes.items():
            values = f'{{"parts": {parts}}}' if parts else "{}"  # let go by age
            row = MERGED.format(id=number, kind="merged", state=state, values=values, now=now)
            connection.exec_driver_sql(row)
    migrate(engine)
    asked = text(
        "select id, merged_into_id from draft where merged_into_id is not null order by id"
    )
    with engine.begin() as connection:
        found = dict(connection.execute(asked).all())
    assert found == {1: 30, 2: 30, 3: 31, 4: 31, 5: 32, 6: 32}


def test_older_version_tells_nothing_that_was_taken_back(engine: Engine):
    now = "0" if engine.dialect.name == "sqlite" else "now()"
    row = (
        "insert into timeline_entry (id, dedup_key, customer_id, kind, at, title, detail, query, withdrawn_at)"
        " values ({id}, 'k{id}', 1, 'reply', {now}, '', '', '{{}}', {withdrawn})"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into customer (id, name, currency, interests, goals, challenges, created_at, updated_at)"
            f" values (1, 'Acme', 'USD', '[]', '[]', '[]', {now}, {now})"
        )
        for number, withdrawn in ((1, "null"), (2, now)):
            connection.exec_driver_sql(row.format(id=number, now=now, withdrawn=withdrawn))
    command.downgrade(config(engine), "0029")
    migrate(engine)
    with engine.begin() as connection:
        assert connection.execute(text("select id from timeline_entry")).scalars().all() == [1]


def test_open_questions_about_some_at_a_domain_ask_about_them_alone(engine: Engine):
    command.downgrade(config(engine), "0028")
    kept = "insert into participant (id, person_key, band, confidence, evidence, question_kind, question_key) values "
    with engine.begin() as connection:
        for values in (
            "(1, 'a@x.example', 'review', 0.6, 'conflict', 'domain', 'x.example')",
            "(2, 'b@y.example', 'review', 0.6, 'shared_domain', 'domain', 'y.example')",
            "(3, 'c@z.example', 'review', 0.6, 'typo_domain', 'domain', 'z.example')",
        ):
            connection.execute(text(kept + values))
    migrate(engine)
    asked = text("select question_kind, question_key from participant order by id")
    with engine.begin() as connection:
        assert connection.execute(asked).all() == [
            ("email", "a@x.example"),
            ("domain", "y.example|"),
            ("domain", "z.example|"),
        ]
