"""What is older than it is kept goes; nothing goes by itself before somebody says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.tables import (
    AuditEntry,
    Base,
    Draft,
    DraftAttachment,
    DraftEvent,
    OutboxMail,
    Touch,
    Upload,
    UploadPart,
)
from integrations.senders import Outgoing
from integrations.senders.eml import EmlSender
from services import notifications, outbox, retention, timeline
from services.access import SYSTEM
from services.access.audit import audit
from tests.support.queued import approved, colleague, customer, mailbox, stakeholder
from worker.periodic import KINDS


@pytest.fixture
def old(session: Session, now: datetime) -> None:
    """A file, a sent mail and an audit entry of two years ago, and the same of today."""
    box = mailbox(session)
    for at in (now - timedelta(days=730), now):
        row = Upload(
            file_name="a.csv", sha256="0", size=1, state="committed", uploaded_at=at, summary={}
        )
        session.add(row)
        session.flush()
        session.add_all(
            UploadPart(upload_id=row.id, name=name, seq=0, body=b"x")
            for name in ("original", "people")
        )
        outbox.enqueue(session, approved(box, "kim@acme.example", at), now=at)
        audit(session, SYSTEM, "customer.edited", "customer", None, str(at.year), at)
        session.flush()
    session.query(OutboxMail).update({"state": "sent"})


def _there(session: Session) -> tuple[int, int, list[str]]:
    parts = session.scalar(select(func.count()).select_from(UploadPart)) or 0
    full = session.scalar(select(func.count(OutboxMail.id)).where(OutboxMail.raw != b"")) or 0
    edits = select(AuditEntry.what).where(AuditEntry.action == "customer.edited")
    return parts, full, list(session.scalars(edits.order_by(AuditEntry.id)))


@pytest.mark.usefixtures("old")
def test_nothing_goes_until_an_admin_says_so_and_then_what_the_preview_told(
    session: Session, now: datetime
):
    before = _there(session)
    assert retention.apply(session, now=now) == retention.Gone()
    assert _there(session) == before
    wanted = retention.Kept(files=365, mails=365, audit=365)
    told = retention.preview(session, wanted, by=SYSTEM, now=now)
    retention.save(session, wanted, by=SYSTEM, now=now)
    assert retention.apply(session, now=now) == told
    assert (told.files, told.mails) == (1, 1)
    assert _there(session) == (before[0] - 1, 1, [str(now.year)])
    assert retention.apply(session, now=now) == retention.Gone()
    # What is kept of the log is as closed as before.
    with pytest.raises(DatabaseError, match="only grows"), session.begin_nested():
        session.query(AuditEntry).delete()


def test_words_of_mails_go_from_wherever_they_stand_and_from_the_folder_of_files(
    app_database: Engine, tmp_path: Path, now: datetime
):
    long_ago, word = now - timedelta(days=400), "Marzipan"
    with transaction() as session:
        at = customer(session)
        who = stakeholder(session, at, "kim@acme.example")
        given = {"customer_id": at, "stakeholder_id": who}
        told = {
            "kind": "personal", "topic": "relationship", "subject": word, "text": word, "html": word,
            "evidence": [{"fact": word}], "values": {"x": word}, "source": "personal",
            "created_at": long_ago, "updated_at": long_ago, **given,
        }  # fmt: skip
        draft = Draft(dedup_key="d", state="approved", **told)
        session.add(draft)
        session.flush()
        why = f"It went out in “{word}”."
        part = Draft(dedup_key="p", state="cancelled", merged_into_id=draft.id, why=why, **told)
        session.add(part)
        session.flush()
        moved = {"from_state": "held", "to_state": "cancelled", "revision": 1}
        session.add(DraftEvent(draft_id=part.id, at=long_ago, move="cancel", why=why, **moved))
        session.add_all(
            DraftAttachment(draft_id=one.id, name=word, content_type="text/plain", content=b"x")
            for one in (draft, part)
        )
        mail = approved(
            mailbox(session), "kim@acme.example", long_ago, draft_id=draft.id, subject=word, **given
        )
        row = session.get_one(OutboxMail, outbox.enqueue(session, mail, now=long_ago))
        row.state = "sent"
        sent = Outgoing(row.raw, row.message_id, row.recipient, "ana@vendor.example")
        assert EmlSender(tmp_path / "mail").send(sent).kind == "sent"
        session.add(Touch(outbox_id=row.id, channel="mail", kind="personal", what=word, at=long_ago, **given))  # fmt: skip
        for key, kind in ((f"outbox:{row.id}:sent", "mail"), ("inbound:1", "reply")):
            timeline.note(session, at, kind, long_ago, f"So: {word}", word, dedup_key=key)
        me = colleague(session, "Ana").person_id or 0
        notifications.notify(session, me, "inbound:1", "reply", word, word, now=long_ago)
        retention.save(session, retention.Kept(mails=365), by=SYSTEM, now=now)
    with transaction() as session:
        assert retention.apply(session, now=now).mails == 1
    with transaction(read_only=True) as session:
        for table in Base.metadata.sorted_tables:
            assert word not in str(session.execute(select(table)).all()), table.name
    KINDS["traces.clear"].run(transaction, {}, lambda: now)
    assert list((tmp_path / "mail").iterdir()) == []
    with transaction() as session:
        assert retention.apply(session, now=now) == retention.Gone()


def test_nobody_shortens_the_audit_log_to_less_than_a_year(session: Session, now: datetime):
    with pytest.raises(BadInput, match="365"):
        retention.save(session, retention.Kept(audit=30), by=SYSTEM, now=now)
