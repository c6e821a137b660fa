"""Keys for programs: `csx_<8 characters to tell them apart>_<43 random ones>`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from data.errors import BadInput, NotAllowed, NotFound, SignInNeeded
from data.tables import ApiToken, Person
from services.access.audit import audit
from services.access.people import require_person
from services.access.signin import hashed
from services.access.viewer import ADMINISTRATOR, SCOPES, WRITE, Viewer, viewer_of

_SHAPE = re.compile(r"csx_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_NOTE_USE_AFTER = timedelta(hours=1)
MOST_TOKENS = 500
MOST_DAYS = 3_650
_READ = "read"
"""Kept with each token that may do no more than its other scopes say."""


@dataclass(frozen=True)
class TokenRow:
    """A line of the token list; the token itself cannot be shown again."""

    id: int
    name: str
    prefix: str
    person: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    works: bool
    """Neither revoked nor over, nor made by somebody who may no longer."""


def create_token(  # noqa: PLR0913 - the fields of one form
    session: Session,
    name: str,
    *,
    by: Viewer,
    now: datetime,
    person_id: int | None = None,
    scopes: Collection[str] = (WRITE,),
    days: int | None = None,
) -> str:
    """The new token, in full, for the only time. It acts as `by`, or, for an admin, as `person_id`.

    `scopes` of SCOPES are what it may do besides reading. BadInput for others.
    After `days` it ends by itself; None: not before somebody revokes it. NotAllowed where `by` is a token
    itself: it could make one that may more than it, or that outlives it.
    """
    if by.scopes is not None:
        raise NotAllowed("A token makes no tokens. Sign in, and make one under Settings.")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A token lasts 1 to {MOST_DAYS:,} days.")
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise BadInput(f"{unknown[0][:60]} is no scope. Choose among {', '.join(SCOPES)}.")
    owner = by.person_id if person_id is None else person_id
    if owner is None:
        raise BadInput("Say whose token it is.")
    if owner != by.person_id and by.role != ADMINISTRATOR:
        raise NotFound("There is no such person. Reload the page and choose from the list.")
    person = require_person(session, owner)
    prefix = secrets.token_hex(4)
    token = f"csx_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiToken(
        prefix=prefix,
        token_hash=hashed(token),
        person_id=person.id,
        name=name.strip()[:100],
        scopes=sorted({_READ, *scopes}),
        made_by=by.person_id,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    session.add(row)
    session.flush()  # the audit row needs its id
    until = f"for {days:,} days" if days else "without an end"
    said = f"of {person.name}, may {', '.join(row.scopes or ())}, {until}"
    audit(session, by, "token.created", "api_token", row.id, said, now)
    return token


def viewer_of_api_token(session: Session, presented: str, now: datetime) -> Viewer:
    """Whom a bearer token stands for; SignInNeeded when it is none of ours, over or revoked."""
    shape = _SHAPE.fullmatch(presented)
    row = shape and session.scalar(select(ApiToken).where(ApiToken.prefix == shape.group(1)))
    if not row or not compare_digest(row.token_hash, hashed(presented)):
        raise SignInNeeded("The token is not known. Create one under Settings, API tokens.")
    if row.revoked_at or (row.expires_at and row.expires_at <= now):
        raise SignInNeeded(
            "The token has been revoked or is over. Create a new one under Settings."
        )
    person = session.get(Person, row.person_id)
    if person is None or not person.active:
        raise SignInNeeded("The token's owner is no longer active. Ask an admin.")
    maker = session.get(Person, row.made_by) if row.made_by else None
    if not _vouched_for(row, maker):
        raise SignInNeeded(
            "Whoever made this token is no longer an admin here. Ask one for a new token."
        )
    found = viewer_of(session, person, now)
    other = maker.id if maker and maker.id != person.id else None
    known_as = f"csx_{row.prefix}"
    scopes = _granted(row.scopes)
    return replace(found, scopes=scopes, token=known_as, token_by=other)


def _granted(kept: Collection[str] | None) -> frozenset[str]:
    """What a token was made for. Those from before there were tokens that only read may change things."""
    found = frozenset(kept or ())
    return found - {_READ} if _READ in found else found | {WRITE}


def _vouched_for(token: ApiToken, maker: Person | None) -> bool:
    """Whoever made it has seen it, and might still use it when they have lost the right to make such a one."""
    if maker is None or maker.id == token.person_id:
        return True
    return maker.active and maker.role == ADMINISTRATOR


def use_unnoted(session: Session, presented: str, now: datetime) -> bool:
    """Whether `note_use` is due: at most once an hour, so that reads by token stay reads."""
    shape = _SHAPE.fullmatch(presented)
    if not shape:
        return False
    last = session.scalar(select(ApiToken.last_used_at).where(ApiToken.prefix == shape.group(1)))
    return last is None or now - last > _NOTE_USE_AFTER


def note_use(session: Session, presented: str, now: datetime) -> None:
    """Write down that the token has just been used."""
    shape = _SHAPE.fullmatch(presented)
    row = shape and session.scalar(select(ApiToken).where(ApiToken.prefix == shape.group(1)))
    if row:
        row.last_used_at = now


def list_tokens(session: Session, by: Viewer, now: datetime) -> list[TokenRow]:
    """One's own tokens, newest first; an admin sees everybody's."""
    maker = aliased(Person)
    query = (
        select(ApiToken, Person.name, maker)
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(maker, maker.id == ApiToken.made_by)
        .order_by(ApiToken.id.desc())
        .limit(MOST_TOKENS)
    )
    if by.role != ADMINISTRATOR:
        query = query.where(ApiToken.person_id == by.person_id)
    return [
        TokenRow(
            id=token.id,
            name=token.name,
            prefix=token.prefix,
            person=person,
            scopes=tuple(sorted(_granted(token.scopes))),
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
            revoked_at=token.revoked_at,
            works=token.revoked_at is None
            and not (token.expires_at and token.expires_at <= now)
            and _vouched_for(token, made_by),
        )
        for token, person, made_by in session.execute(query)
    ]


def revoke_token(session: Session, token_id: int, *, by: Viewer, now: datetime) -> None:
    """End a token at once. NotFound for other people's, unless `by` is an admin."""
    row = session.get(ApiToken, token_id)
    if row is None or (row.person_id != by.person_id and by.role != ADMINISTRATOR):
        raise NotFound("There is no such token. Reload the page and choose from the list.")
    if row.revoked_at is None:
        row.revoked_at = now
        audit(session, by, "token.revoked", "api_token", row.id, "", now)
