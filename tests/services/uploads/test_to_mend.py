"""The rows to mend, downloaded and uploaded again: whatever was not corrected says what it said before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy import text as text_of

from data.db import transaction
from integrations.formats import read
from integrations.formats.remarks import NO_DAY
from integrations.formats.to_mend import HEADINGS
from integrations.formats.values import ABSENT
from services.access import SYSTEM
from services.export import to_csv, to_xlsx
from services.uploads import listing
from services.uploads.records import COUNTED, Choices
from tests.services.uploads.world import bring_in, line, load_customers, state, write_csv

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = sorted(
    path.name
    for kind in (
        "zoom",
        "teams",
        "webex",
        "goto",
        "on24",
        "moodle",
        "xapi",
        "ringcentral",
        "eventb",
    )
    for path in SAMPLES.glob(f"{kind}*.*")
)
HELD = "SELECT e.held_on FROM attendance a JOIN event e ON e.id = a.event_id ORDER BY 1"
FORMS = {"csv": to_csv, "xlsx": lambda frame: to_xlsx(frame, title="To mend")}


def saved(engine: Engine, number: int, verdicts: Any, path: Path) -> Path:
    with transaction(engine, read_only=True) as session:
        found = listing.download(session, SYSTEM, number, verdicts)
    path.write_bytes(FORMS[path.suffix[1:]](found))
    return path


CASES = [
    *((sample, "csv") for sample in FILES),
    *((one, "xlsx") for one in FILES if one.startswith(("zoom_qa", "teams_a", "on24"))),
]


@pytest.mark.parametrize(("sample", "form"), CASES)
def test_uploaded_again_unchanged_they_change_nothing_on_record(
    engine: Engine, tmp_path: Path, sample: str, form: str
):
    load_customers(engine)
    day = {"date": "2026-09-25"} if sample.startswith("eventbrite") else {}
    choices = Choices(only_event=day, day_first=False, zone="America/New_York")
    first = bring_in(engine, SAMPLES / sample, choices=choices)
    before = state(engine)
    mend = saved(engine, first["upload_id"], (*COUNTED, "rejected"), tmp_path / f"mend.{form}")
    again = bring_in(engine, mend)
    assert state(engine) == before
    told = ("matched", "review", "unmatched", "rejected")
    assert [again[verdict] for verdict in told] == [first[verdict] for verdict in told]
    assert {again["changes"][k] for k in ("new", "changed", "new_people")} == {0}


def test_rows_to_mend_of_a_registration_list_take_no_attendance_back(
    engine: Engine, tmp_path: Path
):
    for sample in ("zoom_webinar_attendee_2025.csv", "zoom_registration.csv"):
        last = bring_in(engine, SAMPLES / sample)
    before = state(engine)
    bring_in(engine, saved(engine, last["upload_id"], COUNTED, tmp_path / "mend.csv"))
    assert state(engine) == before


def test_questions_saved_again_with_other_ends_of_lines_are_kept_once(
    engine: Engine, tmp_path: Path
):
    said = (SAMPLES / "zoom_qa.csv").read_bytes().replace(b"\r\n", b"\n")
    for ending in (b"\n", b"\r\n"):
        path = tmp_path / f"qa{len(ending)}.csv"
        path.write_bytes(said.replace(b"\n", ending))
        bring_in(engine, path)
        notes = state(engine)["attendance_note"]
    assert any("\n" in str(field) for note in notes for field in note)
    assert len({note[1:] for note in notes}) == len(notes) == 10


texts = st.text("=+-@'; \tab1,\"\n", min_size=2, max_size=12).map(str.strip)
told = texts.filter(lambda text: text not in ABSENT and not text.startswith(("'", '="')))


@settings(max_examples=20)
@given(st.lists(told, min_size=1, max_size=40))
def test_the_apostrophe_that_a_download_puts_before_a_formula_is_taken_off(
    tmp_path_factory: pytest.TempPathFactory, said: list[str]
):
    row = dict.fromkeys([*HEADINGS.values(), "Verdict", "Reason", "Line"])
    row |= {"Name": "Ann", "Event": "Launch", "Date": "2026-10-05T15:00:00Z"}
    schema = dict.fromkeys(row, pl.String)
    frame = pl.DataFrame([row | {"Text": text} for text in said], schema=schema)
    path = tmp_path_factory.mktemp("mend") / "a.csv"
    path.write_bytes(to_csv(frame))
    assert read(path).rows["detail"].to_list() == said


def test_mended_row_of_a_series_stays_with_its_month(engine: Engine, tmp_path: Path):
    load_customers(engine)
    months = [("2026-01-05", "Attended"), ("2026-06-05", "Weird"), ("2026-06-05", "Attended")]
    people = ["maria.lopez", "maria.lopez", "tom.reed"]
    series = write_csv(
        tmp_path / "a.csv",
        [
            line(f"{who}@dataflow.io", "Monthly clinic", Date=day, Status=status)
            for who, (day, status) in zip(people, months, strict=True)
        ],
    )
    series.write_text(series.read_text().replace(",45,", ",,"))
    first = bring_in(engine, series)
    assert first["rejected"] == 1
    mend = saved(engine, first["upload_id"], ("rejected",), tmp_path / "mend.csv")
    mend.write_text(mend.read_text().replace("Weird", "Attended"))
    assert bring_in(engine, mend)["changes"]["new"] == 1
    with transaction(engine, read_only=True) as session:
        days = session.execute(text_of(HELD)).scalars().all()
    assert [str(day) for day in days] == ["2026-01-05", "2026-06-05", "2026-06-05"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("day", ["soon", "2026-13-45", "=NOW()"])
def test_row_rejected_for_its_day_shows_it_and_counts_once_it_is_corrected(
    engine: Engine, tmp_path: Path, day: str, form: str
):
    load_customers(engine)
    lines = [line("tom.reed@dataflow.io", Date=day), line("stranger@nowhere.example")]
    first = bring_in(engine, write_csv(tmp_path / "a.csv", lines))
    before = state(engine)
    kept = ("rejected", "unmatched")
    mend = saved(engine, first["upload_id"], kept, tmp_path / f"mend.{form}")
    again = bring_in(engine, mend)
    assert state(engine) == before
    assert [again[verdict] for verdict in kept] == [1, 1]
    mended = saved(engine, first["upload_id"], kept, tmp_path / "mended.csv")
    shown = to_csv(pl.DataFrame({"Date": [day]})).decode("utf-8-sig").splitlines()[1]
    mended.write_text(mended.read_text().replace(f",{shown},", ",2026-10-05T15:00:00Z,"))
    assert bring_in(engine, mended)["changes"]["new"] == 1


UNDATED = {
    "named": ("Event,Type,Date,Email,Status", "Monthly clinic,Training"),
    "by type and day": ("Type,Date,Email,Status", "Training"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("events", UNDATED)
def test_row_of_a_series_without_a_day_counts_once_a_day_is_added(
    engine: Engine, tmp_path: Path, events: str, form: str
):
    load_customers(engine)
    header, event = UNDATED[events]
    path = tmp_path / "a.csv"
    rows = [
        f"{event},{day},{who},Attended"
        for day, who in (
            ("2026-01-05", "maria.lopez@dataflow.io"), ("2026-06-05", "stranger@nowhere.example"),
            ("", "tom.reed@dataflow.io"),
        )
    ]  # fmt: skip
    path.write_text("\n".join([header, *rows, ""]))
    first = bring_in(engine, path)
    before = state(engine)
    kept = ("rejected", "unmatched")
    assert [first[verdict] for verdict in kept] == [1, 1]
    mend = saved(engine, first["upload_id"], kept, tmp_path / f"mend.{form}")
    again = bring_in(engine, mend)
    assert state(engine) == before
    assert [again[verdict] for verdict in kept] == [1, 1]
    mended = tmp_path / "mended.csv"
    with transaction(engine, read_only=True) as session:
        frame = listing.download(session, SYSTEM, first["upload_id"], kept)
    told = frame.with_columns(pl.col("Date").fill_null("2026-01-05"))
    mended.write_bytes(to_csv(told))
    assert bring_in(engine, mended)["changes"]["new"] == 1
    with transaction(engine, read_only=True) as session:
        days = session.execute(text_of(HELD)).scalars().all()
    assert [str(day) for day in days] == ["2026-01-05", "2026-01-05", "2026-06-05"]


def test_row_without_a_day_waits_for_one_whatever_else_was_noted_of_it(tmp_path: Path):
    rows = [
        "Email,Event,Date,Status,Report,Source,Verdict,Reason,Line",
        "ann@a.example,Clinic,2026-03-12,Attended,attendance,generic,unmatched,Nobody,3",
        f'bo@b.example,Clinic,,Attended,attendance,generic,rejected,"{NO_DAY.rstrip(".")}; Something noted",4',
    ]
    path = tmp_path / "mend.csv"
    path.write_text("\n".join([*rows, ""]))
    assert read(path).rows["problem"].to_list() == [None, NO_DAY]
