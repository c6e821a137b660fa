"""The CSM's notification of the same day, and the line on the customer's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import polars as pl
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Event, FollowUp, Notification
from services.attendance.follow_up.loading import (
    houses,
    occasion,
    present_at,
)
from services.attendance.follow_up.records import House, Match, Occasion, Only
from services.attendance.follow_up.relevance import about, matches
from services.ids import public_id
from services.notifications import Action, notify

KIND = "event_attended"
MOST_MATCHES = 3
NOBODY = (
    "Recommended: open the event and add who was there as stakeholders. Mails are written to "
    "stakeholders alone, and none of them is on record as one."
)
"""What to do where no draft can be made."""
_LABELS = {"goal": "Goal", "challenge": "Challenge", "interest": "Interest"}


def tell(session: Session, event_id: int, now: datetime, *, only: Only = None) -> int:
    """Notify the CSMs of the event's customers that they have not been told of; how many were told.

    A customer whom nobody looks after stays untold, and so shows up among what is late.
    """
    event = session.get(Event, event_id)
    untold = dict(
        session.execute(
            select(FollowUp.customer_id, FollowUp.id).where(
                FollowUp.event_id == event_id,
                FollowUp.notified_at.is_(None),
                FollowUp.waived_at.is_(None),
            )
        ).all()
    )
    if event is None or not untold:
        return 0
    if only is not None:
        untold = {customer: number for customer, number in untold.items() if customer in only}
    told = occasion(session, event)
    themes = about(told.themes)
    people = present_at(session, event_id)
    summaries = summaries_of(people)
    known = set(people.drop_nulls("stakeholder_id")["customer_id"])
    done = []
    for house in houses(session, untold).values():
        if house.csm_id is None or house.customer_id not in summaries:
            continue
        summary, no_show = summaries[house.customer_id]
        found = matches(house, themes)
        advice = recommended(told, found, no_show=no_show) if house.customer_id in known else NOBODY
        body = "\n".join((summary, relevance_words(house, found), advice))
        _notify(session, told, house, body, no_show=no_show, drafts=advice != NOBODY, now=now)
        done.append(untold[house.customer_id])
    for some in pieces(done):
        session.execute(update(FollowUp).where(FollowUp.id.in_(some)).values(notified_at=now))
    return len(done)


def key_of(event_id: int, customer_id: int) -> str:
    """Names the notification of a customer at an event."""
    return f"{KIND}:{event_id}:{customer_id}"


def dated_keys(
    session: Session, event_id: int, customer_id: int, since: datetime | None = None
) -> list[str]:
    """Names the notifications of a course whose clock began again, of those told since then."""
    again = Notification.dedup_key.startswith(f"{key_of(event_id, customer_id)}:", autoescape=True)
    told = select(Notification.dedup_key).where(Notification.customer_id == customer_id, again)
    return list(session.scalars(told.where(Notification.at >= since) if since else told))


def _notify(  # noqa: PLR0913 - the parts of the message
    session: Session,
    told: Occasion,
    house: House,
    body: str,
    *,
    no_show: bool,
    drafts: bool,
    now: datetime,
) -> None:
    assert house.csm_id is not None, "the caller leaves out whom nobody looks after"
    customer = public_id("customer", house.customer_id)
    verb = "missed" if no_show else "was at"
    key = key_of(told.event_id, house.customer_id)
    to_drafts = (Action("See drafts", "drafts", (("customer", customer),)),) if drafts else ()
    tell_them = partial(
        notify,
        kind=KIND,
        title=f"{house.name} {verb} {told.name}"[:300],
        body=body,
        customer_id=house.customer_id,
        actions=(
            *to_drafts,
            Action("Customer", "customer", (("id", customer),)),
            Action("Event", "event", (("id", public_id("event", told.event_id)),)),
        ),
        now=now,
    )
    if tell_them(session, house.csm_id, key) is None and told.self_paced:
        # Told of it before: the clock of a course begins again with whoever finishes it later.
        tell_them(session, house.csm_id, f"{key}:{now:%Y%m%d}")


def relevance_words(house: House, found: list[Match]) -> str:
    """Why the event matters to the customer, with the words in common."""
    if not (house.goals or house.challenges or house.interests):
        return "Relevance: no goal, challenge or interest of theirs is on record yet."
    if not found:
        return "Relevance: it shares no words with the goals, challenges or interests on record."
    parts = (
        f"{_LABELS[match.kind]} “{match.text}” ({', '.join(match.words)})"
        for match in found[:MOST_MATCHES]
    )
    return f"Relevance: {'; '.join(parts)}."


def recommended(told: Occasion, found: list[Match], *, no_show: bool) -> str:
    """What to do next, in a sentence."""
    if no_show:
        return (
            "Recommended: send what they missed, and ask whether the time or the topic was wrong."
        )
    if found:
        return f"Recommended: approve the drafts, and offer 20 minutes on “{found[0].text}”."
    if told.type in ("training", "workshop"):
        return "Recommended: approve the drafts, and ask what they have tried out since."
    return "Recommended: approve the drafts, and ask what they want to do with it."


def summaries_of(people: pl.DataFrame) -> dict[int, tuple[str, bool]]:
    """By customer: what its people did in a sentence, and whether nobody came."""
    came = pl.col("presence") == "attended"
    counted = people.group_by("customer_id").agg(
        attended=came.sum(),
        missing=(pl.col("presence") == "no_show").sum(),
        minutes=pl.col("minutes").filter(came).mean(),
        questions=pl.col("questions").filter(came).sum(),
        polls=pl.col("polls").filter(came).sum(),
        downloads=pl.col("downloads").filter(came).sum(),
        feedback=(pl.col("feedback").filter(came) > 0).sum(),
        spoke=pl.col("spoke").filter(came).sum(),
        completed=pl.col("completed").filter(came).sum(),
    )
    return {
        row["customer_id"]: (_summary(row), row["attended"] == 0)
        for row in counted.iter_rows(named=True)
    }


def _summary(row: dict[str, float]) -> str:
    if not row["attended"]:
        return f"{_many(row['missing'], 'person', 'people')} registered, nobody came."
    parts = [f"{_many(row['attended'], 'person', 'people')} attended"]
    if row["minutes"]:
        average = " on average" if row["attended"] > 1 else ""
        parts[0] += f", {_many(row['minutes'], 'minute', 'minutes')}{average}"
    if row["missing"]:
        parts.append(f"{row['missing']:.0f} registered and did not come")
    parts += _acts(row)
    return "; ".join(parts) + "."


def _acts(row: dict[str, float]) -> Iterable[str]:
    for name, one, many in (
        ("spoke", "person spoke", "people spoke"),
        ("questions", "question asked", "questions asked"),
        ("polls", "poll answered", "polls answered"),
        ("downloads", "download", "downloads"),
        ("feedback", "feedback given", "feedbacks given"),
        ("completed", "person completed it", "people completed it"),
    ):
        if row[name]:
            yield _many(row[name], one, many)


def _many(count: float, one: str, many: str) -> str:
    return f"{count:.0f} {one if count == 1 else many}"
