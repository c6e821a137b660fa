"""The leaderboard: one page of the board in a grid; a click on a row asks for the why."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
from st_aggrid import AgGrid, StAggridTheme

from components import state
from components.text import money

ROW, HEAD, MOST = 34, 42, 620
"""Heights in pixels."""

_RIGHT = {"type": "rightAligned"}
_NAME = {"cellStyle": {"unicodeBidi": "plaintext", "textAlign": "left"}}
"""A name that is too long is cut at its own end, which is on the left for one in Arabic or Hebrew."""


def _fixed(width: int, **how: Any) -> dict[str, Any]:
    return {"width": width, "minWidth": width, "maxWidth": width, **how}


# The names share what room is left; pinned columns take part in that only by fitting the whole grid.
_COLUMNS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Rank", _fixed(56, pinned="left", **_RIGHT)),
    (
        "Customer",
        {"minWidth": 136, "width": 220, "pinned": "left", "tooltipField": "Customer", **_NAME},
    ),
    ("Score", _fixed(62, **_RIGHT)),
    ("Band", _fixed(74)),
    ("Events", _fixed(68, **_RIGHT)),
    ("Users", _fixed(58, **_RIGHT)),
    ("Trend", _fixed(94)),
    ("Last 12 months", _fixed(132)),
    ("CSM", {"minWidth": 92, "width": 130, "tooltipField": "CSM", **_NAME}),
    ("ARR", _fixed(70, **_RIGHT)),
)


def leaderboard(page: str, rows: pl.DataFrame) -> int | None:
    """Draw the rows; the id of the customer whose row was clicked, or chosen by Space, just now.

    rows: customer_id Int64, arr Float64, currency Utf8, and the columns shown by their names.
    """
    clicked = _clicked(page)
    if clicked is not None:
        # The grid keeps its last click for ever. Rows of the next turn tell a new click on the same
        # row from the old one.
        state.put(page, "turn", _turn(page) + 1)
    AgGrid(
        _as_pandas(rows, _turn(page)),
        gridOptions=_options(),
        height=min(MOST, HEAD + ROW * max(rows.height, 1) + 4),
        key=state.key(page, "grid"),
        update_on=["cellClicked", "selectionChanged"],
        use_json_serialization=True,
        # With the rows as JSON the other strategy never notices that they have changed.
        server_sync_strategy="server_wins",
        data_return_mode="MINIMAL",
        theme=_theme(),
    )
    return clicked


def _theme() -> StAggridTheme:
    """The app's own colours, in both modes: the grid's frame is given them as CSS variables."""
    ground, text = "var(--background-color)", "var(--text-color)"
    head, accent = "var(--secondary-background-color)", "var(--primary-color)"
    colours: dict[str, Any] = {
        "backgroundColor": ground,
        "oddRowBackgroundColor": ground,
        "foregroundColor": text,
        "headerTextColor": text,
        "headerBackgroundColor": head,
        "chromeBackgroundColor": head,
        "tooltipBackgroundColor": head,
        "accentColor": accent,
        "borderColor": f"color-mix(in srgb, {text} 18%, {ground})",
        "rowHoverColor": f"color-mix(in srgb, {accent} 14%, {ground})",
        "selectedRowBackgroundColor": f"color-mix(in srgb, {accent} 24%, {ground})",
        "fontFamily": "var(--font)",
    }
    return StAggridTheme(base="balham").withParams(**colours)


def _turn(page: str) -> int:
    return state.get(page, "turn", 0)


def _clicked(page: str) -> int | None:
    sent = state.get(page, "grid")
    if not isinstance(sent, dict):
        return None
    rows = [(sent.get("eventData") or {}).get("data")]
    rows += [node.get("data") for node in sent.get("nodes") or [] if node.get("isSelected")]
    fresh = [row for row in rows if row and row.get("turn") == _turn(page)]
    return int(fresh[0]["customer_id"]) if fresh else None


def _options() -> dict[str, Any]:
    return {
        "columnDefs": [{"field": name, "headerName": name, **how} for name, how in _COLUMNS],
        "defaultColDef": {
            "resizable": True,
            # The server sorts the whole board; a grid that sorted its own page would mislead.
            "sortable": False,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
        },
        "autoSizeStrategy": {"type": "fitGridWidth"},
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        "rowHeight": ROW,
        "headerHeight": HEAD - 4,
        "tooltipShowDelay": 400,
    }


def _as_pandas(rows: pl.DataFrame, turn: int) -> pd.DataFrame:
    names = [name for name, _ in _COLUMNS if name != "ARR"]
    columns: dict[str, Any] = rows.select("customer_id", *names).to_dict(as_series=False)
    figures = rows.select("arr", "currency").iter_rows()
    columns["ARR"] = [money(arr, currency) for arr, currency in figures]
    columns["turn"] = [turn] * rows.height
    return pd.DataFrame(columns)
