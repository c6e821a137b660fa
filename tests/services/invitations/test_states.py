from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.tables import Draft, InvitationEvent, MailEvent, Registration
from data.tables.invitations import INVITATION_STATES
from services import drafts
from services.invitations.reconcile import recent, reconcile
from services.invitations.states import FACTS, derived
from tests.services.drafts.world import make, open_it
from tests.services.invitations.world import invited, sent, summit
from tests.support.portfolio import portfolio

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
JUST, EARLIER = NOW - timedelta(minutes=5), NOW - timedelta(days=1)
NOTHING = {
    "id": 1, "state": "drafted", "draft": "pending", "mail": None, "sent_at": None, "opened": False,
    "clicked": False, "bounced": False, "registration": None, "declined": False, "over": False,
}  # fmt: skip
GONE = {"draft": "approved", "mail": "sent", "sent_at": EARLIER}


def state(**said: Any) -> str:
    frame = pl.DataFrame([NOTHING | said], FACTS)
    return derived(frame, pl.lit(NOW, pl.Datetime("us", "UTC")))[0]


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, "drafted"),
        ({"draft": "second_look"}, "drafted"),
        ({"draft": "approved", "mail": "queued"}, "approved"),
        ({"draft": "approved", "mail": "failed"}, "undelivered"),
        ({"draft": "rejected"}, "withdrawn"),
        ({"draft": "cancelled", "mail": "cancelled"}, "withdrawn"),
        (GONE | {"sent_at": JUST}, "sent"),
        (GONE, "delivered"),
        (GONE | {"opened": True}, "opened"),
        (GONE | {"opened": True, "clicked": True}, "clicked"),
        (GONE | {"bounced": True}, "undelivered"),
        (GONE | {"clicked": True, "over": True}, "no_response"),
        (GONE | {"declined": True, "over": True}, "declined"),
        (GONE | {"registration": "registered", "declined": True}, "registered"),
        (GONE | {"registration": "cancelled"}, "declined"),
        ({"registration": "attended"}, "attended"),
        (GONE | {"registration": "no_show", "over": True}, "missed"),
    ],
)
def test_state_is_the_furthest_of_what_is_known(facts: dict[str, Any], wanted: str):
    assert state(**facts) == wanted


ANY = st.fixed_dictionaries(
    {
        "draft": st.sampled_from([None, "pending", "held", "approved", "rejected", "cancelled"]),
        "mail": st.sampled_from([None, "queued", "wire", "sent", "failed", "cancelled"]),
        "sent_at": st.sampled_from([None, JUST, EARLIER]),
        "opened": st.booleans(),
        "clicked": st.booleans(),
        "bounced": st.booleans(),
        "registration": st.sampled_from([None, "registered", "cancelled", "attended", "no_show"]),
        "declined": st.booleans(),
        "over": st.booleans(),
    }
)


@given(ANY)
def test_every_combination_of_facts_has_a_state_and_an_answer_always_counts(facts: dict[str, Any]):
    found = state(**facts)
    assert found in INVITATION_STATES
    if facts["registration"] == "registered":
        assert found == "registered"
    elif facts["declined"] and facts["registration"] is None:
        assert found == "declined"


def test_reconciling_follows_the_mail_and_writes_each_move_down_once(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana)
    maria = invited(session, known, event, known.maria, now)
    tom = invited(session, known, event, known.tom, now)
    ines = invited(session, known, event, known.ines, now)
    assert reconcile(session, recent(session, now), now) == 0
    mail = sent(session, maria, now)
    session.get_one(Draft, tom.draft_id).state = "rejected"
    session.add(Registration(event_id=event, email="ines@other.example", source="file", at=now,
                             updated_at=now, state="registered", invitation_id=ines.id))  # fmt: skip
    session.add(Registration(event_id=event, email="ines@datapro.example", source="file", at=now,
                             updated_at=now, state="cancelled", invitation_id=ines.id))  # fmt: skip
    session.flush()
    assert reconcile(session, [event], now) == 3
    assert (maria.state, tom.state, ines.state) == ("sent", "withdrawn", "registered")
    for verdict, at in (("machine", 1), ("human", 2)):
        session.add(MailEvent(outbox_id=mail.id, kind="open", at=now, verdict=verdict,
                              source_event_id=str(at)))  # fmt: skip
    session.flush()
    later = now + timedelta(hours=2)
    assert reconcile(session, [event], later) == 1
    assert reconcile(session, [event], later) == 0
    assert maria.state == "opened"
    moves = session.query(InvitationEvent).filter_by(invitation_id=maria.id).all()
    assert [(one.from_state, one.to_state) for one in moves] == [
        ("drafted", "sent"),
        ("sent", "opened"),
    ]
    assert reconcile(session, [event], now + timedelta(days=21)) == 1
    assert maria.state == "no_response"


def test_invitation_that_went_out_as_a_part_of_another_mail_is_sent(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana)
    maria = invited(session, known, event, known.maria, now)
    other = make(session, known, now, "other")
    own = session.get_one(Draft, maria.draft_id)
    for one in (own, other):
        open_it(session, one, known.dana, now)
    whole = drafts.merge(session, own.id, own.revision, other_id=other.id, by=known.dana, now=now)
    reconcile(session, [event], now)
    assert maria.state == "drafted"
    maria.draft_id, mine = whole, maria.draft_id
    sent(session, maria, now)
    maria.draft_id = mine
    own.state = "cancelled"
    session.flush()
    reconcile(session, [event], now)
    assert maria.state == "sent"
