"""Root causes as they are stored: found anew with what comes in, or put right by a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame, update_frame
from data.errors import BadInput, InvalidMove, NotFound
from data.keys import reserve_keys
from data.pieces import pieces
from data.tables import Draft, Ticket, TicketCluster, TicketFollowUp
from data.versions import TICKETS as VERSION
from data.versions import bump
from services.access import Viewer, audit
from services.drafts.wholes import untouched
from services.tickets.causes import Case, Cause, gather
from services.tickets.follow_up.stopping import OPEN, withdraw
from services.tickets.history import MOMENT
from services.tickets.listing import seen_by
from services.tickets.stored import table_of

ANEW = "Its root cause was put right: it is begun anew."
_CASE: dict[str, Any] = {
    "id": pl.Int64,
    "customer_id": pl.Int64,
    "subject": pl.String,
    "area": pl.String,
    "opened_at": MOMENT,
    "cluster_id": pl.Int64,
}


def assign(session: Session, customer_ids: Collection[int], now: datetime) -> int:
    """Give the tickets of these customers that belong nowhere their root cause; how many."""
    cases = _cases(session, customer_ids)
    waiting = cases.filter(pl.col("cluster_id").is_null())
    if waiting.is_empty():
        return 0
    theirs = cases.join(waiting.select("customer_id").unique(), on="customer_id", how="semi")
    found: list[tuple[int, Cause]] = []
    for (customer_id,), rows in theirs.group_by("customer_id", maintain_order=True):
        causes = gather([Case(**row) for row in rows.drop("customer_id").iter_rows(named=True)])
        found += [(int(str(customer_id)), cause) for cause in causes if cause.fresh]
    _store(session, found, now)
    return waiting.height


def _cases(session: Session, customer_ids: Collection[int]) -> pl.DataFrame:
    columns = [getattr(Ticket, name) for name in _CASE]
    found = [pl.DataFrame(schema=_CASE)]
    for some in pieces(customer_ids):
        rows = select(*columns).where(Ticket.customer_id.in_(some), Ticket.state != "deleted")
        found.append(read_frame(session, rows, _CASE))
    return pl.concat(found).sort("customer_id", "opened_at", "id")


def _store(session: Session, found: Sequence[tuple[int, Cause]], now: datetime) -> None:
    table = table_of(TicketCluster)
    new = [(customer, cause) for customer, cause in found if cause.id is None]
    ids = reserve_keys(session, table, len(new)).to_list()
    for number, (_, cause) in zip(ids, new, strict=True):
        cause.id = number
    fresh = pl.DataFrame(
        [
            (c.id, customer, c.title, "words" if len(c.members) > 1 else "alone", c.last_at, now)
            for customer, c in new
        ],
        schema={"id": pl.Int64, "customer_id": pl.Int64, "title": pl.String,
                "found_by": pl.String, "last_at": MOMENT, "created_at": MOMENT},
        orient="row",
    )  # fmt: skip
    insert_frame(session, table, fresh)
    made = set(ids)
    grown = pl.DataFrame(
        [(c.id, c.last_at) for _, c in found if c.id not in made],
        schema={"id": pl.Int64, "last_at": MOMENT},
        orient="row",
    )
    if not grown.is_empty():
        update_frame(session, table, grown, ["id"])
        for some in pieces(grown["id"].to_list()):
            session.execute(
                update(TicketCluster)
                .where(TicketCluster.id.in_(some), TicketCluster.found_by == "alone")
                .values(found_by="words")
            )
    where = pl.DataFrame(
        [(number, cause.id) for _, cause in found for number in cause.fresh],
        schema={"id": pl.Int64, "cluster_id": pl.Int64},
        orient="row",
    )
    update_frame(session, table_of(Ticket), where.sort("id"), ["id"])


def put_together(
    session: Session, by: Viewer, ticket_id: int, other_id: int, *, now: datetime
) -> None:
    """Say that two tickets of one customer have one root cause: all of the other's join the first's.

    What is under way for either is begun anew, unless somebody has worked on its draft: InvalidMove.
    """
    one, other = (_locked(session, by, number) for number in (ticket_id, other_id))
    if one.customer_id is None or one.customer_id != other.customer_id:
        raise BadInput("Only tickets of one customer can have one root cause.")
    if one.cluster_id is None or one.cluster_id == other.cluster_id:
        raise InvalidMove("They belong together already.")
    _begin_anew(session, [one.cluster_id, other.cluster_id], now)
    moved = other.cluster_id
    where = Ticket.cluster_id == moved if moved else Ticket.id == other.id
    session.execute(update(Ticket).where(where).values(cluster_id=one.cluster_id))
    cluster = session.get_one(TicketCluster, one.cluster_id)
    cluster.found_by, cluster.last_at = "person", max(cluster.last_at, other.opened_at)
    audit(session, by, "ticket.together", "ticket", ticket_id, f"with {other.number}", now)
    bump(session, VERSION)


def set_apart(session: Session, by: Viewer, ticket_id: int, *, now: datetime) -> None:
    """Say that a ticket has a root cause of its own; what is under way is begun anew, as above."""
    one = _locked(session, by, ticket_id)
    others = select(Ticket.id).where(Ticket.cluster_id == one.cluster_id, Ticket.id != one.id)
    if one.cluster_id is None or session.scalar(others.limit(1)) is None:
        raise InvalidMove("It has a root cause of its own already.")
    _begin_anew(session, [one.cluster_id], now)
    own = TicketCluster(
        customer_id=one.customer_id, title=one.subject, found_by="person",
        last_at=one.opened_at, created_at=now,
    )  # fmt: skip
    session.add(own)
    session.flush()
    one.cluster_id = own.id
    audit(session, by, "ticket.apart", "ticket", ticket_id, one.number, now)
    bump(session, VERSION)


def _locked(session: Session, by: Viewer, ticket_id: int) -> Ticket:
    found = session.scalar(
        select(Ticket).where(Ticket.id == ticket_id, seen_by(by)).with_for_update()
    )
    if found is None:
        raise NotFound("There is no such ticket of your customers. Look it up on the Tickets page.")
    return found


def _begin_anew(session: Session, cluster_ids: Sequence[int | None], now: datetime) -> None:
    """Withdraw what is under way, which makes room for what the tickets ask for as they stand."""
    f = TicketFollowUp
    rows = session.scalars(
        select(f)
        .where(f.cluster_id.in_([one for one in cluster_ids if one]), f.state.in_(OPEN))
        .order_by(f.id)
    ).all()
    for one in rows:
        draft = session.get(Draft, one.draft_id) if one.draft_id else None
        touched = draft is not None and not untouched(session, draft)
        if touched or not withdraw(session, one, ANEW, now):
            raise InvalidMove("Somebody works on the mail about it. Approve or reject that first.")
