"""Who made a token, and whose token an approval came by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TOKEN = sa.table("api_token", sa.column("id", sa.BigInteger()), sa.column("made_by", sa.BigInteger()))
AUDIT = sa.table(
    "audit_entry", sa.column("person_id", sa.BigInteger()), sa.column("action", sa.String()),
    sa.column("entity", sa.String()), sa.column("entity_id", sa.BigInteger()),
)  # fmt: skip


def upgrade() -> None:
    for table, column in (("api_token", "made_by"), ("approval", "token_by")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
            batch_op.add_column(sa.Column(column, number, nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_{column}_person"), "person", [column], ["id"]
            )
    made = sa.select(sa.func.max(AUDIT.c.person_id)).where(
        AUDIT.c.entity == "api_token",
        AUDIT.c.entity_id == TOKEN.c.id,
        AUDIT.c.action == "token.created",
    )
    op.execute(TOKEN.update().values(made_by=made.scalar_subquery()))


def downgrade() -> None:
    for table, column in (("approval", "token_by"), ("api_token", "made_by")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}_person"), type_="foreignkey")
            batch_op.drop_column(column)
