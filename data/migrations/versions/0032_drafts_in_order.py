"""What waits for a person is counted, put in order and weighed without a look at the drafts themselves"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

WIDER = {
    "ix_draft_waiting": ["owner_id", "state", "severity", "created_at", "id"],
    "ix_draft_weighed": [
        "customer_id", "state", "severity", "created_at", "expires_at", "not_before",
    ],
}  # fmt: skip
FORMER = {
    "ix_draft_owner_id_state_created_at": ["owner_id", "state", "created_at"],
    "ix_draft_customer_id": ["customer_id"],
}


def upgrade() -> None:
    _instead(FORMER, WIDER)


def downgrade() -> None:
    _instead(WIDER, FORMER)


def _instead(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name, columns in new.items():
        op.create_index(name, "draft", columns)
    for name in old:
        op.drop_index(name, "draft")
