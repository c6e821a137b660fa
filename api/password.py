"""The page behind a one-time link: a colleague chooses a password and is in."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import small_form
from api.rendering import html
from api.signin import check_sender, not_read, with_cookie
from data.db import transaction
from data.errors import AppError, NotAllowed
from services.access import links
from services.access.passwords import SHORTEST, hash_password
from services.clock import utc_now


async def show(request: Request) -> Response:
    return await run_in_threadpool(_page, request.query_params.get("key", ""))


async def choose(request: Request) -> Response:
    try:
        check_sender(request)
    except AppError as error:
        return not_read(error)
    form = await small_form(request)
    key, password = form.get("key", ""), form.get("password", "")

    def use() -> str:
        with transaction(read_only=True) as session:
            email = links.whose(session, key, utc_now()).email or ""
        hashed = hash_password(password, email=email)
        with transaction() as session:
            return links.choose_password(session, key, hashed, utc_now())

    try:
        token = await run_in_threadpool(use)
    except NotAllowed as error:
        return _over(error)
    except AppError as error:
        return await run_in_threadpool(_page, key, error)
    return with_cookie(RedirectResponse("/", 303), token)


def _page(key: str, error: AppError | None = None) -> Response:
    try:
        with transaction(read_only=True) as session:
            person = links.whose(session, key, utc_now())
            name, email = person.name, person.email
    except NotAllowed as over:
        return _over(over)
    return html(
        "password.html",
        422 if error else 200,
        key=key,
        name=name,
        email=email,
        error=error.message if error else None,
        shortest=SHORTEST,
    )


def _over(error: AppError) -> Response:
    return html("message.html", 403, title="This link cannot be used", text=error.message)


ROUTES = [
    Route("/password", show, methods=["GET"]),
    Route("/password", choose, methods=["POST"]),
]
