"""Uploads and their rows as different people see them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from data.db import transaction
from data.tables import Customer, Person, Upload
from services.access import SYSTEM, Viewer
from services.uploads import listing
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

CARA = Viewer(7, "Cara", None, "csm", sees_all=False)


@pytest.fixture
def shown(engine: Engine, tmp_path: Path) -> int:
    """Cara's upload; of the three customers only Umbra is hers."""
    load_customers(engine)
    lines = [
        line("maria.lopez@dataflow.io"),
        line("ann@datafloww.io"),
        line("eva@umbraretail.de"),
        line("x@strangerworks.com"),
    ]
    number = bring_in(engine, write_csv(tmp_path / "a.csv", lines), commit=False)["upload_id"]
    with transaction(engine) as session:
        session.add(Person(id=7, name="Cara", role="csm", created_at=NOW))
        session.flush()
        session.get_one(Customer, 3).csm_id = 7
        session.get_one(Upload, number).uploaded_by = 7
    return number


def test_reasons_do_not_name_a_colleagues_customer(engine: Engine, shown: int):
    with transaction(engine, read_only=True) as session:
        found = listing.rows(session, CARA, shown)
        saved = listing.download(session, CARA, shown)
    assert "DataFlow" not in found.write_csv() + saved.write_csv()
    reasons = found["reason"].to_list()
    assert reasons[:2] == [listing.FOREIGN] * 2
    assert "Umbra Retail GmbH" in reasons[2]
    assert found["customer"].to_list() == [listing.FOREIGN, None, "Umbra Retail GmbH", None]


def test_who_sees_all_reads_every_reason(engine: Engine, shown: int):
    with transaction(engine, read_only=True) as session:
        found = listing.rows(session, SYSTEM, shown)
    assert found["reason"].str.contains("DataFlow").to_list() == [True, True, False, False]
    assert found["verdict"].cast(pl.String).to_list() == [
        "matched",
        "review",
        "matched",
        "unmatched",
    ]


def test_what_the_reader_notes_of_a_row_stands_beside_its_verdict(engine: Engine, tmp_path: Path):
    load_customers(engine)
    path = tmp_path / "notes.csv"
    path.write_text(
        "Name,Email,Event,Join Time,Leave Time,Status\n"
        "Eva,eva@umbraretail.de,Clinic,2026-05-05 15:00,2026-05-05 14:00,Yes\n"
        "Bo,bo@umbraretail.de,Clinic,2026-05-05 15:00,2026-05-05 15:30,Sort of\n"
        "Cy,cy@umbraretail.de,Clinic,,,Sort of\n"
    )
    told = bring_in(engine, path, commit=False)
    with transaction(engine, read_only=True) as session:
        found = listing.rows(session, SYSTEM, told["upload_id"])
        saved = listing.download(session, SYSTEM, told["upload_id"])
    assert found["verdict"].to_list() == ["matched", "matched", "rejected"]
    assert saved["Reason"].to_list() == found["reason"].to_list()
    assert found["reason"].str.contains("Umbra").to_list() == [True, True, False]
    ends = ["; leaves before joining; the leave time was dropped",
            "; the status “Sort of” is not known: the time there counts",
            "The status “Sort of” is not known: write attended, no-show, registered or cancelled."]  # fmt: skip
    assert [why.endswith(end) for why, end in zip(found["reason"], ends, strict=True)] == [True] * 3
    assert saved["Status"].to_list() == ["attended", "attended", "Sort of"]
    assert "“Sort of” (2)" in told["warnings"][0]
