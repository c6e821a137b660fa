"""Reports of a meeting that was started again come together, in whatever order they are imported."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Attendance, Participant
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
