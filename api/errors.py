"""Errors as programs read them: `application/problem+json` (RFC 9457), mapped in one place."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from data import errors

log = logging.getLogger(__name__)

STATUS: dict[type[errors.AppError], int] = {
    errors.NotFound: 404,
    errors.AlreadyExists: 409,
    errors.InvalidMove: 409,
    errors.Cancelled: 409,
    errors.NotAllowed: 403,
    errors.SignInNeeded: 401,
    errors.BadInput: 422,
    errors.FileRefused: 422,
    errors.TooMany: 429,
    errors.InTheWay: 503,
}
_HEADERS = {
    401: {"WWW-Authenticate": 'Bearer realm="CSCX Engage"'},
    503: {"Retry-After": "1"},
}


class Problem(BaseModel):
    """`type` names the kind of problem, `detail` says what to do; `errors` lists wrong fields."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def install(app: FastAPI) -> None:
    """Every answer of the API that is no success becomes a problem."""
    app.add_exception_handler(errors.AppError, _of_app_error)
    app.add_exception_handler(RequestValidationError, _of_wrong_input)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_bug)


def problem(
    status: int, kind: str, detail: str, fields: Sequence[dict[str, str]] | None = None
) -> JSONResponse:
    body = Problem(
        type=f"/api/docs#{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(fields) if fields else None,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        _HEADERS.get(status),
        media_type="application/problem+json",
    )


async def _of_app_error(_request: Request, error: Exception) -> JSONResponse:
    status = next((STATUS[k] for k in type(error).__mro__ if k in STATUS), 400)
    answer = problem(status, _words(type(error).__name__), str(error))
    if isinstance(error, errors.TooMany):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


async def _of_wrong_input(_request: Request, error: Exception) -> JSONResponse:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    # What was sent is not repeated: it may be anything, of any size.
    fields = [{"field": ".".join(str(p) for p in e["loc"]), "reason": str(e["msg"])} for e in found]
    detail = "Some values cannot be used: see errors for which and why."
    return problem(422, "bad-input", detail, fields)


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = {404: "There is nothing at this address. The addresses are listed at /api/docs."}
    said = str(error.detail) if isinstance(error, HTTPException) else ""
    answer = problem(status, f"http-{status}", detail.get(status, said))
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


async def _of_bug(request: Request, error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    log.error(
        "failed reference=%s method=%s kind=%s",
        reference,
        request.method,
        type(error).__name__,
        exc_info=error,
    )
    detail = f"Something went wrong here. It is in the log under {reference}: tell your admin."
    return problem(500, "internal", detail)


def _words(name: str) -> str:
    """`NotFound` is `not-found`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")
