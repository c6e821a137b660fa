"""Undo: what a command did is taken back by the services that did it, as far as it has not left the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services import drafts, tasks
from services.access import Viewer, by_others
from services.ask.answers import Answer, Block, DraftShown, Link, Links, SpokenOf, Text
from services.ask.saying import answered, links
from services.errors import CHANGED_SINCE, AppError, InvalidMove
from services.ids import public_id
from services.invitations.withdrawing import withdraw
from services.plurals import plural
from services.scoring import advocacy, risk
from services.uploads import listing

WHY = "Taken back in Ask"
UPLOAD = "upload"
"""Takes a transaction of its own: see services.ask.conversation."""


def _invitation(session: Session, number: int, by: Viewer, now: datetime) -> None:
    withdraw(session, number, WHY, by=by, now=now)


def _draft(session: Session, number: int, by: Viewer, now: datetime) -> None:
    drafts.cancel_own(session, number, WHY, by=by, now=now)


def _approval(session: Session, number: int, by: Viewer, now: datetime) -> None:
    drafts.undo_own_approval(session, number, by=by, now=now)


def _opportunity(session: Session, number: int, by: Viewer, now: datetime) -> None:
    advocacy.find_opportunity(session, by, number, lock=True)
    if by_others(session, "opportunity", number, by):
        raise InvalidMove(CHANGED_SINCE)
    advocacy.move(session, number, "declined", WHY, by=by, now=now)


def _task(session: Session, number: int, by: Viewer, now: datetime) -> None:
    if not tasks.cancel_untouched(session, number, by=by, now=now):
        raise InvalidMove(CHANGED_SINCE)


def _look(_session: Session, _number: int, _by: Viewer, _now: datetime) -> None:
    raise InvalidMove(
        "Risk signals follow from what was attended, so a look is not taken back. "
        "Close one on the Risk page, and say why."
    )


UNDO: dict[str, tuple[str, str, Callable[[Session, int, Viewer, datetime], None]]] = {
    "invitation": ("invitation", "invitations", _invitation),
    "draft": ("draft", "drafts", _draft),
    "approval": ("approval", "approvals", _approval),
    "opportunity": ("opportunity", "opportunities", _opportunity),
    "task": ("task", "tasks", _task),
    "look": ("look", "looks", _look),
}
OUTREACH = ("outreach_mail", "outreach_call", "outreach_signal")
"""Of a re-engagement: taken back together, since the signals open where nothing of it stands."""
KNOWN = frozenset((*UNDO, *OUTREACH))
LEFT = "somebody has changed or decided on it since."


def undone_import(session: Session, number: int, *, by: Viewer) -> Answer:
    name = listing.get_upload(session, by, number).file_name
    said = f"The import of {name} is taken back, and the scores with it."
    return answered(said, _import(number, "See what went with it"), tone="good")


def kept_import(number: int, why: str) -> Answer:
    return answered(f"Not taken back: {why}", _import(number, "See the import"), tone="bad")


def _import(number: int, label: str) -> Links:
    return links(Link("upload", label, {"id": public_id("upload", number)}))


def take_back(
    session: Session, deeds: Sequence[tuple[str, int]], *, by: Viewer, now: datetime
) -> Answer:
    """Each deed by itself: what has left already stays, and is said."""
    done = Counter[str]()
    left: list[str] = []
    for kind, number in deeds:
        if kind not in UNDO:
            continue
        try:
            with session.begin_nested():
                UNDO[kind][2](session, number, by, now)
            done[kind] += 1
        except AppError as error:
            left.append(error.message)
    _outreach(session, deeds, done, left, by, now)
    blocks: list[Block] = []
    if done:
        told = [plural(count, UNDO[kind][0], UNDO[kind][1]) for kind, count in done.items()]
        blocks.append(Text(f"Taken back: {', '.join(told)}.", "good"))
    blocks += [Text(f"Not taken back: {why}", "bad") for why in dict.fromkeys(left)]
    if "opportunity" in done:
        blocks.append(Text("Opportunities stay on the board as declined, with the reason."))
    waiting = tuple(number for kind, number in deeds if kind == "approval" and "approval" in done)
    blocks += [DraftShown(number) for number in waiting]
    blocks.append(links(Link("drafts", "Drafts"), Link("send_queue", "Send queue")))
    return Answer(tuple(blocks), spoken_of=SpokenOf(drafts=waiting))


def _outreach(
    session: Session,
    deeds: Sequence[tuple[str, int]],
    done: Counter[str],
    left: list[str],
    by: Viewer,
    now: datetime,
) -> None:
    """Adds to what is `done` and what is `left`."""
    mails, calls, signals = ([n for kind, n in deeds if kind == one] for one in OUTREACH)
    if not mails and not calls:
        return
    try:
        with session.begin_nested():
            came = risk.take_back(session, mails, calls, signals, by=by, now=now)
    except AppError as error:
        left.append(error.message)
        return
    done += Counter(draft=came.mails, task=came.calls)
    for count, noun in ((came.mails_left, "mail"), (came.calls_left, "call")):
        if count:
            left.append(f"{plural(count, noun)}: {LEFT}")
