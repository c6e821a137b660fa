"""The command line as an operator meets it: its output and its exit code."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import admin as command_line
import data.db
from data.settings import settings
from tests.support.rules import ROOT

SAMPLES = ROOT / "tests" / "samples"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def admin(folder: Path, *arguments: str | Path) -> Done:
    """The command in this process: most of a second one's time goes into starting."""
    printed, complained = StringIO(), StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(printed),
        redirect_stderr(complained),
    ):
        patch.chdir(ROOT)
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("CSCX_DATA_DIR", str(folder))
        _forget()
        try:
            code = command_line.main([*map(str, arguments)])
        except SystemExit as left:
            code = left.code
        finally:
            _forget()
    assert isinstance(code, int)
    return Done(code, printed.getvalue(), complained.getvalue())


def _forget() -> None:
    if data.db.engine.cache_info().currsize:
        data.db.engine().dispose()
    data.db.engine.cache_clear()
    settings.cache_clear()


def answer(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_customers_are_loaded_once_and_saved(tmp_path: Path):
    file = SAMPLES / "hubspot_companies.csv"
    planned = answer(admin(tmp_path, "load-customers", file, "--dry-run", "--json"))
    assert (planned["created"], planned["merged"], planned["committed"]) == (9, 1, False)
    assert [(row["line"], row["note"]) for row in planned["rows"]] == [
        (11, "Looks like a duplicate of line 2")
    ]
    loaded = answer(admin(tmp_path, "load-customers", file, "--json"))
    assert (loaded["created"], loaded["rows"]) == (9, planned["rows"])
    assert answer(admin(tmp_path, "load-customers", file, "--json"))["unchanged"] == 10
    assert answer(admin(tmp_path, "backup", tmp_path / "b.db", "--json"))["bytes"] > 0
    again = admin(tmp_path, "backup", tmp_path / "b.db")
    assert again.returncode == 1
    assert again.stderr == "Error: b.db is there already. Give the backup another name.\n"
    checked = admin(tmp_path, "doctor", "--json")
    assert "9 customers, 0 stakeholders" in checked.stdout
    folder = next(c for c in json.loads(checked.stdout)["checks"] if c["name"] == "data folder")
    assert folder["state"] == "ok"


def test_contacts_are_mapped_and_unknown_customers_told(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("Who,Firm,Mail\nAnn Lee,Ghost,ann@ghost.example\n")
    mapped = ("--map", "name=Who", "--map", "customer=Firm", "--map", "email=Mail")
    told = answer(admin(tmp_path, "load-contacts", file, *mapped, "--json"))
    assert (told["rejected"], told["rows"][0]["verdict"]) == (1, "rejected")
    refused = admin(tmp_path, "load-contacts", file, "--map", "nonsense", "--json")
    assert (refused.returncode, "FIELD=COLUMN" in json.loads(refused.stdout)["error"]) == (1, True)
    refused = admin(tmp_path, "load-contacts", file, *mapped, "--map", "titel=Firm", "--json")
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, "There is no field titel." in error) == (1, True)
    refused = admin(tmp_path, "load-contacts", file, *mapped, "--map", "title=Job", "--json")
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, "The file has no column “Job”." in error) == (1, True)


def test_attendance_is_previewed_counted_and_scored(tmp_path: Path):
    answer(admin(tmp_path, "load-customers", SAMPLES / "hubspot_companies.csv", "--json"))
    file = SAMPLES / "zoom_webinar_attendee_2025.csv"
    previewed = answer(admin(tmp_path, "import", file, "--dry-run", "--json"))
    assert previewed["state"] == "previewed"
    listed = previewed["rows"]
    assert listed
    assert set(listed[0]) == {"line", "verdict", "reason"}
    assert "matched" not in {row["verdict"] for row in listed}
    assert answer(admin(tmp_path, "import", file, "--json"))["state"] == "committed"
    before = scores(tmp_path)
    past = answer(admin(tmp_path, "recompute", "--as-of", "2026-08-31", "--json"))
    assert (past["scored"], past["as_of"], past["kept"]) == (9, "2026-08-31", False)
    assert not any(row["score"] for row in past["board"])  # nothing had been held by then
    early = admin(tmp_path, "recompute", "--as-of", "0001-01-01", "--json")
    assert (early.returncode, "last ten years" in json.loads(early.stdout)["error"]) == (1, True)
    refused = admin(tmp_path, "recompute", "--as-of", "2099-01-01", "--json")
    assert (refused.returncode, "still to come" in json.loads(refused.stdout)["error"]) == (1, True)
    assert scores(tmp_path) == before
    assert answer(admin(tmp_path, "recompute", "--json"))["kept"] is True


def test_words_and_columns_that_are_not_known_can_be_told(tmp_path: Path):
    answer(admin(tmp_path, "load-customers", SAMPLES / "hubspot_companies.csv", "--json"))
    file = tmp_path / "odd.csv"
    file.write_text("Adresse,Was,Wann,Status\na@bluefin-analytics.example,E,2026-10-05,Da\n")
    columns = [f"{name}={column}" for name, column in (("email", "Adresse"), ("event", "Was"))]
    told = [word for pair in (*columns, "date=Wann", "status=Status") for word in ("--map", pair)]
    refused = admin(tmp_path, "import", file, *told, "--json")
    said = json.loads(refused.stdout)["error"]
    assert (refused.returncode, "Nothing in this file counts" in said) == (1, True)
    assert uploads(tmp_path) == []
    refused = admin(tmp_path, "import", file, *told, "--statuses", "[1]", "--json")
    assert "--statuses must be a JSON object" in json.loads(refused.stdout)["error"]
    done = answer(
        admin(tmp_path, "import", file, *told, "--statuses", '{"da": "attended"}', "--json")
    )
    assert (done["state"], done["matched"], done["rejected"]) == ("committed", 1, 0)
    other = ("--statuses", '{"da": "no_show"}')
    again = answer(admin(tmp_path, "import", file, *told, *other, "--json"))
    assert (again["repeat"], "changed nothing" in again["warnings"][-1]) == (True, True)


def scores(folder: Path) -> list[tuple[object, ...]]:
    """The board and the history of health, as stored."""
    with sqlite3.connect(next(folder.glob("*.db"))) as database:
        board = database.execute("SELECT customer_id, score, band FROM customer_score ORDER BY 1")
        health = database.execute("SELECT * FROM health_change ORDER BY 1")
        return [*board, *health]


def uploads(folder: Path) -> list[tuple[str, str]]:
    """What is kept of files: states of uploads, names of parts."""
    with sqlite3.connect(next(folder.glob("*.db"))) as database:
        return database.execute("SELECT state, file_name FROM upload").fetchall()


def test_event_of_a_file_that_does_not_name_its_own_is_told(tmp_path: Path):
    file = tmp_path / "guests.csv"
    file.write_text("Name,Email\nMaria,maria.lopez@dataflow.io\n")
    refused = admin(tmp_path, "import", file, "--json")
    assert "has no date" in json.loads(refused.stdout)["error"]
    assert uploads(tmp_path) == []
    told = ("--event-name", "Dinner", "--event-type", "workshop", "--event-date", "2026-10-05")
    done = answer(admin(tmp_path, "import", file, *told, "--json"))
    assert done["sentence"].endswith("1 event, 5 October 2026")
    assert [one["type"] for one in done["event_summary"]] == ["workshop"]
    assert uploads(tmp_path) == [("committed", "guests.csv")]


def test_refused_files_leave_nothing_behind(tmp_path: Path):
    file = tmp_path / "two.csv"
    file.write_text(
        "Name,Email,Event,Date\n"
        "Maria,maria@dataflow.io,One,2026-10-05\nTom,tom@dataflow.io,Two,2026-10-06\n"
    )
    refused = admin(tmp_path, "import", file, "--event-name", "Both")
    assert (refused.returncode, "2 events" in refused.stderr) == (1, True)
    assert uploads(tmp_path) == []


@pytest.mark.parametrize("at_once", ["", "1"])
@pytest.mark.parametrize(("arguments", "code"), [(("--help",), 0), (("doctor", "--json"), 3)])
def test_reader_may_stop_listening(
    tmp_path: Path, arguments: tuple[str, ...], code: int, at_once: str
):
    command = [sys.executable, "admin.py", *arguments]
    environment = os.environ | {"CSCX_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": at_once}
    environment.pop("DATABASE_URL", None)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == code


def test_contacts_of_a_newsletter_find_their_customers_by_domain(tmp_path: Path):
    for name in ("hubspot_companies", "gainsight_company"):
        answer(admin(tmp_path, "load-customers", SAMPLES / f"{name}.csv", "--json"))
    file = SAMPLES / "mailchimp_audience_export.csv"
    told = answer(admin(tmp_path, "load-contacts", file, "--json"))
    assert (told["records"], told["created"], told["rejected"]) == (19, 17, 2)


def test_usage_and_database_errors_are_json_when_asked_for(tmp_path: Path):
    wrong = admin(tmp_path, "recompute", "--as-of", "yesterday", "--json")
    assert wrong.returncode == 2
    assert "2026-03-31" in json.loads(wrong.stdout)["error"]
    unknown = admin(tmp_path, "nonsense", "--json")
    assert (unknown.returncode, "nonsense" in json.loads(unknown.stdout)["error"]) == (2, True)


@pytest.mark.parametrize("as_json", [True, False])
def test_locked_database_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, as_json: bool
):
    def locked(_options: object) -> dict[str, object]:
        raise OperationalError("UPDATE secret", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(command_line, "_recompute", locked)
    assert command_line.main(["recompute", *(["--json"] if as_json else [])]) == 1
    printed = capsys.readouterr()
    said = json.loads(printed.out)["error"] if as_json else printed.err
    assert "database is locked" in said
    assert "secret" not in said


def test_token_is_shown_once(tmp_path: Path):
    made = answer(
        admin(tmp_path, "create-token", "--email", "ana@us.example", "--role", "admin", "--json")
    )
    assert made["token"].startswith("csx_")
    assert (made["role"], made["scopes"]) == ("admin", ["write"])


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        (["--read-only"], []),
        (["--scope", "write", "--scope", "drafts:approve"], ["drafts:approve", "write"]),
    ],
)
def test_token_is_made_for_what_is_said(tmp_path: Path, said: list[str], scopes: list[str]):
    made = answer(admin(tmp_path, "create-token", "--email", "a@us.example", "--json", *said))
    assert made["scopes"] == scopes
    with contextlib.closing(sqlite3.connect(tmp_path / "cscx.db")) as database:
        kept = json.loads(database.execute("SELECT scopes FROM api_token").fetchone()[0])
    assert set(kept) == {"read", *scopes}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("load-customers", "nowhere.csv"), 1),
        (("import", "nowhere.csv"), 1),
        (("create-token", "--email", "nonsense"), 1),
        (("recompute", "--as-of", "yesterday"), 2),
        (("nonsense",), 2),
        ((), 2),
        (("doctor",), 3),
    ],
)
def test_mistakes_have_an_exit_code_and_words(
    tmp_path: Path, arguments: tuple[str, ...], code: int
):
    done = admin(tmp_path, *arguments)
    assert done.returncode == code
    assert done.stderr or "problem" in done.stdout
    assert "Traceback" not in done.stderr


def test_secrets_are_sealed_with_a_new_key(tmp_path: Path):
    first = answer(admin(tmp_path, "rotate-secrets", "--json"))
    keys = (tmp_path / "secret.key").read_text().split()

    assert first == {"sealed": 0, "lost": 0, "new_key": True}
    assert len(keys) == 2
    assert keys[0] not in json.dumps(first)
