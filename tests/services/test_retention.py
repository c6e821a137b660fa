"""What is older than it is kept goes; nothing goes by itself before somebody says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import AuditEntry, OutboxMail, Upload, UploadPart
from services import outbox, retention
from services.access import SYSTEM
from services.access.audit import audit
from tests.support.queued import approved, mailbox


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


def test_nobody_shortens_the_audit_log_to_less_than_a_year(session: Session, now: datetime):
    with pytest.raises(BadInput, match="365"):
        retention.save(session, retention.Kept(audit=30), by=SYSTEM, now=now)
