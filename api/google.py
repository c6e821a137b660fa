"""The way to Google and back, by which people connect their own Gmail."""

from __future__ import annotations

import logging
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.rendering import html
from api.visitors import local_path, session_token
from data.db import transaction
from data.errors import AppError, NotAllowed, SignInNeeded
from data.settings import settings
from services.access import Viewer, signin
from services.clock import utc_now
from services.mailboxes import connect

log = logging.getLogger(__name__)
HOME = "/mailboxes"
_ELSEWHERE = "This was started on another site. Open the Mailboxes page and press Connect there."
_DEMO = "The demo sends to a folder only: it does not connect to Google."


async def set_out(request: Request) -> Response:
    """`?calendar=1` asks for the calendar too; `next` is where to go on to afterwards."""
    back = request.query_params.get("next")
    back = HOME if back is None else local_path(back)
    calendar = request.query_params.get("calendar") == "1"

    def start() -> str:
        token, now = _session_of(request), utc_now()
        with transaction() as session:
            by = _viewer(signin.viewer_of_token(session, token, now))
            return connect.set_out(session, token, back=back, calendar=calendar, by=by, now=now)

    try:
        # Any page may lead here; only ours may make a person's browser begin.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise NotAllowed(_ELSEWHERE)
        return _leave(await run_in_threadpool(start))
    except AppError as error:
        return _refused(error)


async def come_back(request: Request) -> Response:
    """Google sends people here, with a code or with their refusal; the state is used up either way."""
    said = request.query_params

    def finish() -> str:
        token, now = _session_of(request), utc_now()
        with transaction() as session:
            by = _viewer(signin.viewer_of_token(session, token, now))
            trip = connect.come_back(session, said.get("state", ""), token, now=now)
        code = said.get("code", "")
        if said.get("error") or not code:
            return _with(trip.back, "google", "declined")
        connected = connect.open_account(trip, code)
        try:
            with transaction() as session:
                mailbox_id = connect.keep(session, connected, by=by, now=utc_now())
        except AppError:
            connect.give_back(connected)
            raise
        log.info("google_connected mailbox=%s person=%s", mailbox_id, by.person_id)
        return _with(trip.back, "google", "connected")

    try:
        return _leave(await run_in_threadpool(finish))
    except AppError as error:
        log.info("google_not_connected reason=%s", type(error).__name__)
        return _refused(error)


def _session_of(request: Request) -> str:
    if settings().demo:
        raise NotAllowed(_DEMO)
    token = session_token(request.headers)
    if token is None:
        raise SignInNeeded("Sign in first, then connect the mailbox.")
    return token


def _viewer(found: Viewer | None) -> Viewer:
    if found is None:
        raise SignInNeeded("You are signed out. Sign in, then connect the mailbox.")
    return found


def _with(path: str, name: str, value: str) -> str:
    """The path of ours with one more word in its query, read by the page that is there."""
    # Checked when it was sealed; a second look costs nothing.
    path = local_path(path)
    return f"{path}{'&' if urlsplit(path).query else '?'}{urlencode({name: value})}"


def _leave(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def _refused(error: AppError) -> Response:
    return html(
        "message.html",
        403,
        title="Gmail is not connected",
        text=error.message,
        way=HOME,
        way_words="To the Mailboxes page",
    )


ROUTES = [
    Route("/connect/google", set_out, methods=["GET"]),
    Route(connect.BACK_PATH, come_back, methods=["GET"]),
]
