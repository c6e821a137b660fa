"""How much a request of the API may bring. It is read and parsed before its caller is known, so a stranger
could make this process hold as much as they like."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import vouched
from data.errors import SignInNeeded, TooMany

MOST_BYTES = 16 * 1024 * 1024
"""A thousand tickets with their messages."""
MOST_OF_STRANGERS = 64 * 1024
"""Without a good token it is refused anyway."""
FILES = "/events/attendance/upload"
"""Knows its caller before it reads a file, and has a limit of its own."""


class BodyLimit:
    """ASGI middleware: 413 as soon as a body turns out to be over the limit, whatever its headers say, and
    401 when only a token would let it be that large and there is no such token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith(FILES):
            receive = _of_a_caller(receive, Request(scope))
        await self._app(scope, receive, send)


def _of_a_caller(receive: Receive, request: Request) -> Receive:
    """Looked up only when a body is large: the route does so anyway, but after it has parsed it."""
    if not request.headers.get("authorization", "").lower().startswith("bearer csx_"):
        return counted(receive, MOST_OF_STRANGERS)
    seen, known = 0, False

    async def counting() -> Message:
        nonlocal seen, known
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise HTTPException(413, _too_much(MOST_BYTES))
        if seen > MOST_OF_STRANGERS and not known:
            await run_in_threadpool(_known, request)
            known = True
        return message

    return counting


def _known(request: Request) -> None:
    # Of other errors the framework would say that the body cannot be parsed.
    try:
        vouched(request)
    except SignInNeeded as refusal:
        raise HTTPException(401, refusal.message, {"WWW-Authenticate": "Bearer"}) from None
    except TooMany as refusal:
        wait = {"Retry-After": str(refusal.seconds)}
        raise HTTPException(429, refusal.message, wait) from None


def counted(receive: Receive, limit: int, words: str = "") -> Receive:
    """The same, until more than `limit` bytes of a body have come; then HTTPException 413."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, words or _too_much(limit))
        return message

    return counting


def _too_much(limit: int) -> str:
    return f"The request is over {limit // 1024:,} KB. Send fewer records at a time."
