"""Whether a table says who came, and which of its unused columns may say it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations.formats.fields import JOINER
from integrations.formats.headings import normalise
from integrations.formats.statuses import roll_call, status
from integrations.formats.tables import Table
from integrations.formats.values import ABSENT

_SAYING = {"status", "joined_at", "left_at", "minutes", "completed", "passed"}
_OTHER = re.compile(
    r"\b(newsletter|consent|einwilligung|opt (in|out)|opted (in|out)|gdpr|dsgvo|rgpd|marketing|privacy|terms|agreed?"
    r"|unsubscribed?|subscribed?|vip|champion|members?|guests?|internal|employees?|partner|customer|prospect|paid"
    r"|invoiced|first time|new|contact me|recording|diet\w*|vegetarian|interested|host|speaker|active|deleted)\b"
)
_FEW = 12
_LOOKED_AT = 1_000
_LISTED = 6


def asked(table: Table, mapping: Mapping[str, str]) -> str | None:
    """The question, where a column that is not used may say who came; None where there is none."""
    if _SAYING & mapping.keys():
        return None
    columns = [c for c in _unused(table, mapping) if _may_say(table, c)]
    if not columns:
        return None
    named = ", ".join(f"“{c}”" for c in columns[:_LISTED])
    if len(columns) == 1:
        return f"The column {named} may say who came. Take it for Status if it does, then go on."
    return (
        f"One of the columns {named} may say who came. Take it for Status if it does, then go on."
    )


def told(table: Table, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """A warning where every row counts as attended although the table has columns that nobody looked at."""
    unused = _unused(table, mapping)
    if _SAYING & mapping.keys() or not (unused or "registered_at" in mapping):
        return ()
    more = len(unused) - _LISTED
    listed = ", ".join(f"“{c}”" for c in unused[:_LISTED]) + (
        f" and {more} more" if more > 0 else ""
    )
    words = "No column says who came, so everybody in this file counts as attended."
    return (f"{words} Columns not used: {listed}." if unused else words,)


def _unused(table: Table, mapping: Mapping[str, str]) -> list[str]:
    used = {*mapping.values(), *(c for named in mapping.values() for c in named.split(JOINER))}
    return [c for c in table.header if c not in used]


def _may_say(table: Table, column: str) -> bool:
    """Whether its cells are yes and no, present and absent, or a mark here and there."""
    if _OTHER.search(normalise(column)):
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
