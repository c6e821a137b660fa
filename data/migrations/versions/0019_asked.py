"""What people asked on the page Ask, and what they were told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ask_turn",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("customers", sa.JSON(), nullable=False),
        sa.Column("spoken_of", sa.JSON(), nullable=False),
        sa.Column("deeds", sa.JSON(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ask_turn_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_turn")),
    )
    with op.batch_alter_table("ask_turn", schema=None) as batch_op:
        batch_op.create_index("ix_ask_turn_person_id_id", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_ask_turn_at", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("ask_turn")
