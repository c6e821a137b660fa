"""Learning records (xAPI): statements about courses, posted by a learning system that knows a password."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats.layouts import Options, finish
from integrations.formats.lists import XAPI, read_list
from integrations.formats.records import TOLD, ParsedFile
from integrations.formats.structured import Item
from integrations.hooks.courses import day_of
from integrations.hooks.records import Headers, Said, Vendor, digest, moment, parse, same, text

USER = "cscx"
"""The name that goes with the password."""
MOST = 1_000


def verify(headers: Headers, _raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    """Basic authentication, as learning record stores ask for."""
    given = headers.get("authorization", "")
    right = [
        same(given, "Basic " + b64encode(f"{USER}:{secret}".encode()).decode())
        for secret in secrets
    ]
    return any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    """The answer lists the statements' ids, as the standard has it."""
    found = _statements(raw)
    first = found[0]
    number = _id(first) if len(found) == 1 else digest(raw)
    subject = day_of(moment(text(first, "timestamp") or text(first, "stored")))
    return Said(number, "statements", subject, answer=[_id(one) for one in found])


def _statements(raw: bytes) -> list[Item]:
    body = parse(raw)
    found: list[Any] = body if isinstance(body, list) else [body]
    whole = [one for one in found if isinstance(one, dict)]
    if not whole or len(whole) < len(found):
        raise BadInput("Send a statement, or a list of them.")
    if len(whole) > MOST:
        raise BadInput(f"Send at most {MOST:,} statements at a time.")
    for one in whole:
        if not {"actor", "verb", "object"} <= one.keys():
            raise BadInput("A statement has an actor, a verb and an object.")
    return whole


def _id(statement: Item) -> str:
    """Its own, else one made of what it says, so that the same statement gets the same."""
    said = text(statement, "id")
    spelled = json.dumps(statement, sort_keys=True)
    return said[:100] if said else str(uuid.uuid5(uuid.NAMESPACE_OID, spelled))


def gather(bodies: Sequence[bytes]) -> ParsedFile:
    distinct = {_id(one): one for raw in bodies for one in _statements(raw)}
    ordered = [one for _, one in sorted(distinct.items())]
    reading = read_list(json.dumps(ordered).encode())
    assert isinstance(reading, tuple), "statements have been checked"
    return replace(finish(XAPI, reading[1], Options()), kind=TOLD)


VENDOR = Vendor("xapi", "Learning records (xAPI)", "ours", verify, sort, gather, user=USER)
