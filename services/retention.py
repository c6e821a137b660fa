"""How long raw files, deliveries, mails and the audit log are kept, and letting go of what is older."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    Update,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import (
    AppSetting,
    AuditEntry,
    Draft,
    DraftAttachment,
    DraftEvent,
    FrozenMail,
    HookDelivery,
    InboundMail,
    Notification,
    OutboxMail,
    TimelineEntry,
    Touch,
    Upload,
    UploadPart,
)
from services import traces
from services.access import ADMINISTRATOR, SYSTEM, Viewer, audit, require_role
from services.hooks import deliveries

SETTING = "retention"
GONE = "(no longer kept)"
LEAST = {"files": 30, "deliveries": 7, "mails": 90, "audit": 365}
"""Days below which nobody may go: what is being worked with, and what has to be accounted for."""
_SETTLED = ("committed", "undone", "discarded", "failed")
_OVER = ("sent", "cancelled")
_NOTED = 10_000
_SENT, _ANSWERED = "Mail sent", "An answer came"
_MARK = text(
    "INSERT INTO data_version (name, value) VALUES ('audit_kept_from', :mark) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


@dataclass(frozen=True)
class Kept:
    """Days; None: as long as there is room. Deliveries are never kept for more than 90."""

    files: int | None = None
    deliveries: int | None = deliveries.KEPT_DAYS
    mails: int | None = None
    audit: int | None = None


@dataclass(frozen=True)
class Gone:
    """Original files, deliveries, mails whose words go, entries of the audit log."""

    files: int = 0
    deliveries: int = 0
    mails: int = 0
    audit: int = 0


def load(session: Session) -> Kept:
    """What is set; the default keeps everything but deliveries."""
    found = session.get(AppSetting, SETTING)
    value: Mapping[str, Any] = found.value if found and isinstance(found.value, dict) else {}
    return Kept(**{name: value.get(name, default) for name, default in asdict(Kept()).items()})


def load_for(session: Session, *, by: Viewer) -> Kept:
    """As `load`, for the page. Admins only."""
    require_role(by, ADMINISTRATOR)
    return load(session)


def save(session: Session, kept: Kept, *, by: Viewer, now: datetime) -> None:
    """Admins only; BadInput below LEAST, and for deliveries above what is ever kept of them."""
    require_role(by, ADMINISTRATOR)
    for name, days in asdict(kept).items():
        if days is not None and days < LEAST[name]:
            raise BadInput(f"Keep them for at least {LEAST[name]} days.")
    if kept.deliveries is None or kept.deliveries > deliveries.KEPT_DAYS:
        raise BadInput(f"Deliveries are kept for {deliveries.KEPT_DAYS} days at most.")
    row = session.get(AppSetting, SETTING) or AppSetting(name=SETTING)
    row.value, row.changed_by, row.changed_at = asdict(kept), by.person_id, now
    session.add(row)
    said = ", ".join(f"{name} {days or 'always'}" for name, days in asdict(kept).items())
    audit(session, by, "retention.changed", "app_setting", None, said, now)


def preview(session: Session, kept: Kept, *, by: Viewer, now: datetime) -> Gone:
    """What would go tonight with these. Read-only; admins only."""
    require_role(by, ADMINISTRATOR)
    files = _before(kept.files, Upload.uploaded_at, now) & Upload.state.in_(_SETTLED)
    original = (UploadPart.upload_id == Upload.id) & (UploadPart.name == "original")
    files &= select(UploadPart.seq).where(original).exists()
    return Gone(
        files=_count(session, Upload.id, files),
        deliveries=_count(
            session, HookDelivery.id, _before(kept.deliveries, HookDelivery.received_at, now)
        ),
        mails=_count(session, OutboxMail.id, _mails(kept, now)),
        audit=_count(session, AuditEntry.id, _before(kept.audit, AuditEntry.at, now)),
    )


def apply(session: Session, *, now: datetime) -> Gone:
    """Let go of what is older than it is kept; counts, states and times of everything stay."""
    kept = load(session)
    old = select(Upload.id).where(
        _before(kept.files, Upload.uploaded_at, now), Upload.state.in_(_SETTLED)
    )
    here = UploadPart.upload_id.in_(old) & (UploadPart.name == "original")
    files = session.scalar(select(func.count(UploadPart.upload_id.distinct())).where(here)) or 0
    session.execute(delete(UploadPart).where(here).execution_options(synchronize_session=False))
    before = session.scalar(select(func.count(HookDelivery.id))) or 0
    deliveries.tidy(session, now=now, days=kept.deliveries or deliveries.KEPT_DAYS)
    left = session.scalar(select(func.count(HookDelivery.id))) or 0
    gone = Gone(files, before - left, _empty_mails(session, kept, now), _cut(session, kept, now))
    if gone != Gone():
        said = ", ".join(f"{name} {count}" for name, count in asdict(gone).items() if count)
        audit(session, SYSTEM, "retention.applied", "app_setting", None, said, now)
    return gone


def _before(
    days: int | None, column: sa.SQLColumnExpression[datetime], now: datetime
) -> ColumnElement[bool]:
    return sa.false() if days is None else column < now - timedelta(days=days)


def _count(session: Session, key: sa.SQLColumnExpression[int], which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(key)).where(which)) or 0


def _mails(kept: Kept, now: datetime) -> ColumnElement[bool]:
    o = OutboxMail
    full = (o.raw != b"") | (o.subject != GONE)
    return _before(kept.mails, o.updated_at, now) & o.state.in_(_OVER) & full


def _empty_mails(session: Session, kept: Kept, now: datetime) -> int:
    """The words of mails that are over, of their drafts and of what was answered; their files go soon after."""
    if kept.mails is None:
        return 0
    o, d, f, i, a = OutboxMail, Draft, FrozenMail, InboundMail, DraftAttachment
    e = DraftEvent
    mails = session.scalars(_ids(kept, now)).all()
    for at in range(0, len(mails), _NOTED):
        traces.leave(session, mails[at : at + _NOTED], now=now, rewrite=False)
    over = select(o.draft_id).where(_mails(kept, now), o.draft_id.is_not(None))
    theirs = select(d.id).where(d.id.in_(over) | d.merged_into_id.in_(over))  # parts say the same
    empty = {"subject": GONE, "text": GONE, "html": GONE, "values": {}, "evidence": []}
    came = _before(kept.mails, i.at, now) & ((i.text != GONE) | (i.subject != GONE))
    for statement in (
        update(f).where(f.draft_id.in_(over)).values(mime=b""),
        update(a).where(a.draft_id.in_(theirs)).values(name=GONE, content=b""),
        update(i).where(came).values(subject=GONE, text=GONE),
        update(Touch).where(Touch.outbox_id.in_(_ids(kept, now))).values(what=GONE),
        *_told(kept, now),
        update(e).where(e.draft_id.in_(theirs), e.why.contains("“")).values(why=GONE),
        update(d).where(d.id.in_(theirs), d.why.contains("“")).values(why=GONE),
        update(d).where(d.id.in_(theirs)).values(**empty),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    emptied = update(o).where(_mails(kept, now)).values(raw=b"", subject=GONE)
    done = session.execute(emptied.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount


def _ids(kept: Kept, now: datetime) -> Select[int]:
    return select(OutboxMail.id).where(_mails(kept, now))


def _told(kept: Kept, now: datetime) -> Iterator[Update]:
    """Timelines and notices quote them: that there was a mail or an answer stays."""
    t, n = TimelineEntry, Notification
    sent, came = t.dedup_key.like("outbox:%:sent"), t.dedup_key.like("inbound:%")
    for which, said in (
        (sent & (t.title != _SENT), _SENT),
        (came & (t.kind == "reply") & (t.title != _ANSWERED), _ANSWERED),
        (came & t.title.contains("“"), GONE),
    ):
        old = _before(kept.mails, t.at, now)
        yield update(t).where(old, which).values(title=said, detail="")
    about = n.dedup_key.like("outbox:%") | n.dedup_key.like("inbound:%")
    old = _before(kept.mails, n.at, now) & (n.title != GONE)
    yield update(n).where(old, about).values(title=GONE, body="")


def _cut(session: Session, kept: Kept, now: datetime) -> int:
    """The oldest entries of the audit log: the database lets them go below the mark alone."""
    if kept.audit is None:
        return 0
    a = AuditEntry
    first = select(func.min(a.id)).where(a.at >= now - timedelta(days=kept.audit))
    last = select(func.max(a.id) + 1)
    mark = session.scalar(first) or session.scalar(last) or 0
    session.execute(_MARK, {"mark": mark})
    done = session.execute(
        delete(a).where(a.id < mark).execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount
