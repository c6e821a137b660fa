"""The demo's support tickets: one that went badly at TechFlow, and the everyday ones around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    CustomerDomain,
    HealthChange,
    Stakeholder,
    StakeholderEmail,
)
from data.versions import MATCHING, bump
from integrations.ticket_records import Piece, change, told
from services.tickets.intake import take_in
from services.tickets.source import Source

DESK = Source("zendesk", "webhook")
CUSTOMER, NUMBER = "TechFlow", "TF-2024-0847"
REQUESTER = ("David", "Kim", "Operations Manager")
OPENED, SOLVED = timedelta(days=4, hours=20), timedelta(hours=20)
"""Before now: four days from one to the other, and the hold-off is not over."""
FALL = 6
"""Points of health that it cost."""


@dataclass(frozen=True)
class _Everyday:
    """A ticket told in one line. `ago` and `took` in days; `took` None: still open."""

    customer: str
    number: str
    subject: str
    severity: str
    ago: float
    took: float | None
    words: str
    area: str = ""
    csat: str | None = None
    escalated: str | None = None
    reopened: int = 0
    resolution: str | None = None


EVERYDAY: Sequence[_Everyday] = (
    _Everyday("DataPro", "1201", "Dashboard shows last week's figures", "normal", 47, 0.4,
              "The renewals dashboard still shows last week.", "Dashboards", csat="good",
              resolution="The nightly refresh had been paused; it runs again."),
    _Everyday("DataPro", "1207", "Dashboard empty after the refresh", "normal", 41, 0.3,
              "Now the same dashboard is empty.", "Dashboards",
              resolution="A filter pointed at a field that had been renamed."),
    _Everyday("TechCorp", "1188", "How do we add a second region?", "low", 63, 1.1,
              "We would like to know how to add a second region.", "Admin", csat="good",
              resolution="Sent the guide on regions and walked through it."),
    _Everyday("DataFlow", "1215", "Import stops at 10,000 rows", "high", 34, 2.6,
              "The import stops at 10,000 rows. This is the second time, and it is unacceptable "
              "before quarter end.", "Import", csat="bad", escalated="engineering", reopened=1,
              resolution="The limit was raised and the import ran to its end."),
    _Everyday("Orchard Robotics", "1223", "Umlaute fehlen im Export", "normal", 25, 0.9,
              "Im Export fehlen alle Umlaute, das sieht beim Kunden schlecht aus.", "Export",
              resolution="Exports are written as UTF-8 now."),
    _Everyday("Nimbus Gaming", "1230", "kill -9 does not end the agent process", "normal", 18, 0.5,
              "kill -9 does not end the agent process, it comes back as fatal error 137.", "Agent",
              resolution="The service manager restarted it; stop it with the service command."),
    _Everyday("DataPro", "1240", "Single sign-on certificate runs out", "normal", 3, None,
              "Our certificate runs out next week, what do we have to do?", "Sign-in"),
)  # fmt: skip


def enter_tickets(session: Session, now: datetime) -> int:
    """Tell of them as a desk does; how many. Customers that the story does not have are passed over."""
    rows = session.execute(
        select(Customer.name, Customer.id, CustomerDomain.domain)
        .join(CustomerDomain, CustomerDomain.customer_id == Customer.id)
        .order_by(CustomerDomain.domain)
    ).all()
    known = {name: (number, domain) for name, number, domain in reversed(rows)}
    number, domain = known[CUSTOMER]
    people = _people(session, number, domain, now)
    pieces = [_techflow(people, now)]
    pieces += [
        _everyday(one, known[one.customer][1], now) for one in EVERYDAY if one.customer in known
    ]
    _health(session, number, now)
    bump(session, MATCHING)
    session.flush()  # the customer book is read past the session's own objects
    take_in(session, DESK, told(pieces), now=now)
    return len(pieces)


def _people(session: Session, customer: int, domain: str, now: datetime) -> list[str]:
    """Addresses of whoever wrote: the requester, who is added by hand, and two of those on record."""
    first, last, title = REQUESTER
    david = Stakeholder(
        customer_id=customer, first_name=first, last_name=last, title=title, role="user",
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(david)
    session.flush()
    address = f"{first}.{last}@{domain}".lower()
    session.add(StakeholderEmail(email=address, stakeholder_id=david.id, shown_as=address))
    others = session.scalars(
        select(StakeholderEmail.email)
        .join(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
        .where(Stakeholder.customer_id == customer, Stakeholder.id != david.id)
        .order_by(Stakeholder.id)
        .limit(2)
    )
    return [address, *others]


def _health(session: Session, customer: int, now: datetime) -> None:
    """It fell while syncs failed, and came back."""
    known = session.get_one(Customer, customer)
    score = known.reported_health if known.health_score is None else known.health_score
    if score is None:
        return
    low = score - FALL
    newest = (
        select(HealthChange.parts)
        .where(HealthChange.customer_id == customer)
        .order_by(HealthChange.id.desc())
        .limit(1)
    )
    parts = session.scalar(newest) or {}
    fell, rose = now - OPENED + timedelta(days=1), now - SOLVED + timedelta(hours=2)
    words = ("API syncs failed", "API syncs run again")
    for at, before, after, cause in ((fell, score, low, words[0]), (rose, low, score, words[1])):
        session.add(
            HealthChange(
                customer_id=customer, at=at, before=before, health=after, parts=parts, cause=cause
            )
        )


def _techflow(people: Sequence[str], now: datetime) -> Piece:
    opened, solved = _plain(now - OPENED), _plain(now - SOLVED)
    first, last, _ = REQUESTER
    row = {
        "number": NUMBER,
        "subject": "API rate limiting causing sync failures",
        "kind": "incident",
        "channel": "email",
        "area": "API",
        "tags": ["api", "rate_limit", "sync"],
        "state": "solved",
        "severity": "high",
        "requester_email": people[0],
        "requester_name": f"{first} {last}",
        "organisation": CUSTOMER,
        "agent": "Noor Haddad",
        "team": "Support",
        "opened_at": opened,
        "solved_at": solved,
        "updated_at": solved,
        "first_reply_minutes": 35,
        "replies": 6,
        "escalated_to": "engineering",
        "resolution": "Rate limits increased 3x and an API optimization guide provided.",
    }
    said = (
        ("customer", 0, people[0], False,
         "Since this morning our sync fails with 429 after a few minutes. Orders do not reach the warehouse."),
        ("agent", 0.03, None, False,
         "I am sorry about this, David. We are looking into the limits of your account."),
        ("customer", 1, people[-1], False, "It failed again last night. We had to copy orders by hand."),
        ("agent", 1.2, None, True, "Escalated to engineering: the limit does not fit their volume."),
        ("customer", 2.1, people[1 % len(people)], False, "When will this be solved? It is the third day."),
        ("agent", 3.9, None, False,
         "The limits are three times as high now. The guide shows how to batch requests."),
        ("customer", 3.95, people[0], False, "Thanks, the sync runs again."),
    )  # fmt: skip
    messages = [
        _message(
            f"tf-{place}", author, opened + timedelta(days=day), email, text, internal=internal
        )
        for place, (author, day, email, internal, text) in enumerate(said)
    ]
    changes = [
        change("state", "open", opened + timedelta(minutes=35), "new", "tf-open"),
        change("escalation", "engineering", opened + timedelta(days=1.2), None, "tf-up"),
        change("state", "solved", solved, "open", "tf-solved"),
    ]
    return row, changes, messages


def _everyday(one: _Everyday, domain: str, now: datetime) -> Piece:
    opened = _plain(now - timedelta(days=one.ago))
    solved = opened + timedelta(days=one.took) if one.took is not None else None
    row = {
        "number": one.number,
        "subject": one.subject,
        "area": one.area or None,
        "channel": "email",
        "state": "solved" if solved else "open",
        "severity": one.severity,
        "requester_email": f"desk@{domain}",
        "requester_name": f"{one.customer} service desk",
        "organisation": one.customer,
        "team": "Support",
        "opened_at": opened,
        "solved_at": solved,
        "updated_at": solved or opened,
        "reopens": one.reopened or None,
        "escalated_to": one.escalated,
        "csat": one.csat,
        "resolution": one.resolution,
    }
    message = _message(
        f"{one.number}-1", "customer", opened, f"desk@{domain}", one.words, internal=False
    )
    return row, [], [message]


def _message(
    key: str, author: str, at: datetime, email: str | None, text: str, *, internal: bool
) -> dict[str, Any]:
    return {
        "key": key, "author": author, "at": at, "email": email, "name": None,
        "internal": internal, "text": text,
    }  # fmt: skip


def _plain(at: datetime) -> datetime:
    return at.replace(tzinfo=None, microsecond=0)
