"""The few plain HTML pages outside the dashboard: they work without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import Route

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pages"

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def html(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page, never kept by a cache: it may hold a one-time key."""
    body = _environment.get_template(template).render(**values)
    return HTMLResponse(body, status, {"Cache-Control": "no-store"})


def stylesheet(_request: Request) -> FileResponse:
    return FileResponse(
        TEMPLATES / "page.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"}
    )


def icon(_request: Request) -> FileResponse:
    return FileResponse(TEMPLATES / "icon.png", headers={"Cache-Control": "max-age=86400"})


ROUTES = [
    Route("/assets/page.css", stylesheet),
    Route("/favicon.ico", icon),
    Route("/favicon.png", icon),
]
