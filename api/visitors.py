"""What the web layers need to know about a request: cookie, origin, where to go next."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from api import hosts
from data.settings import settings

COOKIE = "cscx_session"
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def session_token(headers: Mapping[str, str]) -> str | None:
    """The session's token in the Cookie header, if any."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found and found.value else None


def is_secure() -> bool:
    """Whether people reach the app by https, so that its cookie may insist on it."""
    return settings().base_url.startswith("https://")


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a form was sent from our own pages, by a name of ours. Browsers always say where a POST comes from."""
    origin, host = urlsplit(headers.get("origin", "")).netloc, headers.get("host", "")
    return bool(origin) and origin.lower() == host.lower() and hosts.is_ours(host)


def local_path(wanted: str | None) -> str:
    """The path and query of our own to go on to; `/` for anything that leads elsewhere."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return "/"
    if "\\" in wanted or any(ord(c) < 33 or ord(c) == 127 for c in wanted):
        return "/"
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else "/"


def on_this_machine(scope: Scope) -> bool:
    """Whether the visitor sits at this very machine, by its own name, with nothing in between."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    if client is None or any(name in headers for name in _FORWARDED):
        return False
    try:
        here = ip_address(client[0]).is_loopback
        host = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return False
    return here and host in _LOCAL_HOSTS
