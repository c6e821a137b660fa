"""How often somebody may ask per minute, counted in this process."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Network, ip_address

from starlette.requests import Request
from starlette.responses import Response

MINUTE = 60.0


class Visits:
    """How often each visitor asked in the minute that runs. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = 0.0
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def wait(self, visitor: str, most: int) -> int:
        """Count a visit; the whole seconds after which to come again when it is more than `most` in this
        minute, 0 when it may come now. `most` 0: as often as it likes."""
        if not most:
            return 0
        with self._lock:
            now = self._clock()
            if now >= self._ends:
                # All start anew together, so what is kept never outlives the minute.
                self._ends = now + MINUTE
                self._seen.clear()
            self._seen[visitor] += 1
            return math.ceil(self._ends - now) if self._seen[visitor] > most else 0


def address_of(request: Request) -> str:
    """Where the visitor comes from, as far as the connection says.

    Of IPv6 the network that one house is given (/64): whoever has one address of it has them all, and could
    come from another one each time.
    """
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    if isinstance(found, IPv4Address):
        return host
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def come_again(seconds: int, headers: Mapping[str, str]) -> Response:
    """The answer to whoever came too often."""
    said = {**headers, "Retry-After": str(seconds)}
    return Response("Too many requests.", 429, said, "text/plain")
