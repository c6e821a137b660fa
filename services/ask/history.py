"""What was said on the page, per person, in the database: a closed tab or a restart loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Update,
    and_,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotAllowed
from data.tables import AskTurn, Customer
from services.access import Viewer, visible
from services.ask.answers import (
    Answer,
    Block,
    SpokenOf,
    Text,
    packed,
    spoken_of,
    unpacked,
)

SHOWN, MOST = 15, 200
KEPT_DAYS = 90
"""After these a conversation goes by itself: what it did stays where it lives."""
UNDO_FOR = timedelta(hours=1)
"""How long a conversation that was cleared can be brought back; then the next look at what is old takes it."""
NO_LONGER_YOURS = "This answer named customers who are no longer yours to see, or were merged."
LONGEST_SAID = 2_100


@dataclass(frozen=True)
class Turn:
    """`undone`: what it did was taken back. `customers`: whom the answer names."""

    id: int
    said: str
    blocks: tuple[Block, ...]
    at: datetime
    undone: bool
    customers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Page:
    """The oldest first; `more`: there are older ones."""

    turns: tuple[Turn, ...]
    more: bool


def turns(session: Session, by: Viewer, *, limit: int = SHOWN) -> Page:
    """The person's own last ones; answers about customers they may not see any more are blanked."""
    rows = _last(session, by, min(limit, MOST) + 1)
    seen = _seen(session, by, {number for row in rows for number in row.customers})
    shown = [_turn(row, seen) for row in rows[: min(limit, MOST)]]
    return Page(tuple(reversed(shown)), len(rows) > len(shown))


def find_turn(session: Session, by: Viewer, number: int) -> Turn | None:
    """One of the person's own."""
    own = select(AskTurn).where(AskTurn.id == number, _own(by))
    row = session.scalars(own).one_or_none()
    return _turn(row, _seen(session, by, row.customers)) if row else None


def _turn(row: AskTurn, seen: set[int]) -> Turn:
    undone = row.undone_at is not None
    if not set(row.customers) <= seen:  # what was said may be a button's words, with a name
        return Turn(row.id, "…", (Text(NO_LONGER_YOURS, "note"),), row.at, undone)
    return Turn(row.id, row.said, unpacked(row.blocks), row.at, undone, tuple(row.customers))


def last_spoken_of(session: Session, by: Viewer) -> SpokenOf:
    """What the last answer left to be meant, without customers that are somebody else's by now."""
    rows = _last(session, by, 1)
    if not rows:
        return SpokenOf()
    found = spoken_of(rows[0].spoken_of)
    seen = _seen(session, by, found.customers)
    kept = tuple(number for number in found.customers if number in seen)
    return SpokenOf(
        found.event_id, kept, found.drafts, found.campaign_id, found.ticket_id, found.recommended
    )


def last_named(session: Session, by: Viewer) -> tuple[int, ...]:
    """The customers that the last answer names."""
    return tuple(number for row in _last(session, by, 1) for number in row.customers)


def keep(session: Session, said: str, answer: Answer, *, by: Viewer, now: datetime) -> int:
    """Add a turn; its id. What was spoken of before goes on."""
    before = last_spoken_of(session, by)
    row = AskTurn(
        person_id=_person(by), said=said[:LONGEST_SAID].replace("\x00", ""),
        blocks=packed(answer.blocks), customers=list(answer.customers),
        spoken_of=asdict(before.then(answer.spoken_of)),
        deeds=[list(deed) for deed in answer.deeds], at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()  # its id is given back
    return row.id


def to_undo(session: Session, by: Viewer) -> AskTurn | None:
    """The person's last turn that did something and was not taken back; locked."""
    rows = session.scalars(
        select(AskTurn)
        .where(_own(by), AskTurn.undone_at.is_(None))
        .order_by(AskTurn.id.desc())
        .limit(MOST)
        .with_for_update()
    )
    return next((row for row in rows if row.deeds), None)


def that_did(session: Session, deed: tuple[str, int], by: Viewer) -> AskTurn | None:
    """The person's last turn with that deed, unless it was taken back; locked."""
    rows = session.scalars(
        select(AskTurn)
        .where(_own(by), AskTurn.undone_at.is_(None))
        .order_by(AskTurn.id.desc())
        .with_for_update()
    )
    return next((row for row in rows if list(deed) in row.deeds), None)


def clear(session: Session, *, by: Viewer, now: datetime) -> datetime:
    """Forget the person's whole conversation; the moment by which that is taken back. What was done stays done.
    InvalidMove where nothing is there: who presses twice keeps the way back of the first press."""
    if not _count(session, update(AskTurn).where(_own(by)).values(cleared_at=now)):
        raise InvalidMove("The conversation was cleared already.")
    return now


def bring_back(session: Session, cleared_at: datetime, *, by: Viewer) -> None:
    """What was cleared at that moment, before what was said since. InvalidMove once it is gone."""
    mine = update(AskTurn).where(AskTurn.person_id == _person(by), AskTurn.cleared_at == cleared_at)
    if not _count(session, mine.values(cleared_at=None)):
        raise InvalidMove("The conversation is gone for good by now.")


def tidy(session: Session, *, now: datetime) -> int:
    """Conversations older than KEPT_DAYS go, and those cleared UNDO_FOR ago; how many turns."""
    old, cleared = now - timedelta(days=KEPT_DAYS), now - UNDO_FOR
    return _count(
        session, delete(AskTurn).where(or_(AskTurn.at < old, AskTurn.cleared_at <= cleared))
    )


def _count(session: Session, change: Delete | Update) -> int:
    return cast("CursorResult[object]", session.execute(change)).rowcount


def _last(session: Session, by: Viewer, limit: int) -> Sequence[AskTurn]:
    mine = select(AskTurn).where(_own(by))
    return session.scalars(mine.order_by(AskTurn.id.desc()).limit(limit)).all()


def _seen(session: Session, by: Viewer, numbers: Sequence[int] | set[int]) -> set[int]:
    wanted = list(numbers)
    if not wanted:
        return set()
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(wanted), visible(by))))


def _own(by: Viewer) -> ColumnElement[bool]:
    """The condition on the person's turns that were not cleared."""
    return and_(AskTurn.person_id == _person(by), AskTurn.cleared_at.is_(None))


def _person(by: Viewer) -> int:
    if by.person_id is None or by.scopes is not None:
        raise NotAllowed("Only a person who is signed in can ask here.")
    return by.person_id
