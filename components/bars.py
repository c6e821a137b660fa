"""Plain bars over time. Written as the chart's own description, which costs a rerun a tenth of what building
and checking it through a library of charts would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl
import streamlit as st

_HEIGHT = 260
_UNITS = {"hour": "utcyearmonthdatehours", "day": "utcyearmonthdate"}
_FORMATS = {"hour": "%-d %b, %H:%M", "day": "%-d %b %Y"}


def bars(
    told: pl.DataFrame,
    *,
    x: tuple[str, str],
    y: tuple[str, str],
    per: Literal["hour", "day", "text"],
    colours: Mapping[str, str] | None = None,
    of: tuple[str, str] | None = None,
) -> None:
    """One bar per row of `told`; `x`, `y` and `of` are a column and what it is called on the page.

    `x` is a moment in UTC, `per` hour or day, or a text in the order of the rows. Where `of` names the column
    of a series, its values stand on one another in `colours`, one for each value there may be.
    """
    across: dict[str, Any] = {"field": x[0], "title": x[1], "type": "ordinal", "sort": None}
    if per != "text":
        format_ = _FORMATS[per]
        axis = {"format": format_, "labelOverlap": True}
        across = {"field": x[0], "title": x[1], "type": "temporal", "timeUnit": _UNITS[per]}
        across |= {"axis": axis, "format": format_}
    up = {"field": y[0], "title": y[1], "type": "quantitative"}
    encoding: dict[str, Any] = {"x": _without(across, "format"), "y": up}
    shown = [_without(across, "axis", "sort"), up]
    if of is not None and colours is not None:
        there = set(told[of[0]].to_list())
        names = [name for name in colours if name in there]
        series = {"field": of[0], "title": of[1], "type": "nominal"}
        scaled = {"domain": names, "range": [colours[name] for name in names]}
        encoding["color"] = series | {"scale": scaled, "legend": {"orient": "bottom"}}
        shown = [series, *shown]
    spec: Any = {"mark": "bar", "encoding": encoding | {"tooltip": shown}}
    data: Any = told.to_dict(as_series=False)
    st.vega_lite_chart(data, spec, width="stretch", height=_HEIGHT)


def _without(channel: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in channel.items() if key not in keys}
