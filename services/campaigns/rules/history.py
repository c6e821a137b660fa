"""What a rule would have done, had it been on: it is looked at before it is switched on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import CampaignRule, Customer
from services.access import ADMINISTRATOR, MANAGER, Viewer, require_role
from services.campaigns.rules.conditions import (
    HOLDING,
    MAIL,
    MOMENT,
    Condition,
    condition_of,
    holding,
    signs_of,
    telling,
)
from services.campaigns.rules.find import find_rule
from services.campaigns.rules.material import material

WEEKS = 26
MOST_EXAMPLES = 10
DAY, WEEK = timedelta(days=1), timedelta(days=7)
LOOKS_IN_WINDOW = 2
"""At least so often, however short the window is: a sign is not over before it was looked at."""
FIRED = HOLDING | {"fired_at": MOMENT}


@dataclass(frozen=True)
class Tested:
    """`firings` in so many weeks, of so many customers; `most` in one week; `held_back`: the
    customers whom the cap would have kept waiting."""

    weeks: int
    firings: int
    customers: int
    held_back: int
    most: int
    examples: tuple[Mapping[str, Any], ...]


def test(session: Session, rule_id: int, *, by: Viewer, now: datetime) -> Tested:
    """Walk through the last half year, and keep with the rule what it would have done."""
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
    found = _told(session, fired, held_back, now)
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
) -> tuple[pl.DataFrame, int]:
    """FIRED in the order in which they would have been, and how many customers the cap would have kept
    waiting. The same as `firing.fire` does, looked at once a day and, for short windows, more often: once
    per occasion and per silence, not twice in a window, and so many in any seven days."""
    assert set(MAIL) <= set(mails.columns)
    window = timedelta(days=window_days)
    mails = telling(mails, wanted)
    fired = pl.DataFrame(schema=FIRED)
    waited: set[int] = set()
    signs = signs_of(mails, wanted)
    for at in _looks(now, min(DAY, window / LOOKS_IN_WINDOW)):
        if signs.search_sorted(at, "right") == signs.search_sorted(at - window, "right"):
            continue  # nobody did anything then that counts
        rows = holding(mails, wanted, window_days, at)
        waiting = _not_yet(rows, fired, wanted, at - window).sort(
            "at", "customer_id", descending=True
        )
        room = max(0, cap - fired.filter(pl.col("fired_at") > at - WEEK).height)
        waited.update(waiting["customer_id"][room:])
        done = waiting.head(room).with_columns(fired_at=pl.lit(at, FIRED["fired_at"]))
        fired = pl.concat([fired, done])
    return fired, len(waited)


def _looks(now: datetime, step: timedelta) -> Iterator[datetime]:
    """Moments of the last WEEKS, the last of them now."""
    count = int(WEEK * WEEKS / step)
    return (now - step * back for back in range(count - 1, -1, -1))


def _not_yet(
    rows: pl.DataFrame, fired: pl.DataFrame, wanted: Condition, since: datetime
) -> pl.DataFrame:
    """Those of `rows` (HOLDING) that `firing` does not leave in peace."""
    last = fired.group_by("customer_id").agg(last=pl.col("fired_at").max())
    lately = pl.col("last") > since
    if wanted.sign == "quiet":
        lately |= (pl.col("since") <= pl.col("last")).fill_null(value=True)
    at_peace = rows.join(last, on="customer_id").filter(lately)
    return rows.join(at_peace, on="customer_id", how="anti").join(
        fired, on=["customer_id", "occasion"], how="anti"
    )


def _told(session: Session, fired: pl.DataFrame, held_back: int, now: datetime) -> Tested:
    weeks = fired.group_by((now - pl.col("fired_at")).dt.total_days() // WEEK.days).len()
    newest = fired.reverse().head(MOST_EXAMPLES)
    asked = select(Customer.id, Customer.name).where(
        Customer.id.in_(newest["customer_id"].to_list())
    )
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(asked)}
    examples = tuple(
        {"customer_id": row["customer_id"], "customer": names.get(row["customer_id"], ""),
         "at": row["at"].isoformat(), "count": row["count"]}
        for row in newest.iter_rows(named=True)
    )  # fmt: skip
    most = int(weeks["len"].max() or 0)  # type: ignore[arg-type]
    return Tested(WEEKS, fired.height, fired["customer_id"].n_unique(), held_back, most, examples)
