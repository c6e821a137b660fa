"""Signing in, out and up, as plain forms that password managers know."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.pace import Visits, address_of
from api.rendering import html
from api.visitors import COOKIE, is_secure, local_path, same_origin, session_token
from data.db import transaction
from data.errors import AppError, NotAllowed, TooMany
from data.settings import settings
from services.access import people, signin, welcome
from services.access.passwords import SHORTEST
from services.clock import utc_now

log = logging.getLogger(__name__)
visits = Visits()
_MOST_FIELDS = 10
# As long as browsers allow: the session's row in the database says when it is over.
_COOKIE_SECONDS = 400 * 24 * 3600
_ELSEWHERE = "The form was sent from another address than this one. Open the page anew and send it from there."


async def show_sign_in(request: Request) -> Response:
    if settings().demo:
        return RedirectResponse("/", 303)
    return await run_in_threadpool(_sign_in_page, local_path(request.query_params.get("next")))


async def do_sign_in(request: Request) -> Response:
    form = await read_form(request)
    wanted = local_path(text_of(form, "next"))

    def start() -> str:
        with transaction(read_only=True) as session:
            person_id = signin.check_password(
                session,
                text_of(form, "email"),
                text_of(form, "password"),
                utc_now(),
                visitor=address_of(request),
            )
        with transaction() as session:
            return signin.start_session(session, person_id, utc_now())

    try:
        check_origin(request.headers)
        _check_pace(request)
        token = await run_in_threadpool(start)
    except AppError as error:
        log.info("sign_in_refused reason=%s", type(error).__name__)
        return await run_in_threadpool(
            _sign_in_page, wanted, error=error, email=text_of(form, "email")
        )
    return with_cookie(RedirectResponse(wanted, 303), token)


async def show_sign_out(_request: Request) -> Response:
    return html("signout.html")


async def do_sign_out(request: Request) -> Response:
    token = session_token(request.headers)

    def end() -> None:
        with transaction() as session:
            signin.sign_out(session, token or "", utc_now())

    try:
        check_origin(request.headers)
    except NotAllowed as error:
        return html("message.html", 403, title="Not signed out", text=error.message)
    if token:
        await run_in_threadpool(end)
    answer = RedirectResponse("/signin", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure())
    # The browser keeps words that were typed into drafts and not left; they are this person's.
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


async def show_welcome(request: Request) -> Response:
    key = request.query_params.get("key", "")

    def check() -> None:
        with transaction(read_only=True) as session:
            welcome.check_link(session, key, utc_now())

    return await _welcome(check, {"key": key, "name": "", "email": ""})


async def do_welcome(request: Request) -> Response:
    form = await read_form(request)
    values = {name: text_of(form, name) for name in ("key", "name", "email")}
    owner = welcome.NewOwner(values["name"], values["email"], text_of(form, "password"))

    def create() -> str:
        check_origin(request.headers)
        with transaction() as session:
            return welcome.create_owner(session, values["key"], owner, utc_now())

    return await _welcome(create, values)


async def _welcome(step: Callable[[], str | None], values: Mapping[str, str]) -> Response:
    """The form, again with the error after a mistake; on into the app when `step` returns a token."""
    try:
        token = await run_in_threadpool(step)
    except NotAllowed as error:
        return html("message.html", 403, title="This link cannot be used", text=error.message)
    except AppError as error:
        return html("welcome.html", 422, error=error.message, shortest=SHORTEST, **values)
    if token:
        return with_cookie(RedirectResponse("/", 303), token)
    return html("welcome.html", 200, error=None, shortest=SHORTEST, **values)


def _sign_in_page(wanted: str, *, error: AppError | None = None, email: str = "") -> Response:
    with transaction(read_only=True) as session:
        ready = people.owner_exists(session)
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 403
    message = error.message if error else None
    answer = html(
        "signin.html",
        status,
        error=message,
        email=email,
        next=wanted,
        ready=ready,
        company=f"/signin/company?next={quote(wanted, safe='')}" if settings().oidc else None,
    )
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(int(signin.WITHIN.total_seconds()))
    return answer


async def read_form(request: Request) -> FormData:
    """A small form without files."""
    return await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=16_384)


def text_of(form: FormData, name: str) -> str:
    """What was typed; empty for files, for fields that are not there, and for halves of characters, which
    nobody types and nothing can be made of."""
    value = form.get(name, "")
    if not isinstance(value, str):
        return ""
    return "" if any("\ud800" <= one <= "\udfff" for one in value) else value


def check_origin(headers: Mapping[str, str]) -> None:
    """NotAllowed for a form that another site sent."""
    if not same_origin(headers):
        raise NotAllowed(_ELSEWHERE)


def _check_pace(request: Request) -> None:
    """Passwords of many people tried from one place; `services.access.signin` counts tries per person."""
    if seconds := visits.wait(address_of(request), settings().signin_per_minute):
        raise TooMany(
            "Too many tries to sign in from here. Wait a minute, then try again.", seconds
        )


def with_cookie(answer: Response, token: str) -> Response:
    """The answer, which signs the browser in."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=_COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(),
    )
    return answer


ROUTES = [
    Route("/signin", show_sign_in, methods=["GET"]),
    Route("/signin", do_sign_in, methods=["POST"]),
    Route("/signout", show_sign_out, methods=["GET"]),
    Route("/signout", do_sign_out, methods=["POST"]),
    Route("/welcome", show_welcome, methods=["GET"]),
    Route("/welcome", do_welcome, methods=["POST"]),
]
