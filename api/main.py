"""The REST API, mounted at `/api`."""

from __future__ import annotations

from fastapi import FastAPI

from api import docs, errors
from api.body import BodyLimit
from api.routers import ROUTERS
from data.settings import version

_ABOUT = (
    "Everything here asks for a bearer token, made under Settings, API tokens; it sees what its owner "
    "sees. Errors are problem details (RFC 9457)."
)
_PROBLEM = {"content": {"application/problem+json": {}}}


def make_api() -> FastAPI:
    app = FastAPI(
        title="CSCX Engage",
        version=version(),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        responses={
            401: {"description": "No token, or one that is over", **_PROBLEM},
            413: {"description": "More than a request may bring", **_PROBLEM},
            422: {"model": errors.Problem, "description": "A value cannot be used"},
            429: {"description": "Too many requests; `Retry-After` says for how long", **_PROBLEM},
        },
    )
    errors.install(app)
    app.add_middleware(BodyLimit)
    docs.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


api = make_api()
