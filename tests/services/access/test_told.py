"""What the audit log tells of who came and went, and of what was given away or taken along."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import NotAllowed
from data.tables import AuditEntry, Person
from services import audit_log, customers, suppression
from services.access import SYSTEM, refused, signin, tokens
from services.mailboxes import changes
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def told(session: Session, action: str) -> list[tuple[str, int | None, str]]:
    e = AuditEntry
    rows = select(e.entity, e.entity_id, e.what).where(e.action == action).order_by(e.id)
    return [(entity, number, what) for entity, number, what in session.execute(rows)]


def test_going_is_told_like_coming_and_once(session: Session, now: datetime, known: Portfolio):
    dana = known.dana.person_id
    assert dana
    token = signin.start_session(session, dana, now)
    for _ in range(2):
        signin.sign_out(session, token, now)
    assert told(session, "person.signed_out") == [("person", dana, "")]


def test_refused_tries_are_told_of_people_who_are_known_and_a_few_an_hour(
    app_database: Engine, now: datetime
):
    with transaction() as session:
        ana = Person(name="Ana", email="ana@vendor.example", role="csm", created_at=now)
        session.add(ana)
    for minute in range(0, 90, 6):
        refused.note(" Ana@Vendor.example", "wrong password", now=now + timedelta(minutes=minute))
        refused.note("nobody@vendor.example", "wrong password", now=now)
    with transaction(read_only=True) as session:
        assert told(session, refused.ACTION) == [("person", ana.id, "wrong password")] * 6
        assert session.query(AuditEntry).count() == 6


def test_giving_a_customer_away_tells_from_whom_to_whom(
    session: Session, now: datetime, known: Portfolio
):
    for csm in (known.erik, None, known.dana):
        values = {"csm_id": csm.person_id if csm else None, "segment": csm.name if csm else "?"}
        customers.edit_customer(session, known.techcorp, values, by=known.ada, now=now)
    dana, erik = known.dana.name, known.erik.name
    assert [what for _, _, what in told(session, "customer.edited")] == [
        f"Segment, CSM from {dana} to {erik}",
        f"Segment, CSM from {erik} to nobody",
        f"Segment, CSM from nobody to {dana}",
    ]


def test_token_tells_whose_it_is_and_what_it_may_and_so_does_what_is_done_with_it(
    session: Session, now: datetime, known: Portfolio
):
    dana = known.dana.person_id
    made = tokens.create_token(
        session,
        "nightly",
        by=known.ada,
        now=now,
        person_id=dana,
        scopes=["drafts:approve"],
        days=30,
    )
    ((_, _, said),) = told(session, "token.created")
    assert all(word in said for word in (known.dana.name, "drafts:approve", "30 days"))
    acting = tokens.viewer_of_api_token(session, made, now)
    changes.save_signature(session, "Yours", by=acting, now=now)
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "signature.changed")
    ).one()
    assert (entry.person_id, entry.detail) == (dana, {"token": made[:12]})
    changes.save_signature(session, "Yours", by=known.dana, now=now)
    changes.save_signature(session, "Ever yours", by=known.dana, now=now)
    assert len(told(session, "signature.changed")) == 2


def test_taking_the_log_or_the_list_along_is_told(
    session: Session, now: datetime, known: Portfolio
):
    with pytest.raises(NotAllowed):
        audit_log.note_export(session, known.dana, audit_log.Filters(), now)
    audit_log.note_export(session, known.ada, audit_log.Filters(noun="token"), now)
    suppression.note_export(session, known.dana, now)
    assert told(session, "audit_log.exported") == [("audit_entry", None, "by noun")]
    assert told(session, "suppression.exported") == [("suppression", None, "")]
    assert SYSTEM.token is None
