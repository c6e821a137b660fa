"""Whether a table says who came, and which of its unused columns may say it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from integrations.formats.fields import ATTENDANCE, JOINER, REPEATED
from integrations.formats.headings import normalise, spellings
from integrations.formats.shares import share
from integrations.formats.statuses import roll_call, status
from integrations.formats.tables import Table
from integrations.formats.values import ABSENT

_SAYING = {"status", "joined_at", "left_at", "minutes", "completed", "passed"}
_OTHER = re.compile(
    r"\b(newsletter|consent|einwilligung|opt (in|out)|opted (in|out)|gdpr|dsgvo|rgpd|marketing|privacy|terms|agreed?"
    r"|unsubscribed?|subscribed?|vip|champion|members?|guests?|internal|employees?|partner|customer|prospect|paid"
    r"|invoiced|first time|new|contact me|recording|diet\w*|vegetarian|interested|host|speaker|active|deleted)\b"
)
_ALIASES = frozenset(ATTENDANCE["status"].aliases)
_CAME = {"attended", "no_show"}
_FEW = 12
_LOOKED_AT = 1_000
LISTED = 6


def settled(table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    """The mapping by headings, with that column for Status that tells who came: “Attended” rather than
    “Registration status”, and “Joined” where it holds yes and no in place of times."""
    words = [f for f in ("joined_at", "left_at") if f in mapping and may_say(table, mapping[f])]
    found = {f: c for f, c in mapping.items() if f not in words}
    if not _only_lists(table, mapping):
        instead = words and "status" not in mapping
        return found | {"status": mapping[words[0]]} if instead else found
    others = [c for c in unused(table, mapping) if _is_status(c)] + [mapping[f] for f in words]
    telling = [c for c in others if _CAME & _known(table, c)]
    return found | {"status": telling[0]} if telling else dict(mapping)


def listing(table: Table, mapping: Mapping[str, str]) -> str | None:
    """The column beside that for Status that tells who cancelled, and not who came."""
    columns = [c for c in unused(table, mapping) if _is_status(c)] if "status" in mapping else []
    gone = {"cancelled", "declined"}
    known = ((c, _known(table, c)) for c in columns)
    return next((c for c, said in known if said & gone and not said & _CAME), None)


def _only_lists(table: Table, mapping: Mapping[str, str]) -> bool:
    """Whether the column for Status tells who is registered, and nothing of who came."""
    known = _known(table, mapping["status"]) if "status" in mapping else set[str]()
    return bool(known) and not known & _CAME


def _known(table: Table, column: str) -> set[str]:
    """What the words of a column mean, as far as they are known."""
    if column not in table.header:
        return set()
    cells = table.column(column)
    known = _meanings(cells.head(_LOOKED_AT), column)
    return known if known & _CAME else _meanings(cells, column)


def _meanings(cells: pl.Series, heading: str) -> set[str]:
    said = {(word or "").strip() for word in cells.unique().to_list()} - set(ABSENT)
    letters = roll_call(said)
    told = (share(word, heading) or status(word) or letters.get(word) for word in said)
    return {found for found in told if found}


def _is_status(column: str) -> bool:
    return bool(_ALIASES & set(spellings(REPEATED.sub("", column))))


def asked(table: Table, mapping: Mapping[str, str]) -> str | None:
    """The question, where a column that is not used may say who came; None where there is none."""
    saying = _SAYING & mapping.keys()
    if saying - {"status"} or (saying and not _only_lists(table, mapping)):
        return None
    columns = [c for c in unused(table, mapping) if may_say(table, c)]
    if not columns:
        return None
    named = ", ".join(f"“{c}”" for c in columns[:LISTED])
    if len(columns) == 1:
        return f"The column {named} may say who came. Take it for Status if it does, then go on."
    return (
        f"One of the columns {named} may say who came. Take it for Status if it does, then go on."
    )


def told(table: Table, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """A warning where every row counts as attended although the table has columns that nobody looked at."""
    others = unused(table, mapping)
    if _SAYING & mapping.keys() or not (others or "registered_at" in mapping):
        return ()
    more = len(others) - LISTED
    listed = ", ".join(f"“{c}”" for c in others[:LISTED]) + (
        f" and {more} more" if more > 0 else ""
    )
    words = "No column says who came, so everybody in this file counts as attended."
    return (f"{words} Columns not used: {listed}." if others else words,)


def unused(table: Table, mapping: Mapping[str, str]) -> list[str]:
    used = {*mapping.values(), *(c for named in mapping.values() for c in named.split(JOINER))}
    return [c for c in table.header if c not in used]


def saying_other(column: str) -> bool:
    """Whether the heading is of something that is no attendance."""
    return _OTHER.search(normalise(column)) is not None


def may_say(table: Table, column: str) -> bool:
    """Whether its cells are yes and no, present and absent, or a mark here and there."""
    if saying_other(column):
        return False
    cells = table.column(column)
    if cells.head(_LOOKED_AT).n_unique() > _FEW:
        return False
    words = {(word or "").strip() for word in cells.unique().to_list()}
    said = words - set(ABSENT)
    letters = roll_call(said)
    known = {status(word) or letters.get(word) for word in said}
    if len(words) > _FEW or None in known or "attended" not in known:
        return False
    return len(known) > 1 or len(said) < len(words)
