"""Which follow-up of a ticket carries the mail that speaks for others, and whom a person chose to write to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket_follow_up", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("chosen", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ticket_follow_up", schema=None) as batch_op:
        batch_op.drop_column("chosen")
        batch_op.drop_column("carrier_id")
