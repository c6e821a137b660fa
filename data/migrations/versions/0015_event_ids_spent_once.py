"""The id of an event that was taken back is never given to another: drafts and logs still name it"""

from __future__ import annotations

import re

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_NAME = re.compile(r'^CREATE TABLE "?event"?')
_PLAIN = re.compile(r'\bid INTEGER NOT NULL')
_PLAIN_KEY = re.compile(r',\s*(?:CONSTRAINT pk_event )?PRIMARY KEY \(id\)')
_COUNTED = 'id INTEGER NOT NULL CONSTRAINT pk_event PRIMARY KEY AUTOINCREMENT'
_HIGHEST = """
INSERT INTO sqlite_sequence (name, seq)
SELECT 'event', max(
    coalesce((SELECT max(id) FROM event), 0),
    coalesce((SELECT max(source_id) FROM draft WHERE source = 'event'), 0),
    coalesce((SELECT max(told.value) FROM upload, json_each(upload.summary, '$.event_ids') told), 0)
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        made = _definition()
        _made_anew(_PLAIN_KEY.sub('', _PLAIN.sub(_COUNTED, made, count=1), count=1))
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'event'")
        op.execute(_HIGHEST)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        plain = _definition().replace(_COUNTED, 'id INTEGER NOT NULL', 1).rstrip()
        _made_anew(f'{plain.removesuffix(")")}, CONSTRAINT pk_event PRIMARY KEY (id)\n)')


def _definition() -> str:
    found = op.get_bind().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'event'")
    return str(found.scalar_one())


def _made_anew(definition: str) -> None:
    """The table as `definition` has it, with its rows and indexes; SQLite cannot change a key in place."""
    connection = op.get_bind()
    indexes = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'event' AND type = 'index' AND sql IS NOT NULL"
    ).scalars()
    anew = [*indexes]
    connection.exec_driver_sql(_NAME.sub('CREATE TABLE event_anew', definition, count=1))
    connection.exec_driver_sql('INSERT INTO event_anew SELECT * FROM event ORDER BY id')
    connection.exec_driver_sql('DROP TABLE event')
    connection.exec_driver_sql('ALTER TABLE event_anew RENAME TO event')
    for statement in anew:
        connection.exec_driver_sql(statement)
