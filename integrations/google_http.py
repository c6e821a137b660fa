"""Calls to Google: each goes over the wire once, and every failure is sorted by what it means.

The client library's own transport sends a request again when a connection drops, even one that may have
been carried out; this one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any, Literal

import requests
from googleapiclient.errors import Error as GoogleError
from googleapiclient.errors import HttpError
from httplib2 import Response
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from integrations.google_trouble import RECONNECT, Trouble, sorted_error, whole_number
from integrations.senders import reply_line

_CONNECT_SECONDS = 10.0
_EARLY_SECONDS = 60.0
_NO_ANSWER = "Google did not answer."
_UNREADABLE = "Google's answer could not be read."


@dataclass(frozen=True)
class GoogleClient:
    """Our OAuth client, and where Google answers. `api_url` is empty for Google's own addresses; `seconds`
    is how long an answer may take."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str
    token_url: str
    revoke_url: str
    api_url: str = ""
    seconds: float = 20.0


@dataclass(frozen=True)
class GoogleAccount:
    """One person's account, as they connected it."""

    client: GoogleClient
    refresh_token: str = field(repr=False)


Service = Any
"""A Google API as the client library builds it, whose methods it makes up at run time."""


def call(
    account: GoogleAccount, make: Callable[[Service], Any], *, api: Literal["gmail", "calendar"]
) -> dict[str, Any]:
    """One call, once: `make` gives the library's request for it. Raises Trouble.

    After a 401, which means that nothing was done, it asks for a new access token and tries that.
    """
    request = make(_service(api, account.client.api_url))
    try:
        return _executed(request, _Wire(_tokens.get(account), account.client.seconds))
    except HttpError as error:
        if error.status_code != 401:
            raise sorted_error(error) from None
    try:
        token = _tokens.get(account, anew=True)
        return _executed(request, _Wire(token, account.client.seconds))
    except HttpError as error:
        raise sorted_error(error) from None


def post_form(url: str, form: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """A form to one of Google's OAuth addresses, and the JSON that comes back.

    Raises Trouble: revoked when the grant is over, for_now when it may work later. Repeating is harmless.
    """
    try:
        answer = requests.post(
            url,
            data=dict(form),
            timeout=(_CONNECT_SECONDS, seconds),
            allow_redirects=False,
            auth=_no_auth,
        )
        said = answer.json()
    except (requests.RequestException, ValueError):
        raise Trouble("for_now", _NO_ANSWER) from None
    if not isinstance(said, dict):
        raise Trouble("for_now", _NO_ANSWER)
    if answer.ok:
        return said
    if said.get("error") == "invalid_grant":
        raise Trouble("revoked", RECONNECT)
    if said.get("error") in ("invalid_client", "unauthorized_client"):
        words = "Google does not know the app: an admin checks its client id and secret."
        raise Trouble("for_now", words, timedelta(minutes=10))
    words = reply_line(str(said.get("error", answer.status_code)))
    raise Trouble("for_now", f"Google refused to renew the connection ({words}).")


class _AccessTokens:
    """Access tokens of this process, each for as long as Google said."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, account: GoogleAccount, *, anew: bool = False) -> str:
        """Raises Trouble."""
        key = sha256(f"{account.client.client_id} {account.refresh_token}".encode()).hexdigest()
        with self._lock:
            token, until = self._kept.get(key, ("", 0.0))
        if token and not anew and monotonic() < until:
            return token
        said = post_form(
            account.client.token_url,
            {
                "grant_type": "refresh_token",
                "refresh_token": account.refresh_token,
                "client_id": account.client.client_id,
                "client_secret": account.client.client_secret,
            },
            account.client.seconds,
        )
        token = str(said.get("access_token", ""))
        if not token:
            raise Trouble("for_now", _NO_ANSWER)
        until = monotonic() + whole_number(said.get("expires_in"), 3600) - _EARLY_SECONDS
        with self._lock:
            self._kept[key] = (token, until)
        return token


_tokens = _AccessTokens()


class _Bearer(AuthBase):
    """Also keeps a .netrc file from putting its own words into the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class _Wire:
    """What the client library asks of a transport, over one connection for one request."""

    def __init__(self, token: str, seconds: float) -> None:
        self._auth = _Bearer(token)
        self._seconds = seconds

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[Response, bytes]:
        answer = requests.request(
            method,
            uri,
            data=body,
            headers=dict(headers or {}),
            auth=self._auth,
            timeout=(_CONNECT_SECONDS, self._seconds),
            allow_redirects=False,
        )
        head = {name.lower(): value for name, value in answer.headers.items()}
        # The body is decoded already.
        head.pop("content-encoding", None)
        return Response({**head, "status": str(answer.status_code)}), answer.content


def _executed(request: Any, wire: _Wire) -> dict[str, Any]:
    """Raises HttpError as it came, and Trouble for everything else."""
    try:
        said = request.execute(http=wire, num_retries=0) or {}
    except HttpError:
        raise
    except requests.RequestException as error:
        raise Trouble("for_now" if _never_arrived(error) else "unknown", _NO_ANSWER) from None
    except (GoogleError, ValueError, OSError):
        raise Trouble("unknown", _UNREADABLE) from None
    if not isinstance(said, dict):  # the library hands over what is no JSON as it is
        raise Trouble("unknown", _UNREADABLE)
    return said


def _never_arrived(error: requests.RequestException) -> bool:
    """Whether the connection was not even made."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _no_auth(r: requests.PreparedRequest) -> requests.PreparedRequest:
    return r


@lru_cache(maxsize=8)
def _service(api: str, url: str) -> Service:
    """Made from the descriptions in the library: Google is not asked for them."""
    # Slow to import, and most processes never call Google.
    from googleapiclient.discovery import build

    version = {"gmail": "v1", "calendar": "v3"}[api]
    options = {"api_endpoint": _endpoint(api, url)} if url else None
    return build(
        api,
        version,
        http=_Wire("", 0),
        static_discovery=True,
        cache_discovery=False,
        client_options=options,
    )


def _endpoint(api: str, url: str) -> str:
    """Calendar's paths start under `calendar/v3/`, Gmail's name their own start."""
    return f"{url.rstrip('/')}/" + ("calendar/v3/" if api == "calendar" else "")
