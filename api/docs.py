"""`/api/docs`: the API's description as one page, without scripts or anything from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from api.rendering import html

_METHODS = ("get", "post", "put", "patch", "delete")


def install(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:  # pyright: ignore[reportUnusedFunction] - registered
        base = f"{request.url.scheme}://{request.url.netloc}"
        return html("api.html", base=base, **describe(app.openapi()))


def describe(openapi: dict[str, Any]) -> dict[str, Any]:
    """What the page shows: title, version, and the operations in the order they were declared."""
    operations = [
        _operation(openapi, path, method, about)
        for path, methods in openapi["paths"].items()
        for method, about in methods.items()
        if method in _METHODS
    ]
    return {
        "title": openapi["info"]["title"],
        "version": openapi["info"]["version"],
        "about": openapi["info"].get("description", ""),
        "operations": operations,
    }


def _operation(
    openapi: dict[str, Any], path: str, method: str, about: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": about.get("operationId", ""),
        "method": method.upper(),
        "path": f"/api{path}",
        "summary": about.get("summary", ""),
        "description": about.get("description", ""),
        "parameters": about.get("parameters", []),
        "body": _schemas(openapi, about.get("requestBody", {})),
        "answers": [
            {"status": status, "about": answer["description"], "shape": _schemas(openapi, answer)}
            for status, answer in about.get("responses", {}).items()
        ],
    }


def _schemas(openapi: dict[str, Any], holder: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"type": kind, "schema": json.dumps(_resolved(openapi, media.get("schema", {})), indent=2)}
        for kind, media in holder.get("content", {}).items()
    ]


def _resolved(openapi: dict[str, Any], schema: Any, depth: int = 0) -> Any:
    """The schema with references filled in, to a depth that a reader can follow."""
    if isinstance(schema, list):
        return [_resolved(openapi, part, depth) for part in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and depth < 4:
        return _resolved(openapi, openapi["components"]["schemas"][name], depth + 1)
    return {key: _resolved(openapi, part, depth) for key, part in schema.items()}
