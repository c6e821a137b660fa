"""Where attendance files are dropped, and what to do without one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import layout, navigation, state
from components.text import plain

PAGE = "upload"
TYPES = ["csv", "tsv", "txt", "xlsx", "json"]
ROUNDED_UP = 500
"""Megabytes; the uploader's own words turn more than that into 1GB."""
TEMPLATE = """\
Customer,Name,Email,Event,Event Type,Date,Status,Duration,Questions,Polls,Downloads,Feedback
Example Ltd,Maria Lopez,maria.lopez@example.com,Autumn Webinar,Webinar,2026-10-05 15:00,Attended,45,2,1,0,5
Example Ltd,Tom Reed,tom.reed@example.com,Autumn Webinar,Webinar,2026-10-05 15:00,No show,,,,,
"""


def receive(keep: Callable[[Path, str], int | None], most: int) -> None:
    """Hand each dropped file to `keep`, which gives the upload's id if it may be opened; a single file is
    opened at once, and the page runs again. `most`: megabytes per file."""
    files = st.file_uploader(
        "Drop attendance files here",
        type=TYPES,
        accept_multiple_files=True,
        max_upload_size=most,
        key=state.key(PAGE, f"files.{state.get(PAGE, 'turn', 0)}"),
        help="Nothing counts before you have seen what is in the file and said so.",
    )
    if most > ROUNDED_UP:
        st.caption(f"Up to {most} MB per file; the box above rounds that up to whole gigabytes.")
    number = None
    for file in files:
        with st.spinner(f"Reading {plain(file.name)} …"), _on_disk(file) as path:
            number = keep(path, file.name)
    if files:
        done()
        if number and len(files) == 1:
            st.query_params["id"] = f"upl_{number}"
        st.rerun()


def done() -> None:
    """Forget the dropped files and half-made choices: what counts is in the database."""
    state.put(PAGE, "turn", state.get(PAGE, "turn", 0) + 1)


@contextmanager
def _on_disk(file: UploadedFile) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            shutil.copyfileobj(cast("BinaryIO", file), copy, 1024 * 1024)
        yield path


def customers_first() -> None:
    """Without customers a file would match nobody."""
    with st.container(border=True):
        st.markdown(
            ":orange[:material/groups:] **Load your customers first.** Rows are matched to them by mail "
            "domain and name; without customers nothing in a file can count for one."
        )
        navigation.link("customers", "Open Customers")


def teach() -> None:
    """For those who have no upload yet."""
    layout.empty(
        "No file has been uploaded yet.",
        hint="Take the attendee report as your platform exports it: Zoom, Microsoft Teams, Webex, "
        "GoToWebinar, Eventbrite, RingCentral Events, ON24, Moodle, xAPI. Any other table works too: "
        "you say which column is which, once.",
    )


def files_to_take(practice: Callable[[], bytes] | Literal[False]) -> None:
    """A template, and in a demo (where `practice` makes it) a file to try the page with."""
    with st.container(horizontal=True, gap="small"):
        if practice:
            st.download_button(
                "Try it with this file",
                practice,
                file_name="webinar attendees.csv",
                mime="text/csv",
                icon=":material/play_circle:",
                on_click="ignore",
                key=state.key(PAGE, "practice"),
                help="An attendee report of an invented webinar. Download it, then drop it above.",
            )
        st.download_button(
            "Download a template",
            TEMPLATE.encode("utf-8-sig"),
            file_name="attendance template.csv",
            mime="text/csv",
            icon=":material/table:",
            type="tertiary",
            on_click="ignore",
            key=state.key(PAGE, "template"),
            help="A table with the columns the app knows best, for events without an export.",
        )
