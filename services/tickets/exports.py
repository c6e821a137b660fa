"""Rows of an exported table as what a desk tells of its tickets. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from integrations.formats.ticket_exports import ROWS_OF_TEXT
from integrations.formats.times import DayOrder, decide_order, read_times, to_utc
from integrations.ticket_records import (
    AHEAD,
    MESSAGES,
    MOMENT,
    SHORT_ANSWER,
    TICKETS,
    Told,
    cleaned,
    csat_of,
    escalated_to,
    severity_of,
    state_of,
)
from services.tickets.merging import number_key

_TIMES = ("opened_at", "solved_at", "updated_at")
_NOTHING = ("", "-", "none", "n/a", "unassigned", "not offered", "(no value)")
_NO = ("", "0", "no", "false", "-", "none", "n/a")
_ADDRESS = r"([^\s()<>,;]+@[^\s()<>,;]+)"
_MOST_COMMENTS = 500
MOST = 1_000_000


@dataclass(frozen=True)
class Exported:
    """`told` as desks tell it. `rows`: line, number, email, name, organisation, what, problem, again (the
    row says what an earlier one has said). `unsure`: days and months cannot be told apart."""

    told: Told
    rows: pl.DataFrame
    unsure: bool


def exported(
    rows: pl.DataFrame, *, zone: str, now: datetime, day_first: bool | None = None
) -> Exported:
    """`rows` are text: the fields of integrations.formats.ticket_exports.TICKETS, line and problem. `zone`
    is that of times that do not tell theirs. Nothing is taken in that lies more than a day after `now`."""
    order = decide_order([rows[name] for name in _TIMES], told=day_first)
    table = rows.with_columns(_moments(rows[name], zone, order).alias(name) for name in _TIMES)
    table = _meant(_named(table))
    last = pl.lit(now.astimezone(UTC).replace(tzinfo=None) + AHEAD, MOMENT)
    ahead = pl.any_horizontal(pl.col(name) > last for name in _TIMES).fill_null(value=False)
    undated = pl.all_horizontal(pl.col(name).is_null() for name in _TIMES)
    table = table.with_columns(
        problem=pl.coalesce(
            "problem",
            pl.when(number_key(pl.col("number")) == "").then(pl.lit("This is no ticket number.")),
            pl.when(undated).then(pl.lit("This row has no time that can be read.")),
            pl.when(ahead).then(pl.lit("A time of this row lies more than a day in the future.")),
        )
    )
    good = table.filter(pl.col("problem").is_null())
    written = _messages(good, zone, order).filter(pl.col("at") <= last)
    told = Told(_tickets(good), messages=written)
    what = pl.concat_str(
        pl.coalesce("state", pl.lit("open")).str.replace("_", " "),
        pl.col("severity"),
        pl.when(pl.col("csat").is_in(["good", "bad"])).then(pl.format("rated {}", "csat")),
        separator=", ",
        ignore_nulls=True,
    )
    said = table.select(c for c in (*TICKETS, "comments") if c in table.columns and c != "tags")
    shown = table.select(
        "line",
        "number",
        "email",
        "name",
        "organisation",
        "problem",
        what=what,
        again=~said.hash_rows().is_first_distinct() & table["problem"].is_null(),
    )
    return Exported(told, shown, order.ambiguous)


def _moments(texts: pl.Series, zone: str, order: DayOrder) -> pl.Series:
    """UTC without a zone."""
    read = read_times(texts, order)
    utc = to_utc(read["when"], zone)
    return pl.select(pl.when(read["zoned"]).then(read["when"]).otherwise(utc)).to_series()


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """With the address that stands in the place of a name (`Ana Li (ana@x.example)`), and without `-`."""
    plain = (
        "state",
        "severity",
        "kind",
        "agent",
        "team",
        "area",
        "csat",
        "organisation",
        "channel",
    )
    lower = {name: pl.col(name).str.to_lowercase().is_in(_NOTHING) for name in plain}
    table = table.with_columns(pl.when(~lower[name]).then(name).alias(name) for name in plain)
    inside = pl.col("name").str.extract(_ADDRESS, 1)
    bare = pl.col("name").str.replace_all(r"[(<]?" + _ADDRESS + r"[)>]?", "").str.strip_chars(" ;,")
    return table.with_columns(
        email=pl.coalesce("email", inside), name=pl.when(bare != "").then(bare)
    )


def _meant(table: pl.DataFrame) -> pl.DataFrame:
    """With the app's words for what desks say in theirs."""
    risen = pl.col("escalated").fill_null("").str.strip_chars()
    yes = risen.str.to_lowercase().is_in(["1", "yes", "true", "y"])
    told = pl.when(yes).then(pl.lit("a higher level")).when(
        ~risen.str.to_lowercase().is_in(_NO)
    ).then(risen)  # fmt: skip
    spoken = pl.col("resolution").str.split(" ").list.len() > SHORT_ANSWER
    return table.with_columns(
        _turned(table, "state", state_of),
        _turned(table, "severity", severity_of),
        _turned(table, "csat", _satisfaction),
        escalated_to=pl.coalesce(told, _escalated(table)),
        tags=pl.col("tags").str.split(" ").list.eval(
            pl.element().filter(pl.element().str.strip_chars(" ,;") != "")
        ),
        resolution=pl.when(spoken).then("resolution"),
        kind=pl.col("kind").str.to_lowercase(),
        channel=pl.col("channel").str.to_lowercase(),
        **{name: _count(name) for name in ("first_reply_minutes", "replies", "reopens")},
    ).with_columns(
        state=pl.coalesce("state", pl.when(pl.col("solved_at").is_not_null()).then(pl.lit("solved")))
    )  # fmt: skip


def _turned(table: pl.DataFrame, name: str, word: Callable[[str], str | None]) -> pl.Expr:
    words = {said: word(said) for said in table[name].drop_nulls().unique()}
    return pl.col(name).replace_strict(words, default=None, return_dtype=pl.String)


def _satisfaction(said: str) -> str | None:
    words = said.lower()
    if "satisfied" in words:
        return "bad" if "dissatisfied" in words or "unsatisfied" in words else "good"
    return csat_of(said)


def _escalated(table: pl.DataFrame) -> pl.Series:
    """Who tickets went to, read from their tags and teams: distinct ones only."""
    both = table.select("tags", "team").fill_null("")
    found = {pair: escalated_to(*pair) for pair in both.unique().iter_rows()}
    return pl.Series([found[pair] for pair in both.iter_rows()], dtype=pl.String)


def _count(name: str) -> pl.Expr:
    number = pl.col(name).str.replace_all(r"[, ]", "").cast(pl.Float64, strict=False)
    return number.clip(0, MOST).round().cast(pl.Int64, strict=False)


def _tickets(good: pl.DataFrame) -> pl.DataFrame:
    columns = {
        "requester_email": pl.col("email"),
        "requester_name": pl.col("name"),
    }
    made = good.with_columns(**columns).select(
        pl.col(name).cast(kind) if name in (*good.columns, *columns) else pl.lit(None, kind).alias(name)
        for name, kind in TICKETS.items()
    )  # fmt: skip
    return cleaned(made)


def _messages(good: pl.DataFrame, zone: str, order: DayOrder) -> pl.DataFrame:
    """The description as the customer's first words, and the comments where a file has them.

    Who is not the requester is taken for an agent, and what they wrote for a note: exports do not tell
    notes from answers, and a note must never be quoted to the customer.
    """
    written = good.filter(pl.col("description").is_not_null() | pl.col("comments").is_not_null())
    rows = [row for ticket in written.iter_rows(named=True) for row in _written(ticket)]
    whole = pl.DataFrame(rows, schema={**MESSAGES, "at": pl.String}, orient="row")
    told = whole.with_columns(at=_moments(whole["at"], zone, order))
    sound = cleaned(told).filter(pl.col("at").is_not_null() & pl.col("text").is_not_null())
    return sound.select(pl.col(name).cast(kind) for name, kind in MESSAGES.items())


_Row = tuple[str, str, str, str | None, str | None, bool, str, str]


def _written(ticket: dict[str, object]) -> Iterator[_Row]:
    opened = ticket["opened_at"]
    number, name, email = (str(ticket[key] or "") for key in ("number", "name", "email"))
    mine = {one.lower() for one in (name, email, str(ticket["requester_ref"] or "")) if one}
    if ticket["description"] and opened:
        at = f"{opened:%Y-%m-%dT%H:%M:%S}Z"
        yield (
            number,
            "description",
            "customer",
            name,
            email,
            False,
            str(ticket["description"]),
            at,
        )
    said = str(ticket["comments"] or "").split(ROWS_OF_TEXT)
    for comment in said[:_MOST_COMMENTS]:
        parts = re.split(r";", comment, maxsplit=2)
        if len(parts) < 3:
            continue
        at, author, words = (part.strip() for part in parts)
        theirs = author.lower() in mine
        yield (
            number,
            f"comment {at} {author}"[:150],
            "customer" if theirs else "agent",
            name if theirs else None,
            email if theirs else None,
            not theirs,
            words,
            at,
        )
