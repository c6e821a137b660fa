"""Dates and times from text: a whitelist of shapes, and one decision per file on d/m or m/d.

Nothing here guesses from the clock: "today" or an impossible date is no time at all, nor is a bare number, unless
a column holds nothing but the numbers by which spreadsheets count days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from integrations.formats.records import MOMENT

_CLOCK = (
    r"(?:,? ?(?:(?:at|à|a las|às|alle|um|om|kl\.?) )?([0-9]{1,2})(?:[:.]| ?h ?)([0-9]{2})"
    r"(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: (?:Uhr|uur|h))?)?$"
)
_ISO = (
    r"^(?P<y>[0-9]{4})(?:[-/.]|年)(?P<m>[0-9]{1,2})(?:[-/.]|月)(?P<d>[0-9]{1,2})(?:日(?:\(\p{L}\))?)?T?"
    + _CLOCK
)
_NUMERIC = r"^(?P<a>[0-9]{1,2})(?P<s>[/.-])(?P<b>[0-9]{1,2})[/.-](?P<y>[0-9]{4}|[0-9]{2})" + _CLOCK
_MONTH_FIRST = (
    r"^(?:\p{L}{2,12}\.?,? )?(?P<m>\p{L}{3,10})\.? (?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<y>[0-9]{4})"
    + _CLOCK
)
_DAY_FIRST = (
    r"^(?:\p{L}{2,12}\.?,? )?(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|\.)?(?:[ /-]| de )(?P<m>\p{L}{3,10})\.?"
    r"(?:[ /-]| de )"
    r"(?P<y>[0-9]{4}|[0-9]{2})" + _CLOCK
)
_ZONE = (
    r"^(.*:[0-9]{2}(?:[.,][0-9]+)?(?: ?[AaPp]\.?[Mm]\.?)?) ?"
    r"\(?((?:UTC|GMT)?[+-][0-9]{1,2}(?::?[0-9]{2})?|Z|[A-Z]{3,5})\)?$"
)
_OFFSET = r"^(?:UTC|GMT)?([+-])([0-9]{1,2}):?([0-9]{2})?$"

# Only abbreviations that mean one offset; BST, IST or CST in Asia are left without a zone.
_ABBREVIATIONS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120,
    "EEST": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "JST": 540, "SGT": 480,
    "AEST": 600, "AEDT": 660, "AWST": 480, "NZST": 720, "NZDT": 780,
}  # fmt: skip
# English first; then what the common report languages write, by their first letters.
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12, "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2,
    "avr": 4, "jui": None, "aoû": 8, "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1,
    "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, "fev": 2, "out": 10, "mei": 5, "maa": 3,
    "mrt": 3, "maj": 5, "des": 12,
}  # fmt: skip
_MONTHS4 = {"juin": 6, "juil": 7}
# Elsewhere in English figures have two places, am is written small, or the clock has 24 hours.
_AMERICAN = r"^[1-9][0-9]?/[1-9][0-9]?/[0-9]{2,4}, [1-9][0-9]?:[0-9]{2}(?::[0-9]{2})?\s[AP]M$"
_FOUR_FIGURES = datetime(1000, 1, 1)  # noqa: DTZ001 - a wall-clock time, as all those read here
_YEARS = (1990, 2100)  # no report is about an event before or after; empty stamps read 1970
_SERIAL = r"^\s*[3-7][0-9]{4}(?:[.,][0-9]+)?\s*$"
_SEVERAL = 2  # one number alone may be anything
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - of spreadsheets
_MANY = 10_000  # from here on it pays to try the usual shapes before the regular expressions


@dataclass(frozen=True)
class DayOrder:
    """How d/m and m/d dates of one file are read. `used` is None when the file has none."""

    day_first: bool
    used: bool | None
    ambiguous: bool


def decide_order(
    columns: Sequence[pl.Series],
    *,
    told: bool | None,
    fixed: bool | None = None,
    local: bool = False,
) -> DayOrder:
    """Day or month first, from what the caller says, the vendor is known for, or a value above 12.

    Dates with dots are day-first everywhere and are no evidence. When nothing decides, a 12-hour
    clock reads month-first and a 24-hour clock day-first, and the caller is told to ask; not where the
    vendor writes times as the reader's country does (`local`) and that is the United States.
    """
    pattern = r"^([0-9]{1,2})[/-]([0-9]{1,2})[/-](?:[0-9]{4}|[0-9]{2})(?:\D|$)"
    texts = (
        pl.concat([c.cast(pl.Utf8) for c in columns]) if columns else pl.Series([], dtype=pl.Utf8)
    )
    # The pattern sees eleven characters at most, and days repeat where whole times do not.
    days = texts.drop_nulls().str.slice(0, 11).alias("day").value_counts(name="n")
    days = days.filter(pl.col("day").str.contains(pattern))
    if days.is_empty():
        return DayOrder(bool(told), None, ambiguous=False)
    if told is not None:
        return DayOrder(told, told, ambiguous=False)
    if fixed is not None:
        return DayOrder(fixed, fixed, ambiguous=False)
    first = days["day"].str.extract(pattern, 1).cast(pl.Int32)
    second = days["day"].str.extract(pattern, 2).cast(pl.Int32)
    day_high, month_high = (int(days["n"].filter(part > 12).sum()) for part in (first, second))
    if (day_high > 0) != (month_high > 0):
        return DayOrder(day_high > 0, day_high > 0, ambiguous=False)
    written = texts.filter(texts.str.contains(pattern))
    twelve_hour = bool(written.str.contains(r"(?i)[0-9] ?[ap]\.?m").any())
    guess = day_high > month_high if day_high or month_high else not twelve_hour
    if local and not (day_high or month_high) and written.str.contains(_AMERICAN).all():
        return DayOrder(day_first=False, used=False, ambiguous=False)
    return DayOrder(guess, guess, ambiguous=bool((first != second).any()))


def read_times(texts: pl.Series, order: DayOrder) -> pl.DataFrame:
    """when Datetime('us'), zoned Boolean, dated Boolean (a day without a clock time) per text.

    `zoned` times stated an offset or a zone abbreviation and are in UTC already; the others are
    wall-clock times. What has none of the known shapes is null.
    """
    if _are_serials(texts):
        return _read_serials(texts)
    when, zoned = _read_usual(texts, order)
    dated = pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)  # noqa: FBT003 - a value
    frame = pl.DataFrame({"when": when, "zoned": zoned, "dated": dated})
    odd = (when.is_null() & texts.is_not_null()).arg_true()
    if odd.is_empty():
        return _within_reason(frame)
    rest = texts.gather(odd)
    distinct = rest.unique()
    known = _read_shapes(distinct, order).with_columns(distinct.alias("text"))
    found = pl.DataFrame({"text": rest}).join(
        known, on="text", how="left", maintain_order="left", nulls_equal=True
    )
    return _within_reason(
        frame.with_columns(
            [frame[c].scatter(odd, found[c]).alias(c) for c in ("when", "zoned", "dated")]
        )
    )


def _are_serials(texts: pl.Series) -> bool:
    """A report saved from a spreadsheet without its formats: days since 1900, hours as fractions of one."""
    cells = texts.drop_nulls()
    if len(cells) < _SEVERAL or not cells.head(1).str.contains(_SERIAL).all():
        return False
    return bool(cells.str.contains(_SERIAL).all())


def _read_serials(texts: pl.Series) -> pl.DataFrame:
    plain = texts.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64)
    seconds = (pl.col("days") * 86_400).round().cast(pl.Int64)
    return _within_reason(
        pl.DataFrame({"days": plain}).select(
            when=(pl.lit(_DAY_ZERO) + pl.duration(seconds=seconds)).cast(MOMENT),
            zoned=pl.lit(value=False),
            dated=(pl.col("days") % 1 == 0) & pl.col("days").is_not_null(),
        )
    )


def _read_usual(texts: pl.Series, order: DayOrder) -> tuple[pl.Series, pl.Series]:
    """The shapes most files use, each tried on what the ones before left over."""
    slashed = "%d/%m/%Y" if order.day_first else "%m/%d/%Y"
    shapes = (
        ("%Y-%m-%d %H:%M:%S", False),
        ("%Y-%m-%dT%H:%M:%SZ", True),
        (f"{slashed} %I:%M %p", False),
        ("%b %d, %Y %I:%M %p", False),
        ("%d.%m.%Y %H:%M", False),
    )
    zoned = pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)  # noqa: FBT003 - a value
    if len(texts) < _MANY:
        return pl.repeat(None, len(texts), dtype=MOMENT, eager=True), zoned
    when = _strictly(texts, shapes[0][0])
    left = (when.is_null() & texts.is_not_null()).arg_true()
    for shape, utc in shapes[1:]:
        read = _strictly(texts.gather(left), shape)
        hits = read.is_not_null()
        if hits.any():
            when = when.scatter(left.filter(hits), read.drop_nulls())
            zoned = zoned.scatter(left.filter(hits), utc) if utc else zoned
            left = left.filter(~hits)
    return when, zoned


def _strictly(texts: pl.Series, shape: str) -> pl.Series:
    """%Y also takes two figures, for the first century: those are left to the careful shapes."""
    read = texts.str.to_datetime(shape, strict=False, time_unit="us")
    early = (read < _FOUR_FIGURES).arg_true()
    return read if early.is_empty() else read.scatter(early, None)


def _within_reason(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        when=pl.when(pl.col("when").dt.year().is_between(*_YEARS)).then("when"),
        zoned=pl.col("zoned").fill_null(value=False),
        dated=pl.col("dated").fill_null(value=False),
    )


def _read_shapes(texts: pl.Series, order: DayOrder) -> pl.DataFrame:
    tidy = pl.DataFrame(
        {"t": texts.str.replace_all(r"[\s\x{00a0}\x{202f}]+", " ").str.strip_chars(" ")}
    )
    tidy = tidy.with_columns(
        zone=pl.col("t").str.extract(_ZONE, 2), bare=pl.col("t").str.extract(_ZONE, 1)
    ).with_columns(bare=pl.coalesce("bare", "t"))
    bare = pl.col("bare")
    iso = bare.str.extract_groups(_ISO)
    numeric = bare.str.extract_groups(_NUMERIC)
    named = bare.str.extract_groups(_MONTH_FIRST)
    daily = bare.str.extract_groups(_DAY_FIRST)
    tidy = tidy.select("zone", iso=iso, numeric=numeric, named=named, daily=daily)
    day_first = pl.lit(order.day_first) | (pl.col("numeric").struct.field("s") == ".")
    a, b = pl.col("numeric").struct.field("a"), pl.col("numeric").struct.field("b")

    def part(group: str, clock: str | None = None) -> pl.Expr:
        fields = [pl.col(k).struct.field(clock or group) for k in ("iso", "named", "daily")]
        return pl.coalesce(*fields)

    parts = tidy.select(
        "zone",
        y=pl.coalesce(part("y"), pl.col("numeric").struct.field("y")),
        m=pl.coalesce(
            pl.col("iso").struct.field("m"),
            _month(pl.coalesce(*(pl.col(k).struct.field("m") for k in ("named", "daily")))),
            pl.when(day_first).then(b).otherwise(a),
        ),
        d=pl.coalesce(part("d"), pl.when(day_first).then(a).otherwise(b)),
        **{
            name: pl.coalesce(*(_nth_clock(k, n) for k in ("iso", "numeric", "named", "daily")))
            for n, name in enumerate(("h", "i", "s", "p"))
        },
    )
    return _assemble(parts)


def _nth_clock(shape: str, position: int) -> pl.Expr:
    # The clock groups are unnamed, so polars numbers them after the named ones of each shape.
    first = {"iso": 4, "numeric": 5, "named": 4, "daily": 4}[shape]
    return pl.col(shape).struct.field(str(first + position))


def _month(names: pl.Expr) -> pl.Expr:
    lower = names.str.to_lowercase()
    short = {k: str(v) for k, v in _MONTHS.items() if v}
    longer = {k: str(v) for k, v in _MONTHS4.items()}
    return pl.coalesce(
        lower.str.slice(0, 4).replace_strict(longer, default=None, return_dtype=pl.Utf8),
        lower.str.slice(0, 3).replace_strict(short, default=None, return_dtype=pl.Utf8),
    )


def _assemble(parts: pl.DataFrame) -> pl.DataFrame:
    hour = pl.col("h").cast(pl.Int32)
    half = pl.col("p").str.to_lowercase()
    hour = (
        pl.when(half.is_null())
        .then(hour)
        .when(hour.is_between(1, 12))
        .then(hour % 12 + pl.when(half == "p").then(12).otherwise(0))
    )
    year = pl.col("y").cast(pl.Int32)
    text = pl.format(
        "{}-{}-{} {}:{}:{}",
        # Only a year written with two digits is short for one of this century.
        pl.when(pl.col("y").str.len_chars() <= 2).then(year + 2000).otherwise(year),
        pl.col("m"),
        pl.col("d"),
        pl.when(pl.col("h").is_null()).then(0).otherwise(hour),
        pl.col("i").fill_null("0"),
        pl.col("s").fill_null("0"),
    )
    offset = _offset_minutes(pl.col("zone"))
    when = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    return parts.select(
        when=(when - pl.duration(minutes=offset.fill_null(0))).cast(MOMENT),
        zoned=offset.is_not_null(),
        dated=pl.col("h").is_null(),
    )


def _offset_minutes(zone: pl.Expr) -> pl.Expr:
    hours = zone.str.extract(_OFFSET, 2).cast(pl.Int32)
    minutes = zone.str.extract(_OFFSET, 3).cast(pl.Int32).fill_null(0)
    sign = pl.when(zone.str.extract(_OFFSET, 1) == "-").then(-1).otherwise(1)
    named = zone.replace_strict(_ABBREVIATIONS, default=None, return_dtype=pl.Int32)
    return pl.coalesce(named, sign * (hours * 60 + minutes))


def to_utc(when: pl.Series, zone: str) -> pl.Series:
    """Wall-clock times of an IANA zone in UTC; a time the clock change skipped is null."""
    if zone == "UTC":
        return when
    placed = when.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
