"""One person is not two by a token that stands for somebody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from services import drafts, outbox
from services.access import Viewer, tokens
from services.outbox import policy as policies
from tests.services.drafts.machine import OPEN, START
from tests.services.drafts.test_second_at_gate import LATER
from tests.services.drafts.world import make, queued
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session) -> Portfolio:
    found = portfolio(session, START)
    policies.save(session, replace(OPEN, four_eyes_severity="low"), by=found.ada, now=START)
    return found


def token_of(session: Session, whose: Viewer, maker: Viewer) -> Viewer:
    key = tokens.create_token(
        session, "test", by=maker, now=START, person_id=whose.person_id, scopes=["drafts:approve"]
    )
    return tokens.viewer_of_api_token(session, key, START)


@pytest.mark.parametrize("again", ["maker", "owner"])
def test_who_made_a_token_and_whom_it_stands_for_are_one(
    session: Session, known: Portfolio, again: str
):
    draft = make(session, known, START)
    token = token_of(session, known.dana, known.ada)
    way = drafts.view(session, token, draft.id, START).way
    done = drafts.approve(session, draft.id, 1, by=token, now=START, way=way)
    assert done.state == "second_look"
    same = known.ada if again == "maker" else known.dana
    assert "approve" not in drafts.view(session, same, draft.id, START).actions
    with pytest.raises(InvalidMove, match="second person"):
        drafts.approve(session, draft.id, 1, by=same, now=START)
    assert queued(session, draft.id) == []
    assert drafts.approve(session, draft.id, 1, by=known.morgan, now=START).state == "approved"
    claimed = outbox.claim(session, now=LATER, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=LATER, seconds=60)
    assert passed is not None
    assert passed.decision.kind == "go"


def test_own_token_is_oneself(session: Session, known: Portfolio):
    draft = make(session, known, START)
    token = token_of(session, known.dana, known.dana)
    way = drafts.view(session, token, draft.id, START).way
    drafts.approve(session, draft.id, 1, by=token, now=START, way=way)
    assert drafts.approve(session, draft.id, 1, by=known.ada, now=START).state == "approved"
