"""What a rule would have done, had it been on: it is looked at before it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import CampaignRule, Customer
from services.access import ADMINISTRATOR, MANAGER, Viewer, require_role
from services.campaigns.rules.conditions import MAIL, Condition, condition_of, holding
from services.campaigns.rules.find import find_rule
from services.campaigns.rules.material import material

WEEKS = 26
MOST_EXAMPLES = 10
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Tested:
    """`firings` in so many weeks, of so many customers; `held_back` by the cap; `most` in one week."""

    weeks: int
    firings: int
    customers: int
    held_back: int
    most: int
    examples: tuple[Mapping[str, Any], ...]


def test(session: Session, rule_id: int, *, by: Viewer, now: datetime) -> Tested:
    """Walk the last half year week by week, and keep with the rule what it would have done."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = find_rule(session, rule_id, lock=True)
    since = now - WEEK * WEEKS - timedelta(days=rule.window_days)
    fired, held_back = walked(
        material(session, since=since),
        condition_of(rule.condition),
        rule.window_days,
        rule.cap,
        now,
    )
    found = _told(session, fired, held_back)
    rule.tested = {
        "revision": rule.revision, "at": now.isoformat(), "weeks": found.weeks,
        "firings": found.firings, "customers": found.customers, "held_back": found.held_back,
        "most": found.most, "examples": [dict(one) for one in found.examples],
    }  # fmt: skip
    rule.updated_at = now
    return found


def is_tested(rule: CampaignRule) -> bool:
    """Whether it was looked at on history as it stands now."""
    return rule.tested is not None and rule.tested.get("revision") == rule.revision


def walked(
    mails: pl.DataFrame, wanted: Condition, window_days: int, cap: int, now: datetime
) -> tuple[list[dict[str, Any]], int]:
    """Rows of HOLDING with `week`, in the order in which they would have fired, and how many the cap would
    have put off. The same as `firing.fire` does: once per occasion, not twice in a window, so many a week."""
    assert set(MAIL) <= set(mails.columns)
    fired: list[dict[str, Any]] = []
    last: dict[int, datetime] = {}
    seen: set[tuple[int, str]] = set()
    held_back = 0
    for back in range(WEEKS - 1, -1, -1):
        at = now - WEEK * back
        this_week = 0
        rows = holding(mails, wanted, window_days, at).sort("at", "customer_id", descending=True)
        for row in rows.iter_rows(named=True):
            number, key = row["customer_id"], (row["customer_id"], row["occasion"])
            quiet = number in last and at - last[number] < timedelta(days=window_days)
            if key in seen or quiet:
                continue
            if this_week >= cap:
                held_back += 1
                continue
            this_week += 1
            seen.add(key)
            last[number] = at
            fired.append({**row, "week": at})
    return fired, held_back


def _told(session: Session, fired: list[dict[str, Any]], held_back: int) -> Tested:
    weeks: dict[datetime, int] = {}
    for row in fired:
        weeks[row["week"]] = weeks.get(row["week"], 0) + 1
    newest = fired[::-1][:MOST_EXAMPLES]
    asked = select(Customer.id, Customer.name).where(
        Customer.id.in_([row["customer_id"] for row in newest])
    )
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(asked)}
    examples = tuple(
        {"customer_id": row["customer_id"], "customer": names.get(row["customer_id"], ""),
         "at": row["at"].isoformat(), "count": row["count"]}
        for row in newest
    )  # fmt: skip
    customers = len({row["customer_id"] for row in fired})
    return Tested(WEEKS, len(fired), customers, held_back, max(weeks.values(), default=0), examples)
