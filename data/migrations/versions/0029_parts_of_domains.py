"""Open questions about some people at a customer's domain no longer ask about the whole domain"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEYS = {
    "participant": "person_key",
    "campaign_recipient": "address",
    "ticket_requester": "person_key",
}
OPEN = (
    "band in ('review', 'unmatched') and question_kind = 'domain' and question_key not like '%|%'"
)


def upgrade() -> None:
    for table, address in KEYS.items():
        op.execute(
            f"update {table} set question_key = question_key || '|' "
            f"where {OPEN} and evidence = 'shared_domain' and length(question_key) < 300"
        )
        # Asked about one by one until they are matched anew, which puts them together by company.
        op.execute(
            f"update {table} set question_kind = 'email', question_key = {address} "
            f"where {OPEN} and evidence = 'conflict' and length({address}) <= 300"
        )


def downgrade() -> None:
    for table in KEYS:
        op.execute(
            f"update {table} set question_key = replace(question_key, '|', '') "
            "where question_kind = 'domain' and evidence = 'shared_domain'"
        )
