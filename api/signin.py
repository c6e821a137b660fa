"""Signing in, out and up, as plain forms that password managers know."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import small_form
from api.pace import Visits, address_of
from api.rendering import html
from api.visitors import COOKIE, is_secure, local_path, same_origin, session_token
from data.db import transaction
from data.errors import AppError, NotAllowed, SignInNeeded, TooMany
from data.settings import settings
from services.access import people, refused, signin, welcome
from services.access.passwords import SHORTEST
from services.clock import utc_now

log = logging.getLogger(__name__)
visits = Visits()
# As long as browsers allow: the session's row in the database says when it is over.
_COOKIE_SECONDS = 400 * 24 * 3600
_ELSEWHERE = "The form was sent from another address than this one. Open the page anew and send it from there."


async def show_sign_in(request: Request) -> Response:
    if settings().demo:
        return RedirectResponse("/", 303)
    return await run_in_threadpool(_sign_in_page, local_path(request.query_params.get("next")))


async def do_sign_in(request: Request) -> Response:
    wanted = local_path(request.query_params.get("next"))
    email = ""
    try:
        check_sender(request)
        form = await small_form(request)
        email = form.get("email", "")
        token = await run_in_threadpool(
            _start, email, form.get("password", ""), address_of(request)
        )
    except AppError as error:
        log.info("sign_in_refused reason=%s", type(error).__name__)
        answer = await run_in_threadpool(_sign_in_page, wanted, error=error, email=email)
        if isinstance(error, SignInNeeded):
            answer.background = BackgroundTask(refused.note, email, "wrong password", now=utc_now())
        return answer
    return with_cookie(RedirectResponse(wanted, 303), token)


def _start(email: str, password: str, visitor: str) -> str:
    with transaction(read_only=True) as session:
        person_id = signin.check_password(session, email, password, utc_now(), visitor=visitor)
    with transaction() as session:
        return signin.start_session(session, person_id, utc_now())


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
    try:
        check_sender(request)
    except AppError as error:
        return not_read(error)
    form = await small_form(request)
    values = {name: form.get(name, "") for name in ("key", "name", "email")}
    owner = welcome.NewOwner(values["name"], values["email"], form.get("password", ""))

    def create() -> str:
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
    going_on = f"?next={quote(wanted, safe='')}"
    answer = html(
        "signin.html",
        status,
        error=message,
        email=email,
        action=f"/signin{going_on}",
        ready=ready,
        company=f"/signin/company{going_on}" if settings().oidc else None,
    )
    return _with_wait(answer, error)


def not_read(error: AppError) -> Response:
    """The page for whose form is not looked at: where it came from, or how often, is reason enough."""
    status = 429 if isinstance(error, TooMany) else 403
    return _with_wait(html("message.html", status, title="Not done", text=error.message), error)


def _with_wait(answer: Response, error: AppError | None) -> Response:
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def check_sender(request: Request) -> None:
    """Before a form is read. NotAllowed when another site sent it, TooMany when too many came from here."""
    check_origin(request.headers)
    _check_pace(request)


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
