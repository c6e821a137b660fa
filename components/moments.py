"""Moments in tables, and the zone they are told in: the reader's own, on every screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from components import identity
from components.text import known_zone

DATED = "D MMM YYYY, HH:mm"
SHORT = "D MMM, HH:mm"


def reader_zone() -> str:
    """The zone that the reader chose under Settings, else that of their browser, else UTC."""
    own = identity.reader().time_zone
    return next(filter(known_zone, (own, st.context.timezone)), None) or "UTC"


def reader_day(at: datetime) -> date:
    """The date that it is at that moment where the reader is."""
    return at.astimezone(ZoneInfo(reader_zone())).date()


def moment_column(label: str | None = None, shape: str = DATED, *, width: int | None = None) -> Any:
    """A column of a table whose cells are moments, however they are kept."""
    zone = reader_zone()
    return st.column_config.DatetimeColumn(
        label, format=shape, width=width, timezone=zone, help=f"Times in {zone}."
    )


def wall_column(step: int) -> Any:
    """A column to type hours in as they stand on the clock of a place that the form names."""
    return st.column_config.DatetimeColumn(format=SHORT, step=step)


def say_zone(columns: Mapping[str, Any]) -> None:
    """Below a table that has moments among its columns: on whose clock they are."""
    kinds = [one.get("type_config") for one in columns.values() if isinstance(one, dict)]
    if any(kind and kind.get("type") == "datetime" for kind in kinds):
        st.caption(f"Times in {reader_zone()}.")
