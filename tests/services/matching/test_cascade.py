"""Each line of the cascade, by hand: one row, the book below, the band and the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from services.matching.book import CustomerBook, empty_book
from services.matching.cascade import match
from services.matching.verdict import RESULT

DATAFLOW, UMBRA, UMBRA_LABS, NORDLICHT, ORCHARD, ORCHARD_UK, TOYO, RENTED, HALL, ACME = range(1, 11)


def _book(answers: Sequence[tuple[str, str, int | None, str]] = ()) -> CustomerBook:
    customers = {
        DATAFLOW: "DataFlow Inc.",
        UMBRA: "Umbra Retail GmbH",
        UMBRA_LABS: "Umbra Laboratories AG",
        NORDLICHT: "Nordlicht Straßenbau ApS",
        ORCHARD: "Orchard Robotics Holdings",
        ORCHARD_UK: "Peregrine Freight Ltd",
        TOYO: "株式会社東洋精密",
        RENTED: "Rogers Telecom",
        HALL: "Saltmarsh Energy AB",
        ACME: "Acme Group",
    }
    names = [(DATAFLOW, "DFI Analytics"), (NORDLICHT, "Løven Byg")]
    domains = [
        (DATAFLOW, "dataflow.io"), (DATAFLOW, "https://www.DataFlow.de/about"),
        (UMBRA, "umbraretail.example"), (UMBRA_LABS, "labs.umbraretail.example"),
        (ORCHARD, "orchard-shared.com"), (ORCHARD_UK, "orchard-shared.com"),
        (NORDLICHT, "straßenbau.example"), (RENTED, "rogers.com"), (HALL, "gmail.com"),
        (ACME, "app.acmegroup.example"), (TOYO, "t.co"),
    ]  # fmt: skip
    people = [
        (10, DATAFLOW, "Jane", "Doe"), (11, DATAFLOW, "Robert", "Smith"),
        (12, UMBRA, "Łukasz", "O'Brien"), (13, ORCHARD, "Priya", "Raman"),
        (14, ORCHARD_UK, "Tom", "Baker"), (15, ORCHARD, "Kim", "Lee"), (16, ORCHARD_UK, "Kim", "Lee"),
        (17, HALL, "Zoë", "Unique"), (18, DATAFLOW, "Alexander", "Gray"),
        (19, DATAFLOW, "Alexandra", "Gray"),
    ]  # fmt: skip
    emails = [
        (10, DATAFLOW, "Jane.Doe+crm@dataflow.io"), (12, UMBRA, "lukasz@gmail.com"),
        (13, ORCHARD, "both@agency.example"), (14, ORCHARD_UK, "both@agency.example"),
        (17, HALL, "test@saltmarsh.example"), (18, DATAFLOW, "grays@dataflow.io"),
        (19, DATAFLOW, "grays@dataflow.io"),
    ]  # fmt: skip
    schema_people = ["stakeholder_id", "customer_id", "first_name", "last_name"]
    return empty_book(
        customers=pl.DataFrame(
            {"customer_id": list(customers), "name": list(customers.values())}
        ),
        names=pl.DataFrame(names, schema=["customer_id", "name"], orient="row"),
        domains=pl.DataFrame(domains, schema=["customer_id", "domain"], orient="row"),
        stakeholders=pl.DataFrame(people, schema=schema_people, orient="row"),
        emails=pl.DataFrame(
            emails, schema=["stakeholder_id", "customer_id", "email"], orient="row"
        ),
        answers=pl.DataFrame(
            list(answers),
            schema={
                "kind": pl.Utf8, "key": pl.Utf8, "customer_id": pl.Int64, "verdict": pl.Utf8,
            },
            orient="row",
        ),
        own_domains=("lumenridge.example",),
    )  # fmt: skip


def _one(book: CustomerBook, email: str | None, company: str | None, name: str | None) -> dict:
    schema = {"email": pl.Utf8, "company": pl.Utf8, "name": pl.Utf8}
    rows = pl.DataFrame([(email, company, name)], schema=schema, orient="row")
    return match(rows, book).to_dicts()[0]


A, R, U, X = "automatic", "review", "unmatched", "excluded"
CASES = [
    # excluded before anything else
    ("dana@lumenridge.example", "DataFlow", "Dana Ortiz", X, "own_staff", None),
    ("dana@eu.lumenridge.example", None, "Dana Ortiz", X, "own_staff", None),
    ("test@nowhere.example", "DataFlow", None, X, "test_address", None),
    ("test.user@dataflow.io", None, None, X, "test_address", None),
    ("someone@example.com", "DataFlow", None, X, "test_address", None),
    ("notetaker@bots.example", None, "Otter Notetaker", X, "notetaker", None),
    (None, "DataFlow", "Priya's Notetaker (Otter.ai)", X, "notetaker", None),
    ("jane.doe@dataflow.io", None, "Jane Doe's Fireflies.ai", X, "notetaker", None),
    # recorded addresses
    ("jane.doe@dataflow.io", None, None, A, "email", DATAFLOW),
    (" JANE.DOE+x@DataFlow.IO ", "Umbra Retail", "Someone Else", A, "email", DATAFLOW),
    ("Jane <mailto:jane.doe@dataflow.io>", None, None, A, "email", DATAFLOW),
    ("lukasz@googlemail.com", None, None, A, "email", UMBRA),
    ("test@saltmarsh.example", None, None, A, "email", HALL),
    ("grays@dataflow.io", None, None, A, "email", DATAFLOW),
    ("both@agency.example", None, None, R, "shared_email", None),
    # a domain of one customer
    ("new@dataflow.io", None, "New Person", A, "domain", DATAFLOW),
    ("new@dataflow.de", None, None, A, "domain", DATAFLOW),
    ("new@dataflow.io", "DATAFLOW LLC", None, A, "domain_and_company", DATAFLOW),
    ("new@dataflow.io", "DFI-Analytics,", None, A, "domain_and_company", DATAFLOW),
    ("new@dataflow.io", "Some Unknown Thing", None, A, "domain", DATAFLOW),
    ("new@dataflow.io", "Umbra Retail", "New Person", R, "conflict", None),
    ("new@dataflow.io", "Umbra Retail", "Jane Doe", A, "domain", DATAFLOW),
    ("x@eu.umbraretail.example", None, None, A, "domain", UMBRA),
    ("x@labs.umbraretail.example", None, None, A, "domain", UMBRA_LABS),
    ("x@deep.labs.umbraretail.example", None, None, A, "domain", UMBRA_LABS),
    ("x@acmegroup.example", None, None, A, "domain", ACME),
    ("x@STRAßENBAU.example", None, None, A, "domain", NORDLICHT),
    ("x@rogers.com", None, None, A, "domain", RENTED),
    # free mail is no evidence, whatever a record says
    ("who@gmail.com", None, "Nobody Known", U, "none", None),
    # a domain of several
    ("p.raman@orchard-shared.com", None, "Priya Raman", A, "shared_domain_person", ORCHARD),
    ("x@orchard-shared.com", None, "Raman, Priya", A, "shared_domain_person", ORCHARD),
    ("x@orchard-shared.com", None, "Kim Lee", R, "shared_domain", None),
    ("x@orchard-shared.com", "Peregrine Freight", "Kim Lee", A, "shared_domain_company", ORCHARD_UK),
    ("x@orchard-shared.com", "Peregrine Freight", None, A, "shared_domain_company", ORCHARD_UK),
    ("x@orchard-shared.com", "Peregrine Freight", "Priya Raman", R, "shared_domain", None),
    ("x@orchard-shared.com", None, None, R, "shared_domain", None),
    # a domain one slip away
    ("jane.doe@datafolw.io", None, None, A, "typo_email", DATAFLOW),
    ("other@datafolw.io", None, "Jane Doe", A, "typo_domain_person", DATAFLOW),
    ("other@dataflow.i", "DataFlow", None, A, "typo_domain_company", DATAFLOW),
    ("other@dataflows.io", None, "Stran Ger", R, "typo_domain", None),
    ("other@dattaflow.io", "Umbra Retail", None, R, "typo_domain", None),
    ("lukasz@gmial.com", None, None, A, "typo_email", UMBRA),
    ("x@to.co", None, None, U, "none", None),
    # the company's name
    (None, "Umbra Retail GmbH", None, A, "company", UMBRA),
    (None, "  umbra   RETAIL ", None, A, "company", UMBRA),
    ("who@gmail.com", "UmbraRetail", None, A, "company", UMBRA),
    ("who@gmial.com", "Umbra-Retail Ltd.", None, A, "company", UMBRA),
    (None, "Nordlicht Strassenbau A/S", None, A, "company", NORDLICHT),
    (None, "Loven Byg", None, A, "company", NORDLICHT),
    (None, "東洋精密", None, A, "company", TOYO),
    (None, "Peregrine Frieght", None, A, "company", ORCHARD_UK),
    (None, "Acme", None, R, "company", None),
    (None, "Orchard Robotics", None, R, "company", None),
    ("k@gmail.com", "Orchard Robotics", "Priya Raman", A, "company_and_person", ORCHARD),
    ("k@gmail.com", "Orchard Robotics", "P. Raman", A, "company_and_person", ORCHARD),
    ("x@unknown-domain.example", "Umbra Retail", None, R, "company", None),
    ("x@umbra-retail-shop.example", "Umbra Retail", None, R, "company", None),
    ("x@umbra-retail.example", "Umbra Retail", None, A, "typo_domain_company", UMBRA),
    ("x@unknown-domain.example", "DataFlow", "Bob Smith", A, "company_and_person", DATAFLOW),
    ("x@unknown-domain.example", "Whatever Works", None, U, "none", None),
    (None, "Heron Logistics", None, U, "none", None),
    # the person's name alone, and nothing
    (None, None, "Zoe Unique", U, "person_name", None),
    (None, None, "Kim Lee", U, "none", None),
    (None, None, "Priya", U, "none", None),
    ("not an address", None, None, U, "none", None),
    (None, "!!!", "???", U, "none", None),
]  # fmt: skip


@pytest.mark.parametrize(("email", "company", "name", "band", "evidence", "customer"), CASES)
def test_each_line_of_the_cascade(email, company, name, band, evidence, customer) -> None:
    found = _one(_book(), email, company, name)
    assert (found["band"], found["evidence"], found["customer_id"]) == (band, evidence, customer)
    assert found["reason"]


def test_a_known_person_is_named_with_the_customer() -> None:
    book = _book()
    assert _one(book, "jane.doe@dataflow.io", None, None)["stakeholder_id"] == 10
    assert _one(book, "bob@dataflow.io", None, "Bob Smith")["stakeholder_id"] == 11
    assert _one(book, "x@dataflow.io", None, "Dr. Jane Doe (iPad)")["stakeholder_id"] == 10


def test_two_people_who_fit_leave_the_person_open() -> None:
    found = _one(_book(), "x@dataflow.io", None, "Alex Gray")
    assert (found["customer_id"], found["stakeholder_id"]) == (DATAFLOW, None)
    assert _one(_book(), "grays@dataflow.io", None, None)["stakeholder_id"] is None


def test_review_lists_candidates_and_asks_about_the_domain() -> None:
    found = _one(_book(), "x@mail.orchard-shared.com", None, None)
    assert (found["question_kind"], found["question_key"]) == ("domain", "orchard-shared.com|")
    assert {c["customer_id"] for c in found["candidates"]} == {ORCHARD, ORCHARD_UK}


def test_an_address_of_two_customers_is_asked_about_itself() -> None:
    row = ("both@agency.example", None, None)
    found = _one(_book(), *row)
    assert (found["question_kind"], found["question_key"]) == ("email", "both@agency.example")
    said = [("email", "both@agency.example", ORCHARD, "is")]
    assert _one(_book(said), *row)["customer_id"] == ORCHARD


def test_without_a_company_domain_the_name_is_asked_about() -> None:
    found = _one(_book(), "x@gmail.com", "Heron  Logistics Ltd", None)
    assert (found["question_kind"], found["question_key"]) == ("name", "heron logistics")


def test_conflict_offers_both_sides() -> None:
    found = _one(_book(), "x@dataflow.io", "Umbra Retail", None)
    assert {c["customer_id"] for c in found["candidates"]} == {DATAFLOW, UMBRA}


def test_automatic_rows_ask_nothing() -> None:
    found = _one(_book(), "new@dataflow.io", None, None)
    assert (found["question_kind"], found["question_key"], found["candidates"]) == (None, None, [])


def test_reason_names_the_customer_and_never_the_address() -> None:
    found = _one(_book(), "jane.doe@dataflow.io", None, None)
    assert found["reason"] == "This e-mail address is recorded for DataFlow Inc."
    assert _one(_book(), "n@dataflow.io", None, None)["reason"] == (
        "E-mail domain dataflow.io belongs to DataFlow Inc."
    )


ANSWERS = [
    # what was said, the row, then band, evidence, customer
    (("domain", "newco.example", UMBRA, "is"), ("x@newco.example", None, None), A, "answer", UMBRA),
    (("domain", "newco.example", UMBRA, "is"), ("x@eu.newco.example", None, None), A, "answer", UMBRA),
    (("domain", "gmail.com", HALL, "is"), ("x@gmail.com", None, None), A, "answer", HALL),
    (("domain", "dataflow.io", UMBRA, "is"), ("x@dataflow.io", "DataFlow", None), A, "answer", UMBRA),
    (("domain", "newco.example", None, "nobody"), ("x@newco.example", "DataFlow", None), U, "answer_nobody", None),
    (("domain", "dataflow.io", DATAFLOW, "never"), ("x@dataflow.io", "DataFlow", None), U, "none", None),
    (("domain", "orchard-shared.com", ORCHARD, "never"), ("x@orchard-shared.com", None, None), A, "domain", ORCHARD_UK),
    (("domain", "dataflow.io", DATAFLOW, "never"), ("jane.doe@dataflow.io", None, None), A, "email", DATAFLOW),
    (("name", "Heron Logistics", UMBRA, "is"), (None, "HERON Logistics, Inc", None), A, "answer", UMBRA),
    (("name", "heron logistics", None, "nobody"), (None, "Heron Logistics", None), U, "answer_nobody", None),
    (("name", "umbra retail", UMBRA, "never"), (None, "Umbra Retail", None), U, "none", None),
    (("name", "umbra retail", None, "nobody"), ("x@dataflow.io", "Umbra Retail", None), A, "domain", DATAFLOW),
    (("email", "x@newco.example", UMBRA, "is"), ("X+1@newco.example", None, None), A, "answer", UMBRA),
    (("email", "jane.doe@dataflow.io", UMBRA, "is"), ("jane.doe@dataflow.io", None, None), A, "answer", UMBRA),
    (("email", "jane.doe@dataflow.io", None, "nobody"), ("jane.doe@dataflow.io", None, None), U, "answer_nobody", None),
    (("email", "jane.doe@dataflow.io", DATAFLOW, "never"), ("jane.doe@dataflow.io", "DataFlow", None), U, "none", None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "row", "band", "evidence", "customer"), ANSWERS)
def test_answers_are_remembered(answer, row, band, evidence, customer) -> None:
    found = _one(_book([answer]), *row)
    assert (found["band"], found["evidence"], found["customer_id"]) == (band, evidence, customer)


# A recorded address outranks what is said of its domain, so that answer changes nothing for it.
TELLING = [(answer, row) for answer, row, _, evidence, _ in ANSWERS if evidence != "email"]


@pytest.mark.parametrize(("answer", "row"), TELLING)
def test_an_answer_taken_back_leaves_no_trace(answer, row) -> None:
    before = _one(_book(), *row)
    assert _one(_book([answer]), *row) != before
    assert _one(_book([]), *row) == before


def test_an_answer_on_the_address_outranks_one_on_the_domain() -> None:
    said = [("email", "x@newco.example", UMBRA, "is"), ("domain", "newco.example", None, "nobody")]
    assert _one(_book(said), "x@newco.example", None, None)["customer_id"] == UMBRA


def test_nobody_is_not_asked_again() -> None:
    found = _one(
        _book([("domain", "newco.example", None, "nobody")]), "x@newco.example", None, None
    )
    assert found["question_kind"] is None


def test_no_rows_and_an_empty_book_are_fine() -> None:
    schema = {"email": pl.Utf8, "company": pl.Utf8, "name": pl.Utf8}
    assert match(pl.DataFrame(schema=schema), _book()).schema == pl.Schema(RESULT)
    rows = pl.DataFrame(
        {"email": ["a@b.example", None], "company": [None, "X"], "name": [None, "Y Z"]}
    )
    found = match(rows, empty_book())
    assert found["band"].to_list() == [U, U]
    assert found.schema == pl.Schema(RESULT)


def test_columns_without_any_text_are_fine() -> None:
    rows = pl.DataFrame({"email": [None], "company": [None], "name": [None]})
    assert match(rows, _book())["band"].to_list() == [U]


TORN, REST, MISTYPED = "dataflow.io|umbra retail", "orchard-shared.com|", "dataflows.io|"
OF_PARTS = [
    # what was said, then band, evidence, customer
    ([(TORN, UMBRA, "is")], A, "answer", UMBRA),
    ([(TORN, DATAFLOW, "is")], A, "answer", DATAFLOW),
    ([(TORN, None, "nobody")], U, "conflict_nobody", None),
    ([(TORN, UMBRA, "never")], A, "domain", DATAFLOW),
    ([(TORN, DATAFLOW, "never")], R, "conflict", None),
    ([(TORN, DATAFLOW, "never"), (TORN, UMBRA, "never")], U, "conflict", None),
    ([(REST, ORCHARD, "is")], A, "shared_domain_answer", ORCHARD),
    ([(REST, None, "nobody")], U, "answer_nobody", None),
    ([(REST, ORCHARD, "never")], A, "domain", ORCHARD_UK),
    ([(REST, ORCHARD, "never"), (REST, ORCHARD_UK, "never")], U, "shared_domain", None),
    ([(MISTYPED, UMBRA, "is")], A, "typo_domain_answer", UMBRA),
    ([(MISTYPED, None, "nobody")], U, "answer_nobody", None),
]
ASKED = {
    TORN: ("new@eu.dataflow.io", "Umbra Retail", "New Person"),
    REST: ("x@orchard-shared.com",) + (None,) * 2,
    MISTYPED: ("new@dataflows.io", None, "New Person"),
}
NOT_ASKED = [
    ("x@dataflow.io", None, None), ("x@dataflow.io", "DataFlow", None),
    ("x@dataflow.io", "Umbra Retail", "Jane Doe"), (None, "Umbra Retail", None),
    ("x@gmail.com", "Umbra Retail", None), ("x@dataflow.de", "Umbra Retail", "New Person"),
    ("x@orchard-shared.com", None, "Priya Raman"), ("x@orchard-shared.com", "Peregrine Freight", None),
    ("jane.doe@dataflows.io", None, None), ("x@dataflows.io", None, "Jane Doe"),
    ("x@dataflows.io", "DataFlow", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "band", "evidence", "customer"), OF_PARTS)
def test_an_answer_where_a_domain_settles_nothing_moves_those_alone_who_were_asked_about(
    said, band, evidence, customer
) -> None:
    key = said[0][0]
    before = _one(_book(), *ASKED[key])
    assert (before["question_kind"], before["question_key"]) == ("domain", key)
    book = _book([("domain", *one) for one in said])
    found = _one(book, *ASKED[key])
    assert (found["band"], found["evidence"], found["customer_id"]) == (band, evidence, customer)
    open_still = evidence in ("conflict", "shared_domain")
    assert found["question_key"] == (key if open_still else None)
    offered = {one["customer_id"] for one in found["candidates"]}
    assert offered.isdisjoint({one[1] for one in said})
    others = pl.DataFrame(NOT_ASKED, schema=["email", "company", "name"], orient="row")
    assert match(others, book).equals(match(others, _book()))


def test_a_key_longer_than_what_is_kept_of_it_is_the_address() -> None:
    domain, company = f"{'d' * 120}.example", " ".join(f"umbra{number}" for number in range(40))
    known = _book()
    names = pl.DataFrame({"customer_id": [UMBRA], "name": [company]})
    domains = pl.DataFrame({"customer_id": [DATAFLOW], "domain": [domain]})
    book = replace(
        known, names=pl.concat([known.names, names]), domains=pl.concat([known.domains, domains])
    )
    found = _one(book, f"new@{domain}", company, "New Person")
    assert (found["evidence"], found["question_kind"]) == ("conflict", "email")
    assert found["question_key"] == f"new@{domain}"
