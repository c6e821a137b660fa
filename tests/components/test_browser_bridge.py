from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from components import browser_bridge


@pytest.fixture(autouse=True)
def nothing_declared():
    browser_bridge._declared.cache_clear()
    yield
    browser_bridge._declared.cache_clear()


def test_first_visitors_at_the_same_moment_declare_it_once(monkeypatch: pytest.MonkeyPatch):
    declared: list[str] = []
    second = Barrier(2)

    def declare(name: str, **_: Any) -> str:
        declared.append(name)
        with suppress(BrokenBarrierError):
            second.wait(timeout=0.2)  # for another that declares it, too
        return name

    monkeypatch.setattr(browser_bridge, "declare_component", declare)
    with ThreadPoolExecutor(4) as visitors:
        told = list(visitors.map(lambda _: browser_bridge._bridge(), range(4)))
    assert (declared, told) == (["bridge"], ["bridge"] * 4)
