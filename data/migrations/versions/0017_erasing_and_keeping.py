"""The audit log only grows, but for a person who is erased and for entries older than they are kept"""

from __future__ import annotations

from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_REFUSED = "the audit log only grows"
# Both marks are rows of data_version, set and taken away in the transaction of the act itself.
_ERASING = "exists (select 1 from data_version where name = 'audit_erasing')"
_OLD = "old.id < coalesce((select value from data_version where name = 'audit_kept_from'), 0)"


def _same(way: str) -> str:
    columns = ("id", "at", "person_id", "action", "entity", "entity_id")
    return " and ".join(f"new.{c} {way} old.{c}" for c in columns)


def upgrade() -> None:
    _drop()
    if op.get_bind().dialect.name == 'sqlite':
        for what, allowed in (('update', f"{_ERASING} and {_same('is')}"), ('delete', _OLD)):
            op.execute(
                f"create trigger audit_entry_no_{what} before {what} on audit_entry "
                f"when not ({allowed}) begin select raise(abort, '{_REFUSED}'); end"
            )
        return
    op.execute(
        f"""
        create or replace function audit_entry_only_grows() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                if {_OLD} then return old; end if;
            elsif {_ERASING} and {_same('is not distinct from')} then
                return new;
            end if;
            raise exception '{_REFUSED}';
        end $$
        """
    )
    _create_on_postgres()


def downgrade() -> None:
    _drop()
    if op.get_bind().dialect.name == 'sqlite':
        for what in ('update', 'delete'):
            op.execute(
                f"create trigger audit_entry_no_{what} before {what} on audit_entry "
                f"begin select raise(abort, '{_REFUSED}'); end"
            )
        return
    op.execute(
        f"""
        create or replace function audit_entry_only_grows() returns trigger language plpgsql as $$
        begin
            raise exception '{_REFUSED}';
        end $$
        """
    )
    _create_on_postgres()


def _drop() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for what in ('update', 'delete'):
            op.execute(f"drop trigger audit_entry_no_{what}")
    else:
        op.execute("drop trigger audit_entry_only_grows on audit_entry")


def _create_on_postgres() -> None:
    op.execute(
        "create trigger audit_entry_only_grows before update or delete on audit_entry "
        "for each row execute function audit_entry_only_grows()"
    )
