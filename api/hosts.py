"""The names that this app answers to. A page of somebody else's, whose name was made to lead here, gets nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from data.settings import settings

ASKED_BY_ADDRESS = {"/_stcore/health", "/healthz", "/metrics"}
"""Balancers and Prometheus ask each server by its own address."""
REFUSED = (
    "This app does not answer to the name it was asked by. Open it by its own address; its operator adds "
    "names with STREAMLIT_SERVER_ALLOWED_HOSTS."
)


class Place(NamedTuple):
    """Where a `Host` leads; without a port where it names none."""

    name: str
    port: int | None


class _Allowed:
    names: Sequence[str] = ("localhost", "127.0.0.1", "::1")


_allowed = _Allowed()


def allow(names: Sequence[str]) -> list[str]:
    """What the app was started with; none, or `*`: it answers to every name. All that it answers to now."""
    _allowed.names = tuple(names)
    own = _own_name()
    return [*names, own] if names and own and own not in names else [*names]


def may_ask(scope: Scope) -> bool:
    """Whether this request or socket came by a name of ours."""
    if scope["type"] == "http" and scope["path"] in ASKED_BY_ADDRESS:
        return True
    return is_ours(Headers(scope=scope).get("host"))


def is_ours(host: str | None) -> bool:
    """As Streamlit reads its list for the dashboard's socket, and the name in CSCX_BASE_URL besides: links in
    mails and hooks lead there."""
    if not _allowed.names:
        return True
    place = place_of(host or "")
    if place is None:
        return False
    return place.name == _own_name() or any(_fits(place.name, one) for one in _allowed.names)


def _own_name() -> str | None:
    place = place_of(urlsplit(settings().base_url).netloc)
    return place and place.name


def place_of(host: str) -> Place | None:
    """None for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port  # it raises when it is none
    except ValueError:
        return None
    if parts.hostname is None or "@" in host or parts.path or parts.query or parts.fragment:
        return None
    return Place(parts.hostname.rstrip("."), port)


def _fits(name: str, pattern: str) -> bool:
    pattern = pattern.strip().lower().rstrip(".")
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)
