"""What was told here as an Excel file, and where all rows can be had."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from services.ask import history
from services.ask.answers import Answer, Block, Choices, File, Link, Table, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.handlers import plain
from services.ask.history import Turn
from services.ask.report import EXPORT, told
from services.ask.saying import joined, links, moment
from services.plurals import plural

LOOKED_BACK = 30
"""Answers, the last ones, among which the report is looked for."""
_THIS = re.compile(r"\b(?:this|that|it|these|those|them|list|table|answer)\b", re.IGNORECASE)
PAGES = links(
    Link("engagement", "Leaderboard"), Link("advocacy", "Advocacy"), Link("risk", "Risk"),
    Link("invitations", "Invitations"), Link("campaigns", "Campaigns"),
)  # fmt: skip
ALL = Text("With all rows each page has its own download, as Excel and as CSV:")


def export(desk: Desk, intent: Intent) -> Answer:
    """The last report, or the last answer that had a table; where there is none the report is told first."""
    last = history.turns(desk.session, desk.by, limit=LOOKED_BACK).turns[::-1]
    tables = [one for one in last if _tables(one.blocks) and not one.undone]
    reports = [one for one in tables if _offers(one)]
    if _THIS.search(intent.said):
        found = next(iter(tables), None)
    elif "report" in intent.said.casefold():
        found = next(iter(reports), None)
    else:
        found = next(iter(reports or tables), None)
    if found is None:
        here = told(desk, Answer((Text("The report as of now:"),)))
        file = (File(_name("report", desk.now)),) if _tables(here.blocks) else ()
        return joined([here, Answer((*file, ALL, PAGES))])
    said = f"“{found.said[:80]}”, as it was answered on {moment(found.at, desk.zone)}: {plural(_tables(found.blocks), 'table')}."
    name = _name("report" if _offers(found) else "answer", found.at)
    return Answer((Text(said), File(name, found.id), ALL, PAGES), customers=found.customers)


def _tables(blocks: Sequence[Block]) -> int:
    tables = (block for block in blocks if isinstance(block, Table) and block.rows)
    return sum(table.heads != plain.HEADS for table in tables)


def _offers(turn: Turn) -> bool:
    """A report: it ends with the button that exports it."""
    buttons = (block for block in turn.blocks if isinstance(block, Choices))
    return any(choice.command == EXPORT for block in buttons for choice in block.choices)


def _name(what: str, at: datetime) -> str:
    return f"{what}-{at:%Y-%m-%d}.xlsx"
