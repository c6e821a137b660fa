"""Events for a few customers alone: calls and whatever was entered by hand are so from now on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008a'
down_revision = '0008'
branch_labels = None
depends_on = None

# What a platform tells of a meeting is as private as a call when one customer was there.
PRIVATE = """
update event set private = true where source = 'manual'
    or (type = 'meeting' and (source in ('api', 'signed') or (
        select count(distinct participant.customer_id) from attendance
        join participant on participant.id = attendance.participant_id
        where attendance.event_id = event.id and participant.band = 'automatic'
    ) = 1))
"""


def upgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('private', sa.Boolean(), nullable=True))
    op.execute(PRIVATE)


def downgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('private')
