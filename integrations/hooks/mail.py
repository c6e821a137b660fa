"""What mail vendors tell, as rows of one shape: one event of one message to one recipient."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson
import polars as pl

from data.errors import BadInput
from integrations.hooks.records import Headers, same

USER = "cscx"
"""The name that goes with the password, where a vendor proves itself by one."""
MAIL_EVENTS: dict[str, Any] = {
    "event_id": pl.String,
    "kind": pl.Int16,
    "at": pl.Datetime("us"),
    "timed": pl.Boolean,
    "times": pl.Int32,
    "email": pl.String,
    "name": pl.String,
    "company": pl.String,
    "message": pl.String,
    "campaign": pl.String,
    "campaign_name": pl.String,
    "subject": pl.String,
    "tags": pl.String,
    "url": pl.String,
    "ip": pl.String,
    "agent": pl.String,
    "method": pl.Int16,
    "flagged": pl.Boolean,
    "everything": pl.Boolean,
    "detail": pl.String,
    "bulk": pl.Boolean,
}
"""`kind` is a code of data.tables.ledger, `at` is UTC. `event_id`, `message` and `campaign` are the
vendor's own ids where it has them; an empty agent is "", an unknown one null; `company` is told by files alone.
`bulk`: whether the vendor says that it is bulk mail, null where it does not."""
_LONGEST = {
    "event_id": 200,
    "email": 400,
    "name": 300,
    "company": 300,
    "message": 300,
    "campaign": 150,
    "campaign_name": 300,
    "subject": 300,
    "tags": 150,
    "url": 2_000,
    "ip": 45,
    "agent": 300,
    "detail": 300,
}
_CONTROL = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+"
_FIRST, _LAST = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp() * 1e6) for y in (2000, 2100))
_AT_ONCE = 2_000
_TEXT = {str, type(None)}
_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,9})?")


class Told(NamedTuple):
    """One event as a vendor's reader makes it: texts as they came, `at` in microseconds since 1970."""

    kind: int
    at: int | None
    email: Any
    event_id: Any = None
    message: Any = None
    campaign: Any = None
    campaign_name: Any = None
    subject: Any = None
    tags: Any = None
    url: Any = None
    ip: Any = None
    agent: Any = None
    flagged: bool | None = None
    everything: bool | None = None
    detail: Any = None
    name: Any = None
    method: int | None = None
    times: int = 1
    timed: bool = True
    company: Any = None
    bulk: bool | None = None


def frame_of(told: Iterable[Told]) -> pl.DataFrame:
    """MAIL_EVENTS: cleaned, cut to length; without those that name no recipient or no time."""
    waiting = iter(told)
    pieces: list[pl.DataFrame] = []
    # Few at a time: what is laid down as columns is forgotten as objects, which would otherwise be looked
    # through again and again for what can be collected.
    while rows := list(islice(waiting, _AT_ONCE)):
        columns = dict(zip(Told._fields, zip(*rows, strict=True), strict=True))
        pieces.append(pl.DataFrame([_series(name, columns[name]) for name in MAIL_EVENTS]))
    return cleaned(pl.concat(pieces)) if pieces else pl.DataFrame(schema=MAIL_EVENTS)


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with the columns of MAIL_EVENTS, `at` as whole microseconds, made fit to be kept."""
    texts = [tidied(name) for name in _LONGEST]
    empty = [pl.when(pl.col(n) != "").then(pl.col(n)).alias(n) for n in _LONGEST if n != "agent"]
    return (
        frame.filter(pl.col("at").is_between(_FIRST, _LAST) & pl.col("email").is_not_null())
        .with_columns(texts)
        .with_columns(*empty, at=pl.col("at").cast(pl.Datetime("us")))
        .filter(pl.col("email").is_not_null())
        .select(*MAIL_EVENTS)
    )


def tidied(name: str) -> pl.Expr:
    """A text of MAIL_EVENTS, fit to be kept."""
    text = pl.col(name).str.replace_all(_CONTROL, " ").str.strip_chars()
    return text.str.slice(0, _LONGEST[name])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    kind = MAIL_EVENTS[name]
    if kind != pl.String:
        return pl.Series(name, values, pl.Int64 if name == "at" else kind, strict=False)
    if not set(map(type, values)) <= _TEXT:
        values = [_text(one) for one in values]
    try:
        return pl.Series(name, values, pl.String)
    except UnicodeEncodeError:  # half characters: no store takes them
        whole = [one and one.encode("utf-8", "replace").decode() for one in values]
        return pl.Series(name, whole, pl.String)


def _text(value: Any) -> str | None:
    if type(value) is str:
        return value
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, list):
        return ", ".join(sorted({one for each in value if (one := _text(each))})) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def loads(raw: bytes) -> Any:
    """A JSON body. BadInput when it is none."""
    try:
        return orjson.loads(raw)
    except ValueError:
        pass  # it is strict: other encodings, half characters and NaN come, and must not lose a delivery
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise BadInput("The body is not JSON.") from None


def objects(raw: bytes, *names: str) -> list[dict[str, Any]]:
    """The object, or the objects of the list, that a body is or holds under one of `names`."""
    body = loads(raw)
    for name in names:
        if isinstance(body, dict) and isinstance(body.get(name), list):
            body = body[name]
    found = body if isinstance(body, list) else [body]
    return [one for one in found if isinstance(one, dict)]


def within(item: object, *path: str) -> Any:
    """What lies at a path of keys, or None."""
    for key in path:
        item = item.get(key) if isinstance(item, dict) else None
    return item


def micros(value: Any, scale: int = 1_000_000) -> int | None:
    """Seconds since 1970 (or whatever `scale` makes of them), as a number or its text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -1e15 < value < 1e15:  # also no NaN
        return None
    return round(value * scale)


def iso_micros(value: Any) -> int | None:
    """ISO 8601; without a zone it is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return round(found.timestamp() * 1e6)
    except (ValueError, OverflowError):
        return None


def knows_password(headers: Headers, secrets: Sequence[str]) -> bool:
    """Basic authentication as USER, or the secret as a bearer token."""
    given = headers.get("authorization", "")
    right = [
        same(given, wanted)
        for secret in secrets
        for wanted in (
            "Basic " + b64encode(f"{USER}:{secret}".encode()).decode(),
            "Bearer " + secret,
        )
    ]
    return any(right)
