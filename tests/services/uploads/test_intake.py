"""From a file to facts: preview, commit, the same again, a corrected file, another file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from data.errors import AlreadyExists, BadInput, FileRefused, InvalidMove
from data.tables import CustomerDomain, Upload
from data.tables.events import ATTENDED, NO_SHOW
from data.versions import MATCHING, bump
from services.access.viewer import SYSTEM, Viewer
from services.uploads import intake, listing
from services.uploads.records import VERDICTS, Choices
from tests.services.uploads.world import (
    NOW,
    attendance,
    bring_in,
    line,
    load_customers,
    state,
    write_csv,
)

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


@pytest.mark.child
def test_a_file_becomes_attendance_and_scores(world: Engine, tmp_path: Path):
    path = write_csv(
        tmp_path / "a.csv",
        [
            line("maria.lopez@dataflow.io"),
            line("new.person@dataflow.io", Status="No Show", Duration=""),
            line("stranger@nowhere.example"),
        ],
    )
    summary = bring_in(world, path)
    assert (
        summary["sentence"] == "3 attendance records, 3 users, 1 customer, 1 event, 5 October 2026"
    )
    assert [summary[v] for v in ("matched", "unmatched", "review")] == [2, 1, 0]
    found = attendance(world)
    assert found["status"].to_list() == [4, 2, 4]
    with transaction(world, read_only=True) as session:
        scores = dict(session.execute(text("SELECT customer_id, score FROM customer_score")).all())
    assert scores[1] > 0
    assert scores[2] == 0


def test_a_file_of_1000_records_is_read_whole(world: Engine, tmp_path: Path):
    """Each record is there in the end, with its score; how long that takes is measured by `python -m bench --only upload`."""
    people = [
        f"person.{n}@{domain}" for n in range(50) for domain in ("dataflow.io", "umbraretail.de")
    ]
    lines = [
        line(email, f"Webinar {day}", Date=f"2026-10-{day:02} 15:00:00", Duration=str(20 + day))
        for email in people
        for day in range(1, 11)
    ]
    summary = bring_in(world, write_csv(tmp_path / "a.csv", lines))
    assert [summary[name] for name in ("records", "matched", "rejected", "duplicates")] == [1000, 1000, 0, 0]  # fmt: skip
    assert summary["changes"]["new"] == 1000
    found = attendance(world)
    assert found.group_by("customer_id").len().sort("customer_id").rows() == [(1, 500), (3, 500)]
    assert found["minutes"].sum() == 100 * sum(range(21, 31))
    with transaction(world, read_only=True) as session:
        scores = dict(session.execute(text("SELECT customer_id, score FROM customer_score")).all())
    assert min(scores[1], scores[3]) > scores[2] == 0


def test_every_record_has_exactly_one_verdict(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io")] * 3 + [line("", Name=""), line("x@y.example")]
    summary = bring_in(world, write_csv(tmp_path / "a.csv", lines), commit=False)
    counted = {v: summary["duplicates" if v == "duplicate" else v] for v in VERDICTS}
    assert sum(counted.values()) == summary["records"] == 5
    assert counted["duplicate"] == 2
    assert counted["rejected"] == 1


def test_preview_stores_no_fact(world: Engine, tmp_path: Path):
    before = state(world)
    bring_in(world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")]), commit=False)
    assert state(world) == before


def test_what_was_previewed_is_what_is_stored(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io"), line("tom.reed@dataflow.io", Duration="20")]
    shown = bring_in(world, write_csv(tmp_path / "a.csv", lines), commit=False)
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    with transaction(world, read_only=True) as session:
        rows = listing.rows(session, SYSTEM, shown["upload_id"])
    assert rows["customer"].to_list() == ["DataFlow Inc"] * 2
    assert rows["stakeholder"].to_list() == ["Maria Lopez", "Tom Reed"]
    stored = attendance(world).sort("minutes")
    assert stored["minutes"].to_list() == sorted(rows["minutes"].to_list())


def test_the_same_file_again_is_a_no_op(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    first = bring_in(world, path)
    before = state(world)
    second = bring_in(world, path)
    assert second["repeat"] is True
    assert second["upload_id"] == first["upload_id"]
    assert state(world) == before


def test_the_same_rows_in_other_bytes_change_nothing(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io"), line("grace.hill@cobaltharbor.com")]
    bring_in(world, write_csv(tmp_path / "a.csv", lines))
    before = state(world)
    again = bring_in(world, write_csv(tmp_path / "b.csv", lines[::-1]))
    assert again["changes"] == {"new": 0, "changed": 0, "same": 2, "new_people": 0, "others": 0}
    assert state(world) == before


def test_a_corrected_file_updates(world: Engine, tmp_path: Path):
    bring_in(
        world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Status="No show")])
    )
    corrected = [line("maria.lopez@dataflow.io", Duration="50"), line("tom.reed@dataflow.io")]
    summary = bring_in(world, write_csv(tmp_path / "b.csv", corrected))
    assert [summary["changes"][k] for k in ("new", "changed", "same")] == [1, 1, 0]
    assert attendance(world)["minutes"].to_list() == [50, 45]
    with transaction(world, read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM event")).scalar() == 1


def test_a_file_says_how_many_it_leaves_alone(world: Engine, tmp_path: Path):
    both = [line("maria.lopez@dataflow.io"), line("tom.reed@dataflow.io")]
    bring_in(world, write_csv(tmp_path / "a.csv", both))
    shorter = bring_in(world, write_csv(tmp_path / "b.csv", both[:1]))
    assert shorter["changes"]["others"] == 1
    assert attendance(world).height == 2


def test_two_imports_of_the_same_file_at_once_count_it_once(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    shown = [bring_in(world, path, commit=False)["upload_id"] for _ in range(2)]
    intake.commit(shown[0], by=SYSTEM, now=NOW, engine=world)
    with pytest.raises(AlreadyExists, match="same file meanwhile"):
        intake.commit(shown[1], by=SYSTEM, now=NOW, engine=world)


def test_rejoins_become_one_attendance(world: Engine, tmp_path: Path):
    lines = [
        line("maria.lopez@dataflow.io", Duration="10"),
        line("MARIA.LOPEZ+events@dataflow.io", Date="2026-10-05 15:30:00", Duration="20"),
    ]
    bring_in(world, write_csv(tmp_path / "a.csv", lines))
    assert attendance(world)["minutes"].to_list() == [30]


def test_event_details_can_be_edited_in_the_preview(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    wanted = {"name": "Fall Summit", "type": "conference", "topic": "Roadmap", "date": "2026-09-01"}
    bring_in(world, path, choices=Choices(events={"0": wanted}, zone="America/New_York"))
    with transaction(world, read_only=True) as session:
        event = session.execute(
            text("SELECT name, type, topic, held_on, time_zone FROM event")
        ).one()
    assert [str(v) for v in event] == [
        "Fall Summit",
        "conference",
        "Roadmap",
        "2026-09-01",
        "America/New_York",
    ]


def test_local_times_become_utc_by_the_chosen_zone(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    shown = bring_in(world, path, choices=Choices(zone="America/New_York"), commit=False)
    with transaction(world, read_only=True) as session:
        again = listing.download(session, SYSTEM, shown["upload_id"])
    assert again["Date"].to_list() == ["2026-10-05T19:00:00Z"]


def test_an_event_without_a_date_is_asked_for(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="")])
    shown = bring_in(world, path, commit=False)
    with pytest.raises(BadInput, match="has no date"):
        intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    dated = Choices(events={"0": {"date": "2026-10-05"}})
    intake.preview(shown["upload_id"], now=NOW, choices=dated, engine=world)
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world).height == 1


def test_ticket_orders_do_not_date_an_event(world: Engine):
    shown = bring_in(world, SAMPLES / "eventbrite_attendees.csv", commit=False)
    with pytest.raises(BadInput, match="has no date"):
        intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    dated = Choices(day_first=False, events={"0": {"date": "2026-09-23"}})
    intake.preview(shown["upload_id"], now=NOW, choices=dated, engine=world)
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    with transaction(world, read_only=True) as session:
        held = [str(day) for day in session.scalars(text("SELECT held_on FROM event"))]
    assert held == ["2026-09-23"]


def test_a_row_with_an_unreadable_date_is_rejected_and_the_rest_counts(
    world: Engine, tmp_path: Path
):
    lines = [
        line("maria.lopez@dataflow.io"),
        line("tom.reed@dataflow.io", Date="garbage"),
        line("grace.hill@cobaltharbor.com", event="Never Dated", Date="now"),
    ]
    summary = bring_in(world, write_csv(tmp_path / "a.csv", lines))
    assert (summary["records"], summary["matched"], summary["rejected"]) == (3, 1, 2)
    assert attendance(world).height == 1
    with transaction(world, read_only=True) as session:
        assert list(session.scalars(text("SELECT name FROM event"))) == ["Analytics Webinar"]


def test_a_file_of_unreadable_dates_alone_can_be_previewed(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="garbage")])
    summary = bring_in(world, path, commit=False)
    assert (summary["records"], summary["rejected"]) == (1, 1)


def test_a_commit_that_fails_stores_nothing(world: Engine, tmp_path: Path):
    shown = bring_in(
        world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")]), commit=False
    )
    before = state(world)

    def stop_late(words: str, _share: float) -> None:
        if words == "Saving":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world, progress=stop_late)
    assert state(world) == before
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world).height == 1


def test_a_preview_that_customers_have_overtaken_must_be_looked_at_again(
    world: Engine, tmp_path: Path
):
    path = write_csv(tmp_path / "a.csv", [line("ann@newdomain.com")])
    shown = bring_in(world, path, commit=False)
    with transaction(world) as session:
        session.add(CustomerDomain(customer_id=3, domain="newdomain.com"))
        bump(session, MATCHING)
    with pytest.raises(InvalidMove, match="changed since this preview"):
        intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    intake.preview(shown["upload_id"], now=NOW, engine=world)
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world)["customer_id"].to_list() == [3]


def test_dates_that_can_be_read_two_ways_are_asked_about(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io", Date="05/10/2026 3:00 PM")]
    path = write_csv(tmp_path / "a.csv", lines)
    with pytest.raises(BadInput, match="day/month or month/day"):
        bring_in(world, path)
    bring_in(world, path, choices=Choices(day_first=True))
    with transaction(world, read_only=True) as session:
        assert str(session.execute(text("SELECT held_on FROM event")).scalar()) == "2026-10-05"


def test_an_upload_is_committed_once(world: Engine, tmp_path: Path):
    done = bring_in(world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")]))
    with pytest.raises(InvalidMove):
        intake.commit(done["upload_id"], by=SYSTEM, now=NOW, engine=world)


def test_a_refused_file_is_remembered_with_its_reason(world: Engine, tmp_path: Path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(FileRefused) as refusal:
        bring_in(world, path)
    with transaction(world, read_only=True) as session:
        upload = session.query(Upload).one()
    assert (upload.state, upload.error) == ("failed", refusal.value.message)


def test_column_that_may_say_who_came_is_asked_about_before_anything_counts(
    world: Engine, tmp_path: Path
):
    path = tmp_path / "a.csv"
    path.write_text(
        "Name,Email,Event,Date,Lunch?\nMaria,maria.lopez@dataflow.io,E,2026-10-05,yes\n"
        "Tom,tom.reed@dataflow.io,E,2026-10-05,no\n"
    )
    with pytest.raises(BadInput, match="“Lunch\\?” may say who came"):
        bring_in(world, path)
    assert attendance(world).is_empty()
    columns = {"name": "Name", "email": "Email", "event": "Event", "date": "Date"}
    done = bring_in(world, path, choices=Choices(mapping=columns | {"status": "Lunch?"}))
    assert done["warnings"] == []
    assert sorted(attendance(world)["status"]) == [NO_SHOW, ATTENDED]


def test_unknown_columns_are_asked_for_and_remembered(world: Engine, tmp_path: Path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Wer,Adresse,Wann\nMaria,maria.lopez@dataflow.io,2026-10-05\n")
    second.write_text("Wer,Adresse,Wann\nTom,tom.reed@dataflow.io,2026-10-06\n")
    with pytest.raises(BadInput, match="Wer"):
        bring_in(world, first)
    mapping = {"name": "Wer", "email": "Adresse", "date": "Wann"}
    bring_in(world, first, choices=Choices(mapping=mapping))
    assert bring_in(world, second)["matched"] == 1
    third = tmp_path / "c.csv"
    third.write_text("WER,adresse, Wann \nAna,ana.kovacs@dataflow.io,2026-10-07\n")
    assert bring_in(world, third)["matched"] == 1


def test_mapping_to_a_column_that_is_not_there_is_refused(world: Engine, tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("Wer,Adresse,Wann\nMaria,maria.lopez@dataflow.io,2026-10-05\n")
    columns = {"name": "Wer", "email": "Adresse", "date": "Wann", "status": "Kam", "event": "Was"}
    with pytest.raises(FileRefused, match=r"no columns “Kam”, “Was”\. .*: Wer, Adresse, Wann"):
        bring_in(world, path, choices=Choices(mapping=columns))
    assert attendance(world).is_empty()


def test_another_csm_cannot_commit_my_upload(world: Engine, tmp_path: Path):
    shown = bring_in(
        world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")]), commit=False
    )
    stranger = Viewer(None, "Cara", None, "csm", sees_all=False)
    with transaction(world) as session:
        session.execute(
            text(
                "INSERT INTO person (id, name, role, active, created_at) SELECT 7, 'Ana', 'csm', :yes, created_at FROM customer WHERE id = 1"
            ),
            {"yes": True},
        )
        session.get_one(Upload, shown["upload_id"]).uploaded_by = 7
    with pytest.raises(Exception, match="Only the person who uploaded"):
        intake.commit(shown["upload_id"], by=stranger, now=NOW, engine=world)


def test_rows_outside_the_portfolio_keep_their_customers_name_to_themselves(
    world: Engine, tmp_path: Path
):
    shown = bring_in(
        world, write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")]), commit=False
    )
    stranger = Viewer(99, "Cara", None, "csm", sees_all=False)
    with transaction(world) as session:
        session.execute(
            text(
                "INSERT INTO person (id, name, role, active, created_at) SELECT 99, 'Cara', 'csm', :yes, created_at FROM customer WHERE id = 1"
            ),
            {"yes": True},
        )
        session.get_one(Upload, shown["upload_id"]).uploaded_by = 99
    with transaction(world, read_only=True) as session:
        rows = listing.rows(session, stranger, shown["upload_id"])
    assert rows["customer"].to_list() == [listing.FOREIGN]


def test_rejected_rows_can_be_corrected_and_uploaded_again(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io"), line("", Name="", Date="2026-10-05 15:00:00")]
    done = bring_in(world, write_csv(tmp_path / "a.csv", lines))
    with transaction(world, read_only=True) as session:
        rejected = listing.download(session, SYSTEM, done["upload_id"], ["rejected"])
    assert rejected.height == 1
    assert rejected["Reason"].to_list() != [None]
    assert "Analytics Webinar" in rejected["Original"][0]
    mended = rejected.with_columns(
        Email=pl.lit("tom.reed@dataflow.io"),
        Event=pl.lit("Analytics Webinar"),
        Date=pl.lit("2026-10-05"),
    )
    mended.write_csv(tmp_path / "mended.csv")
    assert bring_in(world, tmp_path / "mended.csv")["changes"]["new"] == 1


def test_same_bytes_again_are_not_even_read(
    world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    first = bring_in(world, path)
    monkeypatch.setattr("services.uploads.intake.Reading", None)
    again = bring_in(world, path)
    assert (again["upload_id"], again["repeat"]) == (first["upload_id"], True)


def test_preview_stays_when_the_import_it_was_made_for_fails(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="")])
    before = state(world)
    with pytest.raises(BadInput, match="no date"):
        bring_in(world, path)
    assert state(world) == before
    with transaction(world, read_only=True) as session:
        upload = session.query(Upload).one()
        assert upload.state == "previewed"
        assert upload.summary["matched"] == 1
        assert listing.rows(session, SYSTEM, upload.id)["customer"].to_list() == ["DataFlow Inc"]
    dated = Choices(events={"0": {"date": "2026-10-05"}})
    intake.preview(upload.id, now=NOW, choices=dated, engine=world)
    intake.commit(upload.id, by=SYSTEM, now=NOW, engine=world)
    assert attendance(world)["customer_id"].to_list() == [1]
