"""Addresses of pages that others are led to: what may be followed, and what may be entered. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST_URL = 2_000


def is_web_address(url: str) -> bool:
    """Whether a visitor may be sent there: http or https, a host, and nothing that breaks a header."""
    if any(ord(c) < 33 or ord(c) == 127 or c == "\\" for c in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def may_be_entered(url: str) -> bool:
    """The same of what a person types or pastes: with blanks around it, but nothing in it that cannot be seen."""
    typed = url.strip()
    return len(url) <= LONGEST_URL and typed.isprintable() and is_web_address(typed)
