"""Tickets and one ticket through the router."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Customer, Draft, Ticket, TicketLevel
from integrations.ticket_posts import TicketPost, by_desk
from services.tickets.intake import take_in
from services.tickets.source import Source
from tests.services.campaigns.mail_world import customer
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

NOW = datetime.now(UTC)
ROUGH = "A *bold* <b>name</b> [l](http://x)"
NUMBER = "TF-2024-0847"


def tell(*posts: dict[str, Any]) -> None:
    told = by_desk([TicketPost.model_validate(one) for one in posts])
    with transaction() as session:
        for desk, tickets in told.items():
            take_in(session, Source(desk, "api"), tickets, now=NOW)


def post(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    told = {
        "number": number,
        "desk": "zendesk",
        "subject": ROUGH,
        "state": "solved",
        "severity": "high",
        "requesterEmail": "david@techflow.example",
        "openedAt": NOW - timedelta(days=6),
        "solvedAt": NOW - timedelta(days=2),
        "updatedAt": NOW - timedelta(days=2),
        "escalatedTo": "engineering",
        "resolution": "Limits increased; guide provided",
        "messages": [
            {"id": "m1", "author": "customer", "email": "david@techflow.example", "text": ROUGH,
             "at": NOW - timedelta(days=5)},
            {"id": "m2", "author": "agent", "text": "They pay too little", "internal": True,
             "at": NOW - timedelta(days=4)},
        ],
    }  # fmt: skip
    return told | more


@pytest.fixture
def known(app_database: Engine) -> int:
    """TechFlow's solved ticket, and Kim who looks after them; the ticket's id."""
    kim = person("Kim")
    with transaction() as session:
        number = customer(session, "TechFlow", "techflow.example", "david")
        session.get_one(Customer, number).csm_id = kim
    tell(post(), post("TF-2", state="open", solvedAt=None, subject="Slow", severity="low",
                      openedAt=NOW - timedelta(days=40), updatedAt=NOW - timedelta(days=39)))  # fmt: skip
    with transaction(read_only=True) as session:
        return session.scalars(select(Ticket.id).where(Ticket.number == NUMBER)).one()


@pytest.mark.parametrize("role", ["csm", "admin"])
def test_an_empty_installation_is_told_how_tickets_come_in(app_database: Engine, role: str):
    app = open_page("tickets", as_=person("Ada", role))
    assert not app.exception
    assert "No tickets yet" in words(app)


def test_the_list_filters_by_its_address(known: int):
    app = open_page("tickets", as_=person("Kim"))
    assert not app.exception
    assert "2 tickets" in words(app)
    (table,) = app.dataframe
    row = table.value.iloc[0]
    assert (row["Ticket"], row["Subject"], row["Customer"]) == (NUMBER, ROUGH, "TechFlow")
    assert (row["Level"], row["Points"]) == ("Satisfaction check", 6)
    few = open_page("tickets", as_=person("Kim"), **{"tickets.state": "Solved or closed"})
    assert "1 ticket." in words(few)
    none = open_page("tickets", as_=person("Kim"), **{"tickets.search": "no such"})
    assert "No ticket fits" in words(none)


def test_further_filters_are_folded_away_and_told_where_the_address_sets_them(known: int):
    app = open_page("tickets", as_=person("Kim"))
    (folded,) = [one for one in app.get("popover") if one.selectbox]
    inside = [box.label for box in folded.selectbox]
    assert inside == ["Level", "Follow-up", "Desk", "Only"]
    assert "More filters:" not in words(app)
    level = {"tickets.level": "Relationship repair", "tickets.only": "My customers"}
    app = open_page("tickets", as_=person("Kim"), **level)
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "More filters: level: Relationship repair, only: My customers" in said
    assert "No ticket fits" in words(app)


def test_a_ticket_shows_each_point_and_an_override_needs_a_reason(known: int):
    level = {"id": f"tkt_{known}", "ticket.view": "Level"}
    app = open_page("one_ticket", as_=person("Kim"), **level)
    assert not app.exception
    said = words(app)
    assert "Satisfaction check · 6 points" in said
    assert ":gray-badge[+3]" in said
    assert ":gray-badge[+2]" in said
    assert "[l](http" not in said
    app.radio[0].set_value("relationship_repair")
    (button,) = [one for one in app.button if one.label == "Set it"]
    button.click().run()
    assert "Say why" in words(app)
    (why,) = [one for one in app.text_input if one.label == "Why"]
    why.set_value("They are on the edge")
    app.radio[0].set_value("relationship_repair")
    (button,) = [one for one in app.button if one.label == "Set it"]
    button.click().run()
    assert "Set by Kim" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(
            select(TicketLevel.level).order_by(TicketLevel.id.desc())
        ).first() == ("relationship_repair")
    report = open_page("tickets", as_=person("Kim"), **{"tickets.view": "Overrides"})
    assert "1 of 1 ticket" in words(report)


def test_what_was_written_is_text_and_notes_are_marked(known: int):
    app = open_page(
        "one_ticket", as_=person("Kim"), id=f"tkt_{known}", **{"ticket.view": "Messages"}
    )
    assert not app.exception
    assert ROUGH in [one.value for one in app.text]
    assert "internal note, never quoted" in words(app)
    past = open_page(
        "one_ticket", as_=person("Kim"), id=f"tkt_{known}", **{"ticket.view": "History"}
    )
    assert "State: solved" in words(past)
    near = open_page(
        "one_ticket", as_=person("Kim"), id=f"tkt_{known}", **{"ticket.view": "Related"}
    )
    assert not near.exception


def test_a_wrong_root_cause_is_put_right_from_the_related_tab(known: int):
    tell(post("TF-3", subject="Slow as well", openedAt=NOW - timedelta(days=5)))

    def causes() -> list[int | None]:
        with transaction(read_only=True) as session:
            asked = select(Ticket.cluster_id).where(Ticket.number.in_([NUMBER, "TF-3"]))
            return list(session.scalars(asked.order_by(Ticket.number)))

    near = {"id": f"tkt_{known}", "ticket.view": "Related"}
    app = open_page("one_ticket", as_=person("Kim"), **near)
    (other,) = [one for one in app.selectbox if one.label == "Same root cause as"]
    other.select_index(0)
    (button,) = [one for one in app.button if one.label == "Put together"]
    button.click().run()
    assert not app.exception
    assert len(set(causes())) == 1
    (button,) = [one for one in app.button if one.label == "This one has a cause of its own"]
    button.click().run()
    assert not app.exception
    assert len(set(causes())) == 2


@pytest.mark.parametrize("asked", ["tkt_999", "cus_1", "nonsense", ""])
def test_broken_links_lead_back_to_the_list(app_database: Engine, asked: str):
    app = open_page("one_ticket", as_=person("Kim"), id=asked)
    assert not app.exception
    assert app.warning


def test_a_colleagues_ticket_is_not_there(known: int):
    app = open_page("one_ticket", as_=person("Ana"), id=f"tkt_{known}")
    assert not app.exception
    assert "There is no such ticket" in words(app)
    assert "No tickets yet" in words(open_page("tickets", as_=person("Ana")))


def test_what_came_of_follow_ups_says_how_much_it_rests_on(known: int):
    app = open_page("tickets", as_=person("Kim"), **{"tickets.view": "Afterwards"})
    assert not app.exception
    assert "1 solved ticket without" in words(app)
    assert app.dataframe[1].value["Difference in health"].to_list() == ["Not enough data"] * 4


def test_the_command_leads_to_the_draft(known: int):
    app = open_page("tickets", as_=person("Kim"))
    (asked,) = [one for one in app.text_input if one.label == "Follow up on"]
    asked.set_value("Follow up with TechFlow on ticket TF-9999")
    (send,) = [one for one in app.button if one.label == "Find the ticket"]
    send.click().run()
    assert not app.exception
    page = open_page("one_ticket", as_=person("Kim"), id=f"tkt_{known}")
    (reader,) = [one for one in page.selectbox if one.label == "To"]
    reader.select_index(0)
    (draft,) = [one for one in page.button if one.label == "Draft the satisfaction check"]
    draft.click().run()
    assert not page.exception
    with transaction(read_only=True) as session:
        assert len(session.scalars(select(Draft)).all()) == 1
    again = open_page("one_ticket", as_=person("Kim"), id=f"tkt_{known}")
    assert "Draft to approve" in words(again)
    assert not [one for one in again.button if one.label.startswith("Draft the")]


def test_least_mail_of_a_ticket_is_an_acknowledgement(known: int):
    with transaction() as session:
        session.get_one(Ticket, known).level = "acknowledge"
    page = open_page("one_ticket", as_=person("Kim"), id=f"tkt_{known}")
    assert [one.label for one in page.button if one.label.startswith("Draft the")] == [
        "Draft the acknowledgement"
    ]
