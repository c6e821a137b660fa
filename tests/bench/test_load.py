"""The load client notices what goes wrong, so that its figures mean something."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from bench.load import Visit, load, spread
from tests.support.leash import leashed
from tests.support.server import free_port

SCRIPT = """
import streamlit as st
st.title("A page")
if st.query_params.get("broken"):
    raise ValueError("broken on purpose")
if st.button("On"):
    st.query_params["at"] = str(int(st.query_params.get("at", "0")) + 1)
    st.rerun()
st.header("At " + st.query_params.get("at", "0"))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.py").write_text(SCRIPT)
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", folder / "page.py"]
    options = ["--server.headless", "true", "--server.address", "127.0.0.1"]
    log = folder / "log"
    log.touch()
    with leashed([*command, *options, "--server.port", str(port)], log=log, cwd=folder):
        _wait(log)
        yield f"http://127.0.0.1:{port}"


def _wait(log: Path) -> None:

    for _ in range(300):
        if "URL" in log.read_text():
            return
        time.sleep(0.1)
    raise RuntimeError(log.read_text())


def told(address: str, **more: object) -> dict[str, object]:
    return asyncio.run(load(Visit(address, users=2, reruns=2, timeout=30, **more)))  # type: ignore[arg-type]


def test_runs_of_all_users_are_counted(address: str):
    found = told(address, expect="A page")

    assert found["errors"] == 0
    assert found["rerun_ms"]["n"] == 4  # type: ignore[index]


def test_page_without_the_expected_text_is_an_error(address: str):
    found = told(address, expect="Another page")

    assert found["errors"] == 6
    assert found["error_samples"] == ["the page does not show 'Another page'"]


def test_button_is_pressed_by_each_user_from_where_it_is(address: str):
    there = ("at=0", "at=0")
    pressed = told(address, press="On", queries=there, expect="At 2")

    # The second press begins where the first one led to; only then the page shows it.
    assert pressed["errors"] == 4
    assert pressed["rerun_ms"]["n"] == 2  # type: ignore[index]
    assert told(address, press="Off")["error_samples"] == ["there is no button 'Off'"]


def test_script_that_raises_is_an_error(address: str):
    found = told(address, query="broken=1")

    assert found["errors"] == 6
    assert "ValueError" in str(found["error_samples"])


def test_nobody_listening_is_an_error():
    found = told(f"http://127.0.0.1:{free_port()}")

    assert found["errors"] == 2


def test_spread_gives_the_middle_and_the_slow_end():
    assert spread([float(n) for n in range(1, 101)]) == {
        "n": 100,
        "p50": 50.5,
        "p95": 95.0,
        "max": 100.0,
    }
    assert spread([]) == {}
