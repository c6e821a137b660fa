"""One world for all tests here: making it takes longer than any of them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.matrix.world import World, world


@pytest.fixture(scope="package")
def two_portfolios(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[World]:
    with world(sqlite_template, tmp_path_factory.mktemp("matrix")) as made:
        yield made
