"""Reports of a meeting that was started again come together, in whatever order they are imported."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Attendance, Participant
from data.tables.events import ATTENDED, NO_SHOW
from services.access import SYSTEM
from services.uploads import undo
from tests.services.uploads.world import NOW, bring_in, load_customers

REPORT = """1. Summary
Meeting title\tAdmin Training
Attended participants\t{people}
Start time\t9/10/26, {start} AM
End time\t9/10/26, {end} AM
Meeting duration\t{length}m 0s

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
{stays}
"""
STAY = (
    "{name}\t9/10/26, {start} AM\t9/10/26, {end} AM\t{length}m 0s\t"
    "{name}@dataflow.io\t{name}@dataflow.io\tAttendee"
)
SITTINGS = {
    "first": (
        "9:00:00",
        "9:50:00",
        50,
        {"maria": ("9:00:00", "9:50:00"), "tom": ("9:10:00", "9:40:00")},
    ),
    "second": ("10:05:00", "10:15:00", 10, {"maria": ("10:06:00", "10:11:00")}),
    "third": (
        "10:20:00",
        "10:30:00",
        10,
        {"maria": ("10:20:00", "10:27:00"), "tom": ("10:21:00", "10:22:00")},
    ),
}
EVERYTHING = {"maria": (62.0, 3, "09:00", "10:27"), "tom": (31.0, 2, "09:10", "10:22")}


def report(folder: Path, name: str, **stays: tuple[str, str]) -> Path:
    start, end, length, usual = SITTINGS[name]
    told = [
        STAY.format(name=who, start=joined, end=left, length=1)
        for who, (joined, left) in (usual | stays).items()
    ]
    path = folder / f"{name}{len(stays)}.csv"
    whole = REPORT.format(
        people=len(told), start=start, end=end, length=length, stays="\n".join(told)
    )
    path.write_bytes(whole.encode("utf-16"))
    return path


def known(engine: Engine) -> dict[str | None, tuple[Any, ...]]:
    """Who was there: minutes, joins, and from when until when."""
    a = Attendance
    asked = select(Participant.name, a.minutes, a.joins, a.joined_at, a.left_at)
    with transaction(engine, read_only=True) as session:
        rows = session.execute(asked.join(Participant, Participant.id == a.participant_id)).all()
    return {
        name: (round(minutes or 0.0, 2), joins, f"{joined:%H:%M}", f"{left:%H:%M}")
        for name, minutes, joins, joined, left in rows
    }


@pytest.mark.parametrize("order", list(permutations(SITTINGS)))
def test_who_was_in_several_sittings_was_there_for_all_of_them(
    engine: Engine, tmp_path: Path, order: tuple[str, ...]
):
    load_customers(engine)
    numbers = {name: bring_in(engine, report(tmp_path, name))["upload_id"] for name in order}
    assert known(engine) == EVERYTHING
    undo.undo(numbers["second"], by=SYSTEM, now=NOW, engine=engine)
    assert known(engine) == EVERYTHING | {"maria": (57.0, 2, "09:00", "10:27")}
    bring_in(engine, report(tmp_path, "second"))
    assert known(engine) == EVERYTHING


def test_another_edition_of_the_same_sitting_replaces_the_one_before(
    engine: Engine, tmp_path: Path
):
    load_customers(engine)
    for name in ("first", "second"):
        bring_in(engine, report(tmp_path, name))
    corrected = report(tmp_path, "first", maria=("9:30:00", "9:50:00"))
    last = bring_in(engine, corrected)
    assert known(engine)["maria"] == (25.0, 2, "09:30", "10:11")
    assert known(engine)["tom"] == (30.0, 1, "09:10", "09:40")
    bring_in(engine, report(tmp_path, "third"))
    assert known(engine)["maria"] == (32.0, 3, "09:30", "10:27")
    undo.undo(last["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    assert known(engine) == EVERYTHING


GOTO = "Attended,Last Name,First Name,Email Address,Join Time,Leave Time,Time in Session (minutes)"


def webinar(folder: Path, name: str, came: str, other: str, hour: int) -> Path:
    """A report of Zoom: one came from the full hour on, for half of it, the other did not."""
    path = folder / f"{name}.csv"
    start = f"Sep 17, 2026 {hour:02d}"
    path.write_text(
        "Attendee Report\nTopic,Webinar ID,Actual Start Time,Actual Duration (minutes)\n"
        f'Release,845 2210 9137,"{start}:00:00",60\nAttendee Details\n'
        "Attended,User Name,Email,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes)\n"
        f'Yes,{came},{came}@dataflow.io,"Sep 01, 2026 10:00:00",approved,"{start}:00:00","{start}:30:00",30\n'
        f'No,{other},{other}@dataflow.io,"Sep 01, 2026 10:00:00",approved,--,--,--\n'
    )
    return path


def clinic(folder: Path, name: str, came: str, other: str, hour: int) -> Path:
    """The same as GoToWebinar reports it."""
    path = folder / f"{name}.csv"
    day, half = "Sep 17, 2026", "AM" if hour < 12 else "PM"
    clock = f"{(hour - 1) % 12 + 1:02d}"
    path.write_text(
        "General Information\nWebinar Name,Webinar ID\nClinic,123-456-789\n"
        "Actual Start Date/Time,Actual Duration (minutes)\n"
        f'"{day} {clock}:00 {half} EDT",60\nAttendee Details\n{GOTO}\n'
        f'Yes,L,{came},{came}@dataflow.io,"{day} {clock}:00 {half} EDT","{day} {clock}:30 {half} EDT",30\n'
        f"No,L,{other},{other}@dataflow.io,,,\n"
    )
    return path


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("report_of", [webinar, clinic])
def test_second_session_of_a_day_takes_nobody_back(
    engine: Engine, tmp_path: Path, report_of: Any, order: tuple[int, int]
):
    load_customers(engine)
    parts = [("early", "maria", "tom", 8), ("late", "tom", "maria", 17)]
    for part in order:
        bring_in(engine, report_of(tmp_path, *parts[part]))
    a = Attendance
    with transaction(engine, read_only=True) as session:
        told = session.execute(select(a.status, a.minutes, a.joins)).all()
        events = session.scalars(select(a.event_id).distinct()).all()
    assert len(events) == 1
    assert [tuple(one) for one in told] == [(ATTENDED, 30.0, 1)] * 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("report_of", [webinar, clinic])
def test_second_session_that_nobody_joined_takes_nobody_back(
    engine: Engine, tmp_path: Path, report_of: Any, order: tuple[int, int]
):
    load_customers(engine)
    early, late = (
        report_of(tmp_path, name, "maria" if name == "early" else "tom", "maria", hour)
        for name, hour in (("early", 8), ("late", 17))
    )
    late.write_text("".join(row for row in _rows(late) if not row.startswith("Yes")))
    early.write_text("".join(row for row in _rows(early) if not row.startswith("No")))
    for path in [(early, late)[n] for n in order]:
        bring_in(engine, path)
    a = Attendance
    with transaction(engine, read_only=True) as session:
        told = session.execute(select(a.status, a.minutes, a.joins)).all()
    assert [tuple(one) for one in told] == [(ATTENDED, 30.0, 1)]


def _rows(report: Path) -> list[str]:
    return report.read_text().splitlines(keepends=True)


def test_corrected_report_of_the_same_session_is_right_about_who_came(
    engine: Engine, tmp_path: Path
):
    load_customers(engine)
    bring_in(engine, webinar(tmp_path, "first", "maria", "tom", 8))
    bring_in(engine, webinar(tmp_path, "corrected", "tom", "maria", 8))
    with transaction(engine, read_only=True) as session:
        asked = select(Participant.name, Attendance.status)
        on = Participant.id == Attendance.participant_id
        told = session.execute(asked.join(Attendance, on).order_by(Participant.name)).all()
    assert [tuple(one) for one in told] == [("maria", NO_SHOW), ("tom", ATTENDED)]


@pytest.mark.parametrize(("people", "stray", "minutes"), [(12, 1, 60.0), (3, 1, 30.0)])
def test_few_odd_times_among_many_do_not_make_one_of_two_sessions(
    engine: Engine, tmp_path: Path, people: int, stray: int, minutes: float
):
    load_customers(engine)
    for name, hour in (("early", 8), ("late", 17)):
        path = webinar(tmp_path, name, "maria", "tom", hour)
        hours = [8 if n < stray else hour for n in range(people)]
        more = (
            f'Yes,p{n},p{n}@dataflow.io,,approved,"Sep 17, 2026 {h:02d}:00:00","Sep 17, 2026 {h:02d}:30:00",30\n'
            for n, h in enumerate(hours)
        )
        path.write_text(path.read_text() + "".join(more))
        bring_in(engine, path)
    asked = select(Attendance.minutes).join(
        Participant, Participant.id == Attendance.participant_id
    )
    with transaction(engine, read_only=True) as session:
        assert session.scalar(asked.where(Participant.name == "maria")) == minutes
