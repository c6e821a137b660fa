"""What a preview shows is what the import leaves: row by row, and in its figures."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from data.db import transaction
from data.errors import InvalidMove
from data.tables import Upload
from services.access import SYSTEM
from services.uploads import intake, listing
from services.uploads.preview import load_staged
from services.uploads.records import COUNTED
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

VERDICT = {"automatic": "matched", "review": "review", "unmatched": "unmatched"}
TURN = count()


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def look(engine: Engine, path: Path) -> int:
    """The id of the preview of a file."""
    with transaction(engine) as session:
        number = intake.receive(session, path, path.name, by=SYSTEM, now=NOW).upload_id
    intake.preview(number, now=NOW, engine=engine)
    return number


def import_shown(engine: Engine, number: int) -> None:
    """As the page does it: an overtaken preview is made anew and looked at again."""
    try:
        intake.commit(number, by=SYSTEM, now=NOW, engine=engine)
    except InvalidMove:
        intake.preview(number, now=NOW, engine=engine)
        intake.commit(number, by=SYSTEM, now=NOW, engine=engine)


def shown(engine: Engine, number: int) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """Figures and rows of an upload."""
    with transaction(engine, read_only=True) as session:
        summary = session.get_one(Upload, number).summary
        rows = listing.rows(session, SYSTEM, number).select("line", "verdict", "customer", "reason")
    return {name: summary[name] for name in (*COUNTED, "users", "customers")}, rows.rows()


def stored(engine: Engine, number: int) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """The same, worked out from the participants alone."""
    with transaction(engine, read_only=True) as session:
        staged = load_staged(session, number)
        people = {
            row.person_key: row
            for row in session.execute(
                text(
                    "SELECT p.person_key, p.band, c.name FROM participant p "
                    "LEFT JOIN customer c ON c.id = p.customer_id"
                )
            )
        }
    keys = dict(staged.people.select("person", "person_key").iter_rows())
    rows = staged.rows.filter(staged.rows["verdict"].is_in(COUNTED))
    found = [
        (n, VERDICT[people[keys[p]].band], people[keys[p]].name)
        for n, p in rows.select("line", "person").rows()
    ]
    counted = {keys[p] for p in rows["person"]}
    verdicts = Counter(verdict for _, verdict, _ in found)
    return {
        **{verdict: verdicts[verdict] for verdict in COUNTED},
        "users": len(counted),
        "customers": len({people[key].name for key in counted} - {None}),
    }, found


def check(engine: Engine, number: int) -> None:
    figures, rows = shown(engine, number)
    kept_figures, kept_rows = stored(engine, number)
    assert figures == kept_figures
    assert [row[:3] for row in rows if row[1] in COUNTED] == kept_rows


AGREEING = line("new.face@dataflow.io")
TORN = line("new.face@dataflow.io", "Second Webinar", Customer="Cobalt Harbor")


def test_rows_of_one_person_share_the_verdict_that_the_import_keeps(world: Engine, tmp_path: Path):
    number = look(world, write_csv(tmp_path / "a.csv", [AGREEING, TORN]))
    figures, rows = shown(world, number)
    assert (figures["matched"], figures["review"]) == (0, 2)
    assert {"points to one customer" in row[3] for row in rows} == {True}
    import_shown(world, number)
    check(world, number)


def test_recorded_address_settles_all_rows_of_its_person(world: Engine, tmp_path: Path):
    known = line("maria.lopez@dataflow.io", "Second Webinar", Customer="Cobalt Harbor")
    number = look(world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io"), known]))
    assert shown(world, number)[0]["matched"] == 2
    import_shown(world, number)
    check(world, number)


def test_preview_counts_on_what_other_files_have_told(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "a.csv", [TORN]))
    number = look(world, write_csv(tmp_path / "b.csv", [AGREEING]))
    figures, rows = shown(world, number)
    assert (figures["matched"], figures["review"], figures["customers"]) == (0, 1, 0)
    assert rows[0][2] is None
    assert "points to one customer" in rows[0][3]
    intake.commit(number, by=SYSTEM, now=NOW, engine=world)
    check(world, number)


def test_file_of_the_same_drop_overtakes_a_preview_only_where_it_matters(
    world: Engine, tmp_path: Path
):
    torn, agreeing, other = (
        look(world, write_csv(tmp_path / f"{name}.csv", [row]))
        for name, row in (("a", TORN), ("b", AGREEING), ("c", line("tom.reed@dataflow.io")))
    )
    intake.commit(torn, by=SYSTEM, now=NOW, engine=world)
    intake.commit(other, by=SYSTEM, now=NOW, engine=world)
    with pytest.raises(InvalidMove, match="changed since this preview"):
        intake.commit(agreeing, by=SYSTEM, now=NOW, engine=world)
    intake.preview(agreeing, now=NOW, engine=world)
    assert shown(world, agreeing)[0]["review"] == 1
    intake.commit(agreeing, by=SYSTEM, now=NOW, engine=world)
    check(world, agreeing)


people = st.sampled_from(
    [
        "maria.lopez@dataflow.io",
        "{}@dataflow.io",
        "b{}@cobaltharbor.com",
        "{}@gmail.com",
        "{}@x.example",
        "b{}@datafow.io",
        "",
        "c{}+tag@dataflow.io",
        "c{}@dataflow.io",
    ]
)
records = st.builds(
    lambda email, **said: (email, said),
    people,
    Customer=st.sampled_from(
        ["", "DataFlow", "DataFlow Inc", "Cobalt Harbor", "Umbra", "Else Ltd"]
    ),
    Name=st.sampled_from(["", "Maria Lopez", "Tom Reed", "Bo Cole", "Bo's Notetaker"]),
    Event=st.sampled_from(["One", "Two"]),
    Duration=st.sampled_from(["10", "20"]),
)
drops = st.lists(st.lists(records, min_size=1, max_size=40), min_size=2, max_size=3)


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drops, st.booleans())
def test_whatever_is_dropped_ends_as_it_was_shown(world: Engine, drop: list[Any], taken_back: bool):
    turn = next(TURN)
    with TemporaryDirectory() as folder:
        numbers = [
            look(
                world,
                write_csv(
                    Path(folder) / f"{place}.csv",
                    [line(email.format(turn), **said) for email, said in rows]
                    + [line("always@there.example", f"Turn {turn}", Duration=str(place + 1))],
                ),
            )
            for place, rows in enumerate(drop)
        ]
        for number in numbers:
            import_shown(world, number)
            check(world, number)
        if taken_back:
            undo(numbers[0], by=SYSTEM, now=NOW, engine=world)
