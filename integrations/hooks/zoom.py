"""Zoom: webinars and meetings, joined and left one by one, and registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from data.errors import BadInput
from data.types import EPOCH
from integrations.formats.records import MOMENT, ParsedFile
from integrations.formats.structured import deep, items
from integrations.hooks.records import (
    Headers,
    Said,
    Vendor,
    digest,
    file_of,
    hmac_hex,
    is_recent,
    moment,
    on_the_wall,
    parse,
    same,
    text,
    zone_of,
)
from integrations.hooks.segments import segments

VALIDATION = "endpoint.url_validation"
_MOVES = ("participant_joined", "participant_left")
_REGISTERED = {
    "registration_created": "registered",
    "registration_approved": "registered",
    "registration_cancelled": "cancelled",
    "registration_denied": "cancelled",
}
_SIGHTING = {
    "participant": pl.Utf8,
    "user": pl.Utf8,
    "kind": pl.Utf8,
    "at": MOMENT,
    "name": pl.Utf8,
    "email": pl.Utf8,
}


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Over the bytes as they came: writing the JSON anew would change them."""
    stamp = headers.get("x-zm-request-timestamp", "")
    given = headers.get("x-zm-signature", "")
    signed = b"v0:" + stamp.encode("utf-8", "replace") + b":" + raw
    right = [same(given, "v0=" + hmac_hex(secret, signed)) for secret in secrets]
    return is_recent(stamp, now) and any(right)


def sort(headers: Headers, raw: bytes, secrets: Sequence[str]) -> Said:
    """A check of the address is answered and not kept; what we do not know is kept and ignored."""
    body = parse(raw)
    kind = text(body, "event")
    if kind is None:
        raise BadInput("The body names no event.")
    if kind == VALIDATION:
        token = text(body, "payload", "plainToken") or ""
        secret = _secret_used(headers, raw, secrets)
        answer = {"plainToken": token, "encryptedToken": hmac_hex(secret, token.encode())}
        return Said(digest(raw), kind, stored=False, answer=answer)
    return Said(digest(raw), kind[:80], _subject(kind, body), closes=kind.endswith(".ended"))


def _secret_used(headers: Headers, raw: bytes, secrets: Sequence[str]) -> str:
    """While a secret is being changed, the answer is made with the one the question was signed with."""
    stamp, given = headers.get("x-zm-request-timestamp", ""), headers.get("x-zm-signature", "")
    signed = f"v0:{stamp}:".encode("utf-8", "replace") + raw
    return next((s for s in secrets if same(given, "v0=" + hmac_hex(s, signed))), secrets[0])


def _subject(kind: str, body: Any) -> str | None:
    family, _, move = kind.partition(".")
    if family not in ("webinar", "meeting"):
        return None
    if move in _MOVES or move in ("started", "ended"):
        uuid = text(body, "payload", "object", "uuid")
        return f"{family}:{uuid}"[:200] if uuid else None
    if move in _REGISTERED:
        number = text(body, "payload", "object", "id")
        return f"{family}-registrations:{number}"[:200] if number else None
    return None


def gather(bodies: Sequence[bytes]) -> ParsedFile:
    """One occurrence, or the registrations of one webinar."""
    told = [body for body in map(parse, bodies) if isinstance(body, dict)]
    family = (text(told[0], "event") or "webinar").partition(".")[0]
    if any(_move(body) in _REGISTERED for body in told):
        rows = _registrations(told)
        return file_of(
            f"zoom_{family}_hook", "Zoom registrations", "zoom", "registration", _event(told), rows
        )
    label = "Zoom webinar, live" if family == "webinar" else "Zoom meeting, live"
    return file_of(
        f"zoom_{family}_hook", label, "zoom", "attendance", _event(told), _attendances(told)
    )


def _move(body: Mapping[str, Any]) -> str:
    return (text(body, "event") or "").partition(".")[2]


def _event(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the deliveries say of the event. Of several words for one thing always the same is taken."""
    about = [deep(body, "payload", "object") for body in told]
    zone = zone_of(_first(text(one, "timezone") for one in about))
    start = min(filter(None, (moment(text(one, "start_time")) for one in about)), default=None)
    minutes = _first(text(one, "duration") for one in about)
    return [
        {
            "event_ref": 0,
            "source_event_id": (_first(text(one, "id") for one in about) or "")[:100] or None,
            "name": (_first(text(one, "topic") for one in about) or "Zoom event")[:300],
            "starts_at": on_the_wall(start, zone) if start else None,
            "zone": zone,
            "duration_minutes": float(minutes) if minutes and minutes.isdigit() else None,
        }
    ]


def _first(words: Any) -> str | None:
    return min(filter(None, words), default=None)


def _attendances(told: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    seen = pl.DataFrame(
        [row for row in map(_sighting, told) if row is not None], _SIGHTING, orient="row"
    )
    ends = [moment(text(body, "payload", "object", "end_time")) for body in told]
    ended = max(filter(None, ends), default=None)
    if any(_move(body) == "ended" for body in told) and ended is None:
        ended = seen["at"].max()
    return segments(seen, ended if isinstance(ended, datetime) else None)


def _sighting(body: Mapping[str, Any]) -> tuple[Any, ...] | None:
    move = _move(body)
    if move not in _MOVES:
        return None
    person = deep(body, "payload", "object", "participant")
    joined = move == "participant_joined"
    at = moment(text(person, "join_time" if joined else "leave_time"))
    if at is None:
        return None
    name, email = text(person, "user_name"), text(person, "email")
    user = text(person, "user_id") or ""
    known = text(person, "participant_uuid") or text(person, "registrant_id") or email or user
    return (known or name, user, "join" if joined else "left", at, name, email)


def _registrations(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per registrant: what was said last, and when they first were heard of."""
    latest: dict[str, tuple[tuple[int, str], Any]] = {}
    first: dict[str, int] = {}
    for body in told:
        person = deep(body, "payload", "object", "registrant")
        who = text(person, "id") or text(person, "email")
        status = _REGISTERED.get(_move(body))
        if who is None or status is None:
            continue
        at = _stamp(body)
        first[who] = min(at, first.get(who, at))
        if who not in latest or (at, status) > latest[who][0]:
            latest[who] = ((at, status), person)
    return [
        _registrant(person, status, first[who])
        for who, ((_, status), person) in sorted(latest.items(), key=lambda item: item[0])
    ]


def _stamp(body: Mapping[str, Any]) -> int:
    """When it happened, in milliseconds; 0 when it does not say."""
    said = text(body, "event_ts") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 15 else 0


def _registrant(person: Any, status: str, stamp: int) -> dict[str, Any]:
    names = (text(person, "first_name"), text(person, "last_name"))
    answers = [
        f"{text(one, 'title') or 'Question'}: {text(one, 'value')}"
        for one in items(deep(person, "custom_questions"))
        if text(one, "value")
    ]
    return {
        "event_ref": 0,
        "name": " ".join(filter(None, names)) or None,
        "email": text(person, "email"),
        "company": text(person, "org"),
        "title": text(person, "job_title"),
        "status": status,
        "registered_at": EPOCH.replace(tzinfo=None) + timedelta(milliseconds=stamp)
        if stamp
        else None,
        "detail": "; ".join(answers) or None,
    }


VENDOR = Vendor("zoom", "Zoom", "theirs", verify, sort, gather)
