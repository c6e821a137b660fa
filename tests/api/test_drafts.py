"""Drafts by API: what a token sees, and what it must be made for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.errors import BadInput
from data.tables import ApiToken, Draft, OutboxMail, StakeholderEmail
from integrations.mime import Attachment
from services import drafts
from services.access import Viewer, tokens
from services.clock import utc_now
from services.drafts import NewDraft
from services.ids import public_id
from tests.services.drafts.world import new_draft
from tests.support.portfolio import Portfolio, portfolio

APPROVES = ("drafts:approve",)


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


@pytest.fixture
def client(app_database: Engine) -> Generator[Callable[..., TestClient]]:
    with TestClient(api, raise_server_exceptions=False) as made:

        def of(who: Viewer, *scopes: str) -> TestClient:
            with transaction() as session:
                token = tokens.create_token(session, "test", by=who, now=utc_now(), scopes=scopes)
            made.headers["Authorization"] = f"Bearer {token}"
            return made

        yield of


def add(*new: NewDraft) -> list[str]:
    with transaction() as session:
        made = drafts.create_many(session, new, now=utc_now())
    return [public_id("draft", number) for number in made]


def post(client: TestClient, draft: str, move: str, **body: Any) -> Any:
    return client.post(f"/drafts/{draft}/{move}", json={"revision": 1, **body})


def approve(client: TestClient, draft: str, **body: Any) -> Any:
    """As it is read at this moment."""
    return post(client, draft, "approve", way=client.get(f"/drafts/{draft}").json()["way"], **body)


def test_list_and_draft_say_what_waits(client: Callable[..., TestClient], known: Portfolio):
    one, two = add(
        new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom, severity="high")
    )
    mine = client(known.dana)
    page = mine.get("/drafts", params={"limit": 1}).json()
    assert [row["id"] for row in page["drafts"]] == [two]
    rest = mine.get("/drafts", params={"limit": 1, "after": page["after"]}).json()
    assert [row["id"] for row in rest["drafts"]] == [one]
    assert rest["after"] is None
    found = mine.get(f"/drafts/{one}").json()
    assert (found["revision"], found["recipient"], found["blocks"]) == (1, "Maria Lopez", [])
    assert "edit" in found["actions"]
    assert mine.get("/drafts", params={"state": "rejected"}).json()["drafts"] == []
    assert mine.get("/drafts", params={"state": "sent"}).status_code == 422


def test_files_that_go_with_a_draft_are_named(client: Callable[..., TestClient], known: Portfolio):
    file = Attachment("event.ics", "text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
    one, other = add(new_draft(known, "a", attachments=(file,)), new_draft(known, "b"))
    mine = client(known.dana)
    assert mine.get(f"/drafts/{one}").json()["attachments"] == [
        {"name": "event.ics", "type": "text/calendar; method=REQUEST", "size": 15}
    ]
    assert mine.get(f"/drafts/{other}").json()["attachments"] == []


def test_token_made_for_it_approves_and_rejects(
    client: Callable[..., TestClient], known: Portfolio
):
    one, two = add(new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom))
    mine = client(known.dana, *APPROVES)
    approved = approve(mine, one)
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert approved.json()["due_at"]
    assert mine.get(f"/drafts/{one}").json()["sending"] == "queued"
    assert approve(mine, one).status_code == 409
    rejected = post(mine, two, "reject", why="not now")
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    assert post(mine, two, "reject", why="").status_code == 409


def test_program_that_gives_back_what_it_read_approves_no_other_address(
    client: Callable[..., TestClient], known: Portfolio
):
    (draft,) = add(new_draft(known))
    mine = client(known.dana, *APPROVES)
    read = mine.get(f"/drafts/{draft}").json()["way"]
    with transaction() as session:
        address = session.get_one(StakeholderEmail, "maria@techcorp.example")
        address.shown_as = "other@techcorp.example"
    refused = post(mine, draft, "approve", way=read)
    assert refused.status_code == 409
    assert "address" in refused.json()["detail"]
    again = mine.get(f"/drafts/{draft}").json()["way"]
    assert post(mine, draft, "approve", way=again).status_code == 200


def test_program_that_does_not_say_which_addresses_approves_none(
    client: Callable[..., TestClient], known: Portfolio
):
    """Not even those that its owner saw on the page."""
    (draft,) = add(new_draft(known))
    with transaction() as session:
        number = session.scalars(select(Draft.id)).one()
        drafts.note_read(session, number, 1, by=known.dana, now=utc_now())
    mine = client(known.dana, *APPROVES)
    mine.get(f"/drafts/{draft}")
    for nothing in ({}, {"way": None}, {"way": ""}):
        refused = post(mine, draft, "approve", **nothing)
        assert refused.status_code == 409
        assert "read this draft again" in refused.json()["detail"]
    with transaction(read_only=True) as session:
        assert session.scalars(select(OutboxMail)).all() == []
    assert approve(mine, draft).status_code == 200


def test_token_not_made_for_it_only_reads(client: Callable[..., TestClient], known: Portfolio):
    (draft,) = add(new_draft(known))
    mine = client(known.dana)
    for move in ("approve", "reject"):
        answer = post(mine, draft, move, why="no")
        assert answer.status_code == 403
        assert "token" in answer.json()["detail"]
    with transaction(read_only=True) as session:
        assert session.scalars(select(OutboxMail)).all() == []


def test_token_from_before_scopes_only_reads(client: Callable[..., TestClient], known: Portfolio):
    (draft,) = add(new_draft(known))
    mine = client(known.dana, *APPROVES)
    with transaction() as session:
        session.scalars(select(ApiToken)).one().scopes = None
    assert mine.get(f"/drafts/{draft}").status_code == 200
    assert post(mine, draft, "approve").status_code == 403


def test_foreign_drafts_are_unknown_and_old_revisions_refused(
    client: Callable[..., TestClient], known: Portfolio
):
    (draft,) = add(new_draft(known))
    theirs = client(known.erik, *APPROVES)
    assert theirs.get(f"/drafts/{draft}").status_code == 404
    assert post(theirs, draft, "approve").status_code == 404
    assert theirs.get("/drafts").json()["drafts"] == []
    mine = client(known.dana, *APPROVES)
    assert post(mine, draft, "approve", revision=7).status_code == 409
    assert mine.get("/drafts/cus_1").status_code == 404
    for nowhere in ("x", "1.1.99999999999999999999999", "99999999999999999999999.1.1", "1.2"):
        assert mine.get("/drafts", params={"after": nowhere}).status_code == 422
    for text in ("a\x00b", "\x00"):
        assert mine.get("/drafts", params={"kind": text}).status_code == 422


def test_blocks_are_told_and_soft_ones_can_be_accepted(
    client: Callable[..., TestClient], known: Portfolio
):
    one, two = add(new_draft(known, "a"), new_draft(known, "b", may_hold=False))
    mine = client(known.dana, *APPROVES)
    assert approve(mine, one, accept=["duplicate"]).status_code == 200
    refused = approve(mine, two)
    assert refused.status_code == 409
    assert "After the webinar" in refused.json()["detail"]
    assert approve(mine, two, accept=["duplicate"]).status_code == 200


def test_scope_that_is_none_is_refused(known: Portfolio):
    with transaction() as session, pytest.raises(BadInput, match="drafts:everything"):
        tokens.create_token(
            session, "x", by=known.dana, now=utc_now(), scopes=["drafts:everything"]
        )
