"""The only writes. A page hands over the service: `actions.run(uploads.undo, upload_id, done="Undone")`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import streamlit as st

from components import identity, loaders, state
from components.calls import from_edge, named, takes
from services import responses
from services.access import Viewer, signin
from services.attendance import follow_up
from services.clock import utc_now
from services.errors import AppError
from services.scoring import risk
from services.session import transaction

ANEW = {"event": follow_up.make_anew, "risk": risk.make_anew}
"""By the source of a draft: what makes it anew from the facts of today."""
WROTE = {"person": responses.by_person, "machine": responses.by_machine}
"""By who wrote it: what says so of an answer."""

T = TypeVar("T")
Around = Callable[..., AbstractContextManager[None]]
log = logging.getLogger(__name__)


def run(
    service: Callable[..., Any],
    *args: Any,
    done: str | None = None,
    within: Around | None = None,
    then: Callable[[], None] | None = None,
    **kwargs: Any,
) -> None:
    """Call a writing service in one transaction, say how it went, and run the page again.

    `session`, `by` and `now` are passed to a service that asks for them; one that takes no session opens
    its own transactions (long work, which must not keep others from writing). An AppError's message is shown
    and nothing is kept. Does not return: whatever follows it on the page would show the state before.
    For a button's `on_click` use `attempt`, since a callback is followed by a rerun anyway.
    `within` is a context manager of `session` and `now` that stands around the service in its transaction;
    a service with transactions of its own is handed it. `then` is called once it was done, never after an error.
    """
    attempt(service, *args, done=done, within=within, then=then, **kwargs)
    st.rerun()


def attempt(
    service: Callable[..., T],
    *args: Any,
    done: str | None = None,
    within: Around | None = None,
    then: Callable[[], None] | None = None,
    **kwargs: Any,
) -> T | None:
    """As `run`, but returns what the service returned, or None after an error, and goes on.

    Its messages are drawn with the next page head: in a callback that follows by itself, elsewhere call
    `st.rerun()` when the page has done what it had to.
    """
    by = identity.current_viewer()
    try:
        result = _call(service, by, within, args, kwargs)
    except AppError as error:
        log.info(
            "refused action=%s person=%s reason=%s",
            _name(service),
            by.person_id,
            type(error).__name__,
        )
        state.flash(error.message, kind="error")
        return None
    log.info("done action=%s person=%s", _name(service), by.person_id)
    if done:
        state.flash(done)
    if then:
        then()
    return result


def _call(
    service: Callable[..., T],
    by: Viewer,
    within: Around | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> T:
    now = utc_now()
    if takes(service, "session"):
        given = named(service, args, kwargs)
        with transaction() as session, within(session, now=now) if within else nullcontext():
            result = service(**given, **from_edge(service, session=session, by=by, now=now))
    else:
        given = named(service, args, kwargs | ({"within": within} if within else {}))
        result = service(**given, **from_edge(service, by=by, now=now))
    loaders.clear()
    return result


def quietly(service: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
    """As `attempt`, for small things that no cached figure shows and that happen all the time, such as what
    is typed being kept: the caches stay, and nothing is said unless it is refused."""
    by, now = identity.current_viewer(), utc_now()
    try:
        with transaction() as session:
            given = named(service, args, kwargs)
            return service(**given, **from_edge(service, session=session, by=by, now=now))
    except AppError as error:
        state.flash(error.message, kind="error")
        return None


def exported(
    service: Callable[..., bytes], noted: Callable[..., None], by: Viewer, *args: Any, **kwargs: Any
) -> bytes:
    """The file of a download that goes into the audit log, made when somebody presses it. `by` is handed
    over, since nobody's session is at hand then; `noted` takes the same arguments."""
    now = utc_now()
    with transaction() as session:
        noted(**named(noted, args, {}), **from_edge(noted, session=session, by=by, now=now))
    return loaders.fresh(service, by, *args, **kwargs)


def extend_session(token: str) -> None:
    """A session that is used goes on."""
    with transaction() as session:
        signin.extend(session, token, utc_now())


def _name(service: Callable[..., Any]) -> str:
    return f"{service.__module__}.{service.__qualname__}"
