"""What exists is written down: settings, commands, routes, screens, make targets."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image

from components.navigation import SCREENS
from data.settings import Settings
from tests.support import pictures
from tests.support.rules import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS = README + "".join(
    p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").glob("*.md"))
)
GUIDE = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs/guide").glob("*.md"))


def variables() -> list[str]:
    """The environment variable of each setting."""
    prefix = Settings.model_config.get("env_prefix", "")
    return [
        str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in Settings.model_fields.items()
    ]


def commands() -> list[str]:
    """The subcommands that `admin.py --help` offers."""
    shown = subprocess.run(
        [sys.executable, "admin.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    offered = re.search(r"\{([a-z,-]+)\}", shown.stdout)
    assert offered, shown.stdout
    return offered[1].split(",")


def routes() -> list[str]:
    """`METHOD /api/path` of each operation that the API describes."""
    api = next(v for v in vars(import_module("api.main")).values() if isinstance(v, FastAPI))
    return [
        f"{method.upper()} /api{path}"
        for path, operations in api.openapi()["paths"].items()
        for method in operations
    ]


def targets() -> list[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return [t for t in re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE) if t != "help"]


@pytest.mark.parametrize("variable", variables())
def test_setting_is_in_the_readme(variable: str):
    assert f"| `{variable}` |" in README


def test_readme_names_no_setting_that_is_gone():
    named = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert sorted(named) == sorted(variables())


def test_commands_in_the_readme_are_those_that_exist():
    named = re.findall(r"^\| `([a-z-]+)[^`]*` \|", README, re.MULTILINE)
    assert sorted(named) == sorted(commands())


def test_every_route_is_written_down():
    assert [route for route in routes() if f"`{route}`" not in WORDS] == []


def test_routes_that_are_written_down_exist():
    named = re.findall(r"^\| `([A-Z]+ /api[^`]*)` \|", WORDS, re.MULTILINE)
    assert set(named) <= set(routes())


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.key)
def test_screen_is_in_the_readme(screen):
    assert f"| {screen.title} |" in README


@pytest.mark.parametrize("target", targets())
def test_make_target_is_in_the_readme(target: str):
    assert f"make {target}" in README


def test_acceptance_names_tests_that_exist():
    named = re.findall(r"`(tests/\S+?\.py)(?:::(\w+))?`", (ROOT / "docs/acceptance.md").read_text())
    assert len(named) > 30
    whole = [(path, f"def {name}(" if name else "def test_") for path, name in named]
    assert [one for one in whole if one[1] not in (ROOT / one[0]).read_text()] == []


def test_1000_records_were_measured_below_30_seconds():
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (SQLite|Postgres) \| 1,000 \| ([\d.]+) s \|", page, re.MULTILINE)
    assert {database for database, _ in rows} == {"SQLite", "Postgres"}
    assert all(float(seconds) < 30 for _, seconds in rows)


def test_decisions_stand_apart_the_newest_last():
    page = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    days = re.findall(r"^\*\*(\d{4}-\d\d-\d\d) · ", page, re.MULTILINE)
    assert len(days) > 100
    assert days == sorted(days)
    assert len(re.findall(r"\n\n\*\*\d{4}-\d\d-\d\d · ", page)) == len(days)


def test_architecture_page_has_every_package_of_services_in_the_order_of_the_layers():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c.get("containers"))
    place = {
        name: number
        for number, layer in enumerate(layers)
        for name in re.findall(r"\((\w+)\)", layer)
    }
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## The features")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    drawn = [name for row in rows for name in re.findall(r"`(\w+)`", row) if name in place]
    assert sorted(drawn) == sorted(place)
    assert [place[name] for name in drawn] == sorted(place[name] for name in drawn)


def test_files_named_in_the_documents_exist():
    """Those of the code, where they are named with their folder."""
    rooms = "api|app|bench|components|data|integrations|pages|services|templates|tests|worker"
    gone = [
        (document.name, path)
        for document in DOCUMENTS
        if document.name != "decisions.md"  # of the day they were written
        for path in re.findall(rf"`((?:{rooms})/[\w/.-]+)`", document.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    ]
    assert gone == []


def test_links_between_documents_lead_somewhere():
    links = [
        (document, *target.partition("#")[::2])
        for document in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:)([^)\s]+)", document.read_text("utf-8"))
    ]
    assert len(links) > 50
    assert [
        (document.name, path, heading)
        for document, path, heading in links
        if not (place := document.parent / path if path else document).exists()
        or (heading and heading not in headings(place))
    ] == []


def headings(document: Path) -> set[str]:
    """What a link to a heading ends with."""
    named = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in named}


def images(document: Path) -> list[Path]:
    """The pictures that a document shows."""
    told = re.findall(
        r"!\[[^\]]+\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", document.read_text("utf-8")
    )
    return [(document.parent / (one or other)).resolve() for one, other in told]


def test_every_picture_is_shown_and_every_picture_shown_is_there():
    shown = {picture for document in DOCUMENTS for picture in images(document)}
    assert shown == set(pictures.FOLDER.iterdir())
    assert shown == {shot.file for shot in pictures.ALL}


def test_pictures_are_small_and_as_wide_as_the_readers_of_the_guide_see_the_app():
    files = list(pictures.FOLDER.iterdir())
    assert sum(file.stat().st_size for file in files) < pictures.MOST_BYTES
    for file in files:
        with Image.open(file) as picture:
            assert picture.width == pictures.WIDTH, file.name


@pytest.mark.parametrize("page", sorted((ROOT / "docs/guide").glob("*.md")), ids=lambda p: p.stem)
def test_page_of_the_guide_has_a_picture(page: Path):
    assert images(page) or page.name == "README.md"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.key)
def test_screen_is_in_the_guide(screen):
    assert f"**{screen.title}" in GUIDE
