"""The fold against a slow, obvious one, and what laying one upload over another may change."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED
from services.uploads.commit import laid_over
from services.uploads.fold import KEY, PRECEDENCE, VALUES, differing, fold_rows, lay_over

START = datetime(2026, 9, 17, 15, 0)  # noqa: DTZ001 - staged times are UTC without saying so
ROWS = {
    "participant": pl.Int64,
    "event": pl.Int64,
    "status": pl.Int8,
    "registered_at": pl.Datetime("us"),
    "joined_at": pl.Datetime("us"),
    "left_at": pl.Datetime("us"),
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
    "completed": pl.Boolean,
    "passed": pl.Boolean,
    "sessions": pl.String,
}
FOLDED = {"participant": pl.Int64, "event": pl.Int64} | {
    k: v for k, v in (ROWS | {"joins": pl.Int16}).items() if k in VALUES
}


def row(person: int = 1, *, join: float | None = None, leave: float | None = None, **said):
    """A row of event 1; `join` and `leave` are minutes after the start."""
    filled = dict.fromkeys(ROWS) | {
        "participant": person,
        "event": 1,
        "status": ATTENDED,
        "spoke": False,
    }
    moments = {
        "joined_at": None if join is None else START + timedelta(minutes=join),
        "left_at": None if leave is None else START + timedelta(minutes=leave),
    }
    return filled | moments | said


def frame(*rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ROWS)


def folded(*rows, kind: str = "attendance") -> list[dict]:
    return fold_rows(frame(*rows), kind).sort(KEY).to_dicts()


def nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=FOLDED)


def test_two_devices_at_once_count_once():
    [one] = folded(row(join=0, leave=60), row(join=10, leave=30), row(join=50, leave=70))
    assert one["minutes"] == 70
    assert one["joins"] == 3


def test_a_break_is_not_attended():
    [one] = folded(row(join=0, leave=10), row(join=30, leave=40))
    assert one["minutes"] == 20


def test_a_row_without_leave_lasts_as_long_as_the_platform_says():
    [one] = folded(row(join=0, minutes=15.0))
    assert one["minutes"] == 15
    assert one["left_at"] == START + timedelta(minutes=15)


def test_leave_before_join_falls_back_to_the_platforms_minutes():
    [one] = folded(row(join=10, leave=5, minutes=7.0))
    assert one["minutes"] == 7


def test_minutes_without_any_times_add_up():
    [one] = folded(row(minutes=10.0), row(minutes=5.0))
    assert one["minutes"] == 15


def test_questions_of_a_report_add_up_and_repeated_totals_do_not():
    report = folded(row(questions=1), row(questions=1, minutes=1.0), kind="qa")
    totals = folded(row(questions=3), row(questions=3, minutes=1.0))
    assert [report[0]["questions"], totals[0]["questions"]] == [2, 3]


def test_who_came_once_came():
    [one] = folded(
        row(status=NO_SHOW), row(status=ATTENDED, join=0, leave=5), row(status=CANCELLED)
    )
    assert one["status"] == ATTENDED


def test_a_registration_list_never_takes_back_an_attendance():
    came = fold_rows(frame(row(join=0, leave=30)), "attendance")
    listed = fold_rows(frame(row(status=REGISTERED, registered_at=START)), "registration")
    after = lay_over(came, listed, "registration").to_dicts()[0]
    assert after["status"] == ATTENDED
    assert after["registered_at"] == START
    assert after["minutes"] == 30


def after(*files) -> dict:
    """What is known of the one person after these files, (kind, row, row…) each, one after the other."""
    known = nothing()
    for kind, *rows in files:
        known = lay_over(known, fold_rows(frame(*rows), kind), kind)
    [one] = known.to_dicts()
    return one


@pytest.mark.parametrize("listed", [REGISTERED, CANCELLED])
@pytest.mark.parametrize("seen", [ATTENDED, NO_SHOW])
def test_whatever_file_says_registered_it_never_takes_back_who_came_or_did_not(seen, listed):
    attendance = ("attendance", row(status=seen, questions=1))
    for kind in ("attendance", "registration"):
        listing = (kind, row(status=listed, registered_at=START))
        assert after(attendance, listing) == after(listing, attendance)
        assert after(attendance, listing)["status"] == seen


def test_who_is_said_not_to_have_come_after_all_did_not():
    assert after(("attendance", row()), ("attendance", row(status=NO_SHOW)))["status"] == NO_SHOW


def test_reports_that_tell_of_different_things_come_to_the_same_in_any_order():
    """Two answers, and none of them a word on questions: not a word that there were none."""
    files = [
        ("attendance", row(join=0, leave=20, completed=True), row(join=30, leave=40)),
        ("qa", row(questions=1), row(questions=1, sessions="b")),
        ("poll", row(status=None, polls=1), row(polls=1, feedback=4.0), row(polls=1)),
        ("registration", row(status=REGISTERED), row(status=REGISTERED, registered_at=START)),
    ]
    ends = [after(*order) for order in permutations(files)]
    assert all(end == ends[0] for end in ends)
    said = [ends[0][k] for k in ("questions", "polls", "joins", "completed", "passed")]
    assert said == [2, 3, 2, True, None]


def test_a_corrected_file_replaces_what_it_says_and_keeps_what_it_does_not():
    first = fold_rows(frame(row(join=0, leave=30, questions=2)), "attendance")
    corrected = fold_rows(frame(row(join=0, leave=45)), "attendance")
    after = lay_over(first, corrected, "attendance").to_dicts()[0]
    assert (after["minutes"], after["questions"]) == (45, 2)


def test_questions_alone_show_that_somebody_was_there():
    asked = fold_rows(frame(row(status=None, questions=1)), "qa")
    assert lay_over(nothing(), asked, "qa")["status"].to_list() == [ATTENDED]


def test_the_same_again_changes_nothing():
    contribution = fold_rows(frame(row(1, join=0, leave=30), row(2, status=NO_SHOW)), "attendance")
    once = lay_over(nothing(), contribution, "attendance")
    new, changed = differing(lay_over(once, contribution, "attendance"), once)
    assert (new.height, changed.height) == (0, 0)


moments = st.one_of(st.none(), st.integers(0, 90))
some_rows = st.lists(
    st.builds(
        lambda person, join, length, status, minutes, questions: row(
            person,
            join=join,
            leave=None if join is None or length is None else join + length,
            status=status,
            minutes=minutes,
            questions=questions,
        ),
        st.integers(1, 4),
        moments,
        moments,
        st.sampled_from([None, REGISTERED, NO_SHOW, CANCELLED, ATTENDED]),
        st.one_of(st.none(), st.integers(0, 90).map(float)),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=12,
)


def slow_minutes(rows: list[dict]) -> float | None:
    """Count the seconds somebody was there, one by one; untimed minutes on top."""
    there: set[int] = set()
    known, untimed = False, 0.0
    for r in rows:
        if r["joined_at"] is None:
            if r["minutes"] is not None:
                known, untimed = True, untimed + r["minutes"]
            continue
        begin = int((r["joined_at"] - START).total_seconds())
        if r["left_at"] is not None:
            end = int((r["left_at"] - START).total_seconds())
        elif r["minutes"] is not None:
            end = begin + round(r["minutes"] * 60)
        else:
            continue
        known = True
        there |= set(range(begin, end))
    return len(there) / 60 + untimed if known else None


@given(some_rows)
def test_the_fold_equals_the_slow_one(rows):
    found = {r["participant"]: r for r in folded(*rows)}
    assert set(found) == {r["participant"] for r in rows}
    for person, one in found.items():
        mine = [r for r in rows if r["participant"] == person]
        expected = slow_minutes(mine)
        assert (one["minutes"] is None) == (expected is None)
        if expected is not None:
            assert abs(one["minutes"] - expected) < 0.02
        said = [r["status"] for r in mine if r["status"] is not None]
        assert one["status"] == (max(said, key=PRECEDENCE.__getitem__) if said else None)


@given(some_rows, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    before, after = (fold_rows(frame(*r), "attendance") for r in (rows, shuffled))
    assert before.equals(after)
    assert before.equals(before.sort(KEY))


@given(some_rows, some_rows, some_rows, st.sampled_from(["attendance", "registration", "qa"]))
def test_leaving_out_what_is_said_already_changes_nothing(first, both, second, kind):
    before = lay_over(nothing(), fold_rows(frame(*first, *both), "attendance"), "attendance")
    contribution = fold_rows(frame(*both, *second), kind)
    change = laid_over(contribution, before, kind)
    new, changed = differing(lay_over(before, contribution, kind), before)
    assert change.new.sort(KEY).equals(new.sort(KEY))
    assert change.changed.sort(KEY).equals(changed.sort(KEY))


def test_who_attended_joined_when_that_began_in_whatever_order_it_is_told():
    """A time told with a registration is not when somebody joined, whether or not the attendance has one."""
    told = [
        row(join=-600, status=REGISTERED),
        row(status=ATTENDED),
        row(join=20, status=ATTENDED),
        row(join=5, leave=9, status=ATTENDED),
    ]
    for some in (told[:2], told[:3], told):
        ends = []
        for order in permutations(some):
            known = nothing()
            for one in order:
                known = lay_over(known, fold_rows(frame(one), "told"), "told")
            ends.append(known)
        assert all(end.equals(ends[0]) for end in ends)
    assert ends[0]["joined_at"].item() == START + timedelta(minutes=5)
