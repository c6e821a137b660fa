"""Follow-ups of tickets are found by their root cause.

Revision ID: 0011
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket_follow_up", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_follow_up_cluster_id", ["cluster_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ticket_follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_follow_up_cluster_id")
