"""A test mail to oneself goes through the queue, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound, TooMany
from data.tables import OutboxMail
from services.access import Viewer
from services.outbox import trial
from tests.support.queued import colleague, mailbox


@pytest.fixture
def ana(session: Session) -> Viewer:
    return colleague(session, "Ana")


def test_test_mail_is_queued_to_the_asker_with_its_hash(
    session: Session, ana: Viewer, now: datetime
):
    own = mailbox(session, "gmail", person_id=ana.person_id)
    row = session.get_one(OutboxMail, trial.send_test(session, own, by=ana, now=now))

    read = message_from_bytes(row.raw, policy=default)
    assert (row.state, row.recipient, row.mailbox_id) == ("queued", "ana@vendor.example", own)
    assert (read["To"].addresses[0].addr_spec, read["Auto-Submitted"]) == (
        "ana@vendor.example",
        "auto-generated",
    )
    text = read.get_body(("plain",))
    assert text is not None
    assert "can send" in text.get_content()
    assert row.expires_at == now + timedelta(hours=1)


def test_mailbox_that_is_stopped_says_so_instead(session: Session, ana: Viewer, now: datetime):
    own = mailbox(
        session, "gmail", person_id=ana.person_id, state="revoked", why="Connect it again."
    )
    with pytest.raises(InvalidMove, match="Connect it again"):
        trial.send_test(session, own, by=ana, now=now)


def test_nobody_tries_a_colleagues_mailbox(session: Session, ana: Viewer, now: datetime):
    bobs = mailbox(session, "gmail", person_id=colleague(session, "Bob").person_id)
    with pytest.raises(NotFound):
        trial.send_test(session, bobs, by=ana, now=now)


def test_button_is_no_mail_cannon(session: Session, ana: Viewer, now: datetime):
    own = mailbox(session, "gmail", person_id=ana.person_id)
    for _ in range(trial.MOST_AN_HOUR):
        trial.send_test(session, own, by=ana, now=now)
    with pytest.raises(TooMany):
        trial.send_test(session, own, by=ana, now=now)
    assert trial.send_test(session, own, by=ana, now=now + timedelta(hours=2))
