"""requirements.txt names what the app imports: all of it, nothing else, exact versions, and why."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tests.support import rules

FILES = ["requirements.txt", "requirements-dev.txt"]
PINS = "constraints.txt"
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
    "authlib": "Streamlit speaks to identity providers with it",
}


def lines(file: str) -> list[str]:
    text = (rules.ROOT / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r"))]


def names(file: str) -> dict[str, str]:
    """Distribution, as the index normalises it, to version."""
    found = (LINE.match(line) for line in lines(file))
    return {_normal(m["name"]): m["version"] for m in found if m}


@pytest.mark.parametrize("file", FILES)
def test_every_line_has_an_exact_version_and_a_reason(file: str):
    assert [line for line in lines(file) if not LINE.match(line)] == []


@pytest.mark.parametrize("file", FILES)
def test_installed_is_what_the_file_says(file: str):
    wanted = names(file)
    assert {name: metadata.version(name) for name in wanted} == wanted


def test_all_that_is_brought_along_is_pinned_and_nothing_else():
    """Otherwise: make constraints."""
    pins = {_normal(name): version for name, version in (s.split("==") for s in lines(PINS))}
    wanted = {name: metadata.version(name) for name in brought_along()}
    assert {name: pins.get(name) for name in wanted} == wanted
    # Elsewhere some package may not be needed.
    assert set(pins) == set(wanted) or (sys.platform, sys.version_info[:2]) != ("linux", (3, 11))


def test_pins_name_exact_versions_and_no_place_to_get_them_from():
    assert [line for line in lines(PINS) if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []


def brought_along() -> set[str]:
    """What is required, and all that it needs on this machine."""
    waiting = [Requirement(line.split("#")[0]) for file in FILES for line in lines(file)]
    found: dict[tuple[str, frozenset[str]], Requirement] = {}
    while waiting:
        one = waiting.pop()
        if found.setdefault((_normal(one.name), frozenset(one.extras)), one) is not one:
            continue
        needs = map(Requirement, metadata.requires(one.name) or ())
        waiting += [need for need in needs if _applies(need, one.extras)]
    return {name for name, _ in found}


def _applies(need: Requirement, extras: Iterable[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": e}) for e in ("", *extras))


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
