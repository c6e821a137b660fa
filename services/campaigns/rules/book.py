"""Rules: four of ours and those that people make, switched on only after a look at history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.once import add_once
from data.tables import CampaignRule, Customer, Person, RuleFiring
from services.access import ADMINISTRATOR, MANAGER, Viewer, audit, require_role, visible
from services.campaigns.rules.closing import not_withdrawn
from services.campaigns.rules.conditions import ACTIONS, Condition, condition_of
from services.campaigns.rules.find import find_rule
from services.campaigns.rules.history import is_tested

LONGEST_WINDOW, MOST_PER_WEEK, MOST_RULES = 180, 500, 100


@dataclass(frozen=True)
class NewRule:
    """`window_days`: how far back signs count, and how long a customer is then left in peace by this rule.
    `cap`: firings per week over all customers. Without `owner_id` the action is the customer's CSM's."""

    name: str
    condition: Condition
    window_days: int
    action: str
    cap: int = 20
    owner_id: int | None = None


@dataclass(frozen=True)
class RuleRow:
    """`tested` is what the last look at history said, None when it was of another form of the rule."""

    id: int
    name: str
    built_in: str | None
    condition: Condition
    window_days: int
    action: str
    owner_id: int | None
    owner: str | None
    cap: int
    state: str
    tested: Mapping[str, Any] | None
    revision: int
    fired_week: int
    fired: int


BUILT_IN = {
    "engaged": NewRule("Highly engaged: ask for a conversation", Condition("engaged", 2), 30, "draft"),
    "clicked": NewRule("Clicked a topic: follow up in person", Condition("clicked", 1), 7, "draft"),
    "quiet": NewRule("No sign of reading: consider a check-in", Condition("quiet", 3), 90, "task"),
    "left": NewRule("Unsubscribed: the relationship is at risk", Condition("left", 1), 14, "risk"),
}  # fmt: skip
"""The triggers everybody starts with: off until somebody has looked at what they would do."""


def ensure_built_in(session: Session, *, now: datetime) -> int:
    """Add those of ours that are missing; how many were."""
    added = 0
    for key, rule in BUILT_IN.items():
        values = _values(rule) | {"built_in": key, "created_at": now, "updated_at": now}
        made = add_once(session, CampaignRule, state="draft", revision=1, created_by=None, **values)
        added += made is not None
    return added


def listing(session: Session, by: Viewer, now: datetime) -> list[RuleRow]:
    """Ours first, then by name. The examples of a test are those of customers that `by` sees."""
    counts = select(
        RuleFiring.rule_id,
        func.count().label("all"),
        func.count().filter(RuleFiring.fired_at > now - timedelta(days=7), not_withdrawn()).label("week"),
    ).group_by(RuleFiring.rule_id).subquery()  # fmt: skip
    rows = session.execute(
        select(CampaignRule, Person.name, counts.c.week, counts.c.all)
        .outerjoin(Person, Person.id == CampaignRule.owner_id)
        .outerjoin(counts, counts.c.rule_id == CampaignRule.id)
        .where(CampaignRule.state != "removed")
        .order_by(CampaignRule.built_in.is_(None), CampaignRule.name, CampaignRule.id)
        .limit(MOST_RULES)
    )
    found = [_row(rule, owner, week or 0, every or 0) for rule, owner, week, every in rows]
    return _seen(session, by, found)


def _seen(session: Session, by: Viewer, rows: list[RuleRow]) -> list[RuleRow]:
    named = {one["customer_id"] for row in rows if row.tested for one in row.tested["examples"]}
    asked = select(Customer.id, Customer.name).where(Customer.id.in_(sorted(named)), visible(by))
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(asked)}
    return [
        replace(row, tested={**row.tested, "examples": _theirs(row.tested["examples"], names)})
        if row.tested
        else row
        for row in rows
    ]


def _theirs(examples: list[dict[str, Any]], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """With the name as it is now."""
    return [
        {**one, "customer": names[one["customer_id"]]}
        for one in examples
        if one["customer_id"] in names
    ]


def add(session: Session, new: NewRule, *, by: Viewer, now: datetime) -> int:
    """A rule of a person's, off until it is tested; its id. BadInput says what cannot be."""
    require_role(by, MANAGER, ADMINISTRATOR)
    values = _values(_checked(session, new))
    rule = CampaignRule(
        **values, state="draft", revision=1, created_by=by.person_id, created_at=now, updated_at=now
    )
    session.add(rule)
    session.flush()
    audit(session, by, "campaign_rule.added", "campaign_rule", rule.id, rule.name, now)
    return rule.id


def change(
    session: Session, rule_id: int, revision: int, new: NewRule, *, by: Viewer, now: datetime
) -> None:
    """It is off from then on, until its new form has been tested. InvalidMove when it has changed meanwhile."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = _as_seen(session, rule_id, revision)
    for name, value in _values(_checked(session, new)).items():
        setattr(rule, name, value)
    rule.revision, rule.state, rule.tested, rule.updated_at = revision + 1, "draft", None, now
    audit(session, by, "campaign_rule.changed", "campaign_rule", rule.id, rule.name, now)


def switch_on(session: Session, rule_id: int, revision: int, *, by: Viewer, now: datetime) -> None:
    """InvalidMove before somebody has looked at what it would have done, and when it is another by now than
    the one that was looked at."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = _as_seen(session, rule_id, revision)
    if not is_tested(rule):
        raise InvalidMove("Test it on history first, to see how often it would have fired.")
    rule.state, rule.updated_at = "on", now
    audit(session, by, "campaign_rule.switched_on", "campaign_rule", rule.id, rule.name, now)


def switch_off(session: Session, rule_id: int, *, by: Viewer, now: datetime) -> None:
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = find_rule(session, rule_id, lock=True)
    rule.state, rule.updated_at = "off", now
    audit(session, by, "campaign_rule.switched_off", "campaign_rule", rule.id, rule.name, now)


def remove(session: Session, rule_id: int, revision: int, *, by: Viewer, now: datetime) -> None:
    """What it did stays on record. Ours can be switched off, not removed; InvalidMove as with `switch_on`."""
    require_role(by, MANAGER, ADMINISTRATOR)
    rule = _as_seen(session, rule_id, revision)
    if rule.built_in is not None:
        raise InvalidMove("This rule is part of the app. Switch it off instead.")
    rule.state, rule.updated_at = "removed", now
    audit(session, by, "campaign_rule.removed", "campaign_rule", rule.id, rule.name, now)


def _as_seen(session: Session, rule_id: int, revision: int) -> CampaignRule:
    rule = find_rule(session, rule_id, lock=True)
    if rule.revision != revision:
        raise InvalidMove("Somebody has changed this rule meanwhile. Look at it as it is now.")
    return rule


def _checked(session: Session, new: NewRule) -> NewRule:
    name = " ".join(new.name.split())
    if not 0 < len(name) <= 200:
        raise BadInput("Give the rule a name of up to 200 characters.")
    if not 1 <= new.window_days <= LONGEST_WINDOW:
        raise BadInput(f"The window must be between 1 and {LONGEST_WINDOW} days.")
    if new.action not in ACTIONS:
        raise BadInput(f"Choose one of these actions: {', '.join(ACTIONS)}.")
    if not 1 <= new.cap <= MOST_PER_WEEK:
        raise BadInput(f"The cap must be between 1 and {MOST_PER_WEEK} a week.")
    if new.owner_id is not None and session.get(Person, new.owner_id) is None:
        raise BadInput("Choose an owner from the list.")
    return replace(new, name=name, condition=condition_of(new.condition.stored()))


def _values(rule: NewRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "condition": rule.condition.stored(),
        "window_days": rule.window_days,
        "action": rule.action,
        "cap": rule.cap,
        "owner_id": rule.owner_id,
    }


def _row(rule: CampaignRule, owner: str | None, week: int, every: int) -> RuleRow:
    return RuleRow(
        id=rule.id,
        name=rule.name,
        built_in=rule.built_in,
        condition=condition_of(rule.condition),
        window_days=rule.window_days,
        action=rule.action,
        owner_id=rule.owner_id,
        owner=owner,
        cap=rule.cap,
        state=rule.state,
        tested=rule.tested if is_tested(rule) else None,
        revision=rule.revision,
        fired_week=week,
        fired=every,
    )
