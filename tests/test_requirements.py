"""requirements.txt names what the app imports: all of it, nothing else, exact versions, and why."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import metadata

import pytest

from tests.support import rules

LINE = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(\[[a-z,]+\])?==(?P<version>\S+)\s+# (?P<reason>.+)$")
# Needed without being imported by our code.
LOADED_BY_OTHERS = {
    "psycopg": "SQLAlchemy's driver for Postgres",
    "pyarrow": "polars and ADBC hand over columns through it",
    "adbc-driver-manager": "loads the SQLite driver",
    "python-multipart": "FastAPI reads uploads with it",
    "uvicorn": "Streamlit's server",
    "numpy": "polars and scipy hand over arrays of it",
    "pandas": "AgGrid and Plotly ask for its frames",
}


def lines(file: str) -> list[str]:
    text = (rules.ROOT / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r"))]


def names(file: str) -> dict[str, str]:
    """Distribution, as the index normalises it, to version."""
    found = (LINE.match(line) for line in lines(file))
    return {_normal(m["name"]): m["version"] for m in found if m}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_line_has_an_exact_version_and_a_reason(file: str):
    assert [line for line in lines(file) if not LINE.match(line)] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_installed_is_what_the_file_says(file: str):
    wanted = names(file)
    assert {name: metadata.version(name) for name in wanted} == wanted


def test_app_imports_nothing_that_is_not_required():
    missing = set(imported()) - set(names("requirements.txt"))
    assert missing == set()


def test_nothing_is_required_that_the_app_does_not_use():
    idle = set(names("requirements.txt")) - set(imported()) - set(LOADED_BY_OTHERS)
    assert idle == set()


def imported() -> Iterator[str]:
    """The distributions whose modules the app imports."""
    owners = metadata.packages_distributions()
    for path in rules.python_files():
        if path.startswith("bench/"):
            continue
        for node in ast.walk(ast.parse((rules.ROOT / path).read_text(encoding="utf-8"))):
            for module in _modules(node):
                if module not in {*sys.stdlib_module_names, *rules.ROOMS, "bench", "app", "admin"}:
                    yield _normal(owners[module][0])


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module.split(".")[0]]
    return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
