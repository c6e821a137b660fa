"""Where an invited person answers. Open to everybody who has the address; looking changes nothing.

Scanners and previews open every link of a mail, so only the buttons of the page answer.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.forms import small_form
from api.hits import hits
from api.rendering import html
from api.tracking import limited, quiet
from data.db import transaction
from data.errors import AppError, NotFound
from services.clock import utc_now
from services.invitations import answers


async def show(request: Request) -> Response:
    return await run_in_threadpool(_page, request.path_params["token"])


async def answer(request: Request) -> Response:
    token = request.path_params["token"]
    form = await small_form(request)

    def take() -> Response:
        if not hits.is_ours("rsvp", token):
            return _nothing()
        try:
            with transaction() as session:
                choice, why = form.get("choice", ""), form.get("why", "")
                answers.answer(session, token, choice, why, now=utc_now())
        except NotFound:
            return _nothing()
        except AppError as error:
            return _page(token, problem=error.message)
        return _page(token, done=True)

    return await run_in_threadpool(take)


async def calendar(request: Request) -> Response:
    token = request.path_params["token"]

    def make() -> Response:
        if not hits.is_ours("rsvp", token):
            return _nothing()
        try:
            with transaction(read_only=True) as session:
                made = answers.calendar(session, token, utc_now())
        except NotFound:
            return _nothing()
        named = {"Content-Disposition": 'attachment; filename="event.ics"'}
        return quiet(Response(made, 200, named, "text/calendar"))

    return await run_in_threadpool(make)


async def nothing(_request: Request) -> Response:
    return _nothing()


def _page(token: str, *, done: bool = False, problem: str | None = None) -> Response:
    if not hits.is_ours("rsvp", token):
        return _nothing()
    try:
        with transaction(read_only=True) as session:
            found = answers.page(session, token, utc_now())
    except NotFound:
        return _nothing()
    platform = urlsplit(found.registration_url or "").hostname
    return quiet(
        html(
            "invitation.html", 422 if problem else 200, found=found, done=done, problem=problem,
            action=f"/r/{token}", platform=platform,
        )
    )  # fmt: skip


def _nothing() -> Response:
    return quiet(html("nothing.html", 404, title="Nothing here", text=answers.UNKNOWN))


ROUTES = [
    Route("/r/{token}", limited(show), methods=["GET"]),
    Route("/r/{token}", limited(answer), methods=["POST"]),
    Route("/r/{token}/event.ics", limited(calendar), methods=["GET"]),
    Route("/r/{rest:path}", limited(nothing), methods=["GET"]),
]
