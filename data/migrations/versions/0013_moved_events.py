"""Events that are moved: how often their entries in calendars have changed, when, and from where"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import data.types

revision = '0013'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('revision', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('moved_at', data.types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('moved_from', sa.String(length=700), nullable=True))
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waits_since', data.types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_column('waits_since')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('moved_from')
        batch_op.drop_column('moved_at')
        batch_op.drop_column('revision')
