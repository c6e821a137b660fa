"""Which column names the events where none is called so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from integrations.formats.headings import normalise, spellings
from integrations.formats.tables import Table
from integrations.formats.values import ABSENT
from integrations.formats.who_came import LISTED, saying_other, unused

_CALLED_SO = (
    "webinar topic|event topic|event subject|campaign name|campaign|program|program name|programme|session|seminar"
    "|seminar name|workshop|workshop name|meeting|activity|activity name|topic|subject|title"
)
_CALLED = tuple(_CALLED_SO.split("|"))
"""Best first; what they are called may be something else where a column is called an event."""
_ALSO = {"topic", "title"}
"""Fields that such a column is taken for where an event has its own."""
_NO_NAME = re.compile(
    r"\b(ids?|number|no|nr|rate|percent|percentage|share|score|phone|mobile|telephone|url|link|address|city|state|region"
    r"|country|zone|language|device|browser|ip|user|username|utilisateur|usuario|benutzer|benutzername|account|contact|manager|industry|department)\b"
)
"""Headings of what no event is called."""
_WORD = r"\p{L}{2}"
_FEW = 12
_WHO = ("email", "name", "last_name")


def with_event(table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    """The mapping, with a column that names the events where none is called an event."""
    if "event" in mapping:
        return dict(mapping)
    free = {*unused(table, mapping), *(mapping[f] for f in _ALSO if f in mapping)}
    named = [(_CALLED.index(s), c) for c in table.header if c in free for s in _calls(c)]
    found = [c for _, c in sorted(named) if _names(table, mapping, c)]
    if not found:
        return dict(mapping)
    kept = {f: c for f, c in mapping.items() if not (f in _ALSO and c == found[0])}
    return kept | {"event": found[0]}


def unnamed(table: Table, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """A warning where no column names the events and one that is not used may."""
    if "event" in mapping:
        return ()
    columns = [c for c in unused(table, mapping) if not saying_other(c) and _varies(table, c)]
    if not columns:
        return ()
    listed = ", ".join(f"“{c}”" for c in columns[:LISTED])
    which = f"one of {listed}" if len(columns) > 1 else listed
    return (
        f"No column is taken for the name of the event. If {which} holds the names of the events, choose it for "
        "Event.",
    )


def _calls(column: str) -> list[str]:
    return [s for s in spellings(column) if s in _CALLED]


def _names(table: Table, mapping: Mapping[str, str], column: str) -> bool:
    """Whether its cells may name events: not so of “Title” unless somebody has several, which are no jobs."""
    if _texts(table, column).is_empty():
        return False
    if "title" not in spellings(column):
        return True
    who = next((mapping[f] for f in _WHO if f in mapping), None)
    if who is None or who not in table.header:
        return False
    both = pl.DataFrame({"who": table.column(who), "title": table.column(column)})
    return both.unique().height > both["who"].n_unique()


def _varies(table: Table, column: str) -> bool:
    """Whether its cells say several things in words, each of more than one row or of few altogether."""
    if _NO_NAME.search(normalise(column)):
        return False
    texts = _texts(table, column)
    if not texts.str.contains(_WORD).all():
        return False
    different = texts.n_unique()
    return different > 1 and (different <= _FEW or 2 * different <= len(texts))


def _texts(table: Table, column: str) -> pl.Series:
    cells = table.column(column).drop_nulls().str.strip_chars()
    return cells.filter(~cells.is_in(ABSENT))
