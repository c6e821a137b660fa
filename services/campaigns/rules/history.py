"""What a rule would have done, had it been on: it is looked at before it is switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import InvalidMove
from data.tables import CampaignRule, Customer
from services.access import ADMINISTRATOR, MANAGER, Viewer, require_role
from services.campaigns.rules.conditions import MAIL, MOMENT, Condition, condition_of
from services.campaigns.rules.find import find_rule
from services.campaigns.rules.firing import LONGEST, WEEK
from services.campaigns.rules.looks import EVERY, Looks
from services.campaigns.rules.material import material
from services.campaigns.rules.spells import SPELL, spells
from services.campaigns.rules.walking import Pace, walk

WEEKS = 26
MOST_EXAMPLES = 10
READ, WORKED_OUT = 0.5, 0.8
FIRED = {name: SPELL[name] for name in ("customer_id", "at")} | {"fired_at": MOMENT}
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Trial:
    """A rule and the mails that it is tried on; `looks`: when it would have been looked at."""

    rule_id: int
    revision: int
    wanted: Condition
    window: timedelta
    cap: int
    looks: Looks


@dataclass(frozen=True)
class Tested:
    """`firings` in so many weeks, of so many customers; `most` in one week; `held_back`: the
    customers whom the cap would have kept waiting. It is of one `revision` of the rule."""

    revision: int
    weeks: int
    firings: int
    customers: int
    held_back: int
    most: int
    examples: tuple[Mapping[str, Any], ...]


def silent(_words: str, _share: float) -> None:
    """Nobody is told how far it is."""


def look_back(
    rule_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> Tested:
    """Go through the last half year, and keep with the rule what it would have done. Takes seconds of a large
    installation's mail, in which everybody else goes on writing."""
    with transaction(engine, read_only=True) as session:
        found = tried(session, rule_id, by=by, now=now, progress=progress)
    with transaction(engine) as session:
        keep(session, rule_id, found, by=by, now=now)
    return found


def tried(
    session: Session, rule_id: int, *, by: Viewer, now: datetime, progress: Report = silent
) -> Tested:
    """What the rule would have done in the last half year; writes nothing."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = find_rule(session, rule_id)
    looks = Looks(now, WEEK * WEEKS // EVERY)
    trial = Trial(
        rule.id, rule.revision, condition_of(rule.condition), timedelta(days=rule.window_days),
        rule.cap, looks,
    )  # fmt: skip
    progress("Reading the mails of half a year", 0.0)
    mails = material(session, since=looks.at(0) - LONGEST, wanted=trial.wanted)
    fired, held_back = walked(mails, trial, progress)
    return _told(session, trial, fired, held_back)


def keep(session: Session, rule_id: int, found: Tested, *, by: Viewer, now: datetime) -> None:
    """Keep with the rule what it would have done. InvalidMove when it has changed meanwhile."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = find_rule(session, rule_id, lock=True)
    if rule.revision != found.revision:
        raise InvalidMove("Somebody has changed this rule meanwhile. Test it as it is now.")
    told = asdict(found)
    rule.tested = told | {"at": now.isoformat(), "examples": list(told["examples"])}
    rule.updated_at = now


def is_tested(rule: CampaignRule) -> bool:
    """Whether it was looked at on history as it stands now."""
    return rule.tested is not None and rule.tested.get("revision") == rule.revision


def walked(
    mails: pl.DataFrame, trial: Trial, progress: Report = silent
) -> tuple[pl.DataFrame, int]:
    """FIRED in the order in which they would have been, and how many customers the cap would have kept
    waiting. The same as `firing.fire` comes to at the same looks: once per occasion and per silence, not
    twice in a window, and so many in any seven days."""
    assert set(MAIL) <= set(mails.columns)
    looks = trial.looks
    progress("Finding out when it would have held", READ)
    holds = spells(mails, trial.wanted, trial.window, looks)
    pace = Pace(looks.count, looks.in_time(trial.window), looks.in_time(WEEK), trial.cap)
    fired, held_back = walk(
        holds,
        pace,
        lambda share: progress("Going through the weeks", WORKED_OUT + (1 - WORKED_OUT) * share),
    )
    told = fired.with_columns(fired_at=looks.moments(pl.col("look")).cast(MOMENT))
    return told.select(FIRED.keys()), held_back


def _told(session: Session, trial: Trial, fired: pl.DataFrame, held_back: int) -> Tested:
    now = trial.looks.last
    weeks = fired.group_by((now - pl.col("fired_at")).dt.total_days() // WEEK.days).len()
    newest = fired.reverse().head(MOST_EXAMPLES)
    asked = select(Customer.id, Customer.name).where(
        Customer.id.in_(newest["customer_id"].to_list())
    )
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(asked)}
    examples = tuple(
        {"customer_id": row["customer_id"], "customer": names.get(row["customer_id"], ""),
         "at": row["at"].isoformat()}
        for row in newest.iter_rows(named=True)
    )  # fmt: skip
    most = int(weeks["len"].max() or 0)  # type: ignore[arg-type]
    customers = fired["customer_id"].n_unique()
    return Tested(trial.revision, WEEKS, fired.height, customers, held_back, most, examples)
