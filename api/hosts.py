"""The names that this app answers to. A page of somebody else's, whose name was made to lead here, gets nothing."""

from __future__ import annotations

from collections.abc import Sequence
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


class _Allowed:
    names: Sequence[str] = ("localhost", "127.0.0.1")


_allowed = _Allowed()


def allow(names: Sequence[str]) -> None:
    """What the app was started with; none, or `*`: it answers to every name."""
    _allowed.names = tuple(names)


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
    name = _name_in(host or "")
    if name is None:
        return False
    own = urlsplit(settings().base_url).hostname
    return name == own or any(_fits(name, one) for one in _allowed.names)


def _name_in(host: str) -> str | None:
    """The name without its port; None for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # it raises when it is none
    except ValueError:
        return None
    if parts.hostname is None or "@" in host or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".")


def _fits(name: str, pattern: str) -> bool:
    pattern = pattern.strip().lower().rstrip(".")
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)
