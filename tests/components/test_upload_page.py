"""The Upload page in each state a file can be in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from components.event_editor import changed
from components.text import plain
from components.upload_form import TEMPLATE
from components.upload_outcome import taken_along
from components.upload_preview import VERDICTS
from data.db import transaction
from data.settings import settings
from data.tables import CustomerDomain, Upload
from data.tables.events import CANCELLED
from data.versions import MATCHING, bump
from services.access import SYSTEM
from services.export import to_csv
from services.ids import public_id
from services.uploads import job, listing, records
from tests.services.uploads.world import HEADER, attendance, line, load_customers, write_csv
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

LINES = [
    line("maria.lopez@dataflow.io"),
    line("tom.reed@dataflow.io"),
    line("tom.reed@dataflow.io"),
    line("stranger@nowhere.example"),
    line("", Name=""),
]


@pytest.fixture
def world(app_database: Engine) -> Engine:
    load_customers(app_database)
    return app_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "october.csv", LINES)


def drop(path: Path, as_: int | None = None) -> AppTest:
    """The page after the file was dropped on it."""
    app = open_page("upload", as_=as_ or person("Ana", "admin"))
    app.file_uploader[0].upload(path.name, path.read_bytes())
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    found = [b for b in app.button if b.label.startswith(label)]
    assert found, [b.label for b in app.button]
    found[0].click()
    return app.run()


def upload() -> Upload:
    with transaction(read_only=True) as session:
        return session.query(Upload).order_by(Upload.id.desc()).first()  # type: ignore[return-value]


def reopened(as_: int | None = None, **query: str) -> AppTest:
    number = public_id("upload", upload().id)
    return open_page("upload", as_=as_ or person("Ana", "admin"), id=number, **query)


def test_without_customers_they_come_first(app_database: Engine):
    said = words(open_page("upload", as_=person("Ana", "admin")))
    assert "Load your customers first" in said
    assert "No file has been uploaded yet" in said


def test_dropped_file_is_shown_before_it_counts(world: Engine, file: Path):
    app = drop(file)
    assert not app.exception
    assert app.title[0].value == "october\\.csv"
    assert "5 attendance records, 3 users, 1 customer, 1 event, 5 October 2026" in words(
        app
    ).replace("\\", "")
    figures = {m.label: int(m.value) for m in app.metric}
    assert figures == {
        "Matched": 2, "To review": 0, "Unmatched": 1, "Rejected": 1, "Repeated": 1, "Left out": 0
    }  # fmt: skip
    assert attendance(world).is_empty()


def test_preview_survives_a_reload(world: Engine, file: Path):
    assert drop(file).query_params["id"] == public_id("upload", upload().id)
    app = reopened()
    assert "5 attendance records" in words(app)
    assert any(b.label == "Import 3 records" for b in app.button)


def test_import_counts_and_undo_takes_it_back(world: Engine, file: Path):
    drop(file)
    app = press(reopened(), "Import")
    assert "3 new, 0 changed, 0 as before" in words(app).replace("\\", "")
    assert attendance(world).height == 3
    app = press(app, "Undo this import")
    assert "Taken back" in words(app)
    assert attendance(world).is_empty()
    assert upload().state == "undone"


def test_undo_says_what_went_along_and_what_stays():
    found = {"follow_ups": 2, "drafts": 1, "drafts_kept": 1, "signals": 0, "notifications": 3}
    found["opportunities"] = 2
    assert taken_along(found) == [
        "Withdrawn with it: 2 follow-ups, 1 draft, 3 notifications.",
        "Kept, because somebody has acted on it: 1 approved draft, 2 advocacy opportunities.",
    ]
    assert taken_along({}) == []


def test_list_says_who_when_and_what_and_undoes(world: Engine, file: Path):
    drop(file)
    press(reopened(), "Import")
    app = open_page("upload", as_=person("Ana", "admin"))
    said = words(app).replace("\\", "")
    assert re.search(r"5 attendance records.*Uploaded .* by Ana · imported", said)
    press(app, "Undo")
    assert attendance(world).is_empty()


def test_same_file_again_does_nothing(world: Engine, file: Path):
    drop(file)
    press(reopened(), "Import")
    app = drop(file)
    assert "nothing to do" in words(app)
    assert "was imported on" in words(app)
    assert attendance(world).height == 3


def test_only_new_file_among_repeats_is_opened_and_named(world: Engine, tmp_path: Path, file: Path):
    drop(file)
    press(reopened(), "Import")
    other = write_csv(tmp_path / "november.csv", [line("grace.hill@cobaltharbor.com")])
    app = open_page("upload", as_=person("Ana", "admin"))
    again = [(path.name, path.read_bytes(), "text/csv") for path in (other, file)]
    app.file_uploader[0].set_value(again)
    app.run()
    said = words(app).replace("\\", "")
    assert "october.csv was imported on" in said
    assert "november.csv is new: this is its preview." in said
    assert app.title[0].value == "november\\.csv"


def test_corrected_file_says_before_the_import_what_it_leaves_and_has_one_main_button(
    world: Engine, tmp_path: Path, file: Path
):
    drop(file)
    press(reopened(), "Import")
    app = drop(write_csv(tmp_path / "corrected.csv", [line("tom.reed@dataflow.io", Duration="50")]))
    said = words(app).replace("\\", "")
    assert (
        "1 event of this file is on record. 2 of the 3 attendances there are not in this file"
        in said
    )
    primary = [b.label for b in app.button if b.proto.type == "primary"]
    assert primary == ["Import 1 record"]
    press(app, "Import")
    assert attendance(world).height == 3
    assert upload().summary["changes"]["others"] == 2


def test_discarded_preview_never_counts(world: Engine, file: Path):
    drop(file)
    app = press(reopened(), "Discard")
    assert "It never counted" in words(app).replace("\\", "")
    assert upload().state == "discarded"
    assert "never counted" in words(reopened())


def test_rows_narrow_to_a_verdict_and_say_why(world: Engine, file: Path):
    drop(file)
    app = reopened()
    assert app.dataframe[-1].value.shape[0] == 5
    show = next(p for p in app.button_group if p.key == "upload.show")
    show.set_value(["rejected"]).run()
    rows = app.dataframe[-1].value
    assert rows["Verdict"].to_list() == [VERDICTS["rejected"][0]]
    assert "neither a name" in rows["Why"].to_list()[0]


def test_rows_to_mend_can_be_uploaded_again(world: Engine, tmp_path: Path, file: Path):
    drop(file)
    press(reopened(), "Import")
    with transaction(read_only=True) as session:
        found = listing.download(session, SYSTEM, upload().id, ["rejected"])
    mended = found.with_columns(Email=pl.lit("grace.hill@cobaltharbor.com"))
    (tmp_path / "mended.csv").write_bytes(to_csv(mended))
    press(drop(tmp_path / "mended.csv"), "Import")
    assert "grace.hill@cobaltharbor.com" in attendance(world)["email"].to_list()


def test_unreadable_file_says_what_to_do(world: Engine, tmp_path: Path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    app = drop(tmp_path / "picture.csv")
    assert not app.exception
    assert app.error[0].value
    assert "export the file again" in words(app)


def test_column_that_may_say_who_came_stands_above_the_choice_of_columns(
    world: Engine, tmp_path: Path
):
    file = tmp_path / "a.csv"
    file.write_text(
        "Email,Date,Lunch?\na@dataflow.io,2026-10-05,yes\nb@dataflow.io,2026-10-05,no\n"
    )
    app = drop(file)
    assert "“Lunch?” may say who came" in app.warning[0].value
    next(s for s in app.selectbox if s.label == "Status").set_value("Lunch?")
    app = press(app, "Use these columns")
    assert not app.warning
    assert {m.label: m.value for m in app.metric}["Matched"] == "2"


def test_unknown_columns_are_mapped_and_remembered(world: Engine, tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("Wer,Adresse,Wann\nMaria,maria.lopez@dataflow.io,2026-10-05\n")
    app = drop(file)
    assert "new to the app" in words(app)
    for label, column in (("Email", "Adresse"), ("Name", "Wer"), ("Date", "Wann")):
        next(s for s in app.selectbox if s.label == label).set_value(column)
    app = press(app, "Use these columns")
    assert {m.label: m.value for m in app.metric}["Matched"] == "1"
    other = tmp_path / "b.csv"
    other.write_text("Wer,Adresse,Wann\nTom,tom.reed@dataflow.io,2026-10-06\n")
    assert {m.label: m.value for m in drop(other).metric}["Matched"] == "1"


def test_words_for_a_status_are_asked_about_and_the_answer_can_be_changed(
    world: Engine, tmp_path: Path
):
    told = [("maria.lopez", "Dialled in"), ("tom.reed", "dialled-in")]
    lines = [line(f"{who}@dataflow.io", Status=word, Duration="") for who, word in told]
    app = drop(write_csv(tmp_path / "a.csv", lines))
    (asked,) = [s for s in app.selectbox if s.label == plain("Dialled in (2 rows)")]
    assert asked.value == ""
    asked.set_value("attended")
    app = press(app, "Use these meanings")
    assert {m.label: m.value for m in app.metric}["Matched"] == "2"
    assert not app.warning
    later = write_csv(tmp_path / "b.csv", [line("maria.lopez@dataflow.io", Status="Dialled in")])
    app = drop(later)
    (asked,) = [s for s in app.selectbox if s.label == plain("Dialled in (1 row)")]
    assert asked.value == "attended"
    asked.set_value("cancelled")
    app = press(press(app, "Use these meanings"), "Import")
    assert attendance(world)["status"].to_list() == [CANCELLED]


def test_order_of_day_and_month_is_asked(world: Engine, tmp_path: Path):
    file = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="03/04/2026")])
    app = drop(file)
    assert "What does 03/04/2026 mean?" in words(app)
    assert next(b for b in app.button if b.label.startswith("Import")).disabled
    app = press(app, "March 4, 2026")
    assert "4 March 2026" in words(app)
    assert not next(b for b in app.button if b.label.startswith("Import")).disabled


def test_order_that_the_country_tells_is_taken_and_can_be_changed(world: Engine):
    app = drop(
        Path(__file__).resolve().parents[1] / "samples" / "teams_attendance_en-US_utf16le.csv"
    )
    assert "10 September 2026" in words(app)
    assert not next(b for b in app.button if b.label.startswith("Import")).disabled
    order = next(g for g in app.button_group if g.key and g.key.startswith("upload.order"))
    app = order.set_value("3 April 2026").run()
    assert "9 October 2026" in words(app)


def test_zone_that_is_supposed_is_said_and_asked_about(world: Engine, file: Path):
    app = drop(file)
    assert "Times are read as UTC because the file names no zone" in words(app)
    next(s for s in app.selectbox if s.label == "Times in this file are in").set_value(
        "Europe/Berlin"
    )
    app.run()
    assert upload().choices["zone"] == "Europe/Berlin"
    assert "names no zone" not in words(reopened())


def test_report_may_be_called_what_it_likes(world: Engine, tmp_path: Path, file: Path):
    for name in ("october.xls", "october"):
        (path := tmp_path / name).write_bytes(file.read_bytes())
        app = drop(path)
        assert "Import" in str([b.label for b in app.button])
        press(app, "Discard")


def test_event_without_a_date_blocks_until_it_has_one(world: Engine, tmp_path: Path):
    drop(write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="")]))
    app = reopened()
    assert "1 event without a date" in words(app)
    assert next(b for b in app.button if b.label.startswith("Import")).disabled
    app.session_state[f"upload.events.{upload().id}.0"] = {
        "edited_rows": {0: {"Day": "2026-10-05"}}
    }
    app = press(app.run(), "Apply changes")
    assert "5 October 2026" in words(app)
    press(app, "Import")
    assert attendance(world).height == 1


def test_overtaken_preview_is_made_anew_and_shown(world: Engine, file: Path):
    drop(file)
    app = reopened()
    with transaction() as session:
        session.add(CustomerDomain(customer_id=3, domain="nowhere.example"))
        bump(session, MATCHING)
    app = press(app, "Import")
    assert "have changed since this preview" in words(app)
    assert attendance(world).is_empty()
    assert {m.label: m.value for m in app.metric}["Matched"] == "3"
    press(app, "Import")
    assert attendance(world).height == 3


def test_large_file_shows_its_progress(world: Engine, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "SMALL", 0)
    app = drop(file)
    assert "You may leave this page" in words(app)
    assert any(b.label == "Cancel" for b in app.button)
    job.wait(upload().id, 120)
    assert "5 attendance records" in words(app.run())


def test_cancelled_work_can_be_started_again(
    world: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(job, "SMALL", 0)
    app = drop(file)
    job.cancel(upload().id)
    monkeypatch.setattr(job, "SMALL", 2_000_000)
    app = app.run()
    assert "Cancelled; nothing was kept" in words(app).replace("\\", "")
    assert "5 attendance records" in words(press(app, "Read it now"))


def test_colleagues_upload_is_not_shown(world: Engine, file: Path):
    drop(file)
    cara = person("Cara")
    assert "no such upload among yours" in words(reopened(as_=cara))
    assert "No file has been uploaded yet" in words(open_page("upload", as_=cara))


def test_hostile_names_are_shown_as_they_are(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io", event="![x](http://evil.example/x.png)")]
    app = drop(write_csv(tmp_path / "[click](evil).csv", lines))
    assert not app.exception
    assert "](" not in words(app)


def test_only_changed_cells_are_sent_on():
    events = [{"event_ref": 4}, {"event_ref": 7}]
    row = {"Name": "A", "Type": "Webinar", "Topic": None, "Day": date(2026, 1, 2), "Zone": "UTC"}
    after = [row | {"Topic": ""}, row | {"Type": "Workshop", "Day": date(2026, 1, 3)}]
    types = {"webinar": "Webinar", "workshop": "Workshop"}
    assert changed(events, [row, row], after, types) == {
        "7": {"type": "workshop", "date": "2026-01-03"}
    }


def test_every_verdict_has_its_word():
    assert tuple(VERDICTS) == records.VERDICTS


def test_templates_own_rows_never_count(world: Engine, tmp_path: Path):
    (tmp_path / "template.csv").write_text(TEMPLATE)
    app = drop(tmp_path / "template.csv")
    assert TEMPLATE.startswith(",".join(HEADER))
    assert {m.label: m.value for m in app.metric}["Left out"] == "2"


def test_addresses_from_outside_become_no_links():
    for hostile in ("http://evil.example", "HTTPS://evil.example", "see www.evil.example"):
        shown = plain(hostile).replace("\\", "")
        assert "://" not in shown
        assert "www." not in shown
        assert shown.replace("\u2060", "") == hostile


def test_demo_opens_the_preview_of_a_practice_file_at_once(
    world: Engine, monkeypatch: pytest.MonkeyPatch
):
    ana = person("Ana", "admin")
    assert "Try it with this file" not in [b.label for b in open_page("upload", as_=ana).button]
    monkeypatch.setenv("CSCX_DEMO", "1")
    settings.cache_clear()
    page = open_page("upload", as_=ana)
    assert "Download it" in takes(page)
    app = press(page, "Try it with this file")
    assert app.query_params["id"] == public_id("upload", upload().id)
    figures = {m.label: int(m.value) for m in app.metric}
    assert sum(figures.values()) == 24
    assert any(b.label.startswith("Import") for b in app.button)


def takes(app: AppTest) -> list[str]:
    """What can be downloaded."""
    return [button.label for button in app.get("download_button")]  # type: ignore[attr-defined]


def test_colleagues_are_recognised_and_left_out_by_one_click(world: Engine, tmp_path: Path):
    ana = person("Ana", "admin", email="ana@vendor.example")
    lines = [line("maria.lopez@dataflow.io"), line("cy@vendor.example")]
    app = drop(write_csv(tmp_path / "a.csv", lines), as_=ana)
    assert "1 person in this file is from **vendor\\.example**" in words(app)
    app = press(app, "Yes, these are colleagues")
    assert {m.label: m.value for m in app.metric}["Left out"] == "1"
    assert "Is that your own company?" not in words(app)


def test_questions_of_an_event_that_is_not_on_record_say_what_happens(world: Engine):
    said = words(drop(Path(__file__).resolve().parents[1] / "samples" / "zoom_qa.csv"))
    assert "is not on record yet" in said
    assert "makes an event of its own" in said


def test_questions_join_the_event_that_is_pointed_at(world: Engine, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io", event="Release Webinar", Date="2026-09-17 15:00")]
    drop(write_csv(tmp_path / "a.csv", lines))
    press(reopened(), "Import")
    drop(Path(__file__).resolve().parents[1] / "samples" / "zoom_qa.csv")
    app = press(reopened(), "Release Webinar")
    assert "is not on record yet" not in words(app)
    assert not app.exception
