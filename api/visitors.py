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
_PORTS = {"http": 80, "https": 443}
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
    sent, host = _origin(headers.get("origin", "")), headers.get("host", "")
    if sent is None or not hosts.is_ours(host):
        return False
    scheme, place = sent
    asked = _origin(f"{scheme}://{host}")
    if asked is None or asked[1].name != place.name:
        return False
    base = urlsplit(settings().base_url)
    own = _origin(f"{base.scheme}://{base.netloc}")
    if own is None or own[1].name != place.name:
        return sent == asked
    # Proxies leave out the port that people came by, or put in their own: CSCX_BASE_URL has it.
    # Where that is https, a page by http could be of anybody on the way.
    return sent == own or (sent == asked and (scheme == "https" or own[0] == "http"))


def _origin(text: str) -> tuple[str, hosts.Place] | None:
    """Scheme, name and port, which is the usual one where none is named; None for anything else."""
    scheme, _, host = text.lower().partition("://")
    usual, place = _PORTS.get(scheme), hosts.place_of(host)
    if usual is None or place is None:
        return None
    return scheme, place if place.port is not None else place._replace(port=usual)


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
