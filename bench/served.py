"""The real server on a database that is there, and many people who look at its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.load import Visit, load
from bench.processes import ask
from tests.support.server import AppServer, running_app

Page = tuple[str, str, str, str]
"""Its name in tables, its address, the query, and what has to be on it."""
Look = Callable[[Page], dict[str, Any]]
"""What `load` tells of one page."""


@contextmanager
def opened(folder: Path, url: str, visit: Visit) -> Generator[Look]:
    """The real server on this database, and what loads one of its pages for an admin, who sees all."""
    settings = {"DATABASE_URL": url}
    told = ask("bench.product", "sign-in", env=settings).told
    with running_app(folder / "app", settings) as app:
        visit = replace(visit, url=app.url, cookie=f"cscx_session={told['token']}")
        pid = listening(app)

        def look(one: Page) -> dict[str, Any]:
            name, page, query, expect = one
            asked, wanted = query.format(**told), expect.format(**told)
            seen = replace(visit, page=page, query=asked, expect=wanted)
            return {"name": name, **asyncio.run(load(seen, pid))}

        yield look


def listening(app: AppServer) -> int:
    """The process that answers on the app's port."""
    wanted = f"{urlsplit(app.url).port}"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted.encode() in words and b"streamlit" in words and b"keeper" not in words:
            return int(folder.name)
    return 0
