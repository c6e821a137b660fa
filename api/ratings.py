"""Where the handling of a ticket is rated. Open to everybody who has the address; looking changes nothing.

Scanners and previews open every link of a mail, so only the buttons of the page rate: one click there.
"""

from __future__ import annotations

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
from services.tickets import ratings


async def show(request: Request) -> Response:
    return await run_in_threadpool(_page, request.path_params["token"])


async def rate(request: Request) -> Response:
    token = request.path_params["token"]
    form = await small_form(request)

    def take() -> Response:
        if not hits.is_ours("rating", token):
            return _nothing()
        try:
            with transaction() as session:
                ratings.rate(
                    session, token, form.get("score", ""), form.get("comment"), now=utc_now()
                )
        except NotFound:
            return _nothing()
        except AppError as error:
            return _page(token, problem=error.message)
        return _page(token, done=True)

    return await run_in_threadpool(take)


async def nothing(_request: Request) -> Response:
    return _nothing()


def _page(token: str, *, done: bool = False, problem: str | None = None) -> Response:
    if not hits.is_ours("rating", token):
        return _nothing()
    try:
        with transaction(read_only=True) as session:
            found = ratings.page(session, token, utc_now())
    except NotFound:
        return _nothing()
    return quiet(
        html(
            "rating.html", 422 if problem else 200, found=found, scores=ratings.SCORES, done=done,
            problem=problem, action=f"/f/{token}",
        )
    )  # fmt: skip


def _nothing() -> Response:
    return quiet(html("nothing.html", 404, title="Nothing here", text=ratings.UNKNOWN))


ROUTES = [
    Route("/f/{token}", limited(show), methods=["GET"]),
    Route("/f/{token}", limited(rate), methods=["POST"]),
    Route("/f/{rest:path}", limited(nothing), methods=["GET"]),
]
