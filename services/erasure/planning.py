"""What an erasure would change and what it would leave: shown before anybody confirms it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import OutboxMail, Stakeholder
from services import erased
from services.access import Viewer
from services.erasure import internal
from services.erasure.blanks import BLANKS, NUMBERED, ON_THE_WAY
from services.erasure.kept import naming
from services.erasure.subject import Subject, find, require_eraser, require_subject
from services.erasure.sweep import mentions
from services.erasure.words import Scrubber

STAYS = (
    "That somebody attended, registered, opened, clicked, wrote or was written to, with times and numbers:"
    " counts and scores stay as they are",
    "Their addresses as a hash on the list “Do not contact”, so that nobody writes to them again",
    "Mails to other people that mention them, as they were approved: one that waits still goes out, and they are kept,"
    " as files too where mail is written to files, until the words of mails are let go by age, where that is set (Settings)",
    "Copies outside of this installation: backups made before, files in colleagues' hands, mails in mailboxes,"
    " and what other systems keep",
)


@dataclass(frozen=True)
class Preview:
    """`changes`: rows by table that lose something, `uploads`: whose kept file goes, `deliveries`: of
    other systems that are changed. `stays` are sentences. `confirm`: what has to be typed."""

    name: str
    confirm: str
    changes: dict[str, int]
    attendances: int
    mails: int
    uploads: list[int]
    deliveries: int
    namesakes: bool
    stays: tuple[str, ...] = field(default=STAYS)


def preview(session: Session, stakeholder_id: int, *, by: Viewer) -> Preview:
    """Read-only; admins only. InvalidMove where it could not be done now."""
    require_eraser(by)
    one = require_subject(session, by, stakeholder_id)
    require_erasable(session, one)
    subject = find(session, one)
    scrubber = scrubber_of(one, subject, "")
    rows = Counter(mention.table.name for mention in mentions(session, subject, scrubber))
    for name, keys in subject.linked.items():
        if name in BLANKS or name in NUMBERED:
            rows[name] = max(rows[name], len(keys))
    rows["outbox"] += len(internal.naming(session, subject, scrubber))
    uploads, deliveries = naming(session, scrubber, dict.fromkeys(subject.keys, erased.NAME))
    return Preview(
        name=shown_name(one),
        confirm=shown_name(one),
        changes=dict(sorted((+rows).items())),
        attendances=len(subject.linked.get("attendance", ())),
        mails=len(subject.linked.get("campaign_mail", ())),
        uploads=uploads,
        deliveries=deliveries,
        namesakes=subject.namesakes,
    )


def shown_name(one: Stakeholder) -> str:
    return f"{one.first_name} {one.last_name}".strip() or f"contact {one.id}"


def scrubber_of(one: Stakeholder, subject: Subject, salt: str) -> Scrubber:
    instead = {key: erased.stand_in(salt, key) for key in subject.addresses}
    for spelling in subject.spellings:
        local, _, host = spelling.rpartition("@")
        bare = f"{local.split('+')[0]}@{host}"
        key = bare.replace("@googlemail.com", "@gmail.com")
        instead[spelling] = instead[bare] = erased.stand_in(salt, key)
    parts = {one.first_name.strip(), one.last_name.strip(), *subject.names}
    return Scrubber(instead, subject.names, frozenset(parts - {""}))


def require_erasable(session: Session, one: Stakeholder) -> None:
    if f"{one.first_name} {one.last_name}" == erased.NAME:
        raise BadInput("This contact has been erased already.")
    o = OutboxMail
    leaving = select(o.id).where(o.stakeholder_id == one.id, o.state.in_(ON_THE_WAY))
    if session.scalars(leaving.limit(1)).first():
        raise InvalidMove(
            "A mail to them is being sent right now. Wait a few minutes, look at the send queue, and try again."
        )
