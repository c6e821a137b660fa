"""`/metrics` for Prometheus, to whoever has the operator's token; not there while none is set."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.db import transaction
from data.settings import settings
from services import metrics
from services.clock import utc_now


def figures(request: Request) -> Response:
    """200 with the figures, 401 without the token, 404 when `CSCX_METRICS_TOKEN` is empty."""
    token = settings().metrics_token.get_secret_value().strip()
    if not token:
        return PlainTextResponse("Not found", 404)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not same:
        return PlainTextResponse("Not allowed", 401, {"WWW-Authenticate": "Bearer"})
    with transaction(read_only=True) as session:
        told = metrics.text(session, utc_now())
    return Response(
        told, headers={"Content-Type": metrics.CONTENT_TYPE, "Cache-Control": "no-store"}
    )


ROUTES = [Route("/metrics", figures)]
