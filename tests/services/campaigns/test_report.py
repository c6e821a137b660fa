"""Campaigns as people read them: counts for everybody, people only of one's own customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Campaign, Customer, Person
from services.access import SYSTEM, Viewer
from services.campaigns import report, take_in
from services.campaigns.report.hours import by_time
from tests.services.campaigns.mail_world import NOW, SENDGRID, click, customer, event, frame, mail

APPLE = {"ip": "203.0.113.9", "useragent": "Mozilla/5.0"}
PAGE = "https://ours.example/pricing"


def world(session: Session) -> tuple[int, Viewer]:
    """One campaign to four people of two customers and a stranger; the id, and the CSM of the first one."""
    first = customer(session, "DataFlow", "dataflow.example", "ana", "bo")
    customer(session, "Northwind", "northwind.example", "cy", "di")
    csm = Person(name="Kim", role="csm", created_at=NOW)
    session.add(csm)
    session.flush()
    session.get_one(Customer, first).csm_id = csm.id
    told = [
        one
        for who in ("ana@dataflow.example", "bo@dataflow.example", "cy@northwind.example",
                    "di@northwind.example", "someone@nowhere.example")
        for one in mail(who)
    ]  # fmt: skip
    told += [
        click("ana@dataflow.example", 3_600),
        event("open", "cy@northwind.example", 900, **APPLE, sg_machine_open=True),
        click("di@northwind.example", 7, useragent="python-requests/2.31"),
    ]
    take_in(session, SENDGRID, frame(told), now=NOW)
    number = session.scalars(select(Campaign.id)).one()
    return number, Viewer(csm.id, "Kim", None, "csm", sees_all=False)


def test_counts_are_everybodys_and_people_are_ones_own(session: Session):
    number, kim = world(session)
    (row,) = report.listing(session, kim).rows
    assert (row.id, row.mails, row.delivered, row.clicked, row.clicked_human) == (
        number,
        5,
        5,
        2,
        1,
    )
    assert (row.matched, row.coverage.of) == (4, 5)
    mine = report.people(session, kim, number)
    assert mine.rows["email"].to_list() == ["ana@dataflow.example", "bo@dataflow.example"]
    assert report.people(session, SYSTEM, number).total == 5
    theirs = report.people(session, SYSTEM, number).rows.filter(pl.col("customer") == "Northwind")
    with pytest.raises(NotFound):
        report.events_of(session, kim, theirs["mail_id"][0])


def test_who_reads_behind_a_privacy_service_is_in_no_rate(session: Session):
    number, _ = world(session)
    row = report.get_campaign(session, SYSTEM, number)
    assert row.opened_hidden == 1
    assert (row.human_opens.hits, row.human_opens.of) == (1, 4)


def test_what_people_did_is_part_of_what_was_done(session: Session):
    """A click without the picture loaded implies an open, in the raw figures as in those of people."""
    number, _ = world(session)
    row = report.get_campaign(session, SYSTEM, number)
    assert (row.opened_human, row.opened, row.raw_opens.hits, row.raw_opens.of) == (1, 2, 2, 5)


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("clicked", ["ana@dataflow.example"]),
        ("hidden", ["cy@northwind.example"]),
        ("machine", ["di@northwind.example"]),
        ("silent", ["bo@dataflow.example", "someone@nowhere.example"]),
        ("unmatched", ["someone@nowhere.example"]),
        ("bounced", []),
    ],
)
def test_people_are_narrowed_by_what_they_did(session: Session, state: str, who: list[str]):
    number, _ = world(session)
    found = report.people(session, SYSTEM, number, filters=report.PeopleFilters(state=state))
    assert sorted(found.rows["email"]) == who
    assert found.total == len(who)


def test_totals_without_times_are_neither_hidden_nor_a_machines(session: Session):
    customer(session, "DataFlow", "dataflow.example", "ana", "bo")
    ana, bo = "ana@dataflow.example", "bo@dataflow.example"
    told = frame([*mail(ana), *mail(bo), event("open", ana, 900)])
    (number,) = take_in(session, SENDGRID, told.with_columns(timed=False), now=NOW).campaigns
    row = report.get_campaign(session, SYSTEM, number)
    assert (row.opened, row.opened_hidden, row.opened_human) == (1, 0, 0)
    everybody = report.people(session, SYSTEM, number).rows
    assert dict(everybody.select("email", "totals").iter_rows()) == {ana: True, bo: False}
    for state, who in (("totals", [ana]), ("machine", []), ("hidden", [])):
        found = report.people(session, SYSTEM, number, filters=report.PeopleFilters(state=state))
        assert found.rows["email"].to_list() == who


def test_links_tell_people_from_programs(session: Session):
    number, _ = world(session)
    (link,) = report.links(session, SYSTEM, number).iter_rows(named=True)
    assert (link["url"], link["clicks"], link["clicks_human"], link["people"]) == (PAGE, 2, 1, 1)


def test_a_mail_says_what_each_event_was_taken_for_and_why(session: Session):
    number, _ = world(session)
    found = report.people(session, SYSTEM, number, filters=report.PeopleFilters(state="machine"))
    lines = report.events_of(session, SYSTEM, found.rows["mail_id"][0])
    (clicked,) = lines.filter(pl.col("kind") == "click").iter_rows(named=True)
    assert clicked["verdict"] == "machine"
    assert clicked["reason"] == "A program, by its own name or by giving none"


def test_a_persons_word_on_the_kind_stays(session: Session):
    number, _ = world(session)
    report.set_kind(session, number, "marketing", by=SYSTEM, now=NOW)
    again = [*mail("late@dataflow.example"), click("late@dataflow.example", 9_000)]
    take_in(session, SENDGRID, frame(again), now=NOW)
    row = report.get_campaign(session, SYSTEM, number)
    assert (row.kind, row.kind_by, row.mails) == ("marketing", "person", 6)


def test_downloads_hold_what_the_screen_shows(session: Session):
    number, kim = world(session)
    listed = report.download_campaigns(session, kim, NOW, filters=report.Filters(), form="csv")
    assert b"News 1" in listed
    people = report.download_people(session, kim, campaign_id=number, form="csv")
    assert b"ana@dataflow.example" in people
    assert b"northwind.example" not in people


def test_signs_within_three_days_are_counted_by_the_hour():
    start = datetime(2026, 1, 5, 9, 20, tzinfo=UTC)
    first = [start, start + timedelta(minutes=20), None]
    signs = pl.DataFrame({"opened": first, "clicked": [start + timedelta(hours=30), None, None]})
    assert by_time(signs)["mails"].to_list() == [2, 1]
    later = signs.with_columns(pl.col("clicked") + timedelta(days=9))
    assert {at.hour for at in by_time(later)["at"]} == {0}
