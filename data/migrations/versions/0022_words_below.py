"""Which of the product's words an admin's words of a mail template were put over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of earlier ones it is not known: the files may have changed since.
    with op.batch_alter_table("template_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("over", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("template_version", schema=None) as batch_op:
        batch_op.drop_column("over")
