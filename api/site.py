"""Everything that is served beside the dashboard, and what stands in front of it."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from api import (
    answers,
    company_login,
    google,
    health,
    hooks,
    metrics,
    password,
    ratings,
    rendering,
    signin,
    tracking,
)
from api.gate import Gate
from api.headers import SecurityHeaders
from api.main import api


def home(_request: Request) -> RedirectResponse:
    """Streamlit knows its first page by the bare address only; people type the name that they read."""
    return RedirectResponse("/")


ROUTES: list[BaseRoute] = [
    *health.ROUTES,
    *metrics.ROUTES,
    *rendering.ROUTES,
    *signin.ROUTES,
    *password.ROUTES,
    *company_login.ROUTES,
    *google.ROUTES,
    *tracking.ROUTES,
    *answers.ROUTES,
    *ratings.ROUTES,
    *hooks.ROUTES,
    Route("/today", home),
    Mount("/api", app=api),
]
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Gate)]
