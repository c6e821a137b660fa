"""Thinkific: enrolments, progress and completions of courses. One upload per day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats.records import ParsedFile
from integrations.formats.structured import deep
from integrations.hooks.courses import Learner, day_of, file_of_courses
from integrations.hooks.records import (
    Headers,
    Said,
    Vendor,
    digest,
    hmac_hex,
    moment,
    parse,
    same,
    text,
)


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    """No time is signed: what was sent before is told by its id."""
    given = headers.get("x-thinkific-hmac-sha256", "")
    right = [same(given, hmac_hex(secret, raw)) for secret in secrets]
    return any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = parse(raw)
    resource, action = text(body, "resource"), text(body, "action")
    if resource is None or action is None:
        raise BadInput("The body names no resource and action.")
    number = text(body, "id")
    ours = resource == "enrollment" and action in ("created", "progress", "completed")
    subject = day_of(moment(text(body, "created_at"))) if ours else None
    return Said((number or digest(raw))[:200], f"{resource}.{action}"[:80], subject)


def gather(bodies: Sequence[bytes]) -> ParsedFile:
    learners = [_learner(body) for body in map(parse, bodies) if isinstance(body, dict)]
    return file_of_courses("thinkific", "Thinkific courses", learners)


def _learner(body: Mapping[str, Any]) -> Learner:
    """Complete when it says so, or when the share done, which comes as a text, is 1."""
    said = deep(body, "payload")
    names = (text(said, "user", "first_name"), text(said, "user", "last_name"))
    share = text(said, "percentage_completed") or "0"
    done = text(body, "action") == "completed" or share.rstrip("0").rstrip(".") == "1"
    at = text(said, "completed_at") if done else text(said, "started_at")
    return Learner(
        course_id=text(said, "course", "id"),
        course=text(said, "course", "name"),
        name=" ".join(filter(None, names)) or None,
        email=text(said, "user", "email"),
        at=moment(at) or moment(text(body, "created_at")),
        completed=done,
    )


VENDOR = Vendor("thinkific", "Thinkific", "theirs", verify, sort, gather)
