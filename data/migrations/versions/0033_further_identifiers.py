"""Further identifiers of customers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_identifier",
        sa.Column("identifier", sa.String(100), nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_identifier_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_customer_identifier")),
    )
    op.create_index(
        op.f("ix_customer_identifier_customer_id"), "customer_identifier", ["customer_id"]
    )


def downgrade() -> None:
    op.drop_table("customer_identifier")
