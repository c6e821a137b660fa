"""Whoever says that mail must not leave, and the gate that marks mail as on the wire, take turns.

On Postgres a row that is only being added is seen by nobody and makes nobody wait, so a gate could look,
somebody say no, and the mark come after it. SQLite's writers take turns anyway.

The turn is the last lock of either side: who has it waits for nothing more, so nobody waits in a circle. It
ends with the transaction, long before the provider is called; gates have theirs together.
"""

from __future__ import annotations

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from data.bulk import is_sqlite

GATE_LOCK = 7_340_136
"""Postgres advisory lock: shared by gates, exclusive for who stops mail."""
_GIVES_WAY = "10s"
"""A process that freezes within its turn loses it, instead of holding up everybody's."""
_STOPS = "stops mail"


def before_the_mark(session: Session) -> None:
    """Call when all rows are locked, before looking: what stops mail is committed by now, or will be only
    after this transaction."""
    _take_turn(session, "pg_advisory_xact_lock_shared")


def stops_mail(session: Session) -> None:
    """What this transaction writes stops mail: a mail that is not marked when it is committed will not be."""
    if _STOPS not in session.info:
        session.info[_STOPS] = True
        event.listen(session, "before_commit", _last_of_all)


def _last_of_all(session: Session) -> None:
    if session.in_nested_transaction():
        return  # the end of a savepoint only: rows may have to be waited for afterwards
    session.flush()  # may wait for rows that a gate holds
    _take_turn(session, "pg_advisory_xact_lock")


def _take_turn(session: Session, lock: str) -> None:
    if not is_sqlite(session):
        taken = text(
            f"SELECT set_config('idle_in_transaction_session_timeout', :gives_way, true), {lock}(:key)"
        )
        session.execute(taken, {"gives_way": _GIVES_WAY, "key": GATE_LOCK})
