"""The audit log refuses to be emptied (Postgres) and entries in the place of others (SQLite)"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # REPLACE removes the former row without asking the trigger that guards removals.
        op.execute(
            "create trigger audit_entry_no_replace before insert on audit_entry "
            "when exists (select 1 from audit_entry where id = new.id) "
            "begin select raise(abort, 'the audit log only grows'); end"
        )
        return
    op.execute(
        """
        create function audit_entry_no_truncate() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit log only grows';
        end $$
        """
    )
    op.execute(
        "create trigger audit_entry_no_truncate before truncate on audit_entry "
        "for each statement execute function audit_entry_no_truncate()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop trigger audit_entry_no_replace")
        return
    op.execute("drop trigger audit_entry_no_truncate on audit_entry")
    op.execute("drop function audit_entry_no_truncate()")
