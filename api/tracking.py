"""What mails point at: the open pixel, the links, and the page for unsubscribing. Open to everybody.

No cookies, no login, nothing in an address but a token of ours. A visitor is sent on only to where our
own table says; for everything else there is a page that says that there is nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import small_form
from api.hits import hits
from api.pace import Visits, address_of, come_again
from api.rendering import html
from data.db import transaction
from data.errors import AppError, NotFound
from data.settings import settings
from services import responses
from services.clock import utc_now
from services.tracking import Hit, Target, target_of
from services.tracking.signing import Purpose

Answer = Callable[[Request], Awaitable[Response]]
visits = Visits()
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PRESSES = 10
"""Of the buttons in one mail, in a minute."""
_QUIET = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_NOTHING = "This address belongs to no mail of ours. It may have been cut off: open it from the mail again."


def limited(answer: Answer) -> Answer:
    """The same for visitors who do not come too often; the others are told when to come again."""

    async def asked(request: Request) -> Response:
        if seconds := visits.wait(address_of(request), settings().tracking_per_minute):
            return come_again(seconds, _QUIET)
        return await answer(request)

    return asked


async def pixel(request: Request) -> Response:
    token = request.path_params["token"]
    if not await run_in_threadpool(hits.is_ours, "open", token):
        return _nothing()
    hits.add(_hit(request, "open", token))
    return Response(PIXEL, media_type="image/gif", headers=_QUIET)


async def link(request: Request) -> Response:
    token = request.path_params["token"]
    target = await run_in_threadpool(_target, token)
    if target is None:
        return _nothing()
    hits.add(_hit(request, "click", token))
    if target.hidden:
        return Response(status_code=204, headers=_QUIET)
    return RedirectResponse(target.url, 302, headers=_QUIET)


async def nothing(_request: Request) -> Response:
    return _nothing()


async def show_preferences(request: Request) -> Response:
    """Changes nothing: scanners and previews follow this link as well."""
    token = request.path_params["token"]
    answer = await run_in_threadpool(_preferences_page, token)
    if answer.status_code == 200:
        hits.add(_hit(request, "unsubscribe", token))
    return answer


async def change_preferences(request: Request) -> Response:
    """The button of the page, or the one of a mail program (RFC 8058), which knows of no choice
    but says what it is: an empty form is neither.

    Presses are counted by the mail they are for: mail programs press for many people from one address, and
    nobody's no is turned away for another's."""
    token = request.path_params["token"]
    ours = await run_in_threadpool(hits.is_ours, "unsubscribe", token)
    most = PRESSES if ours else settings().tracking_per_minute
    if seconds := visits.wait(f"of {token}" if ours else address_of(request), most):
        return come_again(seconds, _QUIET)
    if not ours:
        return _nothing()
    said = await small_form(request)
    one_click = said.get("List-Unsubscribe") == "One-Click"
    choice = said.get("choice", "topic" if one_click else "")
    press = responses.Press(_ip(request), request.headers.get("user-agent", ""))

    def change() -> Response:
        try:
            with transaction() as session:
                responses.choose(session, token, choice, press, now=utc_now())
        except NotFound:
            return _nothing()
        except AppError as error:
            return quiet(html("nothing.html", 422, title="Not changed", text=error.message))
        return _preferences_page(token, done=True)

    return await run_in_threadpool(change)


def _target(token: str) -> Target | None:
    if not hits.is_ours("click", token):
        return None
    with transaction(read_only=True) as session:
        return target_of(session, token)


def _preferences_page(token: str, *, done: bool = False) -> Response:
    if not hits.is_ours("unsubscribe", token):
        return _nothing()
    try:
        with transaction(read_only=True) as session:
            found = responses.preferences(session, token)
    except NotFound:
        return _nothing()
    return quiet(html("preferences.html", found=found, done=done, action=f"/u/{token}"))


def _hit(request: Request, purpose: Purpose, token: str) -> Hit:
    agent = request.headers.get("user-agent", "")
    return Hit(purpose, token, utc_now(), request.method, _ip(request), agent)


def _ip(request: Request) -> str | None:
    return request.client.host if request.client else None


def _nothing() -> Response:
    return quiet(html("nothing.html", 404, title="Nothing here", text=_NOTHING))


def quiet(answer: Response) -> Response:
    """The same, kept by no cache and found by no search engine."""
    answer.headers.update(_QUIET)
    return answer


ROUTES = [
    Route("/t/o/{token}.gif", limited(pixel), methods=["GET"]),
    Route("/t/c/{token}", limited(link), methods=["GET"]),
    Route("/u/{token}", limited(show_preferences), methods=["GET"]),
    Route("/u/{token}", change_preferences, methods=["POST"]),
    # Whatever else is asked for under these: the dashboard must not answer for mails.
    Route("/t/{rest:path}", limited(nothing), methods=["GET"]),
    Route("/u/{rest:path}", limited(nothing), methods=["GET"]),
]
