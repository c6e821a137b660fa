"""Skilljar: enrolments and completions of courses. It signs nothing: the hook's address is the secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats.records import ParsedFile
from integrations.formats.structured import deep
from integrations.hooks.courses import Learner, day_of, file_of_courses
from integrations.hooks.records import Headers, Said, Vendor, digest, moment, parse, text

_OURS = {"COURSE_ENROLLMENT": False, "COURSE_COMPLETION": True}


def verify(_headers: Headers, _raw: bytes, _secrets: Sequence[str], _now: datetime) -> bool:
    """Whoever knows the address may send."""
    return True


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = parse(raw)
    kind = text(body, "event_type") or text(body, "type")
    if kind is None:
        raise BadInput("The body names no event_type.")
    subject = day_of(moment(text(body, "timestamp"))) if kind in _OURS else None
    return Said(digest(raw), kind[:80], subject)


def gather(bodies: Sequence[bytes]) -> ParsedFile:
    learners = [_learner(body) for body in map(parse, bodies) if isinstance(body, dict)]
    return file_of_courses("skilljar", "Skilljar courses", learners)


def _learner(body: Mapping[str, Any]) -> Learner:
    said = deep(body, "data") or body
    names = (text(said, "user", "first_name"), text(said, "user", "last_name"))
    whole = " ".join(filter(None, names)) or text(said, "user", "name")
    kind = text(body, "event_type") or text(body, "type") or ""
    return Learner(
        course_id=text(said, "course", "id"),
        course=text(said, "course", "title"),
        name=whole,
        email=text(said, "user", "email"),
        at=moment(text(body, "timestamp")),
        completed=_OURS.get(kind, False),
    )


VENDOR = Vendor("skilljar", "Skilljar", "none", verify, sort, gather)
