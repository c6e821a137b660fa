"""Everything that is served beside the dashboard, and what stands in front of it."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from api import google, health, hooks, rendering, signin, tracking
from api.gate import Gate
from api.headers import SecurityHeaders
from api.main import api

ROUTES: list[BaseRoute] = [
    *health.ROUTES,
    *rendering.ROUTES,
    *signin.ROUTES,
    *google.ROUTES,
    *tracking.ROUTES,
    *hooks.ROUTES,
    Mount("/api", app=api),
]
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Gate)]
