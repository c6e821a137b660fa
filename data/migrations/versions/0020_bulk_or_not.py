"""Whether what was told of as a campaign is bulk mail, or mail to single people"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BULK, PIECE = 5, 500
FOR_ONESELF = re.compile(
    r"(?i)\b(?:passwords?|passcodes?|receipts?|invoices?|verif(?:y|ication)|magic link|otp|2fa|two.?factor"
    r"|one.?time|(?:sign|log).?in (?:code|link)|security code|confirm your|order (?:confirm\w*|#?\d+)"
    r"|payment (?:received|failed|confirm\w*)|transactional)\b"
)
CAMPAIGN = sa.table(
    "campaign", sa.column("id", sa.BigInteger()), sa.column("name", sa.String()),
    sa.column("subject", sa.String()), sa.column("topics", sa.JSON()),
    sa.column("vendor_key", sa.String()), sa.column("kind_by", sa.String()),
    sa.column("bulk", sa.Boolean()),
)  # fmt: skip
MAIL = sa.table(
    "campaign_mail", sa.column("campaign_id", sa.BigInteger()), sa.column("recipient_id", sa.BigInteger()),
)  # fmt: skip
RECIPIENT = sa.table(
    "campaign_recipient", sa.column("id", sa.BigInteger()), sa.column("band", sa.String())
)


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bulk", sa.Boolean(), nullable=True))
    c, m, r = CAMPAIGN.c, MAIL.c, RECIPIENT.c
    connection = op.get_bind()
    detected = (c.vendor_key.startswith("~", autoescape=True), c.kind_by == "detected")
    people = (
        sa.select(m.campaign_id, sa.func.count(r.id.distinct()).label("people"))
        .select_from(MAIL)
        .join(RECIPIENT, (r.id == m.recipient_id) & (r.band != "excluded"))
        .where(m.campaign_id.in_(sa.select(c.id).where(*detected)))
        .group_by(m.campaign_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(c.id, c.name, c.subject, c.topics, people.c.people).join_from(
            CAMPAIGN, people, people.c.campaign_id == c.id
        )
    )
    bulk = [
        number
        for number, name, subject, topics, count in rows
        if count >= BULK and not FOR_ONESELF.search(_words(name, subject, *topics))
    ]
    connection.execute(CAMPAIGN.update().where(*detected).values(bulk=False))
    for start in range(0, len(bulk), PIECE):
        some = c.id.in_(bulk[start : start + PIECE])
        connection.execute(CAMPAIGN.update().where(some).values(bulk=True))


def _words(*words: str | None) -> str:
    return " ".join(word.replace("_", " ").replace("-", " ") for word in words if word)


def downgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_column("bulk")
