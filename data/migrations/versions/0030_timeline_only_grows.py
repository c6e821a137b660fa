"""The timeline only grows: what turned out not to be so is marked, no longer removed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.types import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_REFUSED = "the timeline only grows"


def upgrade() -> None:
    op.add_column("timeline_entry", sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "create trigger timeline_entry_no_delete before delete on timeline_entry "
            f"begin select raise(abort, '{_REFUSED}'); end"
        )
        return
    op.execute(
        f"""
        create function timeline_entry_only_grows() returns trigger language plpgsql as $$
        begin
            raise exception '{_REFUSED}';
        end $$
        """
    )
    op.execute(
        "create trigger timeline_entry_no_delete before delete on timeline_entry "
        "for each row execute function timeline_entry_only_grows()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop trigger timeline_entry_no_delete")
    else:
        op.execute("drop trigger timeline_entry_no_delete on timeline_entry")
        op.execute("drop function timeline_entry_only_grows()")
    # Without the mark they would be told as true; the version before had removed them.
    op.execute("delete from timeline_entry where withdrawn_at is not null")
    op.drop_column("timeline_entry", "withdrawn_at")
