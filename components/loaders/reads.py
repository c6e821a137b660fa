"""The only cached reads. A page hands over the service: `loaders.read(board.leaderboard, viewer, as_of)`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from components.calls import from_edge, named, takes
from services.access import Viewer, people, signin
from services.access.people import PersonRow
from services.clock import utc_now
from services.session import data_versions, settings, transaction, version

T = TypeVar("T")


def read(service: Callable[..., T], by: Viewer, *args: Any, **kwargs: Any) -> T:
    """What a reading service returns, from the cache while no fact has changed.

    The key holds the service, who asks, the arguments and all data versions; arguments are ids, dates
    and short texts, never frames. A service that takes `now` is asked again each minute. Results are
    copies: dataclasses and frames, never ORM rows. AppErrors pass through uncached.
    """
    now = utc_now()
    with transaction(read_only=True) as session:
        versions = tuple(sorted(data_versions(session).items()))
    minute = now.replace(second=0, microsecond=0) if takes(service, "now") else None
    given = tuple(sorted(named(service, args, kwargs).items()))
    return _cached(
        f"{service.__module__}.{service.__qualname__}", versions, by, minute, given, service
    )


def fresh(service: Callable[..., T], by: Viewer, *args: Any, **kwargs: Any) -> T:
    """The same without a cache, for what changes outside the data versions: settings, tokens, jobs."""
    with transaction(read_only=True) as session:
        edge = from_edge(service, session=session, by=by, now=utc_now())
        return service(**named(service, args, kwargs), **edge)


def session_for(token: str) -> signin.SignedIn | None:
    """Who is signed in with the token of the cookie; never cached, so that a sign-out counts at once."""
    with transaction(read_only=True) as session:
        return signin.find_session(session, token, utc_now())


def viewer_by_id(person_id: int) -> Viewer | None:
    with transaction(read_only=True) as session:
        return people.viewer_by_id(session, person_id, utc_now())


def demo_people() -> list[PersonRow]:
    with transaction(read_only=True) as session:
        return people.demo_people(session)


def demo_mode() -> bool:
    return settings().demo


def app_version() -> str:
    return version()


def clear() -> None:
    """Forget everything: somebody has just written in this process."""
    _cached.clear()


@st.cache_data(ttl=600, max_entries=400, show_spinner=False)
def _cached(
    name: str,  # noqa: ARG001 - part of the key, as the next one
    versions: tuple[tuple[str, int], ...],  # noqa: ARG001
    by: Viewer,
    minute: datetime | None,
    given: tuple[tuple[str, Any], ...],
    _service: Callable[..., Any],
) -> Any:
    with transaction(read_only=True) as session:
        edge = from_edge(_service, session=session, by=by, now=minute)
        return _service(**dict(given), **edge)
