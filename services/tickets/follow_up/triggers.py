"""Which solved tickets ask for a follow-up by themselves, and when: after a hold-off, once per root cause."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from data.bulk import read_frame
from data.once import add_all_once
from data.tables import Customer, RiskSignal, Ticket, TicketFollowUp
from data.versions import TICKETS as VERSION
from data.versions import bump
from services.tickets.follow_up.timing import hold_offs
from services.tickets.history import MOMENT
from services.tickets.records import LEVEL_RANKS, OVER
from services.tickets.rubric import SEVERAL_TICKETS
from services.tickets.terms import RECENT
from services.tickets.weighing import LATELY

log = logging.getLogger(__name__)
CASES: dict[str, Any] = {
    "id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "cluster_id": pl.Int64,
    "severity": pl.String,
    "level": pl.String,
    "points": pl.Int64,
    "opened_at": MOMENT,
    "solved_at": MOMENT,
}
KNOWN: dict[str, Any] = {"cluster_id": pl.Int64, "state": pl.String, "created_at": MOMENT}
SENT: dict[str, Any] = {"customer_id": pl.Int64, "sent_at": MOMENT}
_OPEN = ("waiting", "drafted")


def triggered(
    cases: pl.DataFrame,
    known: pl.DataFrame,
    at_risk: frozenset[int],
    hold_off: Mapping[str, timedelta],
    now: datetime,
) -> pl.DataFrame:
    """Follow-ups to begin: customer_id, stakeholder_id, cluster_id, ticket_id, reason, level, due_at.

    `cases` (CASES): solved tickets of the last LATELY. `known` (KNOWN): the follow-ups of their root
    causes. A ticket solved longer than RECENT ago asks for nothing, unless what it had asked for was
    withdrawn; nor does a root cause with a follow-up that is open, or was begun after the ticket was solved
    and has come to something.
    """
    several = cases.filter(pl.col("solved_at") > now - LATELY).group_by("customer_id").len()
    many = several.filter(pl.col("len") >= SEVERAL_TICKETS)["customer_id"]
    rank = pl.col("level").replace_strict(LEVEL_RANKS, return_dtype=pl.Int64)
    severe = pl.col("severity").is_in(["urgent", "high"]) | (
        pl.col("level") == "relationship_repair"
    )
    reason = (
        pl.when(severe.fill_null(value=False))
        .then(pl.lit("severe"))
        .when(pl.col("customer_id").is_in(list(at_risk)))
        .then(pl.lit("at_risk"))
        .when(pl.col("customer_id").is_in(many.implode()))
        .then(pl.lit("several"))
    )
    since = cases.join(known, on="cluster_id", how="inner").filter(
        pl.col("created_at") >= pl.col("solved_at")
    )
    withdrawn = since.filter(pl.col("state") == "withdrawn")
    recent = (pl.col("solved_at") > now - RECENT) | pl.col("id").is_in(withdrawn["id"].implode())
    fresh = cases.filter(recent, pl.col("level").is_not_null())
    asking = fresh.with_columns(reason=reason, rank=rank).filter(pl.col("reason").is_not_null())
    answered = since.filter(pl.col("state") != "withdrawn")
    left = asking.join(answered, on="id", how="anti")
    # A root cause with something open is answered, whichever of its tickets asks.
    open_ones = known.filter(pl.col("state").is_in(_OPEN)).select("cluster_id").unique()
    left = left.join(open_ones, on="cluster_id", how="anti")
    gravest = left.sort("rank", "points", "solved_at", descending=True, nulls_last=True)
    one = gravest.group_by("cluster_id", maintain_order=True).agg(
        pl.col("customer_id", "stakeholder_id", "id", "reason", "level").first()
    )
    last = cases.group_by("cluster_id").agg(last=pl.col("solved_at").max())
    one = one.join(last, on="cluster_id", how="left", maintain_order="left")
    wait = pl.col("level").replace_strict(dict(hold_off), return_dtype=pl.Duration("us"))
    return one.select(
        "customer_id", "stakeholder_id", "cluster_id", "reason", "level", ticket_id="id",
        due_at=pl.col("last") + wait,
    )  # fmt: skip


def begin(session: Session, now: datetime) -> int:
    """Begin what is asked for; how many. Run twice, or by two workers at once, it comes to the same."""
    t, other = Ticket, aliased(Ticket)
    # While one of the root cause is open, nothing of it is begun that would have to be withdrawn.
    still_open = exists().where(
        other.cluster_id == t.cluster_id, other.state.not_in((*OVER, "deleted"))
    )
    rows = (
        select(*(getattr(t, name) for name in CASES))
        .join(Customer, Customer.id == t.customer_id)
        .where(t.solved_at > now - LATELY, t.solved_at <= now, t.state.in_(OVER))
        .where(t.cluster_id.is_not(None), ~still_open, Customer.churned_on.is_(None))
    )
    cases = read_frame(session, rows, CASES)
    if cases.is_empty():
        return 0
    f = TicketFollowUp
    theirs = select(t.cluster_id).where(t.solved_at > now - LATELY, t.state.in_(OVER))
    known = read_frame(
        session,
        select(f.cluster_id, f.state, f.created_at).where(f.cluster_id.in_(theirs)),
        KNOWN,
    )
    risky = select(RiskSignal.customer_id).where(RiskSignal.state != "closed").distinct()
    found = triggered(cases, known, frozenset(session.scalars(risky)), hold_offs(session), now)
    made = add_all_once(
        session, f, [{**row, "state": "waiting", "created_at": now} for row in found.to_dicts()]
    )
    if made:
        bump(session, VERSION)
        log.info("ticket_follow_ups_begun count=%s", len(made))
    return len(made)
