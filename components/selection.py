"""Tables with rows to click or tick: a choice belongs to what is shown, never to a place on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, Literal, TypeVar

import streamlit as st

from components import state
from components.moments import say_zone

NAME_WIDTH = 136
"""Pixels of a customer's name in a table: a long one must not push aside what the table is about."""
T = TypeVar("T")
Mode = Literal["single-cell", "single-row", "multi-row", "tick-or-click"]
_MODES: dict[str, Any] = {"tick-or-click": ["multi-row", "single-cell"]}


@dataclass(frozen=True)
class Picked(Generic[T]):
    """`clicked` is what one row stands for, None without a click, `column` the name of the cell's; `ticked`
    what those ticked stand for."""

    clicked: T | None = None
    column: str | None = None
    ticked: tuple[T, ...] = ()


def table(
    data: Any, of: Sequence[T], page: str, name: str, *, mode: Mode = "single-cell", **drawn: Any
) -> Picked[T]:
    """Draw `data`, whose rows stand for `of`, ids that tell them apart; `drawn` goes to the table as it is.

    Other rows, or the same ones in another order, are another table in which nothing is chosen yet: the
    browser says which places are chosen, and would say so of whoever stands there now.
    """
    drawn["column_config"] = {"Customer": name_column(), **drawn.get("column_config", {})}
    chosen: Any = st.dataframe(
        data,
        hide_index=True,
        on_select="rerun",
        selection_mode=_MODES.get(mode, mode),
        key=state.key(page, f"{name}.{mark(of)}.{state.get(page, _round(name), 0)}"),
        **{"width": "stretch", "placeholder": "–", **drawn},
    )["selection"]
    say_zone(drawn["column_config"])
    rows = tuple(of[n] for n in chosen["rows"] if n < len(of))
    cells = [(of[n], column) for n, column in chosen["cells"] if n < len(of)]
    if mode == "single-row":
        cells = [(one, None) for one in rows]
    return Picked(*next(iter(cells), (None, None)), ticked=rows)


def name_column(*, pinned: bool = False) -> Any:
    return st.column_config.TextColumn(width=NAME_WIDTH, pinned=pinned)


def mark(of: Sequence[object]) -> str:
    """The same for the same ids in the same order only. A button that acts on what is ticked carries it in
    its key: a press counts for those it was drawn for, or for nobody."""
    return blake2b(repr(list(of)).encode(), digest_size=6).hexdigest()


def clear(page: str, name: str) -> None:
    """Nothing is chosen in the table any more, such as when something was done with what was."""
    state.put(page, _round(name), state.get(page, _round(name), 0) + 1)


def _round(name: str) -> str:
    return f"{name}.round"
