"""One world for all tests here: making it takes longer than any of them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.matrix.world import World, entered, inhabited


@pytest.fixture(scope="session")
def lived_in(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with inhabited(sqlite_template, tmp_path_factory.mktemp("matrix")) as made:
        yield made


@pytest.fixture
def two_portfolios(lived_in: World) -> Generator[World]:
    with entered(lived_in.url, lived_in.folder):
        yield lived_in
