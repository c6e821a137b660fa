"""When mail may leave, how often to the same people, and whose second look it needs; set by admins."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import AppSetting, OutboxMail
from data.tables.drafts import SEVERITIES
from services import wire
from services.access import ADMINISTRATOR, Viewer, require_role
from services.access.audit import audit
from services.outbox import places

NAME = "send_policy"
CAP_DAYS = 7
LONGEST_UNDO = 3600
QUIET = "Quiet hours where the recipient is."
_PUTS_OFF = {"per_stakeholder", "per_customer", "quiet_from", "quiet_until", "weekends"}
_TWO = {"four_eyes_arr", "four_eyes_severity"}
MOST_PER_WEEK = 1000


@dataclass(frozen=True)
class SendPolicy:
    """Caps count touches within CAP_DAYS, 0 meaning none. Quiet hours hold in the recipient's zone; equal ends: none."""

    undo_seconds: int = 30
    """How long an approval can be taken back before the mail leaves."""
    per_stakeholder: int = 2
    per_customer: int = 6
    quiet_from: time = time(20)
    quiet_until: time = time(7)
    weekends: bool = False
    """Whether mail leaves on the recipient's Saturday and Sunday."""
    four_eyes_arr: Decimal | None = None
    """From this ARR on, two different people approve."""
    four_eyes_severity: str | None = None
    """From this severity on, two different people approve."""
    paused: bool = False
    paused_why: str = ""

    @property
    def days(self) -> int:
        """What the caps are counted over, as services.touches asks for it."""
        return CAP_DAYS


_KEPT = select(AppSetting.value).where(AppSetting.name == NAME)


def load(session: Session) -> SendPolicy:
    """The policy in force; the defaults where no admin has said otherwise."""
    kept = session.scalar(_KEPT)
    return _read(kept) if kept else SendPolicy()


def save(session: Session, policy: SendPolicy, *, by: Viewer, now: datetime) -> None:
    """Put the policy in force at once, also for what is queued already. Admins only.

    BadInput when a number is out of range.
    """
    require_role(by, ADMINISTRATOR)
    _check(policy)
    before = load(session)
    if before == policy:
        return
    wire.stops_mail(session)
    _keep(session, policy, by, now)
    changed = [f.name for f in fields(policy) if getattr(before, f.name) != getattr(policy, f.name)]
    audit(
        session, by, "send_policy.changed", "app_setting", None, ", ".join(changed), now,
        detail={"before": _written(before), "after": _written(policy)},
    )  # fmt: skip
    # What was put off may need a second person by now, who should not hear of it on its day only.
    if (_PUTS_OFF | _TWO) & set(changed):
        places.look_again(session, now, (OutboxMail.reason == QUIET) | places.over_a_cap())


def _keep(session: Session, policy: SendPolicy, by: Viewer, now: datetime) -> None:
    kept = session.get(AppSetting, NAME) or AppSetting(name=NAME)
    kept.value, kept.changed_by, kept.changed_at = _written(policy), by.person_id, now
    session.add(kept)


def _check(policy: SendPolicy) -> None:
    if not 0 <= policy.undo_seconds <= LONGEST_UNDO:
        raise BadInput(f"Choose between 0 and {LONGEST_UNDO:,} seconds to take an approval back.")
    for cap in (policy.per_stakeholder, policy.per_customer):
        if not 0 <= cap <= MOST_PER_WEEK:
            raise BadInput(f"A weekly cap is a number up to {MOST_PER_WEEK:,}; 0 means none.")
    if policy.four_eyes_arr is not None and policy.four_eyes_arr < 0:
        raise BadInput("The ARR from which two people approve cannot be negative.")
    if policy.four_eyes_severity not in (None, *SEVERITIES):
        raise BadInput(f"Choose a severity: {', '.join(SEVERITIES)}.")


def _written(policy: SendPolicy) -> dict[str, Any]:
    values = {f.name: getattr(policy, f.name) for f in fields(policy)}
    arr = policy.four_eyes_arr
    return values | {
        "quiet_from": policy.quiet_from.isoformat("minutes"),
        "quiet_until": policy.quiet_until.isoformat("minutes"),
        "four_eyes_arr": None if arr is None else str(arr),
    }


def _read(kept: dict[str, Any]) -> SendPolicy:
    """Names that this version does not know are left out, missing ones have their default."""
    known = {f.name: kept[f.name] for f in fields(SendPolicy) if f.name in kept}
    for name in ("quiet_from", "quiet_until"):
        if name in known:
            known[name] = time.fromisoformat(known[name])
    if known.get("four_eyes_arr") is not None:
        known["four_eyes_arr"] = _decimal(known["four_eyes_arr"])
    return SendPolicy(**known)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
