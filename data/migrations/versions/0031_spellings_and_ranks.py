"""All spellings of a person, how much what tells the time of an event is worth, and questions about some people at
a mistyped domain alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MATCHED = ("participant", "campaign_recipient", "ticket_requester")
MISTYPED = (
    "band in ('review', 'unmatched') and question_kind = 'domain' and evidence = 'typo_domain'"
)
RANKS = ("start_rank", "length_rank")
DROPPED = (
    ("event", "start_rank"), ("event", "length_rank"), ("participant", "spellings"),
    ("upload", "unspelled"),
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spellings", sa.Text(), nullable=True))
    with op.batch_alter_table("event", schema=None) as batch_op:
        for name in RANKS:
            batch_op.add_column(sa.Column(name, sa.SmallInteger(), nullable=True))
    for table in MATCHED:
        op.execute(
            f"update {table} set question_key = question_key || '|' "
            f"where {MISTYPED} and question_key not like '%|%' and length(question_key) < 300"
        )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unspelled", sa.Boolean(), nullable=True))
    op.execute(
        "update upload set unspelled = true where state = 'committed' and purpose = 'attendance'"
    )


def downgrade() -> None:
    for table in MATCHED:
        op.execute(f"update {table} set question_key = replace(question_key, '|', '') where {MISTYPED}")
    # Making the table anew would lose the counter of its ids on SQLite.
    for table, name in DROPPED:
        op.execute(f"alter table {table} drop column {name}")
