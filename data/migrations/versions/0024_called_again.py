"""Mails that were called for once and are queued again, found by when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AGAIN = sa.text("to_state = 'queued' and from_state <> 'claimed'")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_event_again", "outbox_event", ["at"], sqlite_where=AGAIN, postgresql_where=AGAIN
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_event_again", "outbox_event")
