"""Columns that are called “name” and hold one half of it, as the column beside them tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from integrations.formats.headings import normalise

_FIRST = {"prenom", "vorname", "voornaam", "imie", "fornamn", "fornavn"}
_LAST = {"apellido", "apellidos", "cognome", "sobrenome", "apelido"}
_NAME = {"nom", "name", "nombre", "nome", "naam", "namn", "navn"}


_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


def bare_name(heading: str) -> bool:
    """Whether the heading is that of a name but for what stands in brackets: “Name (Originalname)”."""
    return _BRACKET.search(heading) is not None and normalise(_BRACKET.sub("", heading)) in _NAME


def with_names(mapping: dict[str, str], header: Sequence[str]) -> dict[str, str]:
    """With the column of whole names that brackets hide, and those of halves told from it."""
    if not mapping.keys() & {"name", "first_name", "last_name"}:
        return mapping | dict([("name", one) for one in header if bare_name(one)][:1])
    return _with_halves(mapping)


def _with_halves(mapping: dict[str, str]) -> dict[str, str]:
    """`Nom` beside `Prénom` is the last name, `Nombre` beside `Apellidos` the first. Not so in English, where
    `Name` beside `First name` or `Surname` may well be the whole."""
    if normalise(mapping.get("name", "")) not in _NAME:
        return mapping
    first, last = (normalise(mapping.get(half, "")) for half in ("first_name", "last_name"))
    if first in _FIRST and not last:
        half = "last_name"
    elif last in _LAST and not first:
        half = "first_name"
    else:
        return mapping
    return {half if field == "name" else field: column for field, column in mapping.items()}
