"""Forms that anybody may send: what comes is small, and is known to be before any of it is understood."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from api.body import counted

MOST_BYTES = 64 * 1024
_MOST_FIELDS = 10
_TOO_MUCH = "Too much for this address. Open the page anew and send its form from there."


async def small_form(request: Request) -> dict[str, str]:
    """The texts of a form of a few fields. HTTPException 413 for one that is too long, as soon as its headers
    or what came of it say so; 400 for one that is none or has too many fields."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > MOST_BYTES:
        raise HTTPException(413, _TOO_MUCH)
    body = await _read(Request(request.scope, counted(request.receive, MOST_BYTES, _TOO_MUCH)))
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        fields = await _parts(Request(request.scope, _once(body)))
    else:
        fields = _pairs(body)
    return {name: said for name, said in fields.items() if not _has_halves(said)}


async def _read(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The request ended early.") from None


def _pairs(body: bytes) -> dict[str, str]:
    """As browsers send it. Counted before it is taken apart, so that one of `&` alone costs nothing."""
    try:
        found = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise HTTPException(400, "The form has too many fields.") from None
    return dict(found)


async def _parts(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=16_384) as form:
        return {name: said for name, said in form.items() if isinstance(said, str)}


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _has_halves(text: str) -> bool:
    """Whether it has halves of characters, which nobody types and nothing can be made of."""
    return any("\ud800" <= one <= "\udfff" for one in text)
