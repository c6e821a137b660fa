"""Signing in with the company's account: the way to its identity provider, and what happens on return.

The provider only says who somebody is. They get in when an admin has listed them, and what they get is the
same session as by password: its role is read on every click, it can be ended, it ends by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Protocol

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.rendering import html
from api.signin import with_cookie
from api.visitors import is_secure, local_path
from data.db import transaction
from data.settings import Settings, settings
from services.access import people, refused, signin
from services.clock import utc_now

log = logging.getLogger(__name__)
NEXT = "cscx_next"
"""The cookie that keeps where somebody was going while they are at the provider's."""
NEXT_SECONDS = 900
RETURN = "/signin/company/return"
PATHS = {"/auth/login", "/oauth2callback"}
"""Streamlit's addresses, open to everybody when a provider is set up."""


class Provider(Protocol):
    def start(self) -> str:
        """The path that leads to the provider."""
        ...

    def vouched_for(self, cookies: Mapping[str, str], *, trusting: bool) -> str | None:
        """The verified address on the way back; one of which nothing is said, too, where that is trusted."""
        ...

    def left_behind(self, cookies: Mapping[str, str]) -> list[str]:
        """The cookies that carried it."""
        ...


def secrets(given: Settings) -> dict[str, Any]:
    """What Streamlit has to know to talk to the provider; empty without one."""
    if not given.oidc:
        return {}
    secret = given.oidc_client_secret.get_secret_value()
    auth = {
        "redirect_uri": f"{given.base_url.rstrip('/')}/oauth2callback",
        # The same on every replica, and of no use to anybody who does not know the provider's secret.
        "cookie_secret": sha256(f"cscx cookie {secret}".encode()).hexdigest(),
        "client_id": given.oidc_client_id,
        "client_secret": secret,
        "server_metadata_url": given.oidc_metadata_url,
        "client_kwargs": {"token_endpoint_auth_method": given.oidc_token_auth},
    }
    return {"auth": auth}


class _Offer:
    provider: Provider | None = None


_offer = _Offer()


def offer(provider: Provider | None) -> None:
    """What the app was started with."""
    _offer.provider = provider


def offered() -> bool:
    return _offer.provider is not None


def returning(cookies: Mapping[str, str]) -> bool:
    """Whether somebody has just come back from the provider."""
    return _offer.provider is not None and bool(_offer.provider.left_behind(cookies))


async def leave(request: Request) -> Response:
    if _offer.provider is None:
        return RedirectResponse("/signin", 303)
    answer = RedirectResponse(_offer.provider.start(), 303, {"Cache-Control": "no-store"})
    wanted = local_path(request.query_params.get("next"))
    answer.set_cookie(
        NEXT,
        wanted,
        max_age=NEXT_SECONDS,
        path="/signin",
        httponly=True,
        samesite="lax",
        secure=is_secure(),
    )
    return answer


async def come_back(request: Request) -> Response:
    if _offer.provider is None:
        return RedirectResponse("/signin", 303)
    trusting = settings().oidc_trust_email
    email = _offer.provider.vouched_for(request.cookies, trusting=trusting)
    token = await run_in_threadpool(_start, email) if email else None
    if token:
        answer: Response = RedirectResponse(local_path(request.cookies.get(NEXT)), 303)
        with_cookie(answer, token)
    else:
        log.info("company_sign_in_refused verified=%s", email is not None)
        answer = html("message.html", 403, title="You are not on the list", text=_refusal(email))
        if email:
            answer.background = BackgroundTask(
                refused.note, email, "by the company's sign-in", now=utc_now()
            )
    answer.delete_cookie(NEXT, path="/signin", httponly=True, samesite="lax", secure=is_secure())
    for name in _offer.provider.left_behind(request.cookies):
        answer.delete_cookie(name, path="/")
    return answer


def _start(email: str) -> str | None:
    with transaction() as session:
        person = people.viewer_by_email(session, email, utc_now())
        if person is None or person.person_id is None:
            return None
        return signin.start_session(session, person.person_id, utc_now(), by_company=True)


def _refusal(email: str | None) -> str:
    if email is None:
        return (
            "Your company's sign-in did not vouch for your address. Try again from the sign-in page; if it "
            "happens again, ask an admin to look at the provider's settings."
        )
    return (
        f"{email} is not on the list of people here. Ask an admin to add you, then sign in again."
    )


ROUTES = [
    Route("/signin/company", leave, methods=["GET"]),
    Route(RETURN, come_back, methods=["GET"]),
]
