"""Cell texts to values: each distinct text is understood once, whatever the number of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from integrations.formats.headings import normalise
from integrations.formats.statuses import status

T = TypeVar("T")

ABSENT = ("", "-", "--", "—", "–", "N/A", "n/a", "#N/A", "(blank)")

EVENT_TYPES: dict[str, str] = {
    spelling: kind
    for kind, spellings in {
        "webinar": "webinar|webinars|live webinar|webcast|virtual event|online event|demo|live demo",
        "user_group": "user group|user groups|usergroup|community|community meetup|customer group",
        "training": "training|trainings|training session|course|class|bootcamp|certification|academy"
        "|enablement|elearning|e learning",
        "workshop": "workshop|workshops|hands on lab|lab",
        "conference": "conference|summit|congress|convention|expo|trade show",
        "roundtable": "roundtable|round table|executive dinner|advisory board|customer advisory board",
        "meetup": "meetup|meet up|networking|happy hour",
        "meeting": "meeting|call|video call|qbr",
        "other": "other",
    }.items()
    for spelling in spellings.split("|")
}
_WEBINAR = normalise("ウェビナー")
_TYPE_WORDS = (
    (re.compile(r"\b(web ?seminare?|online seminare?)\b"), "webinar"),
    (
        re.compile(
            r"\b(user group|usergroup|community|anwendertreffen|anwendergruppe|groupe d utilisateurs|grupo de usuarios"
            r"|gebruikersgroep)\b"
        ),
        "user_group",
    ),
    (
        re.compile(
            r"\b(trainings?|course|bootcamp|certification|onboarding class|schulung(en)?|kurs|capacitacion|curso|corso"
            r"|formazione|utbildning|szkolenie|opleiding|seminare?|seminars|seminario|seminaire)\b|^formations?\b"
        ),
        "training",
    ),
    (re.compile(r"\b(workshops?|hands on|lab|taller|atelier)\b"), "workshop"),
    (
        re.compile(
            r"\b(conference|summit|konferenz|kongress|conferencia|congreso|congres|conferenza|konferens)\b"
        ),
        "conference",
    ),
    (re.compile(r"\b(round ?table|advisory board)\b"), "roundtable"),
    (re.compile(r"\bmeet ?up\b"), "meetup"),
    (re.compile(rf"\b(webinar|webcast|webinaire|webinario|webinarium)\b|{_WEBINAR}"), "webinar"),
)

_STAFF_ROLES = {
    "organizer": "host", "organiser": "host", "host": "host", "co host": "host", "cohost": "host",
    "owner": "host", "presenter": "panelist", "panelist": "panelist", "speaker": "panelist",
    "moderator": "panelist", "staff": "staff", "internal": "staff", "employee": "staff",
}  # fmt: skip


def by_distinct(
    texts: pl.Series, understand: Callable[[str], T | None], dtype: pl.DataType | type[pl.DataType]
) -> pl.Series:
    """`understand` called once per distinct text; null where it finds nothing."""
    marked = numbered(texts)
    distinct = marked.unique().drop_nulls()
    numbers = distinct.to_physical()
    found = [understand(text) for text in distinct.cast(pl.Utf8).to_list()]
    size = 0 if numbers.is_empty() else int(numbers.max()) + 1  # pyright: ignore[reportArgumentType]
    table = pl.repeat(None, size, dtype=dtype, eager=True)
    if size:
        table = table.scatter(numbers, pl.Series(found, dtype=dtype))
    return table.gather(marked.to_physical()).alias(texts.name)


def numbered(texts: pl.Series) -> pl.Series:
    """The texts as a Categorical of their own: half the price of a hash lookup per row, once."""
    if isinstance(texts.dtype, pl.Categorical):
        return texts
    return texts.cast(pl.Categorical(pl.Categories.random()))


def by_figure(
    texts: pl.Series, understand: Callable[[str], T | None], dtype: type[pl.DataType]
) -> pl.Series:
    """by_distinct for cells that are figures as a rule: only the others are `understand`ed.

    `understand` must make of plain figures from 0 to a million what they say."""
    parsed = texts.cast(pl.Float64 if dtype.is_float() else dtype, strict=False)
    plain = (parsed >= 0) & (parsed < 1e6)
    odd = ((~plain).fill_null(value=True) & (texts.str.len_bytes() > 0)).arg_true()
    found = parsed.cast(dtype, strict=False)
    if odd.is_empty():
        return found
    return found.scatter(odd, by_distinct(texts.gather(odd), understand, dtype))


def patch(
    texts: pl.Series, where: pl.Series, rewrite: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Rewrite only the rows that need it: costly patterns stay off the others."""
    odd = where.fill_null(value=False).arg_true()
    # scatter writes into the series it is called on
    return texts if odd.is_empty() else texts.clone().scatter(odd, rewrite(texts.gather(odd)))


def tidy(
    frame: pl.DataFrame, *, keep_marks: Collection[str] = (), repeated: Collection[str] = ()
) -> dict[str, pl.Series]:
    """Every column trimmed, `="guarded"` cells unwrapped, blanks, dashes and N/A null.

    In the columns of `keep_marks` only blanks are null: a person or customer may be called NA.
    Those of `repeated` hold few distinct texts and come back as Categorical."""
    few = [c for c in frame.columns if c in repeated]
    with ThreadPoolExecutor(1) as aside:  # polars lets go of the lock
        others = aside.submit(_tidy, frame.drop(few), keep_marks)
        done = {c: _tidy_few(frame[c], keep_marks) for c in few} | others.result()
    return {c: done[c] for c in frame.columns}


def filled(frame: pl.DataFrame, column: str) -> pl.Series:
    """Where the column, if there is one, says something."""
    if column not in frame.columns:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)  # noqa: FBT003
    cells = frame[column].str.strip_chars()
    return (~cells.is_in(ABSENT)).fill_null(value=False)


def _tidy_few(texts: pl.Series, keep_marks: Collection[str]) -> pl.Series:
    marked = numbered(texts)
    distinct = marked.unique().drop_nulls()
    if distinct.is_empty():
        return marked
    numbers = distinct.to_physical()
    tidied = numbered(_tidy(distinct.cast(pl.Utf8).to_frame(), keep_marks)[texts.name])
    places = pl.repeat(None, int(numbers.max()) + 1, dtype=pl.UInt32, eager=True)  # pyright: ignore[reportArgumentType]
    places = places.scatter(numbers, pl.int_range(len(distinct), dtype=pl.UInt32, eager=True))
    return tidied.gather(places.gather(marked.to_physical())).alias(texts.name)


def _tidy(frame: pl.DataFrame, keep_marks: Collection[str]) -> dict[str, pl.Series]:
    plain = frame.select(pl.all().str.strip_chars())
    guarded = plain.select(pl.all().str.starts_with('="').any()).row(0) if plain.width else ()
    unwrapped = {
        c: _unwrapped(plain[c]) for c, so in zip(plain.columns, guarded, strict=True) if so
    }
    plain = plain.with_columns(**unwrapped)
    gone = {
        c: pl.col(c) == "" if c in keep_marks else pl.col(c).is_in(ABSENT) for c in plain.columns
    }
    done = plain.select(pl.when(~gone[c]).then(c).alias(c) for c in plain.columns)
    return {c: done[c] for c in done.columns}


def _unwrapped(texts: pl.Series) -> pl.Series:
    return patch(texts, texts.str.starts_with('="'), _unwrap)


def _unwrap(texts: pl.Series) -> pl.Series:
    return texts.str.extract(r'(?s)^="(.*?)"?$', 1).str.replace_all('""', '"', literal=True)


def email(texts: pl.Series) -> pl.Series:
    """`Name <a@b>` and `mailto:` unwrapped. Case is kept; text without @ is null."""
    wrapped = texts.str.contains("[<>:;,\"' \\t\\n]")
    plain = patch(texts, wrapped, _bare_address)
    return patch(plain, ~plain.str.contains("@", literal=True), lambda odd: _nothing(len(odd)))


def _bare_address(odd: pl.Series) -> pl.Series:
    return (
        odd.to_frame("t")
        .select(
            pl.coalesce(pl.col("t").str.extract(r"<\s*([^<>\s]+@[^<>\s]+)\s*>"), "t")
            .str.replace(r"(?i)^\s*mailto:\s*", "")
            .str.strip_chars(" \t\"'<>;,")
            .str.extract(r"^([^\s;,<>]+)")
        )
        .to_series()
    )


def _nothing(size: int) -> pl.Series:
    return pl.repeat(None, size, dtype=pl.Utf8, eager=True)


def unguarded(understand: Callable[[str], T | None], text: str) -> T | None:
    """What `understand` makes of a cell that may be written ="45" against spreadsheets."""
    return understand(text.strip().removeprefix('="').removesuffix('"'))


def event_type(text: str) -> str | None:
    """The type of event that the words say; None for words of something else, such as where it was held."""
    return EVENT_TYPES.get(normalise(text)) or type_from_name(text)


def type_from_name(name: str) -> str | None:
    """The type an event's own name gives away ('Admin Training, Part 1'), or null."""
    plain = normalise(name)
    return next((kind for pattern, kind in _TYPE_WORDS if pattern.search(plain)), None)


def role(text: str) -> str | None:
    return _STAFF_ROLES.get(normalise(text), "attendee")


def number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None


def count(text: str) -> int | None:
    """A whole number that is not negative; 'yes' counts as one."""
    value = number(text)
    if value is not None:
        return int(value) if value >= 0 else None
    known = status(text)
    return {"attended": 1, "no_show": 0}.get(known or "")


_DONE = {"completed", "complete", "passed", "finished", "done"}
NOT_DONE = {
    "in progress", "not completed", "incomplete", "enrolled", "subscribed", "not started", "failed",
    "not passed", "started",
}  # fmt: skip
DATED = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
"""A day somewhere in the text."""


def reached(text: str) -> bool | None:
    """Whether a course was completed or passed: a yes or no, a state, or the day on which it was."""
    said = flag(text)
    if said is not None:
        return said
    plain = normalise(text)
    if plain in NOT_DONE:
        return False
    return True if plain in _DONE or re.search(DATED, text) else None


def flag(text: str) -> bool | None:
    plain = normalise(text)
    if plain in ("1", "true", "yes", "y", "t", "x"):
        return True
    return False if plain in ("0", "false", "no", "n", "f") else None
