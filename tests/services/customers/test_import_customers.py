from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import (
    AuditEntry,
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    Person,
    Stakeholder,
)
from data.versions import FACTS, MATCHING, current
from integrations.formats import read
from services.access import SYSTEM, Viewer
from services.customers import import_customers, plan_customers, rejected_rows
from tests.services.customers.files import (
    NOW,
    customer,
    load,
    load_people,
    notes,
    parsed,
    verdicts,
)

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def domains(session: Session, customer_id: int) -> set[str]:
    return set(
        session.scalars(
            select(CustomerDomain.domain).where(CustomerDomain.customer_id == customer_id)
        )
    )


def names(session: Session, customer_id: int) -> set[str]:
    return set(
        session.scalars(select(CustomerName.name).where(CustomerName.customer_id == customer_id))
    )


def test_every_value_of_a_row_arrives(session: Session):
    load(
        session,
        {
            "external_id": "C-1",
            "name": "Acme  Corp",
            "domain": "https://www.acme.example, acme.co.uk",
            "aliases": "Acme; ACME Industries",
            "segment": "Enterprise",
            "arr": "€1.234,50",
            "started_on": "2024-01-15",
            "renews_on": "15 Jan 2027",
            "health_score": "82 %",
            "time_zone": "europe/berlin",
            "csm_name": "Dana Ortiz",
            "goals": "Adoption; Renewal",
        },
    )
    acme = customer(session, "Acme Corp")
    assert (acme.external_id, acme.arr, acme.currency) == ("C-1", Decimal("1234.50"), "EUR")
    assert (acme.started_on, acme.renews_on) == (date(2024, 1, 15), date(2027, 1, 15))
    assert (acme.reported_health, acme.time_zone, acme.segment) == (
        82,
        "Europe/Berlin",
        "Enterprise",
    )
    assert (acme.goals, acme.interests) == (["Adoption", "Renewal"], [])
    assert domains(session, acme.id) == {"acme.example", "acme.co.uk"}
    assert names(session, acme.id) == {"Acme", "ACME Industries"}
    dana = session.get_one(Person, acme.csm_id)
    assert (dana.name, dana.email, dana.password_hash) == ("Dana Ortiz", None, None)


def test_same_file_again_changes_nothing_and_bumps_nothing(session: Session):
    rows = ({"external_id": "1", "name": "A", "domain": "a.example"}, {"name": "B", "arr": "5K"})
    assert verdicts(load(session, *rows)) == ["created", "created"]
    before = current(session)
    audits = session.scalar(select(func.count()).select_from(AuditEntry))
    assert verdicts(load(session, *rows)) == ["unchanged", "unchanged"]
    assert current(session) == before
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == audits


def test_import_tells_matching_and_the_caches(session: Session):
    load(session, {"name": "A"})
    assert current(session)[MATCHING] == current(session)[FACTS] == 1


def test_blank_cells_never_erase(session: Session):
    load(session, {"external_id": "1", "name": "A", "arr": "5000", "segment": "SMB"})
    result = load(session, {"external_id": "1", "name": "A", "arr": " ", "segment": "Enterprise"})
    assert result.rows["changes"].to_list() == ["Segment"]
    assert customer(session, "A").arr == Decimal(5000)


def test_customer_is_found_by_external_id_then_domain_then_name(session: Session):
    load(
        session,
        {"external_id": "1", "name": "A"},
        {"name": "B", "domain": "b.example"},
        {"name": "Çelik  AŞ"},
    )
    again = load(
        session,
        {"external_id": "1", "name": "A renamed"},
        {"name": "B renamed", "domain": "www.b.example"},
        {"name": "çelik aş", "segment": "SMB"},
    )
    assert verdicts(again) == ["updated"] * 3
    assert session.scalar(select(func.count()).select_from(Customer)) == 3
    assert names(session, customer(session, "A renamed").id) == {"A"}


def test_name_that_two_customers_have_decides_nothing(session: Session):
    load(
        session,
        {"external_id": "1", "name": "Delta", "domain": "delta.test"},
        {"external_id": "2", "name": "Delta", "domain": "delta.invalid"},
    )
    result = load(session, {"name": "Delta"}, {"name": "Delta", "domain": "delta.example"})
    assert verdicts(result) == ["rejected", "created"]
    assert "Several customers" in str(notes(result)[0])


def test_name_that_two_customers_have_makes_no_third_in_another_system(session: Session):
    load(
        session,
        {"external_id": "1", "name": "Delta", "domain": "delta.test"},
        {"external_id": "2", "name": "Delta", "domain": "delta.invalid"},
    )
    result = load(session, {"external_id": "0015g00000ABCD0AAA", "name": "delta"})
    assert verdicts(result) == ["rejected"]
    assert notes(result) == [
        "Several customers are called “delta”: merge them on the Customer page, rename one, or give the domain."
    ]


@pytest.mark.parametrize("trait", [{"domain": "delta.example"}, {"arr": "500"}])
def test_customer_that_stands_out_among_its_namesakes_is_meant(
    session: Session, trait: dict[str, str]
):
    load(session, {"external_id": "1", "name": "Delta"})
    load(session, {"external_id": "2", "name": "Delta", **trait})
    row = {"external_id": "0015g00000ABCD0AAA", "name": "Delta", "city": "Oslo"}
    result = load(session, row)
    assert verdicts(result) == ["updated"]
    assert "Several customers are called “Delta”: taken for" in str(notes(result)[0])
    found = session.scalars(select(Customer.external_id).where(Customer.city == "Oslo")).all()
    assert found == ["2"]
    assert verdicts(load(session, row)) == ["unchanged"]


def test_bare_row_of_the_same_name_is_a_duplicate_wherever_it_stands(session: Session):
    rows = (
        {"external_id": "2", "name": "delta", "city": "Oslo", "segment": "SMB"},
        {"external_id": "1", "name": "Delta", "domain": "delta.example", "segment": "Enterprise"},
    )
    result = load(session, *rows)
    assert sorted(verdicts(result)) == ["created", "merged"]
    assert notes(result) == ["Looks like a duplicate of line 3", None]
    delta = customer(session, "Delta")
    assert (delta.external_id, delta.city, delta.segment) == ("1", "Oslo", "Enterprise")
    assert verdicts(load(session, *rows)) == ["unchanged", "unchanged"]


def test_row_with_a_domain_of_its_own_stays_a_customer_of_its_own(session: Session):
    rows = (
        {"external_id": "1", "name": "Delta", "domain": "delta.example"},
        {"external_id": "2", "name": "Delta", "domain": "delta.test"},
    )
    assert verdicts(load(session, *rows)) == ["created", "created"]
    assert verdicts(load(session, *rows)) == ["unchanged", "unchanged"]


def test_exports_of_two_systems_make_nobody_twice(session: Session):
    for name, said in (("hubspot_companies", "created"), ("gainsight_company", "updated")):
        file = read(SAMPLES / f"{name}.csv", purpose="customers")
        first = import_customers(session, file, by=SYSTEM, now=NOW)
        assert first.counts[said] == 9
        assert first.counts["merged"] == first.rows.height - 9
        again = import_customers(session, file, by=SYSTEM, now=NOW)
        assert again.counts["unchanged"] == again.rows.height
        assert session.scalar(select(func.count()).select_from(Customer)) == 9


def test_parent_and_subsidiary_may_share_a_domain(session: Session):
    rows = (
        {"external_id": "1", "name": "Umbra", "domain": "umbra.example"},
        {"external_id": "2", "name": "Umbra EU", "domain": "umbra.example", "parent": "Umbra"},
    )
    load(session, *rows)
    assert customer(session, "Umbra EU").parent_id == customer(session, "Umbra").id
    assert verdicts(load(session, *rows)) == ["unchanged", "unchanged"]


def test_customer_of_another_crm_is_found_by_name_and_keeps_its_identifier(session: Session):
    load(session, {"external_id": "9001", "name": "Acme", "domain": "acme.example"})
    result = load(session, {"external_id": "0015g00000ABCD0AAA", "name": "Acme", "arr": "100"})
    assert verdicts(result) == ["updated"]
    assert "another identifier" in str(notes(result)[0])
    assert customer(session, "Acme").external_id == "9001"


def test_two_customers_of_one_crm_stay_two(session: Session):
    load(session, {"external_id": "1", "name": "Acme"})
    assert verdicts(load(session, {"external_id": "2", "name": "Acme"})) == ["created"]


def test_name_known_as_another_name_does_not_rename(session: Session):
    load(session, {"name": "Acme Corporation", "aliases": "Acme", "domain": "acme.example"})
    load(session, {"name": "Acme", "domain": "acme.example", "segment": "SMB"})
    assert customer(session, "Acme Corporation").segment == "SMB"


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("arr", "a lot", "ARR “a lot” left out: not an amount of money"),
        ("renews_on", "soon", "Renewal date “soon” left out: not a date such as 2026-03-31"),
        ("health_score", "140", "Health score “140” left out: more than 100"),
        ("time_zone", "Mars", "Time zone “Mars” left out: not a time zone such as Europe/Berlin"),
        ("domain", "nonsense", "Domain “nonsense” left out: not a domain such as example.com"),
        (
            "parent",
            "Nobody Ltd",
            "Parent “Nobody Ltd” left out: no single customer has this id or name",
        ),
        ("segment", "x" * 101, "Segment left out: longer than 100 characters"),
    ],
)
def test_bad_value_is_told_and_the_row_is_kept(session: Session, column: str, cell: str, said: str):
    result = load(session, {"name": "A", "city": "Oslo", column: cell})
    assert (verdicts(result), notes(result)) == (["created"], [said])
    assert customer(session, "A").city == "Oslo"


@pytest.mark.parametrize(
    "record",
    [
        {"segment": "SMB"},
        {"name": "x" * 301},
        {"external_id": "y" * 101, "name": "A"},
        {"external_id": "unknown"},
    ],
)
def test_row_that_cannot_be_used_is_rejected_with_the_reason(
    session: Session, record: dict[str, str | None]
):
    result = load(session, record, {"name": "Fine"})
    assert verdicts(result) == ["rejected", "created"]
    assert notes(result)[0]
    assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_rejected_rows_can_be_downloaded_with_their_reason(session: Session):
    file = parsed("customers", [{"segment": "SMB", "arr": "5"}, {"name": "Fine"}])
    lost = rejected_rows(file.rows, plan_customers(session, file, by=SYSTEM).rows)
    assert lost.columns == ["segment", "arr", "line", "reason"]
    assert lost["segment"].to_list() == ["SMB"]


def test_free_mail_domain_counts_only_for_a_customer_without_another(session: Session):
    result = load(
        session,
        {"name": "A", "domain": "gmail.com; a.example"},
        {"name": "B", "domain": "gmail.com"},
    )
    assert domains(session, customer(session, "A").id) == {"a.example"}
    assert domains(session, customer(session, "B").id) == {"gmail.com"}
    assert "gmail.com" in str(notes(result)[0])


def test_circle_of_parents_is_refused(session: Session):
    rows = (
        {"name": "A", "parent": "B"},
        {"name": "B", "parent": "C"},
        {"name": "C", "parent": "A"},
    )
    result = load(session, *rows)
    assert "its own parent" in str(notes(result)[2])
    assert customer(session, "C").parent_id is None
    assert verdicts(load(session, *rows)) == ["unchanged"] * 3


def test_rows_of_one_customer_are_taken_together(session: Session):
    rows = (
        {"external_id": "1", "name": "A", "domain": "a.example"},
        {"external_id": "1", "domain": "a.test", "arr": "7"},
    )
    assert verdicts(load(session, *rows)) == ["created", "merged"]
    assert domains(session, customer(session, "A").id) == {"a.example", "a.test"}
    assert verdicts(load(session, *rows)) == ["unchanged", "unchanged"]


def test_dates_wait_for_an_answer_where_the_file_gives_none(session: Session):
    file = parsed("customers", [{"name": "A", "renews_on": "03/04/2027"}])
    assert plan_customers(session, file, by=SYSTEM).dates_ambiguous
    import_customers(session, file, by=SYSTEM, now=NOW, day_first=True)
    assert customer(session, "A").renews_on == date(2027, 4, 3)


def test_one_date_past_the_twelfth_decides_for_the_whole_file(session: Session):
    load(
        session, {"name": "A", "renews_on": "03/04/2027"}, {"name": "B", "renews_on": "04/25/2027"}
    )
    assert customer(session, "A").renews_on == date(2027, 3, 4)


def test_csm_changes_only_customers_of_their_own(session: Session):
    dana = Person(name="Dana", role="csm", created_at=NOW)
    session.add(dana)
    session.flush()
    by = Viewer(dana.id, "Dana", None, "csm", sees_all=False)
    load(session, {"name": "Foreign"}, {"name": "Hers", "csm_name": "Dana"})
    result = load(
        session,
        {"name": "Foreign", "arr": "1"},
        {"name": "Hers", "arr": "1"},
        {"name": "New"},
        by=by,
    )
    assert verdicts(result) == ["rejected", "updated", "created"]
    assert customer(session, "New").csm_id == dana.id
    assert customer(session, "Foreign").arr is None


def test_address_of_a_csm_is_believed_from_an_admin_only(session: Session):
    dana = Person(name="Dana", role="csm", created_at=NOW)
    session.add(dana)
    session.flush()
    by = Viewer(dana.id, "Dana", None, "csm", sees_all=False)
    load(session, {"name": "A", "csm_name": "Eve", "csm_email": "eve@evil.example"}, by=by)
    load(session, {"name": "B", "csm_name": "Ben", "csm_email": "Ben@Us.example"})
    found = {row.name: row.email for row in session.execute(select(Person.name, Person.email))}
    assert found == {"Dana": None, "Eve": None, "Ben": "ben@us.example"}


def test_two_colleagues_of_one_name_are_not_mixed_up(session: Session):
    session.add_all(Person(name="Sam Lee", role="csm", created_at=NOW) for _ in range(2))
    result = load(session, {"name": "A", "csm_name": "sam lee"})
    assert "2 colleagues" in str(notes(result)[0])
    assert customer(session, "A").csm_id is None


def test_log_says_of_whom_a_file_took_a_customer_and_who_has_it_now(session: Session):
    load(session, {"name": "Acme", "csm_name": "Dana"}, {"name": "Beta", "csm_name": "Dana"})
    load(session, {"name": "Acme", "csm_name": "Tom"}, {"name": "Beta", "segment": "SMB"})
    told = select(AuditEntry.entity_id, AuditEntry.what).where(
        AuditEntry.action == "customer.edited"
    )
    acme = customer(session, "Acme")
    assert session.execute(told).all() == [(acme.id, "CSM from Dana to Tom, by a file")]


def test_large_file_takes_the_bulk_path_on_both_databases(session: Session):
    rows = [
        {
            "external_id": str(i),
            "name": f"Customer {i}",
            "domain": f"c{i}.example",
            "arr": f"${i}K",
            "parent": "Customer 1" if i % 7 == 0 else None,
            "interests": "AI; Data",
            "started_on": "2024-02-29",
        }
        for i in range(3_000)
    ]
    assert load(session, *rows).counts["created"] == 3_000
    for row in rows:
        row["segment"] = "SMB"
    assert load(session, *rows).counts["updated"] == 3_000
    one = customer(session, "Customer 2996")
    assert (one.arr, one.segment, one.interests) == (Decimal(2_996_000), "SMB", ["AI", "Data"])
    assert one.parent_id == customer(session, "Customer 1").id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("gainsight_company.csv", "hubspot_companies.csv"),
        ("hubspot_companies.csv", "gainsight_company.csv"),
    ],
)
def test_exports_of_two_systems_meet_in_the_same_customers(
    session: Session, first: str, second: str
):
    for name in (first, second):
        file = read(SAMPLES / name, purpose="customers")
        result = import_customers(session, file, by=SYSTEM, now=NOW)
        assert result.rows.height == file.records
        assert result.counts["rejected"] == 0
    assert session.scalar(select(func.count()).select_from(Customer)) == 9


def test_customers_are_those_of_the_only_colleague_there_is(session: Session):
    owner = Person(name="Ana", email="ana@ours.example", role="admin", created_at=NOW)
    session.add(owner)
    session.flush()
    by = Viewer(owner.id, "Ana", None, "admin", sees_all=True)
    load(session, {"name": "A"}, by=by)
    load(session, {"name": "B", "csm_name": "Eve"}, {"name": "C"}, by=by)
    load(session, {"name": "D"}, by=by)
    whose = dict(session.execute(select(Customer.name, Customer.csm_id)).all())
    assert whose["A"] == owner.id
    assert whose["B"] not in (None, owner.id)
    assert (whose["C"], whose["D"]) == (None, None)


SFDC = "0015g00000ABCD0AAA"
GSID = "1P02ABCDEFGHIJKLMNOPQRSTUVWX00"
BLUEFIN = {"external_id": GSID, "other_id": SFDC, "name": "Bluefin Analytics"}


def identifiers(session: Session) -> dict[str, int]:
    found = session.execute(select(CustomerIdentifier.identifier, CustomerIdentifier.customer_id))
    return dict(found.all())


def test_further_identifier_leads_to_the_customer_from_then_on(session: Session):
    assert verdicts(load(session, BLUEFIN)) == ["created"]
    bluefin = customer(session, "Bluefin Analytics")
    assert (bluefin.external_id, identifiers(session)) == (GSID, {SFDC: bluefin.id})
    assert verdicts(load(session, BLUEFIN)) == ["unchanged"]
    told = load(
        session,
        {"external_id": SFDC, "name": "Bluefin Holding", "industry": "Software"},
        {"external_id": "0015g00000ABCD9AAA", "name": "Bluefin Labs", "parent": SFDC},
    )
    assert (verdicts(told), notes(told)) == (["updated", "created"], [None, None])
    session.refresh(bluefin)
    assert (bluefin.name, bluefin.external_id) == ("Bluefin Holding", GSID)
    assert customer(session, "Bluefin Labs").parent_id == bluefin.id
    assert verdicts(
        load_people(session, {"customer": SFDC, "name": "Ann", "email": "a@gmail.com"})
    ) == ["created"]


def test_identifier_that_is_known_already_leads_beside_a_new_one(session: Session):
    load(session, {"external_id": SFDC, "name": "Bluefin (old)", "segment": "SMB"})
    assert verdicts(load(session, BLUEFIN)) == ["updated"]
    bluefin = customer(session, "Bluefin Analytics")
    assert (bluefin.external_id, bluefin.segment) == (SFDC, "SMB")
    assert identifiers(session) == {GSID: bluefin.id}
    assert verdicts(load(session, BLUEFIN)) == ["unchanged"]


def test_further_identifier_of_two_customers_is_left_out(session: Session):
    result = load(session, BLUEFIN, {"external_id": "G2", "other_id": SFDC, "name": "Cobalt"})
    assert verdicts(result) == ["created", "created"]
    left_out = f"Identifier “{SFDC}” left out: several customers here have it"
    assert (notes(result), identifiers(session)) == ([left_out, left_out], {})
    load(session, {"external_id": SFDC, "name": "Umbra"})
    again = load(session, BLUEFIN)
    assert notes(again) == [f"Identifier “{SFDC}” left out: another customer has it"]
    assert (verdicts(again), identifiers(session)) == (["unchanged"], {})


def test_further_identifier_never_leads_to_another_customer_of_the_same_program(session: Session):
    load(session, {"external_id": SFDC, "name": "Bluefin", "industry": "Energy"})
    load(session, BLUEFIN)
    other = GSID[:-1] + ("A" if GSID[-1] != "A" else "B")
    told = load(session, {"external_id": other, "other_id": SFDC, "name": "Bluefin Payments"})
    left_out = f"Identifier “{SFDC}” left out: another customer has it"
    assert (verdicts(told), notes(told)) == (["created"], [left_out])
    bluefin = customer(session, "Bluefin Analytics")
    assert (bluefin.industry, identifiers(session)) == ("Energy", {GSID: bluefin.id})


def test_contacts_of_salesforce_find_customers_that_came_from_gainsight(session: Session):
    file = read(SAMPLES / "gainsight_company.csv", purpose="customers")
    assert file.mapping["other_id"] == "SFDC Account ID"
    import_customers(session, file, by=SYSTEM, now=NOW)
    report = {"customer": SFDC, "name": "Ann", "email": "ann@gmail.com"}
    load_people(session, report, report | {"customer": SFDC[:-4] + "1AAA", "email": "bo@gmail.com"})
    names = select(Customer.name).join(Stakeholder, Stakeholder.customer_id == Customer.id)
    assert set(session.scalars(names)) == {"Bluefin Analytics", "Cobalt Harbor, Inc."}


def test_new_customer_with_the_domains_of_two_others_says_whose_they_are(session: Session):
    owners = [("Alpha", "alpha.example"), ("Beta", "beta.example")]
    load(session, *({"name": name, "domain": domain} for name, domain in owners))
    row = {"name": "Gamma", "domain": "alpha.example, beta.example"}
    brought = load(session, row)
    assert verdicts(brought) == ["created"]
    (note,) = notes(brought)
    assert "though its domains are those of “Alpha”, “Beta”." in str(note)
    assert "merge the two on the Customer page" in str(note)
    again = load(session, row)
    assert (verdicts(again), notes(again)) == (["unchanged"], [None])
    known = {"name": "Delta", "domain": "alpha.example, beta.example", "external_id": "D-1"}
    assert notes(load(session, known)) == [None]
    csm = Person(name="Cara", role="csm", active=True, created_at=NOW)
    session.add(csm)
    session.flush()
    by = Viewer(csm.id, "Cara", None, "csm", sees_all=False)
    (note,) = notes(load(session, row | {"name": "Epsilon"}, by=by))
    assert "Alpha" not in str(note)
    assert "those of a colleague’s customer." in str(note)
