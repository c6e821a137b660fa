"""Whether an address of our own leads to us for somebody who calls it from outside."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

OURS = ("X-Robots-Tag", "noindex, nofollow")
"""A header that every answer of a hook's address has, and hardly anybody else's."""
SECONDS = 5.0
_LOCAL = ("localhost", "127.0.0.1", "::1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def in_the_way(url: str) -> str | None:
    """What keeps callers of `url` from us, in words for an admin; None when we answer."""
    host = urlsplit(url).hostname or ""
    try:
        with _opener.open(url, timeout=SECONDS) as answer:
            return _said_by(answer.headers, answer.status, host)
    except urllib.error.HTTPError as error:
        with error:
            return _said_by(error.headers, error.code, host)
    except urllib.error.URLError as error:
        return _unreachable(error.reason, host)
    except (OSError, ValueError) as error:
        return _unreachable(error, host)


def only_from_here(url: str) -> bool:
    """Whether nobody but this machine can call it."""
    return (urlsplit(url).hostname or "") in _LOCAL


def _said_by(headers: Any, status: int, host: str) -> str | None:
    name, value = OURS
    if headers.get(name) == value:
        return None
    if 300 <= status < 400:
        return (
            f"{host} sends callers on to another address, which most systems do not follow. Set "
            "CSCX_BASE_URL to the address that answers itself, usually the one with https."
        )
    return (
        f"{host} answers ({status}), but it is not this app. Let its proxy pass /hooks/ on to the app, or "
        "set CSCX_BASE_URL to the app's own address."
    )


def _unreachable(reason: object, host: str) -> str:
    if isinstance(reason, socket.gaierror):
        return f"The name {host} cannot be found. Check CSCX_BASE_URL, and the name's DNS entry."
    if isinstance(reason, ssl.SSLError):
        return f"The certificate of {host} cannot be trusted, so other systems do not call it. Renew it."
    if isinstance(reason, TimeoutError):
        return (
            f"{host} did not answer within {SECONDS:.0f} seconds. Look at its proxy and firewall."
        )
    return f"{host} cannot be reached. See that its proxy runs and CSCX_BASE_URL names it."
