"""The tables of an answer as an Excel file."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.ask import history
from services.ask.answers import Block, Table, Text
from services.errors import NotFound
from services.export import Sheet, to_book


def workbook(session: Session, by: Viewer, turn_id: int) -> bytes:
    """A sheet per table, under the heading that it stood below. NotFound when the answer is gone, or not the
    person's to read any more."""
    turn = history.find_turn(session, by, turn_id)
    sheets = _sheets(turn.blocks) if turn else []
    if not sheets:
        raise NotFound("This answer is no longer there to be exported. Ask again, and export that.")
    return to_book(sheets)


def _sheets(blocks: Sequence[Block]) -> list[Sheet]:
    found: list[Sheet] = []
    heading = "Answer"
    for block in blocks:
        if isinstance(block, Text) and block.tone == "heading":
            heading = block.words
        elif isinstance(block, Table) and block.rows:
            found.append(_sheet(heading, block))
    return found


def _sheet(title: str, table: Table) -> Sheet:
    """Heads may be empty or alike, which columns of a frame may not."""
    columns = {
        f"c{place}": _column([row[place] for row in table.rows])
        for place in range(len(table.heads))
    }
    labels = dict(zip(columns, table.heads, strict=True))
    return Sheet(title, pl.DataFrame(columns), labels)


def _column(cells: Sequence[object]) -> pl.Series:
    if all(cell is None or isinstance(cell, int) for cell in cells):
        return pl.Series(cells, dtype=pl.Int64)
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        return pl.Series(cells, dtype=pl.Float64)
    return pl.Series(["" if cell is None else str(cell) for cell in cells], dtype=pl.String)
