from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.formats import ParsedFile, read


@pytest.fixture
def parse(tmp_path: Path) -> Callable[..., ParsedFile]:
    """Reads a text as if it were a file that somebody brought."""

    def run(text: str, *, encoding: str = "utf-8", **said: object) -> ParsedFile:
        path = tmp_path / "upload"
        path.write_bytes(text.encode(encoding))
        return read(path, **said)  # type: ignore[arg-type]

    return run
