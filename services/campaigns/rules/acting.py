"""What a rule does when it fires: a draft that waits for approval, a task, a risk signal, or a word to the CSM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.once import add_once
from data.tables import (
    Campaign,
    CampaignRule,
    Customer,
    Person,
    RiskSignal,
    RiskSignalEvent,
    RuleFiring,
    Stakeholder,
    StakeholderEmail,
)
from services import drafts, tasks
from services.campaigns.rules.topic import clicked_on
from services.ids import public_id
from services.mailboxes import OUR_TEAM, below_name
from services.notifications import Action, notify
from services.plurals import plural
from services.timeline import note

SOURCE = "campaign_rule"
SIGNAL = "campaign_left"
"""The kind of a risk signal that a rule raises: another than that of fading from events."""
DUE = timedelta(days=3)
TEMPLATES = {"clicked": "campaigns/topic", "quiet": "campaigns/check_in"}
SAID = {
    "engaged": "answers our mail more than most",
    "clicked": "clicked in our mail",
    "replied": "replied to our mail",
    "left": "left our mailing list",
}
Row = Mapping[str, Any]


def act(session: Session, rule: CampaignRule, firing: RuleFiring, row: Row, now: datetime) -> None:
    """Do what the rule says, and keep with the firing what it rests on and what came of it. Where nobody can
    be written to, a draft becomes a task."""
    customer = session.get_one(Customer, firing.customer_id)
    firing.evidence = _evidence(session, rule, firing, row)
    action = rule.action
    if action == "draft":
        firing.draft_id = _draft(session, rule, firing, customer, now)
        action = "done" if firing.draft_id else "task"
    if action == "task":
        firing.task_id = _task(session, rule, firing, customer, now)
    elif action == "risk":
        firing.signal_id = _risk(session, rule, firing, customer, now)
    elif action == "notify":
        _tell(session, rule, firing, customer, now)
    note(
        session, customer.id, "signal", now, rule.name, _fact(firing),
        dedup_key=f"{SOURCE}:{firing.id}", stakeholder_id=firing.stakeholder_id, screen="customer",
        query={"id": public_id("customer", customer.id), "customer.view": "Campaigns"},
    )  # fmt: skip
    session.flush()


def _evidence(
    session: Session, rule: CampaignRule, firing: RuleFiring, row: Row
) -> list[dict[str, Any]]:
    campaign = session.get(Campaign, firing.campaign_id) if firing.campaign_id else None
    who = _name(session, firing.stakeholder_id) or "Somebody there"
    query = {"id": public_id("campaign", campaign.id)} if campaign else {}
    told = told_of(rule, row, who, campaign.name if campaign else "a campaign")
    return [{**told, "screen": "one_campaign" if campaign else None, "query": query}]


def told_of(rule: CampaignRule, row: Row, who: str, campaign: str) -> dict[str, str]:
    """`claim` and `fact` in words. The counts are of all people of the customer's, and say so: only where one
    alone did it all are they that person's."""
    sign, count, people = rule.condition["sign"], row["count"], row["people"]
    within = f"in {plural(rule.window_days, 'day')}"
    last = f"Last in {campaign} on {row['at'].day} {row['at']:%b %Y}"
    if sign == "quiet":
        claim = "Nobody there shows a sign of reading our mail"
        return {"claim": claim, "fact": f"Campaigns {within}: {count}, people: {people}. {last}."}
    if people > 1:
        last += f". {people} people there did so {within}"
    elif sign != "engaged":
        last += f", {count} {'mail' if count == 1 else 'mails'} {within}"
    return {"claim": f"{who} {SAID[sign]}", "fact": f"{last}."}


def _fact(firing: RuleFiring) -> str:
    first = firing.evidence[0]
    return f"{first['claim']}. {first['fact']}"


def _draft(
    session: Session, rule: CampaignRule, firing: RuleFiring, customer: Customer, now: datetime
) -> int | None:
    """None where the person is not known, or has no address."""
    if firing.stakeholder_id is None:
        return None
    address = select(StakeholderEmail.email).where(
        StakeholderEmail.stakeholder_id == firing.stakeholder_id
    )
    if session.scalar(address.limit(1)) is None:
        return None
    who = session.get_one(Stakeholder, firing.stakeholder_id)
    owner = session.get(Person, rule.owner_id or customer.csm_id or 0)
    name = owner.name if owner else OUR_TEAM
    campaign = session.get(Campaign, firing.campaign_id) if firing.campaign_id else None
    new = drafts.NewDraft(
        dedup_key=f"{SOURCE}:{firing.id}",
        kind="campaign_follow_up",
        topic="relationship",
        customer_id=customer.id,
        stakeholder_id=who.id,
        source=SOURCE,
        source_id=firing.id,
        template=rule.template or TEMPLATES.get(rule.condition["sign"], "campaigns/conversation"),
        values={
            "first_name": who.first_name or "there",
            "customer": customer.name,
            "about": (campaign.subject or campaign.name) if campaign else "",
            "topic": clicked_on(session, firing) or "",
            "sender_name": name,
            "signature": below_name(session, owner.id if owner else None, name),
        },
        evidence=firing.evidence,
        owner_id=rule.owner_id,
    )
    return drafts.create(session, new, now=now)


def _task(
    session: Session, rule: CampaignRule, firing: RuleFiring, customer: Customer, now: datetime
) -> int | None:
    new = tasks.NewTask(
        dedup_key=f"{SOURCE}:{firing.id}",
        title=f"{customer.name}: {firing.evidence[0]['claim']}"[:200],
        detail=f"{rule.name}. {_fact(firing)}",
        due_at=now + DUE,
        owner_id=rule.owner_id or customer.csm_id,
        customer_id=customer.id,
        stakeholder_id=firing.stakeholder_id,
        source=SOURCE,
        source_id=firing.id,
    )
    return tasks.add(session, new, now=now)


def _risk(
    session: Session, rule: CampaignRule, firing: RuleFiring, customer: Customer, now: datetime
) -> int | None:
    """The signal; the one that stands, where there is one of this kind."""
    sentence = _fact(firing)
    number = add_once(
        session, RiskSignal, customer_id=customer.id, kind=SIGNAL, level="watch", state="open",
        sentence=sentence, facts={"rule": rule.name}, as_of=now.date(), opened_at=now, seen_at=now,
    )  # fmt: skip
    if number is None:
        return session.scalar(
            select(RiskSignal.id).where(
                RiskSignal.customer_id == customer.id,
                RiskSignal.kind == SIGNAL,
                RiskSignal.state != "closed",
            )
        )
    opened = {"signal_id": number, "at": now, "move": "opened", "level": "watch"}
    session.add(RiskSignalEvent(**opened, sentence=sentence))
    _tell(session, rule, firing, customer, now, ("risk", ("signal", public_id("signal", number))))
    return number


def _tell(
    session: Session,
    rule: CampaignRule,
    firing: RuleFiring,
    customer: Customer,
    now: datetime,
    screen: tuple[str, tuple[str, str]] | None = None,
) -> None:
    person = rule.owner_id or customer.csm_id
    if person is None:
        return
    where, what = screen or ("customer", ("id", public_id("customer", customer.id)))
    notify(
        session, person, f"{SOURCE}:{firing.id}", "campaign", f"{customer.name}: {rule.name}",
        _fact(firing), customer_id=customer.id, actions=(Action("Look at it", where, (what,)),),
        now=now,
    )  # fmt: skip


def _name(session: Session, stakeholder_id: int | None) -> str | None:
    who = session.get(Stakeholder, stakeholder_id) if stakeholder_id else None
    return f"{who.first_name} {who.last_name}".strip() or None if who else None
