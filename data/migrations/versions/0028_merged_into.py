"""Which mail a draft became a part of, kept apart from the words that are let go"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PARTS = sa.text("merged_into_id is not null")
DRAFT = sa.table(
    "draft", sa.column("id"), sa.column("kind"), sa.column("state"),
    sa.column("values", sa.JSON()), sa.column("merged_into_id"),
)  # fmt: skip


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # Without a foreign key: SQLite would copy all drafts for it.
    op.add_column("draft", sa.Column("merged_into_id", number, nullable=True))
    op.create_index(
        "ix_draft_merged_into_id", "draft", ["merged_into_id"],
        sqlite_where=PARTS, postgresql_where=PARTS,
    )  # fmt: skip
    standing = sa.select(DRAFT.c.id, DRAFT.c["values"]).where(
        DRAFT.c.kind == "merged", DRAFT.c.state.in_(("pending", "second_look", "approved"))
    )
    for whole, values in op.get_bind().execute(standing.order_by(DRAFT.c.id)).all():
        parts = (values or {}).get("parts", [])
        op.execute(DRAFT.update().where(DRAFT.c.id.in_(parts)).values(merged_into_id=whole))


def downgrade() -> None:
    op.drop_index("ix_draft_merged_into_id", "draft")
    op.drop_column("draft", "merged_into_id")
