"""Display names as meeting platforms write them, back to the name of a person."""

from __future__ import annotations

import re

import polars as pl

from integrations.formats.values import by_distinct

_DEVICE = re.compile(
    r"\b(ipad|iphone|phone|android|galaxy|pixel|macbook|laptop|pc|mobile|web|tablet|room|he|him|she|her"
    r"|they|them)\b|[./\d]",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"\s*\((external|guest|unverified|extern|gast|invité|invitado)\)\s*$", re.IGNORECASE
)
_ORIGINAL = re.compile(r"^(?P<shown>.*\S)\s*\((?P<original>[^()]+)\)$")
_ID_PREFIX = re.compile(r"^\d{2,}_")
_NOT_FIRST = re.compile(
    r"^(jr|sr|ii|iii|iv|phd|md|mba|cpa|esq|inc|llc|ltd|gmbh)\.?$", re.IGNORECASE
)


def clean_name(shown: str) -> str:
    """'015_Tomas (Tomás Ibáñez)' -> 'Tomás Ibáñez'; 'X (iPad)', 'X (External)' -> 'X';
    'O'Malley, Grace' -> 'Grace O'Malley'."""
    name = _MARK.sub("", shown.strip())
    if found := _ORIGINAL.match(name):
        name = found["shown"] if _DEVICE.search(found["original"]) else found["original"].strip()
    return turned(_ID_PREFIX.sub("", name).strip() or shown.strip())


def turned(name: str) -> str:
    """'Last, First' the other way round; suffixes and lists stay as they are."""
    last, comma, first = name.partition(",")
    first = first.strip()
    if not comma or not first or not last.strip() or "," in first or _NOT_FIRST.match(first):
        return name
    return f"{first} {last.strip()}" if len(name.split()) <= 5 else name


def clean_names(fields: pl.DataFrame) -> pl.DataFrame:
    return fields.with_columns(by_distinct(fields["name"], clean_name, pl.Utf8).alias("name"))
