"""What the form of an event's details was opened with, and what two people made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from components import state

PAGE = "event"
WHOLE = "The whole event"
OPEN_TO = ("All customers of its segments and regions", "Only customers that were asked or there")
PARTS = {"id": pl.Int64, "Title": pl.String, "Speaker": pl.String, "Topics": pl.List(pl.String),
          "Takeaways": pl.List(pl.String)}  # fmt: skip
RESOURCES = {"Title": pl.String, "Address": pl.String, "Session": pl.String,
              "Topics": pl.List(pl.String)}  # fmt: skip


def opened(event: Any) -> dict[str, Any]:
    """`base`, as it was opened; `shown`, what the form begins with; `told`, where somebody's differ; `round`."""
    return state.get(PAGE, _opened(event.id)) or _open(event.id, _values(event))


def close(event_id: int) -> None:
    """Forget what was entered: the form opens with what is on record."""
    state.drop(PAGE, _opened(event_id))
    state.drop(PAGE, _refused(event_id))


def beside(event_id: int, form: Mapping[str, Any]) -> None:
    """Keep what could not be saved: the form shows it again, beside what somebody else has saved meanwhile."""
    state.put(PAGE, _refused(event_id), dict(form))


def bring_together(event: Any, merged: Callable[..., Any]) -> None:
    known, mine = state.get(PAGE, _opened(event.id)), state.take(PAGE, _refused(event.id))
    if known and mine and known["base"]["seen"] != event.seen:
        theirs = _values(event)
        found = merged(known["base"], mine, theirs)
        _open(event.id, theirs, found.values, found.told)


def _open(
    event_id: int, base: dict[str, Any], shown: Any = None, told: Sequence[Any] = ()
) -> dict[str, Any]:  # fmt: skip
    """`round` makes the fields new ones, which take the values they are given."""
    number = state.get(PAGE, "details_round", 0) + 1
    state.put(PAGE, "details_round", number)
    made = {"base": base, "shown": shown or base, "told": told, "round": number}
    state.put(PAGE, _opened(event_id), made)
    return made


def _values(event: Any) -> dict[str, Any]:
    """What is on record, as the form has it."""
    titles = {part.id: part.title for part in event.parts}
    parts = [
        (part.id, part.title, part.speaker, list(part.topics), list(part.takeaways))
        for part in event.parts
    ]
    resources = [
        (one.title, one.url, titles.get(one.session_id or 0, WHOLE), list(one.topics))
        for one in event.resources
    ]
    return {
        "type": event.type,
        "topic": event.topic or "",
        "cost": event.cost,
        "private": event.private,
        "parts": [dict(zip(PARTS, row, strict=True)) for row in parts],
        "resources": [dict(zip(RESOURCES, row, strict=True)) for row in resources],
        "seen": event.seen,
        "sessions": {title: number for number, title in titles.items()},
    }


def _opened(event_id: int) -> str:
    return f"opened.{event_id}"


def _refused(event_id: int) -> str:
    return f"refused.{event_id}"


def differences(event_id: int, told: Sequence[Any]) -> None:
    st.warning(
        "What you entered is in the form, and theirs where you changed nothing. Look at it and save it again."
    )
    rows: Any = pl.DataFrame(
        [
            (one.field, _words(one.mine), _words(one.theirs), "yours" if one.yours else "theirs")
            for one in told
        ],
        schema=["Field", "Yours", "Theirs", "In the form"],
        orient="row",
    )
    st.dataframe(rows, hide_index=True, width="stretch")
    st.button("Take theirs", on_click=close, args=(event_id,), key=state.key(PAGE, "theirs"))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return OPEN_TO[int(value)]
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return " · ".join(str(one) for one in value) or "–"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "–" if value is None or value == "" else str(value)
