"""Deliveries are counted by state and by age without a look at their bodies, which may be large"""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COUNTED = {
    "ix_hook_delivery_integration_id_state": ["integration_id", "state"],
    "ix_hook_delivery_received_at": ["received_at"],
}


def upgrade() -> None:
    for name, columns in COUNTED.items():
        op.create_index(name, "hook_delivery", columns)


def downgrade() -> None:
    for name in COUNTED:
        op.drop_index(name, "hook_delivery")
