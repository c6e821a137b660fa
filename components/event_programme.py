"""The tables of a planned event: its sessions and its offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from components import state
from components.moments import wall_column

PAGE = "plan_event"
_SESSIONS: dict[str, Any] = {
    "id": pl.Int64, "Title": pl.String, "Speaker": pl.String, "Kind": pl.String,
    "Begins": pl.Datetime("us"), "Minutes": pl.Int64, "Topics": pl.List(pl.String),
    "What one gets from it": pl.String, "Room": pl.String, "Online": pl.Boolean,
}  # fmt: skip
_OFFERS: dict[str, Any] = {
    "id": pl.Int64, "Title": pl.String, "Code": pl.String, "Detail": pl.String,
    "Last day": pl.Date, "Segments": pl.List(pl.String),
}  # fmt: skip


def sessions(plan: Any, kinds: Sequence[str], zone: str, name: str) -> list[dict[str, Any]]:
    """The programme as it was entered, by the names of a session plan's fields."""
    st.markdown("**Sessions**")
    st.caption("Invitations pick the ones that suit each person. Times are of the event's zone.")
    rows = [
        (
            one.id, one.title, one.speaker, one.kind, _wall(one.starts_at, plan.zone), one.minutes,
            list(one.topics), one.description, one.room, one.virtual,
        )
        for one in plan.sessions
    ]  # fmt: skip
    edited = _edited(
        f"sessions.{name}",
        pl.DataFrame(rows, _SESSIONS, orient="row"),
        {
            "id": None,
            "Title": st.column_config.TextColumn(required=True, max_chars=300, width="medium"),
            "Kind": st.column_config.SelectboxColumn(options=list(kinds)),
            "Begins": wall_column(step=300),
            "Minutes": st.column_config.NumberColumn(min_value=1, max_value=1440, step=5),
            "Topics": st.column_config.ListColumn(),
        },
    )
    there = ZoneInfo(zone)
    return [
        {
            "id": row["id"] or 0, "title": row["Title"] or "", "speaker": row["Speaker"],
            "kind": row["Kind"], "topics": tuple(row["Topics"] or ()),
            "description": row["What one gets from it"], "minutes": row["Minutes"],
            "starts_at": row["Begins"].replace(tzinfo=there) if row["Begins"] else None,
            "room": row["Room"], "virtual": row["Online"],
        }
        for row in edited
    ]  # fmt: skip


def offers(plan: Any, segments: Sequence[str], name: str) -> list[dict[str, Any]]:
    """The offers as they were entered, by the names of an offer plan's fields."""
    st.markdown("**Offers**")
    st.caption(
        f"Such as a discount. For everybody, or for these segments: {', '.join(segments) or '–'}."
    )
    rows = [
        (one.id, one.title, one.code, one.detail, one.deadline, list(one.segments))
        for one in plan.offers
    ]
    edited = _edited(
        f"offers.{name}",
        pl.DataFrame(rows, _OFFERS, orient="row"),
        {
            "id": None,
            "Title": st.column_config.TextColumn(required=True, max_chars=200, width="medium"),
            "Code": st.column_config.TextColumn(max_chars=60),
            "Detail": st.column_config.TextColumn(max_chars=500),
            "Last day": st.column_config.DateColumn(format="D MMM YYYY"),
            "Segments": st.column_config.ListColumn(),
        },
    )
    return [
        {
            "id": row["id"] or 0, "title": row["Title"] or "", "code": row["Code"],
            "detail": row["Detail"], "deadline": row["Last day"],
            "segments": tuple(row["Segments"] or ()),
        }
        for row in edited
    ]  # fmt: skip


def sessions_file(example: str) -> bytes | None:
    """A programme from a file, once somebody brings it in."""
    with st.popover("Sessions from a file", icon=":material/upload_file:"):
        given = st.file_uploader(
            "CSV with a line per session", ["csv", "txt"], key=state.key(PAGE, "file")
        )
        st.caption(
            "Columns: Title, Speaker, Kind, Topics, Description, Day, Starts, Minutes, Room, Virtual."
        )
        st.code(example, language=None, wrap_lines=True)
        pressed = st.button("Bring them in", disabled=given is None, key=state.key(PAGE, "import"))
    return given.getvalue() if given is not None and pressed else None


def _wall(moment: datetime | None, zone: str) -> datetime | None:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None


def _edited(name: str, frame: pl.DataFrame, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    data: Any = frame
    edited: Any = st.data_editor(
        data, num_rows="dynamic", hide_index=True, width="stretch", key=state.key(PAGE, name),
        column_config=dict(columns),
    )  # fmt: skip
    return pl.DataFrame(edited).to_dicts() if len(edited) else []
