"""Who said whether a campaign is bulk mail: a person's word stands, and outlives the audit log's retention"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CAMPAIGN = sa.table(
    "campaign", sa.column("id", sa.BigInteger()), sa.column("bulk_by", sa.String()),
    sa.column("created_at", sa.DateTime()),
)  # fmt: skip
AUDIT = sa.table(
    "audit_entry", sa.column("entity", sa.String()), sa.column("entity_id", sa.BigInteger()),
    sa.column("action", sa.String()), sa.column("at", sa.DateTime()),
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bulk_by", sa.String(length=10), nullable=True))
    c, a = CAMPAIGN.c, AUDIT.c
    # A number can come again once its campaign is taken back.
    said = sa.exists().where(
        a.entity == "campaign", a.entity_id == c.id, a.action == "campaign.sorted", a.at >= c.created_at
    )
    op.get_bind().execute(CAMPAIGN.update().where(said).values(bulk_by="person"))


def downgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_column("bulk_by")
