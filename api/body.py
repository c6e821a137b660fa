"""How much a request of the API may bring. It is read and parsed before its caller is known, so a stranger
could make this process hold as much as they like."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 16 * 1024 * 1024
"""A thousand tickets with their messages."""
MOST_OF_STRANGERS = 64 * 1024
"""Without a token it is refused anyway."""
FILES = "/events/attendance/upload"
"""Knows its caller before it reads a file, and has a limit of its own."""


class BodyLimit:
    """ASGI middleware: 413 as soon as a body turns out to be over the limit, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith(FILES):
            receive = counted(receive, _limit(scope))
        await self._app(scope, receive, send)


def _limit(scope: Scope) -> int:
    given = Headers(scope=scope).get("authorization", "").lower()
    return MOST_BYTES if given.startswith("bearer csx_") else MOST_OF_STRANGERS


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
