"""Participants refer to customers and stakeholders without foreign keys"""

from __future__ import annotations

import re

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

REFERENCES = {'customer_id': 'customer', 'stakeholder_id': 'stakeholder'}
_FOREIGN_KEY = re.compile(
    r',\s*CONSTRAINT fk_participant_\w+ FOREIGN KEY\s*\(\w+\) REFERENCES \w+ \(id\)'
)


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        _rewrite(_FOREIGN_KEY.sub('', _definition()))
        return
    for column in REFERENCES:
        op.drop_constraint(f'fk_participant_{column}', 'participant', type_='foreignkey')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        keys = ''.join(
            f',\n\tCONSTRAINT fk_participant_{column} FOREIGN KEY({column}) REFERENCES {table} (id)'
            for column, table in REFERENCES.items()
        )
        _rewrite(_definition().rstrip().removesuffix(')').rstrip() + keys + '\n)')
        return
    for column, table in REFERENCES.items():
        op.create_foreign_key(f'fk_participant_{column}', 'participant', table, [column], ['id'])


def _definition() -> str:
    found = op.get_bind().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'participant'")
    return str(found.scalar_one())


def _rewrite(definition: str) -> None:
    """Exchange the table's definition and leave its rows alone, as SQLite's documentation of ALTER TABLE
    advises where only a constraint goes. Making the table anew would need foreign keys switched off,
    which no transaction can, since notes of attendance refer to participants."""
    connection = op.get_bind()
    version = connection.exec_driver_sql('PRAGMA schema_version').scalar_one()
    connection.exec_driver_sql('PRAGMA writable_schema=ON')
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = 'participant'",
        (definition,),
    )
    connection.exec_driver_sql(f'PRAGMA schema_version={version + 1}')
    connection.exec_driver_sql('PRAGMA writable_schema=RESET')
