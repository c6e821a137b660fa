"""Where other systems send what happens: `POST /hooks/<vendor>/<address>`. Open to everybody, so each
delivery proves itself, over its bytes as they came; it is kept before it is answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.pace import Visits, address_of, come_again
from data.db import transaction
from data.errors import AppError, NotFound, SignInNeeded
from data.settings import settings
from integrations.hooks import VENDORS
from integrations.hooks.records import URI
from services import hooks
from services.clock import utc_now

Answer = Callable[[Request], Awaitable[Response]]
MOST_BYTES = 1024 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9_-]{20,64}")
visits = Visits()
_known: set[str] = set()
"""Addresses that were called before and are ours: each is counted for itself, all others by who calls."""
_QUIET = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


def paced(answer: Answer) -> Answer:
    """The same for whoever does not come too often; a vendor that does is told when to come again."""

    async def asked(request: Request) -> Response:
        called = request.path_params.get("address", "")
        visitor = f"to {called}" if called in _known else f"from {address_of(request)}"
        if seconds := visits.wait(visitor, settings().hooks_per_minute):
            return come_again(seconds, _QUIET)
        return await answer(request)

    return asked


async def receive(request: Request) -> Response:
    vendor, address = request.path_params["vendor"], request.path_params["address"]
    if not _ADDRESS.fullmatch(address):
        return _says(404, "There is nothing at this address.")
    raw = await _body(request)
    if isinstance(raw, Response):
        return raw
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers[URI] = _address_called(request)
    return await run_in_threadpool(_taken, vendor, address, headers, raw)


def _address_called(request: Request) -> str:
    """As the vendor knows it: behind a proxy, the request itself has another host."""
    query = request.url.query
    return f"{settings().base_url.rstrip('/')}{request.url.path}" + (f"?{query}" if query else "")


async def probed(request: Request) -> Response:
    """Some vendors ask with a GET if there is anybody before they save the address."""
    vendor, address = request.path_params["vendor"], request.path_params["address"]
    if not _ADDRESS.fullmatch(address) or vendor not in VENDORS or not VENDORS[vendor].probed:
        return await nothing(request)
    return await run_in_threadpool(_there, vendor, address)


def _there(vendor: str, address: str) -> Response:
    try:
        with transaction(read_only=True) as session:
            hooks.find(session, vendor, address, now=utc_now())
        _known.add(address)
    except NotFound as error:
        return _says(404, error.message)
    return JSONResponse({}, headers=_QUIET)


async def nothing(_request: Request) -> Response:
    return _says(404, "There is nothing at this address.")


async def _body(request: Request) -> bytes | Response:
    """At most MOST_BYTES; whoever sends more is cut off."""
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > MOST_BYTES:
                return _says(413, "A delivery has at most 1 MB.")
            pieces.append(piece)
    except ClientDisconnect:
        return _says(400, "The request ended early.")
    return b"".join(pieces)


def _taken(vendor: str, address: str, headers: dict[str, str], raw: bytes) -> Response:
    now = utc_now()
    try:
        answer = _kept(vendor, address, headers, raw, now)
    except NotFound as error:
        return _says(404, error.message)
    except SignInNeeded as error:
        return _says(401, error.message)
    except AppError as error:
        return _says(422, error.message)
    return JSONResponse(answer, headers=_QUIET)


def _kept(vendor: str, address: str, headers: dict[str, str], raw: bytes, now: datetime) -> Any:
    with transaction(read_only=True) as session:
        known = hooks.find(session, vendor, address, now=now)
    _known.add(address)
    try:
        said = hooks.believed(known, headers, raw, now=now)
    except SignInNeeded:
        if hooks.worth_noting(known, now=now):
            with transaction() as session:
                hooks.note_refusal(session, known, now=now)
        raise
    with transaction() as session:
        hooks.store(session, known, said, raw, now=now)
    return said.answer


def _says(status: int, words: str) -> Response:
    return JSONResponse({"detail": words}, status, _QUIET)


ROUTES = [
    Route("/hooks/{vendor}/{address}", paced(receive), methods=["POST"]),
    Route("/hooks/{vendor}/{address}", paced(probed), methods=["GET"]),
    # Learning systems add the name of the resource to the address they are given.
    Route("/hooks/{vendor}/{address}/statements", paced(receive), methods=["POST"]),
    Route("/hooks/{rest:path}", paced(nothing), methods=["GET", "POST", "PUT"]),
]
