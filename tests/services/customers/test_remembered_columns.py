"""Columns said for a contacts file are kept for the next one; fields that came later are looked for beside them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, update

from data.db import transaction
from data.tables import Customer, SavedMapping, Stakeholder
from services.access import SYSTEM
from services.customers import Source, load_file, preview_file
from tests.services.customers.files import NOW, load, verdicts

FILE = b"Mail-Adresse,Konto,Account Name,Ansprechpartner\na@gmail.com,0015,Umbra,Ann\nb@gmail.com,1,Umbra,Bob\n"
SAID = (("email", "Mail-Adresse"), ("customer", "Konto"), ("name", "Ansprechpartner"))
NAMED = "Account Name"


@pytest.fixture
def world(app_database: Engine) -> Engine:
    with transaction() as session:
        load(session, {"external_id": "1", "name": "Acme"}, {"external_id": "2", "name": "Umbra"})
    return app_database


def mapping_of(source: Source) -> dict[str, str]:
    with transaction(read_only=True) as session:
        return dict(preview_file(session, SYSTEM, source).mapping)


def test_columns_kept_before_there_was_a_name_beside_the_identifier_find_it(world: Engine):
    load_file(Source(FILE, "stakeholders", SAID), by=SYSTEM, now=NOW)
    with transaction() as session:  # as the version before kept it
        session.execute(update(SavedMapping).values(mapping=dict(SAID)))
    assert mapping_of(Source(FILE, "stakeholders")) == dict(SAID) | {"customer_name": NAMED}
    done = load_file(Source(FILE, "stakeholders"), by=SYSTEM, now=NOW)
    assert verdicts(done) == ["created", "unchanged"]
    with transaction(read_only=True) as session:
        asked = select(Stakeholder.first_name, Customer.name).join(
            Customer, Customer.id == Stakeholder.customer_id
        )
        assert {tuple(one) for one in session.execute(asked)} == {("Ann", "Umbra"), ("Bob", "Acme")}


def test_column_of_names_that_somebody_left_out_stays_out(world: Engine):
    load_file(Source(FILE, "stakeholders", SAID), by=SYSTEM, now=NOW)
    assert mapping_of(Source(FILE, "stakeholders")) == dict(SAID)


def test_column_of_names_that_was_chosen_is_kept(world: Engine):
    said = dict(SAID) | {"customer_name": "Ansprechpartner", "name": NAMED}
    load_file(Source(FILE, "stakeholders", tuple(said.items())), by=SYSTEM, now=NOW)
    assert mapping_of(Source(FILE, "stakeholders")) == said
