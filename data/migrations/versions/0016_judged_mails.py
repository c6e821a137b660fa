"""Which mails are told of so that no sign of a person means something; the company of a recipient"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_COUNTS = ('judged', 'judged_opened', 'judged_hidden', 'judged_clicked')
_TOLD = "select 1 from campaign_event e where e.mail_id = campaign_mail.id and e.kind"
_ARRIVED = "m.delivered_at is not null and m.bounce = 0"
_NOBODY = "m.opens_hidden > 0 and m.human_open_at is null"
_COUNTED = {
    'opened': "m.opens > 0 or m.human_open_at is not null",
    'delivered': _ARRIVED,
    'judged': f"m.judged and {_ARRIVED}",
    'judged_opened': f"m.judged and {_ARRIVED} and m.human_open_at is not null",
    'judged_hidden': f"m.judged and {_ARRIVED} and {_NOBODY}",
    'judged_clicked': f"m.judged and {_ARRIVED} and m.clicks_human > 0",
}


def upgrade() -> None:
    with op.batch_alter_table('campaign', schema=None) as batch_op:
        for name in _COUNTS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
    with op.batch_alter_table('campaign_mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('judged', sa.Boolean(), nullable=True))
    with op.batch_alter_table('campaign_recipient', schema=None) as batch_op:
        batch_op.add_column(sa.Column('company', sa.String(length=300), nullable=True))
    op.execute(f"update campaign_mail set judged = exists ({_TOLD} in (1, 2) and e.timed)")
    op.execute(f"update campaign_mail set delivered_at = null where not exists ({_TOLD} in (1, 2))")
    op.execute(
        "update campaign_mail set delivered_at = (select min(e.at) from campaign_event e "
        "where e.mail_id = campaign_mail.id and e.kind = 1) "
        f"where delivered_at is null and not exists ({_TOLD} in (3, 14))"
    )
    for name, holds in _COUNTED.items():
        op.execute(
            f"update campaign set {name} = (select count(*) from campaign_mail m "
            f"where m.campaign_id = campaign.id and ({holds}))"
        )


def downgrade() -> None:
    with op.batch_alter_table('campaign_recipient', schema=None) as batch_op:
        batch_op.drop_column('company')
    with op.batch_alter_table('campaign_mail', schema=None) as batch_op:
        batch_op.drop_column('judged')
    with op.batch_alter_table('campaign', schema=None) as batch_op:
        for name in _COUNTS[::-1]:
            batch_op.drop_column(name)
