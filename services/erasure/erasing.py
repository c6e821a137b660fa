"""Putting one person out of everything that is kept, in one transaction, with the counts left as they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from data.db import afterwards
from data.errors import BadInput, InvalidMove
from data.tables import (
    Base,
    DataVersion,
    Draft,
    OutboxMail,
    Stakeholder,
    StakeholderEmail,
    Suppression,
    Task,
    Upload,
)
from data.versions import ATTENDANCE, CAMPAIGNS, FACTS, INVITATIONS, MATCHING, TICKETS, bump
from services import drafts, erased, suppression, traces
from services.access import Viewer, audit
from services.drafts.moves import EDITABLE
from services.erasure import internal
from services.erasure.blanks import BLANKS, GONE, NUMBERED
from services.erasure.kept import scrub_kept
from services.erasure.planning import require_erasable, scrubber_of, shown_name
from services.erasure.subject import Subject, find, require_eraser, require_subject
from services.erasure.sweep import mentions, write
from services.matching.turn import take_turn
from services.outbox.moves import NOT_OUT, move
from services.uploads import job

WHY = "The recipient was erased on request."
_ABOUT = "It named somebody who was erased on request."
_MARK = "audit_erasing"
_KEYS = {
    "stakeholder": "external_id",
    "participant": "person_key",
    "ticket_requester": "person_key",
}


@dataclass(frozen=True)
class Erased:
    """`changes`: rows by table; `uploads`: whose kept file went; `deliveries`: that were changed."""

    stakeholder_id: int
    changes: dict[str, int]
    uploads: list[int]
    deliveries: int


def erase(
    session: Session, stakeholder_id: int, typed: str, *, by: Viewer, now: datetime
) -> Erased:
    """Erase them, once their name was `typed`. There is no way back.

    NotAllowed unless `by` is an admin, BadInput when the name is another one, InvalidMove while a mail to
    them, or to a colleague about them, is on the wire. Whatever the tables are, no text of theirs has the name
    or an address afterwards; what is left as bytes alone is told in `planning.STAYS`.
    What they left on the disk goes once this is committed: `traces.to_come` says what has not gone yet.
    """
    require_eraser(by)
    take_turn(session)
    one = require_subject(session, by, stakeholder_id)
    require_erasable(session, one)
    if typed.strip().casefold() != shown_name(one).casefold():
        raise BadInput(f"Type the name as it is shown, {shown_name(one)}, to erase them.")
    _stop_mail(session, one, by, now)
    salt = erased.ensure_salt(session, now)
    subject = find(session, one)
    scrubber = scrubber_of(one, subject, salt)
    keys = {key: erased.stand_in(salt, key) for key in subject.keys}
    session.flush()
    digests = internal.naming(session, subject, scrubber)
    internal.empty(session, digests, _ABOUT, by=by, now=now)
    counts = _blank(session, subject)
    counts["outbox"] += len(digests)
    _rename_keys(session, subject, salt)
    session.execute(insert(DataVersion).values(name=_MARK, value=1))
    found = list(mentions(session, subject, scrubber))
    for mention in found:
        write(session, mention)
        counts[mention.table.name] += mention.table.name not in BLANKS
    session.execute(delete(DataVersion).where(DataVersion.name == _MARK))
    kept = scrub_kept(session, scrubber, keys)
    _discard_previews(session, kept.uploads)
    session.expire_all()
    _never_again(session, subject, salt, by, now)
    bump(session, MATCHING, FACTS, ATTENDANCE, CAMPAIGNS, INVITATIONS, TICKETS)
    what = f"{sum(counts.values())} rows, {len(kept.uploads)} files, {kept.deliveries} deliveries"
    audit(session, by, "stakeholder.erased", "stakeholder", stakeholder_id, what, now)
    own = [row[0] for row in subject.linked.get("outbox", ())]
    traces.leave(session, [*own, *(number for number, _ in digests)], now=now)
    afterwards(session, partial(job.forget, kept.uploads))
    afterwards(session, partial(traces.clear, session.get_bind().engine, sooner=True))
    changes = dict(sorted((+counts).items()))
    return Erased(stakeholder_id, changes, kept.uploads, kept.deliveries)


def _stop_mail(session: Session, one: Stakeholder, by: Viewer, now: datetime) -> None:
    """Nothing that waits for approval, or to be sent, goes out; nothing is left to do about them."""
    d, o, t = Draft, OutboxMail, Task
    open_drafts = select(d.id).where(d.stakeholder_id == one.id, d.state.in_(EDITABLE))
    for number in session.scalars(open_drafts.order_by(d.id)).all():
        try:
            drafts.cancel(session, number, WHY, by=by, now=now)
        except InvalidMove:
            continue  # it has left
    waiting = select(o.id, o.state).where(o.stakeholder_id == one.id, o.state.in_(NOT_OUT))
    for number, state in session.execute(waiting).all():
        move(session, number, (state, "cancelled"), now=now, why=WHY, by_id=by.person_id)
    session.execute(
        update(t)
        .where(t.stakeholder_id == one.id, t.state == "open")
        .values(state="cancelled", updated_at=now)
    )


def _blank(session: Session, subject: Subject) -> Counter[str]:
    counts: Counter[str] = Counter()
    for table in Base.metadata.sorted_tables:
        rows = subject.linked.get(table.name, [])
        values = {c: v for c, v in BLANKS.get(table.name, {}).items() if c in table.c}
        if table.name == "ticket_message":
            rows = _theirs(session, table, rows, subject)
        if rows and values:
            _update(session, table, rows, values)
            counts[table.name] += len(rows)
        numbered = NUMBERED.get(table.name)
        for row in rows if numbered else ():
            _update(session, table, [row], {str(numbered): f"{GONE} {row[0]}"})
            counts[table.name] += 1
    return counts


def _theirs(
    session: Session, table: Table, rows: list[tuple[object, ...]], subject: Subject
) -> list[tuple[object, ...]]:
    """Of the messages of their tickets, those that they wrote."""
    people = [row[0] for row in subject.linked.get("ticket_requester", ())]
    own = select(*table.primary_key).where(table.c.requester_id.in_(people))
    return sorted({tuple(row) for row in session.execute(own)} & set(rows), key=str)


def _update(
    session: Session, table: Table, rows: list[tuple[object, ...]], values: dict[str, object]
) -> None:
    key = sa.tuple_(*table.primary_key)
    for at in range(0, len(rows), 500):
        here = key.in_(rows[at : at + 500])
        session.execute(update(table).where(here).values(**values))


def _rename_keys(session: Session, subject: Subject, salt: str) -> None:
    """What files know them by, and their address where they had none: so that a match stays as it is."""
    for table in Base.metadata.sorted_tables:
        name = _KEYS.get(table.name)
        for row in subject.linked.get(table.name, ()) if name else ():
            here = table.c.id == row[0]
            before = session.execute(select(table.c[str(name)]).where(here)).scalar()
            if not before or "@" in before:
                continue  # an address gets its stand-in with all the others
            instead = erased.stand_in(salt, before)
            values = {str(name): instead}
            if "email" in table.c:
                values["email"] = instead
                _own_address(session, subject, instead)
            session.execute(update(table).where(here).values(**values))


def _own_address(session: Session, subject: Subject, address: str) -> None:
    if session.get(StakeholderEmail, address) is None:
        whose = {"stakeholder_id": subject.stakeholder_id, "is_primary": False}
        session.add(StakeholderEmail(email=address, shown_as=address, **whose))
        session.flush()


def _discard_previews(session: Session, uploads: list[int]) -> None:
    """A preview without its file cannot be looked at again in another way."""
    u = Upload
    session.execute(
        update(u)
        .where(u.id.in_(uploads), u.state.in_(("reading", "previewed")))
        .values(state="discarded")
    )


def _never_again(session: Session, subject: Subject, salt: str, by: Viewer, now: datetime) -> None:
    """The stand-ins of all that they were known by go on the list of whom not to write to."""
    for key in sorted(subject.addresses | subject.keys):
        suppression.suppress(
            session,
            erased.stand_in(salt, key),
            suppression.EVERYTHING,
            "manual",
            stakeholder_id=subject.stakeholder_id,
            note=erased.NOTE,
            by=by,
            now=now,
        )
    s = Suppression
    mine = s.stakeholder_id == subject.stakeholder_id
    session.execute(update(s).where(mine, s.lifted_at.is_(None)).values(note=erased.NOTE))
