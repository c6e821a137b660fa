"""Who stands in for whom; links by which colleagues choose a password; an audit log that only grows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.types import UtcDateTime

revision = '0014'
down_revision = '0011'
branch_labels = None
depends_on = None

_REFUSED = "the audit log only grows"
_POSTGRES = f"""
create function audit_entry_only_grows() returns trigger language plpgsql as $$
begin
    raise exception '{_REFUSED}';
end $$
"""


def upgrade() -> None:
    op.create_table(
        'delegation',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('stand_in_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('starts_at', UtcDateTime(), nullable=False),
        sa.Column('ends_at', UtcDateTime(), nullable=False),
        sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('created_at', UtcDateTime(), nullable=False),
        sa.CheckConstraint('person_id <> stand_in_id', name=op.f('ck_delegation_another')),
        sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_delegation_created_by_person')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_delegation_person_id_person')),
        sa.ForeignKeyConstraint(['stand_in_id'], ['person.id'], name=op.f('fk_delegation_stand_in_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation')),
    )
    op.create_index(op.f('ix_delegation_person_id'), 'delegation', ['person_id'])
    op.create_index(op.f('ix_delegation_stand_in_id'), 'delegation', ['stand_in_id'])
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_one_time_link_person_id'), ['person_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_one_time_link_person_id_person'), 'person', ['person_id'], ['id']
        )
    if op.get_bind().dialect.name == 'sqlite':
        for what in ('update', 'delete'):
            op.execute(
                f"create trigger audit_entry_no_{what} before {what} on audit_entry "
                f"begin select raise(abort, '{_REFUSED}'); end"
            )
    else:
        op.execute(_POSTGRES)
        op.execute(
            "create trigger audit_entry_only_grows before update or delete on audit_entry "
            "for each row execute function audit_entry_only_grows()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for what in ('update', 'delete'):
            op.execute(f"drop trigger audit_entry_no_{what}")
    else:
        op.execute("drop trigger audit_entry_only_grows on audit_entry")
        op.execute("drop function audit_entry_only_grows()")
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_one_time_link_person_id_person'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_one_time_link_person_id'))
        batch_op.drop_column('person_id')
    op.drop_index(op.f('ix_delegation_stand_in_id'), table_name='delegation')
    op.drop_index(op.f('ix_delegation_person_id'), table_name='delegation')
    op.drop_table('delegation')
