"""Certificates that messages are signed with: fetched once from an address that has been checked."""

from __future__ import annotations

import logging
import threading
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any

from cryptography.x509 import Certificate, load_pem_x509_certificate

log = logging.getLogger(__name__)
TIMEOUT = 4.0
"""Seconds. Who sends waits about fifteen."""
KEPT = timedelta(days=1)
FAILED_KEPT = timedelta(minutes=1)
_MOST_BYTES, _MOST = 20_000, 50
_lock = threading.Lock()
_kept: dict[str, tuple[datetime, Certificate | None]] = {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def certificate_at(url: str, now: datetime) -> Certificate | None:
    """The certificate, while it is valid; None when it cannot be had. `url` has been checked."""
    with _lock:
        until, found = _kept.get(url, (now, None))
        if until <= now:
            found = _fetched(url)
            keep(url, found, now + (KEPT if found else FAILED_KEPT))
    if found is None or not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        return None
    return found


def keep(url: str, found: Certificate | None, until: datetime) -> None:
    """What is answered for `url` until then."""
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[url] = (until, found)


def fetch(url: str) -> bytes | None:
    """What an address that has been checked holds; no redirects, no more than a page."""
    try:
        with _opener.open(url, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(_MOST_BYTES)
            return body
    except (urllib.error.URLError, OSError, ValueError) as error:
        log.warning("not_fetched why=%s", type(error).__name__)
        return None


def _fetched(url: str) -> Certificate | None:
    body = fetch(url)
    try:
        return load_pem_x509_certificate(body) if body else None
    except ValueError:
        return None
