"""Whatever a file holds: nothing is lost, and a second import of it has nothing left to do."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from data.db import transaction
from data.tables import Customer, Stakeholder, StakeholderEmail
from tests.services.customers.files import load, load_people, verdicts
from tests.support.databases import sqlite_database

FEW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def some(*values: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(values))


CUSTOMERS = st.lists(
    st.fixed_dictionaries(
        {
            "external_id": some("1", "2", "3", "A1", "B2"),
            "other_id": some("1", "A1", "S1", "S2"),
            "name": some("Acme", "acme ", "Umbra", "Umbra EU", "None"),
            "domain": some("a.example", "b.example", "a.example; b.example", "gmail.com", "bad"),
            "aliases": some("Acme", "Other", "Umbra; Third"),
            "parent": some("Acme", "Umbra", "1", "A1", "S1", "Ghost"),
            "arr": some("1K", "2.000,00", "x"),
            "csm_name": some("Dana", "Ben", "dana"),
            "csm_email": some("d@us.example", "b@us.example"),
            "renews_on": some("2027-01-02", "03/04/2027", "25/12/2027"),
        }
    ),
    min_size=1,
    max_size=7,
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "external_id": some("p1", "p2", "p3"),
            "customer": some("1", "2", "Acme", "a.example", "Ghost"),
            "name": some("Ann Lee", "Bob", "Lee, Ann"),
            "email": some(
                "a@a.example",
                "b@b.example",
                "a@a.example; b@b.example",
                "c+x@a.example, bad",
                "bad",
            ),
            "role": some("champion", "boss"),
        }
    ),
    min_size=1,
    max_size=7,
)
Records = list[dict[str, str | None]]


@FEW
@given(before=CUSTOMERS, records=CUSTOMERS)
def test_customer_file_loses_no_row_and_is_settled_by_one_import(
    sqlite_template: Path, before: Records, records: Records
):
    with TemporaryDirectory() as folder, sqlite_database(sqlite_template, Path(folder)) as engine:
        with transaction(engine) as session:
            load(session, *before)
            first = load(session, *records)
            count = session.scalar(select(func.count()).select_from(Customer))
        with transaction(engine) as session:
            again = load(session, *records)
            assert session.scalar(select(func.count()).select_from(Customer)) == count
    assert first.rows["line"].to_list() == list(range(2, 2 + len(records)))
    settled = ["rejected" if v == "rejected" else "unchanged" for v in verdicts(first)]
    assert verdicts(again) == settled


def person(external_id: str, name: str | None = None, email: str | None = None):
    return {
        "external_id": external_id,
        "name": name,
        "email": email,
        "customer": None,
        "role": None,
    }


@FEW
@given(before=PEOPLE, records=PEOPLE)
@example(
    before=[person("p1", email="a@a.example")],
    records=[person("p2", email="a@a.example"), person("p2", name="Ann Lee")],
)
def test_contacts_file_loses_no_row_and_is_settled_by_one_import(
    sqlite_template: Path, before: Records, records: Records
):
    with TemporaryDirectory() as folder, sqlite_database(sqlite_template, Path(folder)) as engine:
        with transaction(engine) as session:
            load(
                session,
                {"external_id": "1", "name": "Acme", "domain": "a.example"},
                {"external_id": "2", "name": "Umbra", "domain": "b.example"},
            )
            load_people(session, *before)
            first = load_people(session, *records)
            count = session.scalar(select(func.count()).select_from(Stakeholder))
        with transaction(engine) as session:
            again = load_people(session, *records)
            assert session.scalar(select(func.count()).select_from(Stakeholder)) == count
            primary = select(func.count()).where(StakeholderEmail.is_primary.is_(True))
            owners = select(func.count(StakeholderEmail.stakeholder_id.distinct()))
            assert session.scalar(primary) == session.scalar(owners)
    assert first.rows.height == len(records)
    settled = ["rejected" if v == "rejected" else "unchanged" for v in verdicts(first)]
    assert verdicts(again) == settled
