"""The mails there are: one folder each below templates/emails, found by looking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.errors import NotFound
from data.settings import PROJECT
from integrations.templating.words import Fill, Words, compiled, placeholders
from services.rendering.parts import put_together

FOLDER = PROJECT / "templates" / "emails"
BASE = "_base"
PARTS = ("subject.txt", "body.txt", "body.html", "sample.json")


@dataclass(frozen=True)
class TemplateInfo:
    """`key` is `feature/name`; `sample` are values that fill it, `placeholders` the names it asks for."""

    key: str
    title: str
    about: str
    placeholders: tuple[str, ...]
    sample: Mapping[str, Any]


@lru_cache(maxsize=1)
def catalogue() -> list[TemplateInfo]:
    """All templates, by key. Read once per process: they change with the product, not while it runs."""
    return [_info(_key(folder)) for folder in folders()]


def folders() -> list[Path]:
    """The folders of templates, whole or not."""
    return sorted(
        folder
        for folder in FOLDER.glob("*/*")
        if folder.is_dir() and not folder.parent.name.startswith(("_", "."))
    )


def info(key: str) -> TemplateInfo:
    """One of the catalogue; NotFound when there is none of that key."""
    for entry in catalogue():
        if entry.key == key:
            return entry
    raise NotFound("There is no such mail template. Choose one from the Mail templates page.")


@lru_cache(maxsize=256)
def file_words(key: str) -> Words:
    """The product's own words of a template; NotFound when there is none."""
    if key not in {_key(folder) for folder in folders()}:
        raise NotFound("There is no such mail template. Choose one from the Mail templates page.")
    subject, text, html = (
        (FOLDER / key / part).read_text(encoding="utf-8").strip() for part in PARTS[:3]
    )
    return Words(subject, text, html)


@lru_cache(maxsize=256)
def file_fill(key: str) -> Fill:
    """The product's own words, compiled."""
    return compiled(put_together(file_words(key)))


def _key(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _info(key: str) -> TemplateInfo:
    told = json.loads((FOLDER / key / "sample.json").read_text(encoding="utf-8"))
    names = tuple(sorted(placeholders(put_together(file_words(key)))))
    return TemplateInfo(key, told["title"], told["about"], names, told["values"])
