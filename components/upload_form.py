"""Where attendance files are dropped, and what to do without one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import layout, navigation, state
from components.file_box import file_box
from components.text import plain

PAGE = "upload"
TYPES = ["csv", "tsv", "txt", "xlsx", "json"]
PRACTICE = "webinar attendees.csv"
TEMPLATE = """\
Customer,Name,Email,Event,Event Type,Date,Status,Duration,Questions,Polls,Downloads,Feedback
Example Ltd,Maria Lopez,maria.lopez@example.com,Autumn Webinar,Webinar,2026-10-05 15:00,Attended,45,2,1,0,5
Example Ltd,Tom Reed,tom.reed@example.com,Autumn Webinar,Webinar,2026-10-05 15:00,No show,,,,,
"""


@dataclass(frozen=True)
class Kept:
    """`number` is None when there is nothing to open; `new`: there is a preview now that was not there."""

    number: int | None
    new: bool = False


Keep = Callable[[Path, str], Kept]


def receive(keep: Keep, most: int) -> None:
    """Hand each dropped file to `keep`; the only (new) one is opened, and the page runs again. `most`: MB per file."""
    files = file_box(
        "Drop files of attendance, mail campaigns or tickets here",
        TYPES,
        most,
        any_name=True,
        accept_multiple_files=True,
        key=state.key(PAGE, f"files.{state.get(PAGE, 'turn', 0)}"),
        help="Nothing counts before you have seen it and said so.",
    )
    kept: list[tuple[str, Kept]] = []
    for file in files:
        with st.spinner(f"Reading {plain(file.name)} …"), _on_disk(file) as path:
            kept.append((file.name, keep(path, file.name)))
    if kept:
        done()
        _open(kept)


def _open(kept: Sequence[tuple[str, Kept]]) -> NoReturn:
    new = [(name, one.number) for name, one in kept if one.new]
    shown = new if len(new) == 1 else [(name, one.number) for name, one in kept]
    if len(shown) == 1 and shown[0][1]:
        st.query_params["id"] = f"upl_{shown[0][1]}"
    if len(kept) > 1 and len(new) == 1:
        state.flash(f"{new[0][0]} is new: this is its preview.", kind="note")
    elif new[1:]:
        names = ", ".join(name for name, _ in new)
        state.flash(f"{len(new)} new previews wait below, to be looked at and imported: {names}.")
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


@contextmanager
def _written(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "file").write_bytes(content)
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
        "you say which column is which, once. Exports of mail campaigns (Mailchimp, HubSpot, listmonk, "
        "SendGrid) are known by their headings, and go to Campaigns.",
    )


def files_to_take(keep: Keep, practice: Callable[[], bytes] | Literal[False]) -> None:
    """A template, and in a demo (where `practice` makes it) a file to try the page with."""
    with st.container(horizontal=True, gap="small"):
        if practice:
            tried = st.button(
                "Try it with this file",
                icon=":material/play_circle:",
                key=state.key(PAGE, "try"),
                help="Opens the preview of an attendee report of an invented webinar.",
            )
            if tried:
                with st.spinner(f"Reading {PRACTICE} …"), _written(practice()) as path:
                    kept = keep(path, PRACTICE)
                _open([(PRACTICE, kept)])
            st.download_button(
                "Download it",
                practice,
                file_name=PRACTICE,
                mime="text/csv",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key=state.key(PAGE, "practice"),
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
