"""Many users at once, without browsers: `python -m bench.load URL --page engagement -n 10`.

Speaks Streamlit's own protocol over its WebSocket, so it needs the server's Streamlit version. It
measures the server alone: from asking for a script run to the run being finished. Drawing is not in
it. A run counts as an error when it raises, times out, finds no page, or does not show `--expect`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.processes import cpu_ms, memory_mb, tree

WELL = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
READABLE = ("heading", "markdown", "text")


@dataclass(frozen=True)
class Visit:
    """What every user does. `cookie` is a Cookie header; `think` the mean pause in seconds.

    `press` is the label of a button that every run but the first presses; without it, they are plain
    reruns. `queries` are those of the users one by one, in place of `query`.
    """

    url: str
    page: str = ""
    query: str = ""
    cookie: str = ""
    expect: str = ""
    users: int = 10
    reruns: int = 10
    think: float = 0.0
    timeout: float = 60.0
    press: str = ""
    queries: tuple[str, ...] = ()


@dataclass
class Run:
    ms: float = 0.0
    kilobytes: float = 0.0
    error: str = ""
    shown: bool = False


@dataclass
class Tally:
    first: list[Run] = field(default_factory=list)
    reruns: list[Run] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Tab:
    """One browser tab's side of the conversation."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._script = ""
        self._query = visit.query
        self._known: set[str] = set()
        self._buttons: dict[str, str] = {}
        self._socket: websockets.ClientConnection | None = None

    async def open(self) -> None:
        parts = urlsplit(self._visit.url)
        token = await asyncio.to_thread(_forgery_token, self._visit.url)
        cookies = [self._visit.cookie, f"_streamlit_xsrf={token}" if token else ""]
        self._socket = await websockets.connect(
            f"ws://{parts.netloc}/_stcore/stream",
            subprotocols=[websockets.Subprotocol(name) for name in ("streamlit", token) if name],
            additional_headers={
                "Cookie": "; ".join(filter(None, cookies)),
                "Origin": f"http://{parts.netloc}",
            },
            max_size=None,
            compression=None,
            open_timeout=self._visit.timeout,
            ping_interval=None,
        )

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def run(self, press: str = "") -> Run:
        """Ask for a run of the page, by pressing that button if one is named, and wait for its end."""
        assert self._socket is not None
        run, began = Run(), time.perf_counter()
        if press and press not in self._buttons:
            run.error = f"there is no button {press!r}"
            return run
        button = self._buttons.get(press, "")
        self._buttons.clear()
        try:
            async with asyncio.timeout(self._visit.timeout):
                await self._socket.send(self._request(button).SerializeToString())
                await self._follow(run)
        except TimeoutError:
            run.error = f"no end after {self._visit.timeout:.0f} s"
        except websockets.ConnectionClosed as closed:
            run.error = f"connection closed: {closed}"
        run.ms = (time.perf_counter() - began) * 1000
        if not run.error and self._visit.expect and not run.shown:
            run.error = f"the page does not show {self._visit.expect!r}"
        return run

    def _request(self, button: str) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        if button:
            state.widget_states.widgets.add(id=button, trigger_value=True)
        if self._script:
            state.page_script_hash = self._script
        else:
            state.page_name = self._visit.page
        state.cached_message_hashes.extend(sorted(self._known))
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en-US"
        state.context_info.url = f"{self._visit.url}/{self._visit.page}"
        return message

    async def _follow(self, run: Run) -> None:
        assert self._socket is not None
        while True:
            data = await self._socket.recv()
            assert isinstance(data, bytes)
            run.kilobytes += len(data) / 1024
            message = ForwardMsg()
            message.ParseFromString(data)
            if self._over(message, run):
                return

    def _over(self, message: ForwardMsg, run: Run) -> bool:
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._note(message, run)
        elif kind in ("new_session", "navigation", "page_info_changed"):
            self._move(message, kind)
        elif kind == "page_not_found":
            run.error = "page not found"
        elif kind == "auth_redirect":
            run.error = "asked to sign in"
            return True
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                run.error = "the script does not compile"
                return True
            return message.script_finished in WELL  # else st.rerun(): the next run follows
        return False

    def _move(self, message: ForwardMsg, kind: str) -> None:
        """Follow to the page and the address that the server went on to."""
        if kind == "new_session":
            self._script = message.new_session.page_script_hash
        elif kind == "navigation":
            self._script = message.navigation.page_script_hash or self._script
        else:
            self._query = message.page_info_changed.query_string

    def _note(self, message: ForwardMsg, run: Run) -> None:
        if message.metadata.cacheable and message.hash:
            self._known.add(message.hash)
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            run.error = f"{element.exception.type}: {element.exception.message}"[:200]
        elif kind == "button" and not element.button.disabled:
            self._buttons[element.button.label] = element.button.id
        elif kind in READABLE and self._visit.expect:
            run.shown = run.shown or self._visit.expect in getattr(element, kind).body


def _forgery_token(url: str) -> str:
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=10) as answer:  # noqa: S310 - http
        for header in answer.headers.get_all("Set-Cookie") or []:
            if header.startswith("_streamlit_xsrf="):
                return header.split("=", 1)[1].split(";", 1)[0]
    return ""


async def _use(visit: Visit, tally: Tally, everybody: asyncio.Barrier) -> None:
    tab = Tab(visit)
    try:
        await tab.open()
    except (OSError, websockets.WebSocketException, TimeoutError) as problem:
        tally.refused.append(f"connect: {type(problem).__name__}: {problem}"[:200])
        await everybody.wait()
        return
    await everybody.wait()
    tally.first.append(await tab.run())
    for _ in range(visit.reruns):
        if visit.think:
            await asyncio.sleep(random.uniform(0.5, 1.5) * visit.think)
        tally.reruns.append(await tab.run(visit.press))
    await tab.close()


async def load(visit: Visit, pid: int = 0) -> dict[str, Any]:
    """All users at once; milliseconds as n, p50, p95, max. `pid`: the server, for memory and CPU."""
    tally = Tally()
    cpu_before = cpu_ms(list(tree(pid))) if pid else 0.0
    queries = visit.queries or (visit.query,) * visit.users
    users = [replace(visit, query=query) for query in queries[: visit.users]]
    everybody = asyncio.Barrier(len(users))
    await asyncio.gather(*(_use(user, tally, everybody) for user in users))
    runs = tally.first + tally.reruns
    errors = tally.refused + [run.error for run in runs if run.error]
    good = [run for run in tally.reruns if not run.error]
    result: dict[str, Any] = {
        "page": visit.page,
        "users": visit.users,
        "first_ms": spread([run.ms for run in tally.first if not run.error]),
        "rerun_ms": spread([run.ms for run in good]),
        "kb_first": _mean([run.kilobytes for run in tally.first]),
        "kb_rerun": _mean([run.kilobytes for run in good]),
        "errors": len(errors),
        "error_samples": sorted(set(errors))[:5],
    }
    if pid:
        server = list(tree(pid))
        result["cpu_ms_per_run"] = round((cpu_ms(server) - cpu_before) / max(1, len(runs)), 1)
        result["server_mb"] = round(memory_mb(server), 1)
    return result


def spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    ordered = sorted(values)
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p95": round(p95, 1),
        "max": round(ordered[-1], 1),
    }


def _mean(values: Sequence[float]) -> float:
    return round(statistics.mean(values), 1) if values else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("url", help="address of the app, such as http://localhost:8501")
    parser.add_argument("--page", default="", help="last part of the page's address")
    parser.add_argument("--query", default="", help="query string, without the question mark")
    parser.add_argument("--cookie", default="", help="Cookie header of somebody signed in")
    parser.add_argument("--expect", default="", help="text that every run must show")
    parser.add_argument("-n", "--users", type=int, default=1)
    parser.add_argument("-r", "--reruns", type=int, default=5, help="per user")
    parser.add_argument("--think", type=float, default=0.0, help="mean pause, seconds")
    parser.add_argument("--timeout", type=float, default=60.0, help="per run, seconds")
    parser.add_argument("--pid", type=int, default=0, help="the server's process")
    parser.add_argument("--json", type=Path, help="write the result here too")
    given = vars(parser.parse_args())
    pid, file = given.pop("pid"), given.pop("json")
    result = asyncio.run(load(Visit(**given), pid))
    text = json.dumps(result, indent=1)
    print(text)
    if file:
        file.write_text(text + "\n", encoding="utf-8")
    return 1 if result["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
