"""The REST API, mounted at `/api`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api import docs, errors
from api.body import BodyLimit
from api.routers import ROUTERS
from data.settings import version

_ABOUT = (
    "Everything here asks for a bearer token, made under Settings, API tokens; it sees what its owner "
    "sees, and changes something where it was made for that. Errors are problem details (RFC 9457)."
)
_PROBLEM = {"content": {"application/problem+json": {}}}

ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not what its type says", **_PROBLEM},
    401: {"description": "No token, or one that is over", **_PROBLEM},
    403: {"description": "Not for your role, or not for this token", **_PROBLEM},
    404: {"description": "Not there, or not of your customers", **_PROBLEM},
    409: {"description": "Not possible as things stand now", **_PROBLEM},
    413: {"description": "More than a request may bring", **_PROBLEM},
    422: {"model": errors.Problem, "description": "A value cannot be used"},
    429: {"description": "Too many requests; `Retry-After` says for how long", **_PROBLEM},
}


def make_api() -> FastAPI:
    app = FastAPI(
        title="CSCX Engage",
        version=version(),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        responses=ANSWERS,
    )
    errors.install(app)
    app.add_middleware(BodyLimit)
    docs.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


api = make_api()
