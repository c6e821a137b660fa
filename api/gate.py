"""Nothing is served to a visitor who is not signed in, except what is listed here."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api import company_login, hosts
from api.visitors import on_this_machine, same_origin, session_token
from data.db import transaction
from data.settings import settings
from services.access import signin
from services.clock import utc_now

OPEN_PATHS = {
    "/_stcore/health",
    "/api",
    "/favicon.ico",
    "/favicon.png",
    "/healthz",
    "/metrics",
    "/password",
    "/signin",
    "/signin/company",
    "/signin/company/return",
    "/signout",
    "/welcome",
}
OPEN_FOLDERS = ("/api/", "/assets/", "/f/", "/hooks/", "/r/", "/static/", "/t/", "/u/")
# Not screens: a program asks for these, and a redirect to a sign-in page would only confuse it.
MACHINE_FOLDERS = ("/_stcore/", "/component/", "/media/", "/auth/", "/oauth2callback")
REFUSED = 4401
_DEMO_ONLY_HERE = (
    "The demo has no passwords, so it answers only on the machine it runs on: open http://localhost "
    "there. For others, start the app without CSCX_DEMO."
)


class Gate:
    """ASGI middleware around everything, WebSockets included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif not settings().demo and not hosts.may_ask(scope):
            await _refuse_name(scope, receive, send)
        elif await _may_pass(scope):
            await self._app(_as_streamlit_compares(scope), receive, send)
        elif scope["type"] == "websocket":
            # Closing before accepting makes the server answer the handshake with 403.
            await send({"type": "websocket.close", "code": REFUSED, "reason": "sign in first"})
        else:
            await _turn_away(scope)(scope, receive, send)


async def _may_pass(scope: Scope) -> bool:
    if settings().demo:
        return on_this_machine(scope)
    if scope["type"] == "http" and is_open(scope["path"]):
        return True
    token = session_token(Headers(scope=scope))
    return token is not None and await run_in_threadpool(_is_signed_in, token)


def _as_streamlit_compares(scope: Scope) -> Scope:
    """A socket of our own pages with its `Host` as in its `Origin`: Streamlit compares the two to the letter."""
    headers = Headers(scope=scope)
    if scope["type"] != "websocket" or not same_origin(headers):
        return scope
    asked = headers["origin"].partition("://")[2].encode("latin-1")
    rest = [pair for pair in scope["headers"] if pair[0] != b"host"]
    return {**scope, "headers": [(b"host", asked), *rest]}


async def _refuse_name(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": REFUSED, "reason": "not by this name"})
    else:
        await PlainTextResponse(hosts.REFUSED, 400)(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether the path is served to everybody."""
    if company_login.offered() and path in company_login.PATHS:
        return True
    return path in OPEN_PATHS or (path.startswith(OPEN_FOLDERS) and ".." not in path)


def _is_signed_in(token: str) -> bool:
    with transaction(read_only=True) as session:
        return signin.find_session(session, token, utc_now()) is not None


def _turn_away(scope: Scope) -> ASGIApp:
    if settings().demo:
        return PlainTextResponse(_DEMO_ONLY_HERE, 403)
    if scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(MACHINE_FOLDERS):
        if company_login.returning(Request(scope).cookies):
            return RedirectResponse(company_login.RETURN, 303, {"Cache-Control": "no-store"})
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = quote(scope["path"]) + (f"?{query}" if query else "")
        headers = {"Cache-Control": "no-store"}
        return RedirectResponse(f"/signin?next={quote(wanted, safe='')}", 303, headers)
    return PlainTextResponse("Sign in first.", 401)
