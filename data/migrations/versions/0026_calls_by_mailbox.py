"""Which mailbox each call of a provider was made from, so that a mailbox's calls are counted by an index"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from data.types import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

AGAIN = sa.text("to_state = 'queued' and from_state <> 'claimed'")
CALLS = sa.text("mailbox_id is not null")
COUNTED = timedelta(days=2)
"""The longest limit is one of a day."""

MAIL = sa.table("outbox", sa.column("id"), sa.column("mailbox_id"))
EVENT = sa.table(
    "outbox_event", sa.column("outbox_id"), sa.column("to_state"),
    sa.column("at", UtcDateTime()), sa.column("mailbox_id"),
)  # fmt: skip


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # Without a foreign key: SQLite would copy the whole history for it.
    op.add_column("outbox_event", sa.Column("mailbox_id", number, nullable=True))
    whose = sa.select(MAIL.c.mailbox_id).where(MAIL.c.id == EVENT.c.outbox_id).scalar_subquery()
    lately = EVENT.c.at > datetime.now(UTC) - COUNTED
    op.execute(
        EVENT.update().where(EVENT.c.to_state == "wire", lately).values(mailbox_id=whose)
    )
    op.create_index(
        "ix_outbox_event_calls", "outbox_event", ["mailbox_id", "at"],
        sqlite_where=CALLS, postgresql_where=CALLS,
    )  # fmt: skip
    op.drop_index("ix_outbox_event_again", "outbox_event")


def downgrade() -> None:
    op.create_index(
        "ix_outbox_event_again", "outbox_event", ["at"], sqlite_where=AGAIN, postgresql_where=AGAIN
    )
    op.drop_index("ix_outbox_event_calls", "outbox_event")
    op.drop_column("outbox_event", "mailbox_id")
