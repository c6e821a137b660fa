"""What desks tell of tickets, taken in: once each, in any order, however often it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, update_frame
from data.tables import Ticket, TicketMessage, TicketState
from data.versions import TICKETS as VERSION
from data.versions import bump
from integrations.ticket_records import Told
from services.matching.book import CustomerBook
from services.matching.prepared import PreparedBook
from services.matching.stored import load_book
from services.matching.turn import take_turn
from services.tickets import stored
from services.tickets.appraising import appraise
from services.tickets.history import HISTORY, came_back, changes_of, fold, news
from services.tickets.merging import merged, number_key, snapshots, without_zone
from services.tickets.people import adopt, by_ref, requesters, with_keys
from services.tickets.sentiment import UNKNOWN, tone
from services.tickets.source import Source
from services.tickets.stored import MESSAGE, TICKET, table_of


@dataclass(frozen=True)
class Taken:
    """`new` tickets and those `known` before, whose ids are `tickets`; how many `changes` were added to
    their history. For whoever takes it back: what known ones were `before` (TICKET, and `updated_after`), and
    what was `added` (services.tickets.stored.ADDED)."""

    new: int
    known: int
    changes: int
    tickets: tuple[int, ...]
    before: pl.DataFrame = field(compare=False, default_factory=pl.DataFrame)
    added: pl.DataFrame = field(compare=False, default_factory=pl.DataFrame)


def take_in(
    session: Session,
    source: Source,
    told: Told,
    *,
    now: datetime,
    book: CustomerBook | PreparedBook | None = None,
) -> Taken:
    """Tickets, changes and messages as integrations.ticket_records has them."""
    take_turn(session)
    told = without_zone(told)
    if told.tickets.is_empty():
        return Taken(0, 0, 0, ())
    rows = snapshots(told.tickets, now)
    known = stored.tickets(session, source.desk, rows["number_key"].to_list())
    rows = _numbered(session, rows, known)
    rows, told_messages, who = _with_people(session, source, rows, told.messages, book)
    ids = rows["id"].to_list()
    before = stored.history(session, ids)
    changes = _of_tickets(told.changes, rows).select(HISTORY.keys())
    changes = pl.concat([changes, came_back(rows, known, changes)])
    added = news(before, changes, changes_of(rows.rename({"id": "ticket_id"})))
    course = fold(pl.concat([before, added]))
    written = stored.messages(session, ids)
    fresh = told_messages.join(written, on=["ticket_id", "key"], how="anti")
    whole = merged(rows, known, course, source)
    whole = _with_words(whole, pl.concat([written, fresh]), fresh["ticket_id"].unique().to_list())
    _write(session, source, whole, known, now)
    _add(session, added.with_columns(source=pl.lit(source.source), received_at=pl.lit(now)), fresh)
    appraise(session, [*ids, *adopt(session, who)], now=now)
    bump(session, VERSION)
    new = whole.height - known.height
    extra = pl.concat(
        frame.select("ticket_id", "key", message=pl.lit(value=message))
        for frame, message in ((added, False), (fresh, True))
    )
    after = whole.select("id", updated_after="updated_at")
    before_it = known.join(after, on="id", how="left")
    return Taken(new, known.height, added.height, tuple(sorted(ids)), before_it, extra)


def _numbered(session: Session, rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """With the `id` that each ticket has or is to have."""
    first = (session.scalar(select(func.max(Ticket.id))) or 0) + 1
    held = rows.join(known.select("number_key", "id"), on="number_key", how="left").sort(
        "number_key"
    )
    order = pl.col("id").is_null().cum_sum() - 1 + first
    return held.with_columns(id=pl.coalesce("id", order.cast(pl.Int64)))


def _of_tickets(told: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    ids = rows.select("number_key", ticket_id="id")
    keyed = told.with_columns(number_key=number_key(pl.col("number")))
    return keyed.join(ids, on="number_key", how="inner").unique(
        ["ticket_id", "key"], keep="first", maintain_order=True
    )


def _with_people(
    session: Session,
    source: Source,
    rows: pl.DataFrame,
    messages: pl.DataFrame,
    book: CustomerBook | PreparedBook | None,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Tickets with their requester_id, customer_id and stakeholder_id, MESSAGE of what was written, and the
    REQUESTER of everybody in them."""
    asked = with_keys(
        rows.select(
            "id",
            email="requester_email",
            name="requester_name",
            organisation="organisation",
            ref=pl.format("{}:{}", pl.lit(source.desk), "requester_ref"),
        )
    )
    nobody = pl.lit(None, pl.String)
    wrote = _of_tickets(messages, rows)
    wrote = with_keys(wrote.with_columns(organisation=nobody, ref=nobody, name=nobody))
    # An agent's address is nobody's at a customer.
    customer = pl.col("author") == "customer"
    wrote = wrote.with_columns(person_key=pl.when(customer).then("person_key"))
    columns = ["person_key", "email", "name", "organisation", "ref"]
    people = pl.concat([asked.select(columns), wrote.select(columns)])
    who = requesters(session, people, book or load_book(session))
    keyed = asked.join(by_ref(who).rename({"id": "known_by_ref"}), on="ref", how="left")
    keyed = keyed.join(who.select("person_key", requester_id="id"), on="person_key", how="left")
    # Somebody told by an id alone is whoever that id came with, once an address came with it.
    alone = pl.col("person_key").str.starts_with("ref:").fill_null(value=False)
    keyed = keyed.with_columns(
        requester_id=pl.when(alone).then("known_by_ref").otherwise("requester_id")
    )
    matches = who.select("customer_id", "stakeholder_id", requester_id="id")
    keyed = keyed.join(matches, on="requester_id", how="left")
    told = keyed.select("id", "requester_id", "customer_id", "stakeholder_id")
    wrote = wrote.join(who.select("person_key", requester_id="id"), on="person_key", how="left")
    said = wrote.select(pl.col(name).cast(kind) for name, kind in MESSAGE.items())
    return rows.join(told, on="id", how="left"), said, who


def _with_words(whole: pl.DataFrame, written: pl.DataFrame, touched: list[int]) -> pl.DataFrame:
    """With `people`, `sentiment` and `phrases` of the tickets that something was written in."""
    if not touched:
        return whole
    spoken = written.filter(
        pl.col("ticket_id").is_in(touched), ~pl.col("internal"), pl.col("author") != "system"
    ).sort("ticket_id", "at", "key")
    said: dict[int, list[tuple[str, str, int | None]]] = {}
    for ticket_id, *told in spoken.select(
        "ticket_id", "author", "text", "requester_id"
    ).iter_rows():
        said.setdefault(ticket_id, []).append((told[0], told[1], told[2]))
    rows = [_judged(ticket_id, lines) for ticket_id, lines in said.items()]
    judged = pl.DataFrame(
        rows,
        schema={"id": pl.Int64, "tone": pl.String, "said": pl.String, "others": pl.List(pl.Int64)},
        orient="row",
    )
    both = whole.join(judged, on="id", how="left", maintain_order="left")
    everybody = pl.concat_list(pl.col("others"), pl.col("requester_id")).list.drop_nulls()
    counted = everybody.list.n_unique().cast(pl.Int64).clip(1)
    return both.with_columns(
        sentiment=pl.coalesce("tone", "sentiment"),
        phrases=pl.when(pl.col("tone").is_null()).then("phrases").otherwise("said"),
        people=pl.when(pl.col("others").is_null()).then("people").otherwise(counted),
    ).select(TICKET.keys())


def _judged(
    ticket_id: int, lines: Sequence[tuple[str, str, int | None]]
) -> tuple[int, str, str | None, list[int]]:
    """The tone of a ticket, the phrases it rests on, and who of the customer's wrote."""
    mine = [text for author, text, _ in lines if author == "customer"]
    found = tone(mine, [text for author, text, _ in lines if author == "agent"])
    others = {who for author, _, who in lines if author == "customer" and who is not None}
    return ticket_id, found.level, "\n".join(found.phrases) or None, sorted(others)


def _write(
    session: Session, source: Source, whole: pl.DataFrame, known: pl.DataFrame, now: datetime
) -> None:
    whole = whole.with_columns(
        people=pl.col("people").fill_null(1), sentiment=pl.col("sentiment").fill_null(UNKNOWN)
    )
    born = whole.join(known, on="id", how="anti").sort("id")
    first_heard = {
        "source": pl.lit(source.source),
        "upload_id": pl.lit(source.upload_id, pl.Int64),
        "created_at": pl.lit(now),
    }
    insert_frame(session, table_of(Ticket), born.with_columns(**first_heard))
    grown = whole.join(known, on="id", how="semi")
    if not grown.is_empty():
        update_frame(session, table_of(Ticket), grown, ["id"])


def _add(session: Session, added: pl.DataFrame, fresh: pl.DataFrame) -> None:
    for mapped, frame in ((TicketState, added), (TicketMessage, fresh)):
        first = (session.scalar(select(func.max(mapped.id))) or 0) + 1
        ordered = frame.sort("ticket_id", "at", "key")
        ids = pl.int_range(pl.len(), dtype=pl.Int64) + first
        insert_frame(session, table_of(mapped), ordered.with_columns(id=ids))
