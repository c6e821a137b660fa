"""Answers that take long to work out and stay true while no fact changes, as the screens keep theirs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlalchemy.orm import Session

from data.versions import current
from services.access import Viewer

T = TypeVar("T")
MOST = 64
"""Answers per database; the one asked for longest ago goes first."""
_kept: WeakKeyDictionary[Pool, OrderedDict[Hashable, Any]] = WeakKeyDictionary()
_lock = Lock()


def remembered(session: Session, service: Callable[..., T], by: Viewer, *args: Hashable) -> T:
    """What `service(session, by, *args)` returns. For transactions that only read: what is not committed yet
    must not be kept. The answer is shared, so nobody may change it."""
    versions = tuple(sorted(current(session).items()))
    key = (service.__module__, service.__qualname__, by, args, versions)
    with _lock:
        known = _kept.setdefault(session.get_bind().engine.pool, OrderedDict())
        if key in known:
            known.move_to_end(key)
            return known[key]
    found = service(session, by, *args)
    with _lock:
        known[key] = found
        while len(known) > MOST:
            known.popitem(last=False)
    return found
