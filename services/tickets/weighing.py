"""Solved tickets weighed from what is on record, each weighing kept where it differs from the last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame, update_frame
from data.keys import reserve_keys
from data.pieces import pieces
from data.tables import Customer, RiskSignal, Ticket, TicketLevel, TicketMessage
from services.tickets.history import MOMENT
from services.tickets.impact import courses, health_changes
from services.tickets.levels import as_parts
from services.tickets.marks import MAY_SAY, marked, worded
from services.tickets.own_words import own_words
from services.tickets.records import OVER
from services.tickets.rubric import Facts, weigh
from services.tickets.stored import table_of
from services.tickets.terms import SIGNAL

_TOLD = ("points", "parts", "rule_level", "by_id")
LATELY = timedelta(days=30)
_TICKET: dict[str, Any] = {
    "id": pl.Int64, "customer_id": pl.Int64, "state": pl.String, "severity": pl.String,
    "subject": pl.String, "kind": pl.String, "area": pl.String, "tags": pl.String, "people": pl.Int64,
    "opened_at": MOMENT, "solved_at": MOMENT, "reopens": pl.Int64, "escalated_to": pl.String,
    "csat": pl.String, "sentiment": pl.String, "phrases": pl.String, "level": pl.String,
    "points": pl.Int64,
}  # fmt: skip
_ROW = {
    "ticket_id": pl.Int64, "at": MOMENT, "points": pl.Int64, "parts": pl.String,
    "rule_level": pl.String, "level": pl.String, "why": pl.String, "by_id": pl.Int64,
}  # fmt: skip


def weigh_tickets(session: Session, ticket_ids: Collection[int], now: datetime) -> int:
    """Weigh those that are solved and take the level off those that are not; how many were weighed anew.

    A person's level stays in force until the ticket is solved anew.
    """
    tickets = _tickets(session, ticket_ids)
    over = tickets.filter(pl.col("state").is_in(OVER), pl.col("solved_at").is_not_null())
    opened = tickets.join(over, on="id", how="anti").filter(pl.col("level").is_not_null())
    found = facts_of(session, over)
    newest = _newest(session, over["id"].to_list())
    rows: list[dict[str, Any]] = []
    levels: list[tuple[int, str | None, int | None]] = [
        (number, None, None) for number in opened["id"]
    ]
    for one in over.iter_rows(named=True):
        last = newest.get(one["id"])
        row = _weighed(one, found[one["id"]], last, now)
        if last is None or any(row[name] != getattr(last, name) for name in _TOLD):
            rows.append(row)
        if (row["level"], row["points"]) != (one["level"], one["points"]):
            levels.append((one["id"], row["level"], row["points"]))
    _store(session, rows, levels)
    return len(rows)


def facts_of(session: Session, tickets: pl.DataFrame) -> dict[int, Facts]:
    """Facts by ticket, of solved ones."""
    if tickets.is_empty():
        return {}
    customers = tickets["customer_id"].drop_nulls().unique().to_list()
    falls = {
        row["id"]: _fall(row["before"], row["lowest"])
        for row in courses(tickets, health_changes(session, customers)).iter_rows(named=True)
    }
    renewals = _renewals(session, customers)
    risks = _risks(session, customers)
    lately = _lately(session, tickets, customers)
    words = _worded(session, tickets)
    return {
        one["id"]: _facts(
            one,
            health_fall=falls.get(one["id"]),
            renewal_days=_days(renewals.get(one["customer_id"]), one["solved_at"]),
            solved_lately=lately.get(one["id"], 1),
            at_risk=_at_risk(risks.get(one["customer_id"], ()), one["opened_at"]),
            worded=words.get(one["id"], frozenset()),
        )
        for one in tickets.iter_rows(named=True)
    }


def _facts(one: dict[str, Any], **known: Any) -> Facts:
    hours = max((one["solved_at"] - one["opened_at"]).total_seconds(), 0) / 3_600
    fields = [one["kind"], *(one["tags"] or "").splitlines()]
    return Facts(
        severity=one["severity"], hours=hours, reopens=one["reopens"],
        escalated_to=one["escalated_to"], people=one["people"], csat=one["csat"],
        sentiment=one["sentiment"], phrases=tuple((one["phrases"] or "").splitlines()),
        marks=marked(fields), **known,
    )  # fmt: skip


def _weighed(
    one: dict[str, Any], facts: Facts, last: TicketLevel | None, now: datetime
) -> dict[str, Any]:
    found = weigh(facts)
    parts = as_parts([part.as_json() for part in found.parts], found.because)
    row: dict[str, Any] = {
        "ticket_id": one["id"], "at": now, "points": found.points, "parts": parts,
        "rule_level": found.level, "level": found.level, "why": None, "by_id": None,
    }  # fmt: skip
    if last and last.by_id is not None and last.at >= one["solved_at"]:
        row |= {"level": last.level, "why": last.why, "by_id": last.by_id}
    return row


def _tickets(session: Session, ids: Collection[int]) -> pl.DataFrame:
    columns = [getattr(Ticket, name) for name in _TICKET]
    found = [pl.DataFrame(schema=_TICKET)]
    found += [
        read_frame(session, select(*columns).where(Ticket.id.in_(some)), _TICKET)
        for some in pieces(ids)
    ]
    return pl.concat(found).sort("id")


def _newest(session: Session, ids: Sequence[int]) -> dict[int, TicketLevel]:
    t = TicketLevel
    found: dict[int, TicketLevel] = {}
    for some in pieces(ids):
        newest = select(func.max(t.id)).where(t.ticket_id.in_(some)).group_by(t.ticket_id)
        found |= {row.ticket_id: row for row in session.scalars(select(t).where(t.id.in_(newest)))}
    return found


def _store(
    session: Session,
    rows: Sequence[dict[str, Any]],
    levels: Sequence[tuple[int, str | None, int | None]],
) -> None:
    if rows:
        said = [{**row, "parts": json.dumps(row["parts"])} for row in rows]
        table = table_of(TicketLevel)
        ids = reserve_keys(session, table, len(rows))
        insert_frame(session, table, pl.DataFrame(said, schema=_ROW).with_columns(id=ids))
    if levels:
        schema = {"id": pl.Int64, "level": pl.String, "points": pl.Int64}
        frame = pl.DataFrame(list(levels), schema=schema, orient="row").sort("id")
        update_frame(session, table_of(Ticket), frame, ["id"])


def _fall(before: int | None, lowest: int | None) -> int | None:
    return None if before is None or lowest is None else max(before - lowest, 0)


def _days(renews_on: date | None, solved_at: datetime) -> int | None:
    return (renews_on - solved_at.date()).days if renews_on else None


def _renewals(session: Session, customers: Sequence[int]) -> dict[int, date]:
    found: dict[int, date] = {}
    for some in pieces(customers):
        rows = session.execute(
            select(Customer.id, Customer.renews_on).where(
                Customer.id.in_(some), Customer.renews_on.is_not(None)
            )
        )
        found |= {number: day for number, day in rows if day}
    return found


Span = tuple[datetime, datetime | None]


def _risks(session: Session, customers: Sequence[int]) -> dict[int, list[Span]]:
    """By customer from when to when its risk signals were open; this room's own say nothing of before."""
    r = RiskSignal
    found: dict[int, list[Span]] = defaultdict(list)
    for some in pieces(customers):
        rows = session.execute(
            select(r.customer_id, r.opened_at, r.closed_at).where(
                r.customer_id.in_(some), r.kind != SIGNAL
            )
        )
        for customer, opened, closed in rows:
            found[customer].append((opened, closed))
    return found


def _at_risk(spans: Sequence[Span], at: datetime) -> bool:
    return any(opened <= at and (closed is None or closed > at) for opened, closed in spans)


def _lately(session: Session, tickets: pl.DataFrame, customers: Sequence[int]) -> dict[int, int]:
    """Of each ticket how many of its customer's were solved within LATELY before, this one included."""
    schema = {"id": pl.Int64, "customer_id": pl.Int64, "solved_at": MOMENT}
    parts = [pl.DataFrame(schema=schema)]
    for some in pieces(customers):
        solved = select(Ticket.id, Ticket.customer_id, Ticket.solved_at).where(
            Ticket.customer_id.in_(some), Ticket.state.in_(OVER), Ticket.solved_at.is_not(None)
        )
        parts.append(read_frame(session, solved, schema))
    wanted = solved_lately(pl.concat(parts)).join(tickets.select("id"), on="id", how="semi")
    return dict(wanted.select("id", "count").iter_rows())


def solved_lately(solved: pl.DataFrame) -> pl.DataFrame:
    """`solved` (id, customer_id, solved_at) with the `count` of its customer's solved within LATELY before,
    itself and those of the same moment included. Pure."""
    ordered = solved.sort("solved_at")
    if ordered.is_empty():
        return ordered.with_columns(count=pl.lit(0))
    moments = ordered.rolling("solved_at", period=LATELY, group_by="customer_id").agg(
        count=pl.len()
    )
    # Tickets closed in bulk share their moment: each has the count of it.
    each = moments.unique(["customer_id", "solved_at"])
    return ordered.join(each, on=["customer_id", "solved_at"], how="left")


def _worded(session: Session, tickets: pl.DataFrame) -> dict[int, frozenset[str]]:
    """What subjects and the customer's own messages suggest, by ticket."""
    m = TicketMessage
    schema = {"ticket_id": pl.Int64, "author": pl.String, "text": pl.String}
    parts = [tickets.select(ticket_id="id", author=pl.lit("subject"), text="subject")]
    for some in pieces(tickets["id"].to_list(), 500):
        rows = select(m.ticket_id, m.author, m.text).where(
            m.ticket_id.in_(some), m.author != "system", m.internal.is_(False)
        )
        parts.append(read_frame(session, rows, schema))
    written = pl.concat(parts)
    may = written.filter(pl.col("author") != "agent", pl.col("text").str.contains(MAY_SAY))
    agents = written.filter(pl.col("author") == "agent").join(may, on="ticket_id", how="semi")
    ours = dict(agents.group_by("ticket_id").agg("text").iter_rows())
    said: dict[int, list[str]] = defaultdict(list)
    for number, author, text in may.iter_rows():
        own = text if author == "subject" else own_words(text, ours.get(number, ()))
        said[number].append(own)
    return {number: found for number, texts in said.items() if (found := worded(texts))}
