"""Mails of the app to colleagues that name somebody, the daily digest above all: what they say is not about one row."""

from __future__ import annotations

from binascii import a2b_qp
from collections.abc import Sequence
from datetime import datetime
from html import unescape

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Customer, OutboxMail
from services.access import Viewer
from services.erasure.blanks import GONE, ON_THE_WAY
from services.erasure.subject import Subject
from services.erasure.words import Scrubber
from services.outbox.moves import NOT_OUT, move

TOPIC = "internal"
_PIECE = 200
"""Each row brings a whole mail."""
_LEAVING = "A mail to a colleague that names them is being sent right now. Wait a few minutes, and try again."


def naming(session: Session, subject: Subject, scrubber: Scrubber) -> list[tuple[int, str]]:
    """Ids and states of those that name them; InvalidMove while one is on the wire.

    The whole name or an address does; next to their customer's name, so does the first or last name alone.
    """
    o = OutboxMail
    linked = {row[0] for row in subject.linked.get("outbox", ())}
    numbers = session.scalars(select(o.id).where(o.topic == TOPIC, o.raw != b"")).all()
    mine = sorted(set(numbers) - linked)
    at_customer = session.get_one(Customer, subject.customer_id).name.casefold()
    addresses = Scrubber(scrubber.instead, frozenset(), frozenset())
    found: list[tuple[int, str]] = []
    for at in range(0, len(mine), _PIECE):
        some = select(o.id, o.state, o.subject, o.raw).where(o.id.in_(mine[at : at + _PIECE]))
        for number, state, title, raw in session.execute(some):
            told = _words(title, raw)
            close = at_customer in told.casefold()
            sure = scrubber if close or not subject.namesakes else addresses
            if sure.text(told, close=close) != told:
                found.append((number, state))
    if any(state in ON_THE_WAY for _, state in found):
        raise InvalidMove(_LEAVING)
    return found


def empty(
    session: Session, found: Sequence[tuple[int, str]], why: str, *, by: Viewer, now: datetime
) -> None:
    """Their words go, and what waits does not leave any more. Who got one and when stays."""
    for number, state in found:
        if state in NOT_OUT and not move(
            session, number, (state, "cancelled"), now=now, why=why, by_id=by.person_id
        ):
            raise InvalidMove(_LEAVING)
    numbers = [number for number, _ in found]
    for at in range(0, len(numbers), _PIECE):
        here = OutboxMail.id.in_(numbers[at : at + _PIECE])
        session.execute(update(OutboxMail).where(here).values(subject=GONE, raw=b""))


def _words(title: str, raw: bytes) -> str:
    """What the app writes is quoted-printable throughout. Its headers name the colleague alone."""
    body = raw.partition(b"\r\n\r\n")[2]
    told = unescape(a2b_qp(body).decode("utf-8", errors="replace"))
    return f"{title}\n{' '.join(told.split())}"
