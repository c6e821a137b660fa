"""The mail after a solved ticket, on three levels: its tone by how grave it was and how we stand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.tickets.follow_up.evidence import evidence_for
from services.tickets.follow_up.phrases import (
    aid_of,
    day_of,
    has_phone,
    matter_of,
    resolution_of,
    span_of,
    topic_of,
)
from services.tickets.follow_up.records import Case, Composed, Reader, Relation

FOLDER = "tickets"
MOST_CASES = 5
_GRAVE = ("high", "urgent")


def compose(
    level: str,
    cases: Sequence[Case],
    reader: Reader,
    relation: Relation,
    *,
    rating_url: str | None,
    now: datetime,
) -> Composed:
    """A mail about solved tickets, the gravest first. Without `rating_url` no rating is asked for."""
    lead = cases[0]
    repair = level == "relationship_repair"
    values: dict[str, Any] = {
        "first_name": reader.first_name or "there",
        "customer": relation.name,
        "number": lead.number,
        "matter": matter_of(lead.subject, lead.kind),
        "several": len(cases) > 1,
        "sorry": _sorry(level, lead, reader, now),
        "course": _course(lead) if level != "acknowledge" else [],
        "recap": [_recap(one) for one in cases[:MOST_CASES]],
        "questions": [
            {"n": place, "text": text} for place, text in enumerate(_questions(level, lead), 1)
        ],
        "offer": _offer(level, cases, reader, relation),
        "promise": _promise(lead) if level != "acknowledge" else "",
        "rating_url": rating_url or "",
        "thanks": "Thank you for your patience through this."
        if repair
        else "Thank you for your patience.",
        "sender_name": relation.sender,
        "signature": relation.signature,
    }
    return Composed(f"{FOLDER}/{level}", values, tuple(evidence_for(values, cases, relation)))


def _sorry(level: str, lead: Case, reader: Reader, now: datetime) -> str:
    """What it was like for them, and that we are sorry; no more than the facts carry."""
    if level == "acknowledge":
        return ""
    felt = lead.severity in _GRAVE or lead.sentiment in ("negative", "angry")
    if level == "satisfaction_check":
        return (
            "I know that this got in the way of your work, and I am sorry for the trouble."
            if felt
            else ("I am sorry for the trouble it caused.")
        )
    span = span_of(lead.hours, lead.solved_at, now)
    said = f"I know {span} frustrating. This is not what you should have to deal with, and I am sorry that you did."
    if lead.sentiment == "angry":
        said = f"I have read what you wrote to us, and I understand it. {said}"
    if reader.role == "executive_sponsor":
        said = f"{said} You relied on us with this, and we let you wait."
    return said


def _course(lead: Case) -> list[str]:
    """What went wrong on the way, owned up to; only what is on record."""
    found: list[str] = []
    if lead.reopens:
        again = "once" if lead.reopens == 1 else f"{lead.reopens} times"
        found.append(f"It came back {again} after we had called it solved. That should not happen.")
    if lead.csat == "bad":
        found.append(
            "You told our support team that you were not satisfied, and I take that seriously."
        )
    return found


def _recap(one: Case) -> dict[str, str]:
    return {
        "number": one.number,
        "issue": topic_of(one.subject) if len(one.subject) > 120 else " ".join(one.subject.split()),
        "resolution": resolution_of(one.resolution),
        "status": f"came back, solved on {day_of(one.over_at)}"
        if one.over_at
        else f"solved on {day_of(one.solved_at)}",
    }


def _questions(level: str, lead: Case) -> list[str]:
    aid = aid_of(resolution_of(lead.resolution))
    if level == "acknowledge":
        return ["Is there anything left open on your side?"]
    second = (
        f"Did the {aid} help, or would a quick call be useful?"
        if aid
        else "Would a quick call be useful to go through what happened?"
    )
    asked = ["Is everything working smoothly since the fix?", second]
    if level == "relationship_repair":
        asked.append("Is there anything else I should flag to our team?")
    return asked


def _offer(level: str, cases: Sequence[Case], reader: Reader, relation: Relation) -> str:
    if level == "acknowledge":
        return "If anything comes up, just reply to this mail: it reaches me directly."
    team = cases[0].escalated_to
    if level == "relationship_repair" and reader.role == "executive_sponsor":
        return "If a short written summary of what happened, and of what we change because of it, helps you, say so and you have it."
    if len(cases) > 2:
        return f"As {len(cases)} tickets came together, would 30 minutes be of use to look at what they have in common?"
    if level == "relationship_repair" and team:
        return f"If you would like to hear from those who fixed it, I am glad to bring our {_team(team)} into a call of 20 minutes."
    if relation.at_risk and has_phone(relation.signature):
        return "If it is easier to talk, call me directly: my number is below, and I make the time."
    return "If it is easier to talk, name a time that suits you for a call of 20 minutes."


def _team(said: str) -> str:
    plain = " ".join(said.split())
    return (
        plain
        if "team" in plain.casefold()
        else f"{plain.lower() if plain.istitle() else plain} team"
    )


def _promise(lead: Case) -> str:
    """One that becomes a task when the mail leaves; the CSM may take it out or change its day."""
    if lead.area and len(lead.area) <= 40:
        return (
            f"I've also added a note to check your {lead.area} metrics next week, to make sure we stay ahead"
            " of anything that comes up."
        )
    return "I've also added a note to check next week that it stays solved."
