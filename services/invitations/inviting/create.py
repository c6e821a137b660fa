"""Invitations for many customers at once: one person each, written as a draft that waits for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Event
from data.versions import INVITATIONS, bump
from services import rendering
from services.access import SYSTEM, Viewer, audit
from services.invitations import links
from services.invitations.catalogue.book import required
from services.invitations.inviting.compose import FOLDER, compose
from services.invitations.inviting.loading import guest, happening, houses
from services.invitations.inviting.storing import One, Storing, log
from services.invitations.ranking.people import Contact, contacts
from services.invitations.ranking.rank import BLOCKERS, Ranking, rank
from services.invitations.recipients import recipients
from services.plurals import plural

MOST = 5_000


@dataclass(frozen=True)
class Invited:
    """`draft_ids` and `invitation_ids` stand side by side; `left` is (customer, why nobody was invited)."""

    draft_ids: tuple[int, ...] = ()
    invitation_ids: tuple[int, ...] = ()
    left: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What the one who invites may say besides. `people`: by customer the stakeholder to invite. `follows`: by
    customer the invitation without an answer that led to this one. `size` of the list that was looked at, so
    that the log tells who stood on it."""

    people: Mapping[int, int] = field(default_factory=dict[int, int])
    follows: Mapping[int, int] = field(default_factory=dict[int, int])
    size: int | None = None


def invite_many(
    session: Session,
    event_id: int,
    customer_ids: Sequence[int],
    *,
    by: Viewer,
    now: datetime,
    wishes: Wishes | None = None,
) -> Invited:
    """Draft an invitation to the person that fits best at each customer, or to the one that is wished for.

    Customers whom nobody may be invited of are passed
    over with the reason. NotFound for a customer that is not `by`'s to see, or an unknown event; InvalidMove
    when it is over.
    """
    wishes = wishes or Wishes()
    wanted = list(dict.fromkeys(customer_ids))
    if not 0 < len(wanted) <= MOST:
        raise BadInput(f"Choose customers to invite, up to {MOST:,} at once.")
    event = required(session, event_id, lock=True)  # whoever else invites to it waits for us
    ranking = rank(session, by, event_id, now, size=wishes.size, also=wanted)
    mine = set(ranking.rows["customer_id"])
    if unknown := [one for one in wanted if one not in mine]:
        raise NotFound(_unknown(len(unknown)))
    taken = _taken(ranking, wishes)
    chosen, left = _choose(
        session, event, [n for n in wanted if n not in taken], wishes.people, now
    )
    left = [*((one, taken[one]) for one in wanted if one in taken), *left]
    made = _compose(session, event, chosen, ranking, now)
    without = {one.contact.customer_id for one in made}
    left += [
        (one.customer_id, "Nobody there can be written to about events.")
        for one in chosen
        if one.customer_id not in without
    ]
    numbers, invitations = Storing(session, event, ranking, by, now).store(made, wishes.follows)
    if by != SYSTEM and _is_the_list(ranking, wanted):
        log(session, ranking, now)
    audit(session, by, "event.invited", "event", event_id, plural(len(numbers), "draft"), now)
    bump(session, INVITATIONS)
    session.flush()
    return Invited(tuple(numbers), tuple(invitations), tuple(left))


def _is_the_list(ranking: Ranking, wanted: Sequence[int]) -> bool:
    """Whether it was the list that was invited from: at least half of it at once. What a list does can be
    learned from those alone that somebody used; one customer invited by hand is none."""
    listed = ranking.rows.filter(pl.col("arm").is_not_null())["customer_id"]
    return 2 * int(listed.is_in(list(wanted)).sum()) >= max(len(listed), 1)


def _unknown(count: int) -> str:
    what = "One of these customers is" if count == 1 else f"{count} of these customers are"
    return f"{what} not in your portfolio, or has left. Look them up on the Customers page."


def _taken(ranking: Ranking, wishes: Wishes) -> dict[int, str]:
    """Customers of whom somebody is invited or registered already, with the words: nobody else is asked
    there unless a person is named."""
    already = (BLOCKERS["invited"], BLOCKERS["registered"])
    rows = ranking.rows.filter(pl.col("blocker").is_in(already)).select("customer_id", "blocker")
    return {
        number: f"{words}." for number, words in rows.iter_rows() if number not in wishes.people
    }


def _choose(
    session: Session, event: Event, wanted: Sequence[int], people: Mapping[int, int], now: datetime
) -> tuple[list[Contact], list[tuple[int, str]]]:
    """The person per customer, and why nobody where there is none."""
    known = contacts(session, event, wanted, now)
    chosen, left = list[Contact](), list[tuple[int, str]]()
    for customer in wanted:
        there = known.get(customer, [])
        if customer in people:
            there = [one for one in there if one.stakeholder_id == people[customer]]
            if not there:
                raise NotFound("There is no such stakeholder of this customer. Reload the page.")
        if not there:
            left.append((customer, "No stakeholder is on record. Add one on the customer's page."))
        elif there[0].blocker:
            left.append((customer, f"{there[0].name}: {there[0].blocker}"))
        else:
            chosen.append(there[0])
    return chosen, left


def _compose(
    session: Session, event: Event, chosen: Sequence[Contact], ranking: Ranking, now: datetime
) -> list[One]:
    to = recipients(session, {one.stakeholder_id for one in chosen})
    going = [one for one in chosen if one.stakeholder_id in to]
    told = happening(session, event)
    known = houses(session, event, {one.customer_id for one in going}, ranking.topics)
    templates = {one.key for one in rendering.catalogue() if one.key.startswith(f"{FOLDER}/")}
    tokens = links.new_tokens(session, len(going))
    made = []
    for one, token in zip(going, tokens, strict=True):
        recipient = to[one.stakeholder_id]
        composed = compose(
            told, known[one.customer_id], guest(one, recipient), links.answer_url(token),
            now=now, known=templates,
        )  # fmt: skip
        made.append(One(one, recipient, token, composed))
    return made
