"""Whom to talk to because they take our mail well, about what, when, and what to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import CampaignRecipient, Customer, OutboxMail, RuleFiring, Stakeholder, Task
from services.access import Viewer, visible
from services.campaigns.contacting import SOURCE, TOPIC
from services.campaigns.insight.customer import clicked_topics
from services.campaigns.insight.kept import load_insight
from services.campaigns.insight.pattern import LATELY as LAST_MAILS
from services.campaigns.rules.contact import contact_columns, first_contact
from services.figures import Share, share_of
from services.suppression import blocked_among

MOST = 50
MOST_TOPICS = 3
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Recommendation:
    """`hours`: the best two hours of their own day, as (from, until), None: not enough data of their own.
    `chance` 0..1 of an answer to the next campaign, with `sent` mails behind it."""

    recipient_id: int
    customer_id: int
    customer: str
    stakeholder_id: int | None
    name: str
    email: str
    reason: str
    sent: int
    clicked: int
    replied: int
    level: str | None
    chance: float | None
    topics: tuple[str, ...]
    hours: tuple[int, int] | None
    talking_points: tuple[str, ...]
    contacted: bool


@dataclass(frozen=True)
class Recommendations:
    """`rows` are those not contacted first; `followed_up`: how many of all high engagers were contacted in the
    last 30 days: by a mail of one's own, or as their CSM says."""

    rows: tuple[Recommendation, ...]
    followed_up: Share
    as_of: datetime


def recommendations(
    session: Session, by: Viewer, now: datetime, *, limit: int = MOST
) -> Recommendations:
    """Of the high engagers among the people of customers that `by` sees, those who may be written to."""
    known = load_insight(session, now)
    high = known.people.filter(pl.col("pattern") == "engaged")
    mine = read_frame(
        session, select(Customer.id, Customer.name).where(visible(by)),
        {"customer_id": pl.Int64, "customer": pl.String},
    )  # fmt: skip
    seen = high.join(mine, on="customer_id")
    written = written_lately(session, now)
    seen = seen.with_columns(
        contacted=pl.col("stakeholder_id").is_in(written).fill_null(value=False)
    )
    best = seen.sort(
        "contacted", "chance", "recipient_id", descending=[False, True, False], nulls_last=True
    )
    share, most = share_of(int(seen["contacted"].sum()), seen.height), min(limit, MOST)
    rows: list[Recommendation] = []
    for some in best.iter_slices(2 * MOST):  # nearly always the first is enough
        rows += _to_write_to(session, _rows(session, some, now))
        if len(rows) >= most:
            break
    return Recommendations(tuple(rows[:most]), share, known.as_of)


def _to_write_to(session: Session, rows: list[Recommendation]) -> list[Recommendation]:
    """Without those on the list “Do not contact”."""
    whose = {row.email: row.stakeholder_id for row in rows if row.stakeholder_id}
    out = blocked_among(session, [row.email for row in rows], TOPIC, whose)
    return [row for row in rows if row.email not in out]


def written_lately(session: Session, now: datetime) -> list[int]:
    """Stakeholders whom somebody wrote to lately, or acted on what a rule had found of them."""
    mailed = select(OutboxMail.stakeholder_id).where(
        OutboxMail.sent_at > now - LATELY, OutboxMail.topic == "relationship"
    )
    found = {number for number in session.scalars(mailed.distinct()) if number is not None}
    spoken = select(Task.stakeholder_id).where(
        Task.source == SOURCE, Task.state == "done", Task.done_at > now - LATELY
    )
    found |= {number for number in session.scalars(spoken.distinct()) if number is not None}
    fired = select(RuleFiring.stakeholder_id, *contact_columns()).where(
        RuleFiring.fired_at > now - 2 * LATELY, RuleFiring.stakeholder_id.is_not(None)
    )
    for number, *moments in session.execute(fired):
        at = first_contact(*moments)
        if number is not None and at is not None and at > now - LATELY:
            found.add(number)
    return sorted(found)


def _rows(session: Session, chosen: pl.DataFrame, now: datetime) -> list[Recommendation]:
    r, s = CampaignRecipient, Stakeholder
    full = func.nullif(func.trim(s.first_name + " " + s.last_name), "")
    asked = (
        select(r.id, func.coalesce(full, r.name, r.email), r.email)
        .outerjoin(s, s.id == r.stakeholder_id)
        .where(r.id.in_(chosen["recipient_id"].to_list()))
    )
    names = {row[0]: (row[1], row[2]) for row in session.execute(asked)}
    clicked = clicked_topics(session, chosen["customer_id"].unique().to_list(), now)
    counted = clicked.group_by("recipient_id", "topic").agg(n=pl.len(), at=pl.col("at").max())
    topics: dict[int, list[str]] = {}
    ordered = counted.sort("n", "at", "topic", descending=[True, True, False])
    for number, topic, _, _ in ordered.iter_rows():
        topics.setdefault(number, []).append(topic)
    found: list[Recommendation] = []
    for row in chosen.iter_rows(named=True):
        name, email = names[row["recipient_id"]]
        liked = tuple(topics.get(row["recipient_id"], ())[:MOST_TOPICS])
        start, end = row["best_from_hour"], row["best_until_hour"]
        own = row["best_own"] and start is not None and end is not None
        hours = _slot(start, end) if own else None
        found.append(
            Recommendation(
                recipient_id=row["recipient_id"],
                customer_id=row["customer_id"],
                customer=row["customer"],
                stakeholder_id=row["stakeholder_id"],
                name=name,
                email=email,
                reason=reason(row["sent"], row["clicked"], row["replied"], row["recent_clicks"]),
                sent=row["sent"],
                clicked=row["clicked"],
                replied=row["replied"],
                level=row["level"],
                chance=row["chance"],
                topics=liked,
                hours=hours,
                talking_points=points(row["customer"], liked, row["replied"]),
                contacted=row["contacted"],
            )
        )
    return found


def _slot(start: Any, end: Any) -> tuple[int, int]:
    return int(start), int(end)


def reason(sent: int, clicked: int, replied: int, recent: int) -> str:
    """What makes them high engagers first: a reply, or clicks in most of the last few mails."""
    lately = f"clicked in {recent} of the last {min(sent, LAST_MAILS)} mails"
    first = [f"replied to {replied}"] if replied else []
    said = "; ".join([*first, lately]) + f"; {clicked} of {sent} in all."
    return said[0].upper() + said[1:]


def points(customer: str, topics: tuple[str, ...], replied: int) -> tuple[str, ...]:
    """What to say, each from a fact; without any fact there is none."""
    found = [
        f"They followed links on {topic}: ask what {customer} plans there." for topic in topics
    ]
    if replied:
        found.append("They replied to a campaign: take up what they wrote before anything else.")
    return tuple(found)
