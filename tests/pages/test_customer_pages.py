from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from components.customer_start import TEMPLATE
from data.db import transaction
from data.errors import FileRefused
from data.tables import Customer, Stakeholder, StakeholderEmail
from services import customers
from services.access import SYSTEM
from services.clock import utc_now
from tests.services.customers.files import load, load_people
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
HOSTILE = "![x](http://evil.example/x.png) <b>מרכז</b> " + "Donaudampfschifffahrtsgesellschaft" * 4


@pytest.fixture
def ana(app_database: Engine) -> int:
    return person("Ana", "admin")


@pytest.fixture
def ben(ana: int) -> int:
    """A CSM with two customers; the third is nobody's."""
    number = person("Ben")
    with transaction() as session:
        load(
            session,
            {
                "external_id": "1",
                "name": HOSTILE,
                "csm_name": "Ben",
                "arr": "$200K",
                "renews_on": "2027-01-31",
            },
            {
                "external_id": "2",
                "name": "Acme",
                "csm_name": "Ben",
                "segment": "SMB",
                "parent": "1",
            },
            {"external_id": "3", "name": "Foreign"},
        )
        load_people(session, {"customer": "2", "name": "Ann Lee", "email": "ann@acme.example"})
    return number


def test_city_that_is_its_country_is_said_once(ana: int):
    with transaction() as session:
        load(
            session,
            {"external_id": "9", "name": "Lion", "city": "Singapore", "country": "Singapore"},
        )
    app = open_page("customer", ana, id=public("Lion"))
    assert words(app).count("Singapore") == 1


def public(name: str) -> str:
    with transaction(read_only=True) as session:
        return f"cus_{session.scalar(select(Customer.id).where(Customer.name == name))}"


def test_empty_portfolio_teaches_how_to_begin(ana: int):
    page = open_page("customers", ana)
    assert "No customers yet" in words(page)
    assert page.expander[0].proto.expanded
    assert [box.label for box in (*page.text_input, *page.selectbox)] == []
    assert page.file_uploader[0].proto.max_upload_size_mb == customers.LARGEST_MB


def test_template_is_read_without_a_question(session: Session):
    parsed = read_file_of(session, TEMPLATE.encode())
    assert parsed.counts["created"] == 1
    assert not parsed.needs_mapping
    assert {field for field, _ in parsed.mapping} == {
        "name", "external_id", "domain", "aliases", "segment", "region", "csm_name", "arr", "currency",
        "started_on", "renews_on",
    }  # fmt: skip


def read_file_of(session: Session, body: bytes) -> customers.Preview:
    return customers.preview_file(session, SYSTEM, customers.Source(body, "customers"))


def test_people_chosen_as_customers_are_noticed(session: Session):
    body = b"Account Name,First Name,Last Name,Email\nAcme,Zoe,Park,zoe@acme.example\n"
    (warning,) = read_file_of(session, body).warnings
    assert "choose Stakeholders" in warning
    as_people = customers.Source(body, "stakeholders")
    assert not customers.preview_file(session, SYSTEM, as_people).warnings
    assert not read_file_of(session, TEMPLATE.encode()).warnings


def test_customer_without_a_renewal_has_one_dash_for_it(ben: int):
    page = open_page("customer", ben, id=public("Acme"))
    with transaction() as session:
        session.execute(update(Customer).values(renews_on=None))
    (tile,) = [one for one in page.run().metric if one.label == "Renewal"]
    assert (tile.value, tile.delta) == ("–", "")


def test_file_beyond_the_limit_is_refused_in_words_that_help(session: Session):
    body = bytes(customers.LARGEST_MB * 1024 * 1024 + 1)
    with pytest.raises(FileRefused, match="Split it and load the parts"):
        read_file_of(session, body)


def test_list_shows_the_portfolio_and_narrows_it(ben: int):
    page = open_page("customers", ben)
    assert "2 customers" in words(page)
    page.text_input(key="customers.search").set_value("acme").run()
    assert "1 customer of 2" in words(page)
    page.text_input(key="customers.search").set_value("nobody").run()
    assert "No customer fits" in words(page)
    assert not page.exception


def test_file_is_previewed_then_loaded(ana: int):
    page = open_page("customers", ana)
    body = (SAMPLES / "hubspot_companies.csv").read_bytes()
    page.file_uploader(key="customers.file.0").upload("hubspot.csv", body).run()
    assert "9 new, 1 repeated" in words(page)
    shown = next(d.value for d in page.dataframe if "Verdict" in d.value)
    assert "Looks like a duplicate of line 2" in shown["Why, or what was left out"].to_list()
    with transaction(read_only=True) as session:
        assert session.scalars(select(Customer)).all() == []
    page.button(key="customers.load").click().run()
    assert not page.exception
    assert "Loaded\\: 9 new" in words(page)
    assert "9 customers" in words(page)


def test_file_that_is_none_says_what_to_do(ana: int):
    page = open_page("customers", ana)
    page.file_uploader(key="customers.file.0").upload(
        "x.csv", b"\x89PNG\r\n\x1a\n" + bytes(500)
    ).run()
    assert page.error
    assert not page.exception


def test_unknown_columns_are_asked_for(ana: int):
    page = open_page("customers", ana)
    page.file_uploader(key="customers.file.0").upload(
        "x.csv", b"Wer,Wo\nAcme,Oslo\nUmbra,Bonn\n"
    ).run()
    assert "Say which column" in words(page)
    named = next(box for box in page.selectbox if box.label == "Name *")
    named.set_value("Wer")
    next(b for b in page.button if b.label == "Use these columns").click().run()
    assert "2 new" in words(page)


def test_head_and_every_view_of_a_customer_are_drawn(ben: int):
    page = open_page("customer", ben, id=public(HOSTILE))
    assert "$200K" in words(page).replace("\\", "")
    assert "![x](" not in words(page)
    for view in ("Score and events", "Stakeholders", "Edit", "Timeline"):
        page.segmented_control(key="customer.view").set_value(view).run()
        assert not page.exception, view


@pytest.mark.parametrize("query", [{}, {"id": "cus_999"}, {"id": "evt_1"}, {"id": "<b>"}])
def test_address_without_a_customer_leads_to_the_list(ben: int, query: dict[str, str]):
    page = open_page("customer", ben, **query)
    assert page.warning
    assert not page.exception


def test_foreign_customer_is_not_shown(ben: int):
    page = open_page("customer", ben, id=public("Foreign"))
    assert "Foreign" not in words(page)
    assert page.warning


def test_customer_is_edited_by_hand(ben: int):
    page = open_page("customer", ben, id=public("Acme"))
    page.segmented_control(key="customer.view").set_value("Edit").run()
    number = public("Acme")
    page.text_input(key=f"customer.{number}.arr").set_value("1.500,00")
    next(b for b in page.button if b.label == "Save").click().run()
    assert not page.exception
    page.text_input(key=f"customer.{number}.arr").set_value("lots")
    next(b for b in page.button if b.label == "Save").click().run()
    assert "not an amount" in words(page)
    with transaction(read_only=True) as session:
        assert session.scalar(select(Customer.arr).where(Customer.name == "Acme")) == 1500


def test_identifier_is_added_removed_and_kept_after_all(ben: int):
    page = open_page("customer", ben, id=public("Acme"), **{"customer.view": "Edit"})
    key = f"customer.{public('Acme')}.identifier"

    def press(label: str, index: int = 0) -> None:
        [b for b in page.button if b.label == label][index].click().run()
        assert not page.exception

    page.text_input(key=f"{key}.add").set_value("S-77")
    press("Apply")
    assert "Identifiers in other programs: S\\-77" in words(page)
    page.selectbox(key=f"{key}.remove").set_value("S-77")
    press("Apply")
    assert "Identifiers in other programs" not in words(page)
    press("Undo: keep the identifier")
    assert "Identifiers in other programs: S\\-77" in words(page)
    assert "It is there again" in words(page)
    assert "Undo: keep the identifier" not in {b.label for b in page.button}


def test_stakeholder_is_added_by_hand(ben: int):
    page = open_page("customer", ben, id=public("Acme"))
    page.segmented_control(key="customer.view").set_value("Stakeholders").run()
    page.text_input(key="customer.new.First name").set_value("Zoe")
    page.text_input(key="customer.new.E-mail addresses, the main one first").set_value(
        "zoe@acme.example"
    )
    next(b for b in page.button if b.label == "Save").click().run()
    assert not page.exception
    with transaction(read_only=True) as session:
        found = (
            select(Stakeholder.first_name)
            .join(StakeholderEmail)
            .where(StakeholderEmail.email == "zoe@acme.example")
        )
        assert session.scalar(found) == "Zoe"


def test_people_who_sign_out_see_no_customer(ben: int):
    page = open_page("customers", None)
    assert "Acme" not in words(page)


def test_customer_without_a_name_is_not_saved_and_the_reason_is_told(ben: int):
    page = open_page("customer", ben, id=public("Acme"), **{"customer.view": "Edit"})
    name = next(box for box in page.text_input if box.label == "Name")
    name.set_value("  ")
    next(b for b in page.button if b.label == "Save").click().run()
    assert [error.value for error in page.error] == ["A customer needs a name."]
    assert public("Acme") != "cus_None"


def test_duplicate_is_merged_and_the_merge_taken_back(ana: int, ben: int):
    kept, gone = public("Acme"), public("Foreign")
    page = open_page("customer", ana, id=kept, **{"customer.view": "Edit"})
    page.text_input(key=f"customer.{kept}.merge.search").set_value("foreign").run()
    page.radio(key=f"customer.{kept}.merge.which").set_value(gone).run()
    assert page.dataframe[-1].value.values.tolist() == [["Identifier", "2", "3"]]
    page.button(key=f"customer.{kept}.merge.confirm").click().run()
    assert not page.exception
    assert "Merged" in page.success[0].value
    assert "Foreign was merged into it" in words(page)
    assert public("Foreign") == "cus_None"
    next(b for b in page.button if b.label == "Take back").click().run()
    assert not page.exception
    assert "two customers again" in words(page)
    assert public("Foreign") == gone


def test_csm_is_not_offered_to_merge(ben: int):
    page = open_page("customer", ben, id=public("Acme"), **{"customer.view": "Edit"})
    assert not [box for box in page.text_input if "merge" in str(box.key)]
    assert not page.exception


def test_link_to_a_merged_customer_leads_to_the_one_it_went_into(ana: int, ben: int):
    acme = public("Acme")
    with transaction() as session:
        ids = dict(session.execute(select(Customer.name, Customer.id)).all())
        customers.merge(session, ids["Foreign"], ids["Acme"], by=SYSTEM, now=utc_now())
    page = open_page("customer", ana, id=acme)
    assert page.title[0].value == "Foreign"
    assert page.query_params["id"] == public("Foreign")
    assert "was merged into another" in words(page)
