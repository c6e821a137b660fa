"""How a page's arguments find their way into a service."""

from __future__ import annotations

import pytest

from components.calls import from_edge, named, takes


def _reads(session: str, by: str, customer_id: int, *, limit: int = 5) -> None: ...


def _writes(session: str, text: str, *, by: str, now: str) -> None: ...


def _open(session: str, *anything: int) -> None: ...


def test_arguments_are_matched_past_what_the_edge_knows():
    assert named(_reads, (42,), {"limit": 3}) == {"customer_id": 42, "limit": 3}
    assert named(_writes, ("x",), {}) == {"text": "x"}


def test_edge_gives_only_what_is_asked_for():
    known = {"session": "s", "by": "b", "now": "n"}
    assert from_edge(_reads, **known) == {"session": "s", "by": "b"}
    assert from_edge(_writes, **known) == known
    assert not takes(_reads, "now")


@pytest.mark.parametrize("service", [_open])
def test_service_with_nameless_parameters_is_refused(service):
    with pytest.raises(TypeError, match="must name"):
        named(service, (1,), {})


def test_page_cannot_say_who_it_is():
    with pytest.raises(TypeError):
        named(_reads, (42,), {"by": "somebody else"})
