"""The company that runs the app is recognised in its own files, and asked about once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.db import transaction
from services.access import Viewer, company
from services.uploads import intake
from services.uploads.own_company import OwnCompany, suggest_own_domain
from services.uploads.rematch import rematching
from tests.services.uploads.world import NOW, load_customers

ADMIN = Viewer(None, "Ana", "ana@vendor.example", "admin", sees_all=True)
STRANGER = Viewer(None, "Bo", None, "admin", sees_all=True)


def upload(engine: Engine, folder: Path, *people: tuple[str, str]) -> int:
    """Previewed: (address, role) of each."""
    path = folder / "a.csv"
    rows = [f"{email},Autumn Webinar,2026-10-05,{role}" for email, role in people]
    path.write_text("\n".join(["Email,Event,Date,Role", *rows]))
    done = intake.import_file(path, by=ADMIN, now=NOW, commit=False, engine=engine)
    return int(done["upload_id"])


def suggested(engine: Engine, number: int, by: Viewer) -> OwnCompany | None:
    with transaction(engine, read_only=True) as session:
        return suggest_own_domain(session, by, number)


@pytest.fixture
def known(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def test_several_hosts_of_one_domain_are_likely_colleagues(known: Engine, tmp_path: Path):
    hosts = [("h1@firm.example", "Host"), ("h2@firm.example", "Panelist")]
    number = upload(known, tmp_path, *hosts, ("h3@firm.example", "Attendee"))
    assert suggested(known, number, STRANGER) == OwnCompany(
        "firm.example", 3, own=False, may_add=True
    )


def test_domain_of_the_one_who_asks_needs_no_hosts(known: Engine, tmp_path: Path):
    number = upload(known, tmp_path, ("cy@vendor.example", "Attendee"), ("x@y.example", "Attendee"))
    assert suggested(known, number, ADMIN) == OwnCompany(
        "vendor.example", 1, own=True, may_add=True
    )
    assert suggested(known, number, STRANGER) is None


@pytest.mark.parametrize("domain", ["dataflow.io", "gmail.com"])
def test_customers_and_free_mail_are_never_suggested(known: Engine, tmp_path: Path, domain: str):
    number = upload(known, tmp_path, (f"a@{domain}", "Host"), (f"b@{domain}", "Host"))
    assert suggested(known, number, STRANGER) is None


def test_domain_that_was_said_to_be_ours_is_not_asked_about_again(known: Engine, tmp_path: Path):
    number = upload(known, tmp_path, ("cy@vendor.example", "Attendee"))
    with transaction(known) as session, rematching(session, now=NOW):
        company.add_own_domain(session, "vendor.example", by=ADMIN, now=NOW)
    assert suggested(known, number, ADMIN) is None
    with transaction(known, read_only=True) as session:
        assert company.own_domains(session) == ["vendor.example"]
