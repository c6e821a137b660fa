"""Exports of support desks: previewed, imported once, taken back, and joined with what hooks told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AlreadyExists, InvalidMove
from data.tables import (
    Customer,
    Draft,
    Person,
    Ticket,
    TicketFollowUp,
    TicketMessage,
    TicketState,
    Upload,
)
from integrations.ticket_records import CHANGES, TICKETS, Told, cleaned
from services import match_review
from services.access import SYSTEM
from services.tickets.follow_up.command import follow_up
from services.tickets.intake import take_in
from services.tickets.source import Source
from services.uploads import intake, listing, tickets
from services.uploads.records import Choices
from services.uploads.rematch import rematching
from tests.services.campaigns.mail_world import customer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NOW = datetime(2026, 9, 12, 9, 0, tzinfo=UTC)
ZENDESK = SAMPLES / "zendesk_tickets.csv"
JIRA = """\ufeffSummary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Reporter,Created,Resolved,Updated,Labels,Labels,Comment,Comment,Custom field (Satisfaction)
"Sync fails, again",SUP-7,10007,Incident,Resolved,SUP,Highest,Ana Li,12/Mar/26 9:41 AM,14/Mar/26 5:00 PM,14/Mar/26 5:00 PM,escalated,sync,"12/Mar/26 9:50 AM;Ana Li;This is the third time.
It stops at noon; we lose orders","13/Mar/26 8:00 AM;sam;Raised the limit",5
"""
HUBSPOT = """Ticket ID,Ticket name,Pipeline,Ticket status,Priority,Create date,Close date,Associated Contact,Associated Company
9001,Cannot log in,Support,Closed,HIGH,2026-03-01 10:00,2026-03-01 18:00,Ana Li (ana@bluefin-analytics.example),Bluefin Analytics
,No number,Support,New,LOW,2026-03-01 10:00,,,
9002,When?,Support,New,LOW,soon,,,
9003,Years to come,Support,Closed,LOW,2026-03-01 10:00,2031-03-01 10:00,,
"""
FRESHDESK = """Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Resolved time,Last update time,Tags,Survey results,Full name,Email,Company Name
31,Slow pages,Resolved,Urgent,Email,Problem,Sam,Tier 3,2026-03-01 10:00:00,2026-03-06 11:00:00,2026-03-06 11:00:00,"slow pages",Very Dissatisfied,Ana Li,ana@bluefin-analytics.example,Bluefin Analytics
"""
SALESFORCE = """Case Number,Subject,Status,Priority,Contact Email,Account Name,Date/Time Opened,Date/Time Closed,Escalated
00001026,Report is empty,Closed,High,ana@bluefin-analytics.example,Bluefin Analytics,2026-03-01 10:00,2026-03-02 10:00,1

Grand Totals (1 record)
"Copyright © 2000-2026 salesforce.com, inc. All rights reserved."
Confidential Information - Do Not Distribute
"""


def upload(engine: Engine, path: Path, *, choices: Choices | None = None) -> int:
    with transaction(engine) as session:
        received = intake.receive(session, path, path.name, by=SYSTEM, now=NOW)
        assert received.repeat_of is None
        assert session.get_one(Upload, received.upload_id).purpose == "tickets"
    tickets.preview(received.upload_id, now=NOW, engine=engine, choices=choices)
    return received.upload_id


def written(tmp_path: Path, text: str, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def commit(engine: Engine, number: int) -> None:
    tickets.commit(number, by=SYSTEM, now=NOW, engine=engine)


def undo(engine: Engine, number: int) -> None:
    tickets.undo(number, by=SYSTEM, now=NOW, engine=engine)


def summary(engine: Engine, number: int) -> dict[str, object]:
    with transaction(engine, read_only=True) as session:
        found = session.get_one(Upload, number)
        assert found.error is None
        return found.summary


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def one(engine: Engine) -> Ticket:
    with transaction(engine, read_only=True) as session:
        found = session.scalars(select(Ticket)).one()
        session.expunge(found)
        return found


@pytest.fixture
def bluefin(engine: Engine) -> int:
    with transaction(engine) as session:
        return customer(session, "Bluefin Analytics", "bluefin-analytics.example")


def test_an_export_of_zendesk_is_shown_counts_once_and_goes_again(engine: Engine, bluefin: int):
    number = upload(engine, ZENDESK, choices=Choices(zone="Europe/Berlin"))
    found = summary(engine, number)
    assert (found["records"], found["tickets"], found["matched"]) == (18, 18, 2)
    with transaction(engine) as session:
        assert count(session, Ticket) == 0
        rows = listing.rows(session, SYSTEM, number, verdicts=["matched"])
        assert rows["event"].to_list() == [
            "#1000 Alerts fire twice",
            '#1001 CSV import: "NUL" byte error',
        ]
        assert rows["customer"].unique().to_list() == ["Bluefin Analytics"]
        assert "Verdict" in listing.download(session, SYSTEM, number).columns
    commit(engine, number)
    with transaction(engine) as session:
        assert count(session, Ticket) == 18
        first = session.scalars(select(Ticket).where(Ticket.number == "1000")).one()
        assert (first.desk, first.state, first.severity, first.csat) == (
            "zendesk",
            "solved",
            "urgent",
            "good",
        )
        assert first.opened_at == datetime(2026, 8, 20, 7, 5, tzinfo=UTC)  # told in Berlin's time
        assert (first.customer_id, first.reopens, first.upload_id) == (bluefin, 1, number)
        again = intake.receive(session, ZENDESK, "again.csv", by=SYSTEM, now=NOW)
        assert again.repeat_of == number
    undo(engine, number)
    with transaction(engine) as session:
        assert [count(session, table) for table in (Ticket, TicketState, TicketMessage)] == [
            0,
            0,
            0,
        ]
    with pytest.raises(InvalidMove):
        undo(engine, number)


def test_two_people_import_the_same_file_and_one_counts(engine: Engine, bluefin: int):
    first, second = upload(engine, ZENDESK), upload(engine, ZENDESK)
    commit(engine, first)
    with pytest.raises(AlreadyExists):
        commit(engine, second)


def test_jira_repeats_its_columns_and_tells_who_wrote(engine: Engine, tmp_path: Path):
    number = upload(engine, written(tmp_path, JIRA), choices=Choices(zone="UTC"))
    assert summary(engine, number)["tickets"] == 1
    commit(engine, number)
    found = one(engine)
    assert (found.desk, found.number, found.severity, found.csat) == (
        "jira",
        "SUP-7",
        "urgent",
        "good",
    )
    assert found.solved_at == datetime(2026, 3, 14, 17, 0, tzinfo=UTC)
    assert (found.tags or "").split("\n") == ["escalated", "sync"]
    with transaction(engine) as session:
        said = session.scalars(select(TicketMessage).order_by(TicketMessage.at)).all()
        assert [(m.author, m.internal) for m in said] == [("customer", False), ("agent", True)]
        assert said[0].text == "This is the third time.\nIt stops at noon; we lose orders"


def test_a_contact_in_brackets_is_an_address_and_bad_rows_say_why(
    engine: Engine, tmp_path: Path, bluefin: int
):
    number = upload(engine, written(tmp_path, HUBSPOT))
    with transaction(engine) as session:
        rows = listing.rows(session, SYSTEM, number)
    assert rows["email"].to_list()[0] == "ana@bluefin-analytics.example"
    assert rows["verdict"].to_list() == ["matched", "rejected", "rejected", "rejected"]
    assert rows["reason"].to_list()[1:] == [
        "This row has no ticket number.",
        "This row has no time that can be read.",
        "A time of this row lies more than a day in the future.",
    ]
    commit(engine, number)
    assert (one(engine).state, one(engine).customer_id) == ("solved", bluefin)


def test_freshdesk_and_salesforce_are_known_by_their_headings(
    engine: Engine, tmp_path: Path, bluefin: int
):
    number = upload(engine, written(tmp_path, FRESHDESK))
    commit(engine, number)
    found = one(engine)
    assert (found.desk, found.severity, found.csat) == ("freshdesk", "urgent", "bad")
    assert (found.escalated_to, found.customer_id) == ("engineering", bluefin)
    undo(engine, number)
    number = upload(engine, written(tmp_path, SALESFORCE, "cases.csv"))
    assert summary(engine, number)["records"] == 1
    commit(engine, number)
    found = one(engine)
    assert (found.desk, found.number, found.state) == ("salesforce", "00001026", "solved")
    assert found.escalated_to == "a higher level"


def test_objects_of_zendesk_one_per_line_bring_their_comments(engine: Engine, tmp_path: Path):
    ticket = {
        "id": 5,
        "subject": "Cannot export",
        "status": "solved",
        "priority": "high",
        "requester_id": 77,
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-02T10:00:00Z",
        "via": {"channel": "email"},
        "satisfaction_rating": {"score": "bad"},
        "tags": ["export"],
        "comments": [
            {
                "author_id": 77,
                "body": "It fails",
                "public": True,
                "created_at": "2026-03-01T10:01:00Z",
            },
            {
                "author_id": 9,
                "body": "Their plan is old",
                "public": False,
                "created_at": "2026-03-01T11:00:00Z",
            },
        ],
    }
    lines = "\n".join(json.dumps({**ticket, "id": number}) for number in (5, 5, 5))
    number = upload(engine, written(tmp_path, lines, "export.json"))
    assert summary(engine, number)["duplicates"] == 2
    commit(engine, number)
    assert (one(engine).channel, one(engine).csat) == ("email", "bad")
    with transaction(engine) as session:
        said = session.scalars(select(TicketMessage).order_by(TicketMessage.at)).all()
        assert [(m.author, m.internal) for m in said] == [("customer", False), ("agent", True)]


def test_undo_leaves_what_a_hook_told_as_it_was(engine: Engine, tmp_path: Path):
    when = datetime(2026, 3, 1, 9)  # noqa: DTZ001 - as desks' tellings are read
    row = {"number": "31", "subject": "As the desk posted it", "state": "open", "severity": "low",
           "opened_at": when, "updated_at": when}  # fmt: skip
    posted = pl.DataFrame([row], schema={k: v for k, v in TICKETS.items() if k in row})
    whole = posted.select(
        pl.col(k) if k in row else pl.lit(None, v).alias(k) for k, v in TICKETS.items()
    )
    with transaction(engine) as session:
        told = Told(cleaned(whole), pl.DataFrame(schema=CHANGES))
        take_in(session, Source("freshdesk", "webhook"), told, now=NOW)
    number = upload(engine, written(tmp_path, FRESHDESK))
    commit(engine, number)
    changed = one(engine)
    assert (changed.subject, changed.state, changed.severity) == ("Slow pages", "solved", "urgent")
    undo(engine, number)
    back = one(engine)
    assert (back.subject, back.state, back.severity) == ("As the desk posted it", "open", "low")
    assert (back.solved_at, back.csat) == (None, None)


def test_what_another_file_told_as_well_stays_after_undo(engine: Engine, tmp_path: Path):
    first = upload(engine, written(tmp_path, FRESHDESK))
    commit(engine, first)
    second = upload(
        engine, written(tmp_path, FRESHDESK.replace("Slow pages", "Slow pages!"), "b.csv")
    )
    commit(engine, second)
    undo(engine, first)
    assert (one(engine).state, one(engine).subject) == ("solved", "Slow pages!")
    undo(engine, second)
    with transaction(engine) as session:
        assert (count(session, Ticket), count(session, TicketState)) == (0, 0)


def test_undo_hides_a_ticket_that_a_follow_up_speaks_of_and_withdraws_it(
    engine: Engine, tmp_path: Path
):
    with transaction(engine) as session:
        csm = Person(name="Ana", email="ana@cs.example", role="csm", created_at=NOW)
        session.add(csm)
        session.flush()
        number = customer(session, "Bluefin Analytics", "bluefin-analytics.example", "ana")
        session.get_one(Customer, number).csm_id = csm.id
    path = written(tmp_path, FRESHDESK)
    first = upload(engine, path)
    commit(engine, first)
    ticket = one(engine)
    assert ticket.level is not None
    with transaction(engine) as session:
        follow_up(session, SYSTEM, ticket.id, now=NOW)
    undo(engine, first)
    hidden = one(engine)
    assert (hidden.state, hidden.level) == ("deleted", None)
    with transaction(engine) as session:
        assert session.scalars(select(TicketFollowUp.state)).one() == "withdrawn"
        assert session.scalars(select(Draft.state)).one() == "cancelled"
    again = upload(engine, path)
    commit(engine, again)
    assert (one(engine).id, one(engine).state) == (ticket.id, "solved")


def test_unknown_columns_are_mapped_by_hand_and_remembered(engine: Engine, tmp_path: Path):
    text = "Nr,Betreff,Erstellt\nA-1,Geht nicht,2026-03-01 10:00\n"
    with transaction(engine) as session:
        path = written(tmp_path, text)
        received = intake.receive(session, path, "x.csv", by=SYSTEM, now=NOW, purpose="tickets")
    tickets.preview(received.upload_id, now=NOW, engine=engine)
    assert summary(engine, received.upload_id)["needs_mapping"] is True
    chosen = Choices(mapping={"number": "Nr", "subject": "Betreff", "opened_at": "Erstellt"})
    tickets.preview(received.upload_id, now=NOW, engine=engine, choices=chosen)
    commit(engine, received.upload_id)
    assert (one(engine).number, one(engine).state) == ("A-1", "new")


def test_a_requester_nobody_knows_is_asked_about_and_the_answer_moves_the_tickets(
    engine: Engine, tmp_path: Path, bluefin: int
):
    text = FRESHDESK.replace("ana@bluefin-analytics.example", "ana@bluefin.example")
    number = upload(engine, written(tmp_path, text.replace("Bluefin Analytics", "")))
    commit(engine, number)
    with transaction(engine) as session:
        (asked,), count_of = match_review.questions(session, SYSTEM)
        assert (asked.kind, asked.key, asked.people, asked.rows) == (
            "domain",
            "bluefin.example",
            1,
            1,
        )
        assert (count_of, asked.names) == (1, ["Ana Li"])
        assert match_review.questions(session, SYSTEM, search="no such")[1] == 0
    assert one(engine).customer_id is None
    with transaction(engine) as session, rematching(session, now=NOW):
        match_review.answer(
            session,
            by=SYSTEM,
            now=NOW,
            kind=asked.kind,
            key=asked.key,
            verdict="is",
            customer_id=bluefin,
        )
    assert one(engine).customer_id == bluefin
    with transaction(engine) as session:
        assert match_review.questions(session, SYSTEM) == ([], 0)


def test_a_tickets_link_and_campaign_make_it_no_mail(engine: Engine, tmp_path: Path):
    path = written(
        tmp_path,
        "Ticket ID,Subject,Status,Created time,Email,Created at,URL,Campaign\n"
        "1,Broken,Open,2026-11-02 09:00,m@d.example,2026-11-02 09:00,https://desk.example/1,none\n",
    )
    with transaction(engine) as session:
        received = intake.receive(session, path, path.name, by=SYSTEM, now=NOW)
        assert session.get_one(Upload, received.upload_id).purpose == "tickets"
