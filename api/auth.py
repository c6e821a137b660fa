"""Who calls the API: a bearer token stands for a person, with that person's rights."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.pace import Visits, address_of
from data.db import transaction
from data.errors import SignInNeeded, TooMany
from data.settings import settings
from services import access
from services.access import Viewer, tokens
from services.clock import utc_now

_READING = ("GET", "HEAD")
_OF_THEIR_OWN = {
    "/drafts/{draft_id}/approve": "drafts:approve",
    "/drafts/{draft_id}/reject": "drafts:approve",
    "/stakeholders/{stakeholder_id}/erasure": "stakeholders:erase",
}
"""Routes that want another scope than all others that change something."""
_bearer = HTTPBearer(auto_error=False, description="A token from Settings, API tokens: `csx_…`")
visits = Visits()


def viewer(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Viewer:
    """The `by` of an API call. Cookies are ignored: another site could make a browser send them.

    TooMany when the token was used too often in this minute, whatever for; without a good token, when
    somebody at the same address was. NotAllowed when the token was not made for what the route does.
    """
    try:
        found = _viewer(given)
    except SignInNeeded:
        _count(f"at {address_of(request)}")
        raise
    _count(f"by {given.credentials if given else ''}")
    if scope := scope_of(request):
        access.require_scope(found, scope)
    return found


def vouched(request: Request) -> None:
    """SignInNeeded without a good token; TooMany when somebody at that address had none too often. For
    those who ask before the route does: what a good token does is counted there."""
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    try:
        with transaction(read_only=True) as session:
            tokens.viewer_of_api_token(session, token, utc_now())
    except SignInNeeded:
        _count(f"at {address_of(request)}")
        raise


def scope_of(request: Request) -> str | None:
    """What a token has to be made for to come this way; None where it only reads."""
    if request.method in _READING:
        return None
    return _OF_THEIR_OWN.get(request.scope["route"].path, access.WRITE)


def _count(visitor: str) -> None:
    most = settings().api_per_minute
    if seconds := visits.wait(visitor, most):
        words = f"More than {most:,} requests in a minute. Come again in {seconds} seconds."
        raise TooMany(words, seconds)


def _viewer(given: HTTPAuthorizationCredentials | None) -> Viewer:
    if given is None:
        raise SignInNeeded(
            "Send a token: the header `Authorization: Bearer csx_…`. "
            "Create one in the app under Settings, API tokens."
        )
    now = utc_now()
    with transaction(read_only=True) as session:
        found = tokens.viewer_of_api_token(session, given.credentials, now)
        due = tokens.use_unnoted(session, given.credentials, now)
    if due:
        with transaction() as session:
            tokens.note_use(session, given.credentials, now)
    return found


By = Annotated[Viewer, Depends(viewer)]
"""The type of a route's `by` argument."""
