"""An event as an entry of somebody's calendar, which later ones replace."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from data.tables import Event
from integrations.calendar_file import Entry, Invitee, Method, content_type, ics
from integrations.mime import Attachment
from services.invitations.catalogue.records import ended
from services.invitations.catalogue.saying import where

FILE = "event.ics"


def uid_of(token: str | None, registration_id: int | None = None) -> str:
    """The same for an invitation, whichever mail or page the entry comes from. Calendars are shared and
    entries passed on, and with the token one could answer: it cannot be had from this."""
    if not token:
        return f"registration-{registration_id}@invitations"
    return f"{hashlib.sha256(f'calendar {token}'.encode()).hexdigest()[:40]}@invitations"


def entry_of(
    event: Event, uid: str, now: datetime, organiser: Invitee | None = None
) -> tuple[bytes, Method]:
    """The `.ics` of an event as it stands, in its own zone, and its method. A cancelled one takes the
    entry back; that calendars are asked to do so by method needs an organiser (RFC 5546)."""
    off = event.status == "cancelled"
    method: Method = "CANCEL" if off and organiser else "PUBLISH"
    made = Entry(
        uid=uid,
        title=event.name,
        stamp=now,
        zone=event.time_zone,
        start=event.starts_at,
        end=ended(event.starts_at, event.ends_at, event.duration_minutes),
        description=event.description or "",
        location=where(event),
        url=event.join_url or event.registration_url or "",
        organiser=organiser,
        alarm=None if off else timedelta(minutes=30),
        sequence=event.revision or 0,
        cancelled=off,
    )
    return ics(made, method=method), method


def attached(event: Event, uid: str, now: datetime, organiser: Invitee | None) -> Attachment:
    """The same to go with a mail."""
    content, method = entry_of(event, uid, now, organiser)
    return Attachment(FILE, content_type(method), content)
