"""Which addresses the reader of a draft was shown"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of what was opened before it is not known.
    with op.batch_alter_table("draft_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("draft_event", schema=None) as batch_op:
        batch_op.drop_column("way")
