"""Connecting a person's own Gmail: out to Google with a state that works once, and back."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from data.errors import BadInput, NotAllowed
from data.settings import settings
from data.tables import Mailbox, OneTimeLink
from data.versions import bump
from integrations.google_http import GoogleAccount
from integrations.google_oauth import (
    CALENDAR_SCOPE,
    MAIL_SCOPES,
    consent_address,
    exchange,
    new_verifier,
    revoke,
)
from integrations.google_trouble import Trouble
from integrations.senders.gmail import GmailSender
from services.access import Viewer, audit, company
from services.access.signin import hashed
from services.mailboxes import google
from services.mailboxes.book import LOCK, PER_DAY, PER_MINUTE, READY, REMOVED
from services.mailboxes.vault import Sealed, seal, unseal

BACK_PATH = "/connect/google/back"
PURPOSE = "google"
VALID_FOR = timedelta(minutes=15)
LONGEST_STATE = 4_000
_OVER = "This way back from Google was used already, or took too long. Start again on the Mailboxes page."


@dataclass(frozen=True)
class Trip:
    """What a person set out with. `sign_in` is the hash of their session's token, `back` a path of ours."""

    person_id: int
    sign_in: str
    back: str
    calendar: bool
    verifier: str = field(repr=False)

    @property
    def scopes(self) -> tuple[str, ...]:
        return (*MAIL_SCOPES, CALENDAR_SCOPE) if self.calendar else MAIL_SCOPES


@dataclass(frozen=True)
class Connected:
    """An account that Google let us into."""

    address: str
    name: str
    calendar: bool
    refresh_token: str = field(repr=False)


def set_out(
    session: Session, sign_in: str, *, back: str, calendar: bool, by: Viewer, now: datetime
) -> str:
    """Google's address for this person's consent. `sign_in` is the token of their session.

    NotFound when Google is not set up. Earlier trips of theirs stay valid: a second tab may be open.
    """
    client = google.require_client()
    if by.person_id is None:
        raise NotAllowed("Only a person can connect their mailbox. Sign in first.")
    trip = Trip(by.person_id, hashed(sign_in), back, calendar, new_verifier())
    state = seal(
        json.dumps(
            {
                "person": trip.person_id,
                "sign_in": trip.sign_in,
                "back": trip.back,
                "calendar": trip.calendar,
                "verifier": trip.verifier,
                "once": secrets.token_urlsafe(16),
            }
        )
    ).decode()
    session.add(OneTimeLink(token_hash=hashed(state), purpose=PURPOSE, expires_at=now + VALID_FOR))
    return consent_address(
        client,
        back=_back_address(),
        state=state,
        verifier=trip.verifier,
        scopes=trip.scopes,
        hint=by.email or "",
    )


def come_back(session: Session, state: str, sign_in: str, *, now: datetime) -> Trip:
    """The trip this state belongs to; used up by it. NotAllowed when it is not this session's, or over."""
    trip = _read(state)
    if trip is None or not secrets.compare_digest(trip.sign_in, hashed(sign_in)):
        raise NotAllowed(_OVER)
    done = session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hashed(state),
            OneTimeLink.purpose == PURPOSE,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
    )
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise NotAllowed(_OVER)
    return trip


def open_account(trip: Trip, code: str) -> Connected:
    """Trade the code in and ask whose account it is. Calls Google: no transaction may be open.

    BadInput when Google refuses, or the person left out a right that sending needs.
    """
    client = google.require_client()
    try:
        grant = exchange(
            client, code=code, verifier=trip.verifier, back=_back_address(), asked=trip.scopes
        )
        if not set(MAIL_SCOPES) <= grant.scopes:
            revoke(client, grant.refresh_token)
            raise BadInput(
                "Google gave only part of the access. Connect again and leave every box ticked."
            )
        who = GmailSender(GoogleAccount(client, grant.refresh_token)).identity()
    except Trouble as trouble:
        raise BadInput(f"Google did not connect the mailbox. {trouble.words}") from None
    return Connected(who.address, who.name, CALENDAR_SCOPE in grant.scopes, grant.refresh_token)


def keep(session: Session, connected: Connected, *, by: Viewer, now: datetime) -> int:
    """Make it this person's mailbox, in the place of what they had; its id.

    BadInput for an address outside our own domains (where those are known), or a colleague's.
    """
    bump(session, LOCK)
    _check_address(session, connected.address, by)
    mailbox = None
    for other in session.scalars(
        select(Mailbox).where(Mailbox.person_id == by.person_id, Mailbox.state != REMOVED)
    ):
        if other.kind == "gmail" and other.address == connected.address:
            mailbox = other
        else:
            other.state, other.secret, other.why = REMOVED, None, "Another one took its place."
    if mailbox is None:
        mailbox = Mailbox(
            person_id=by.person_id,
            kind="gmail",
            address=connected.address,
            display_name=connected.name or by.name,
            per_minute=PER_MINUTE["gmail"],
            per_day=PER_DAY["gmail"],
            created_at=now,
        )
        session.add(mailbox)
    mailbox.secret = seal(connected.refresh_token)
    mailbox.state, mailbox.why, mailbox.checked_at = READY, None, now
    mailbox.options = {**(mailbox.options or {}), "calendar": connected.calendar}
    session.flush()  # the audit row needs its id
    what = "gmail with calendar" if connected.calendar else "gmail"
    audit(session, by, "mailbox.connected", "mailbox", mailbox.id, what, now)
    return mailbox.id


def give_back(connected: Connected) -> None:
    """Let go of access that is not kept. Calls Google; failing is harmless."""
    revoke(google.require_client(), connected.refresh_token)


def _check_address(session: Session, address: str, by: Viewer) -> None:
    ours = {*company.own_domains(session), *company.fixed_own_domains()}
    if ours and address.rpartition("@")[2] not in ours:
        raise BadInput(
            "This is not an address of your company. Connect your work account; if it is one, ask an "
            "admin to add its domain under Settings, Our own mail domains."
        )
    taken = session.scalar(
        select(Mailbox.id).where(
            Mailbox.kind == "gmail",
            Mailbox.address == address,
            Mailbox.state != REMOVED,
            Mailbox.person_id != by.person_id,
        )
    )
    if taken is not None:
        raise BadInput("A colleague has connected this account already. Connect your own.")


def _read(state: str) -> Trip | None:
    if not state or len(state) > LONGEST_STATE:
        return None
    try:
        said = json.loads(unseal(state.encode()))
        return Trip(
            person_id=int(said["person"]),
            sign_in=str(said["sign_in"]),
            back=str(said["back"]),
            calendar=bool(said["calendar"]),
            verifier=str(said["verifier"]),
        )
    except (Sealed, ValueError, KeyError, TypeError):
        return None


def _back_address() -> str:
    return settings().base_url.rstrip("/") + BACK_PATH
