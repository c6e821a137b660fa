"""Security headers on every answer."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.visitors import is_secure

# Table and chart elements are drawn in an inner frame of our own origin; nobody else may frame us.
FRAMED = "/component/"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """ASGI middleware. A header that a route has set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def headers_for(path: str) -> dict[str, str]:
    framed = path.startswith(FRAMED)
    found = {
        "Content-Security-Policy": policy(framed=framed),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        # Not `no-referrer`: with it, browsers hide where our own forms come from.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if is_secure():
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


@lru_cache(maxsize=2)
def policy(*, framed: bool) -> str:
    """No script but our own files and the one the dashboard's page carries; nothing from elsewhere."""
    parts = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'" if framed else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _inline_scripts() -> list[str]:
    """Hashes of the inline scripts in the installed dashboard page: they change with its version."""
    found = find_spec("streamlit")
    if found is None or found.origin is None:
        return []
    page = Path(found.origin).parent / "static" / "index.html"
    scripts = _INLINE.findall(page.read_text(encoding="utf-8"))
    return [f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in scripts]
