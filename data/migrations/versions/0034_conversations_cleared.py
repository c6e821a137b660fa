"""Conversations that were cleared can be brought back for a while"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.types import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ask_turn", sa.Column("cleared_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.execute("delete from ask_turn where cleared_at is not null")
    op.drop_column("ask_turn", "cleared_at")
