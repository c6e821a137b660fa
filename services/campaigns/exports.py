"""Rows of an exported table as events of mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from data.tables import ledger
from integrations.formats.mail_words import bare
from integrations.formats.times import decide_order, read_times, to_utc
from integrations.hooks.mail import MAIL_EVENTS, cleaned
from services.matching.addresses import email_keys

_WORDS = {
    "processed": ledger.SENT,
    "accepted": ledger.SENT,
    "queued": ledger.SENT,
    "sent": ledger.SENT,
    "send": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "delivery": ledger.DELIVERED,
    "deferred": ledger.DEFERRED,
    "open": ledger.OPEN,
    "opened": ledger.OPEN,
    "opens": ledger.OPEN,
    "read": ledger.OPEN,
    "view": ledger.OPEN,
    "viewed": ledger.OPEN,
    "click": ledger.CLICK,
    "clicked": ledger.CLICK,
    "clicks": ledger.CLICK,
    "reply": ledger.REPLY,
    "replied": ledger.REPLY,
    "forward": ledger.FORWARD,
    "forwarded": ledger.FORWARD,
    "unsubscribe": ledger.UNSUBSCRIBE,
    "unsubscribed": ledger.UNSUBSCRIBE,
    "opted_out": ledger.UNSUBSCRIBE,
    "group_unsubscribe": ledger.UNSUBSCRIBE,
    "group_resubscribe": ledger.RESUBSCRIBE,
    "resubscribed": ledger.RESUBSCRIBE,
    "spamreport": ledger.COMPLAINT,
    "spam": ledger.COMPLAINT,
    "spam_report": ledger.COMPLAINT,
    "marked_as_spam": ledger.COMPLAINT,
    "complaint": ledger.COMPLAINT,
    "complained": ledger.COMPLAINT,
    "bounce": ledger.HARD_BOUNCE,
    "bounced": ledger.HARD_BOUNCE,
    "hard_bounce": ledger.HARD_BOUNCE,
    "hard_bounced": ledger.HARD_BOUNCE,
    "soft_bounce": ledger.SOFT_BOUNCE,
    "soft_bounced": ledger.SOFT_BOUNCE,
    "dropped": ledger.DROPPED,
    "rejected": ledger.DROPPED,
    "failed": ledger.DROPPED,
}
_FIXED = (("views", ledger.OPEN), ("opens", ledger.OPEN), ("clicks", ledger.CLICK))
"""What a layout's rows are, by the end of its name, where no column says it."""
_NO = ("", "0", "no", "false", "none", "n/a", "-")
_TOTALS = (
    ("opens", ledger.OPEN),
    ("clicks", ledger.CLICK),
    ("replies", ledger.REPLY),
    ("complained", ledger.COMPLAINT),
)
_A_DAY = r"^[^:]*[-/. ][^:]*$|[T ]0?0:00(:00(\.0+)?)? *(Z|[+-].*)?$"
"""A time as written that is a day and no more."""
MOST_TIMES = 100_000


@dataclass(frozen=True)
class About:
    """Where a file's own words leave off: the campaign's name, when it was sent (UTC), and the zone of
    times that do not tell theirs. `form` is the layout's name; `latest` what can have happened (UTC);
    `day_first` settles d/m against m/d."""

    form: str
    name: str
    sent_at: datetime
    zone: str
    latest: datetime
    day_first: bool | None = None


@dataclass(frozen=True)
class Exported:
    """`events`: integrations.hooks.mail.MAIL_EVENTS and line. `rows`: line, email, name, company, what, problem.

    `unsure`: days and months cannot be told apart.
    """

    events: pl.DataFrame
    rows: pl.DataFrame
    unsure: bool


def exported(rows: pl.DataFrame, about: About) -> Exported:
    """`rows` are text: the fields of integrations.formats.mail_exports.MAIL, line and problem."""
    order = decide_order([rows["at"], rows["unsubscribed"], rows["sent"]], told=about.day_first)
    keys = email_keys(rows["email"])
    names = pl.concat_str("first_name", "last_name", separator=" ", ignore_nulls=True)
    table = rows.with_columns(
        _moments(rows["at"], about, order).alias("when"),
        _moments(rows["unsubscribed"], about, order).alias("left_at"),
        _moments(rows["sent"], about, order).alias("sent_at"),
        name=pl.coalesce("name", pl.when(names.str.strip_chars() != "").then(names)),
        word=_worded(rows["event"]),
        problem=pl.coalesce(
            "problem", pl.when(keys.is_null()).then(pl.lit("This is no mail address."))
        ),
    )
    ahead = pl.max_horizontal("when", "left_at", "sent_at") > about.latest.replace(tzinfo=None)
    later = pl.when(ahead).then(pl.lit("This time lies in the future."))
    table = table.with_columns(problem=pl.coalesce("problem", later))
    fixed = _fixed(table, about.form)
    is_log = fixed is not None or table["word"].drop_nulls().len() > 0
    found = _logged(table, about, fixed) if is_log else _totals(table, about)
    events, told = found
    return Exported(events, told, order.ambiguous)


def _worded(said: pl.Series) -> pl.Series:
    distinct = said.drop_nulls().unique()
    words = pl.Series([bare(text).replace(" ", "_") for text in distinct], dtype=pl.String)
    return said.replace_strict(distinct, words, default=None, return_dtype=pl.String)


def _fixed(table: pl.DataFrame, form: str) -> int | None:
    """What rows without a word of their own are: by the table's layout, or because links and times are all
    that it tells, and no row has words, known or not."""
    by_name = next((kind for end, kind in _FIXED if form.endswith(end)), None)
    counted = ("opens", "clicks", "replies", "complained", "bounce", "unsubscribed")
    told = pl.any_horizontal(pl.col(counted).is_not_null().any())
    worded = pl.col("word").is_not_null().any()
    if table.select(told & ~worded).item():
        return None  # a yes or no, or a count, in each row: its layout's name does not make clicks of them
    alone = table.height > 0 and all(
        table.select(pl.col("url", "when").is_not_null().all(), ~worded).row(0)
    )
    return ledger.CLICK if by_name is None and alone else by_name


def _moments(texts: pl.Series, about: About, order: object) -> pl.Series:
    """UTC without a zone: seconds or milliseconds since 1970, or a time as written."""
    number = texts.str.extract(r"^\s*(\d{10}|\d{13})(?:\.\d+)?\s*$", 1)
    since = number.cast(pl.Int64, strict=False)
    micros = pl.select(
        pl.when(since < 100_000_000_000).then(since * 1_000_000).otherwise(since * 1_000)
    ).to_series()
    read = read_times(texts, order)  # type: ignore[arg-type]
    utc = to_utc(read["when"], about.zone)
    written = pl.select(pl.when(read["zoned"]).then(read["when"]).otherwise(utc)).to_series()
    return pl.select(pl.coalesce(micros.cast(pl.Datetime("us")), written)).to_series()


def _logged(
    table: pl.DataFrame, about: About, fixed: int | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One event a row."""
    said = pl.col("word").replace_strict(_WORDS, default=None, return_dtype=pl.Int16)
    # Whatever its layout is called, a row without a link is nobody's click.
    silent = pl.col("word").is_null() & (pl.col("url").is_not_null() | (fixed != ledger.CLICK))
    kind = pl.coalesce(said, pl.when(silent).then(pl.lit(fixed, pl.Int16)))
    soft = pl.col("kind").str.to_lowercase().is_in(["blocked", "soft", "temporary"])
    table = table.with_columns(
        code=pl.when((kind == ledger.HARD_BOUNCE) & soft.fill_null(value=False))
        .then(ledger.SOFT_BOUNCE)
        .otherwise(kind)
    )
    table = table.with_columns(
        problem=pl.coalesce(
            "problem",
            pl.when(pl.col("code").is_null()).then(
                pl.lit("The app does not know what happened here.")
            ),
            pl.when(pl.col("when").is_null()).then(pl.lit("This time cannot be read.")),
        )
    )
    good = table.filter(pl.col("problem").is_null())
    events = _events(
        good,
        about,
        kind=pl.col("code"),
        at=pl.col("when"),
        timed=pl.lit(value=True),
        times=pl.lit(1),
    )
    words = {code: word.replace("_", " ") for code, word in ledger.EVENT_WORDS.items()}
    what = pl.col("code").replace_strict(words, default=None, return_dtype=pl.String)
    return events, table.select("line", "email", "name", "company", "problem", what=what)


def _totals(table: pl.DataFrame, about: About) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Totals without times: how often each recipient did what."""
    bounce = pl.col("bounce").fill_null("").str.to_lowercase().str.strip_chars()
    bounced = ~bounce.is_in(_NO)
    table = table.with_columns(
        times_opens=_times("opens"),
        times_clicks=_times("clicks"),
        times_replies=_times("replies"),
        times_complained=_times("complained"),
        sent_at=pl.coalesce("sent_at", pl.lit(about.sent_at.replace(tzinfo=None))),
        soft=bounced & bounce.str.contains("soft|block|temp"),
        bounced=bounced,
        left=pl.col("left_at").is_not_null()
        | ~pl.col("unsubscribed").fill_null("").str.to_lowercase().is_in(_NO),
    )
    good = table.filter(pl.col("problem").is_null())
    parts = [
        _total(good, about, ledger.SENT),
        _total(good.filter(~pl.col("bounced")), about, ledger.DELIVERED),
        _total(good.filter(pl.col("soft")), about, ledger.SOFT_BOUNCE),
        _total(good.filter(pl.col("bounced") & ~pl.col("soft")), about, ledger.HARD_BOUNCE),
    ]
    parts += [
        _total(good.filter(pl.col(f"times_{name}") > 0), about, kind, f"times_{name}")
        for name, kind in _TOTALS
    ]
    left = good.filter("left").with_columns(sent_at=pl.coalesce("left_at", "sent_at"))
    timed = pl.col("left_at").is_not_null() & ~pl.col("unsubscribed").str.contains(_A_DAY)
    parts.append(
        _events(
            left,
            about,
            kind=pl.lit(ledger.UNSUBSCRIBE),
            at=pl.col("sent_at"),
            timed=timed,
            times=pl.lit(1),
        )
    )
    what = pl.format("opened {}, clicked {}", "times_opens", "times_clicks")
    return pl.concat(parts), table.select("line", "email", "name", "company", "problem", what=what)


def _times(name: str) -> pl.Expr:
    """A count; what is no number, but not a no either, is once."""
    text = pl.col(name).fill_null("").str.to_lowercase().str.strip_chars()
    number = text.str.replace_all(r"[, ]", "").cast(pl.Float64, strict=False)
    said = pl.when(text.is_in(_NO)).then(0).otherwise(pl.coalesce(number, pl.lit(1.0)))
    return said.clip(0, MOST_TIMES).cast(pl.Int32)


def _total(rows: pl.DataFrame, about: About, kind: int, times: str | None = None) -> pl.DataFrame:
    count = pl.col(times) if times else pl.lit(1)
    return _events(
        rows, about, kind=pl.lit(kind), at=pl.col("sent_at"), timed=pl.lit(value=False), times=count
    )


def key_of(name: str) -> str:
    """What stands for the number of a campaign of which a file only tells the name."""
    return pl.select(_key(pl.lit(name))).item()


def _key(name: pl.Expr) -> pl.Expr:
    words = name.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.format("file:{}", words.str.slice(0, 140))


def _events(
    rows: pl.DataFrame, about: About, *, kind: pl.Expr, at: pl.Expr, timed: pl.Expr, times: pl.Expr
) -> pl.DataFrame:
    """MAIL_EVENTS and line. A campaign without a number goes by its name; rows that tell neither are of the one
    the file is about."""
    named = _key(pl.coalesce("campaign_name", pl.lit(about.name)))
    automatic = pl.col("machine").str.to_lowercase().is_in(["true", "1", "yes"])
    made = rows.select(
        "line",
        "event_id",
        kind=kind.cast(pl.Int16),
        at=at.dt.epoch("us"),
        timed=timed,
        times=times,
        email="email",
        name="name",
        company="company",
        message="message",
        campaign=pl.coalesce("campaign", named),
        campaign_name=pl.coalesce("campaign_name", pl.lit(about.name)),
        subject="subject",
        tags=pl.lit(None, pl.String),
        url="url",
        ip="ip",
        agent="agent",
        method=pl.lit(None, pl.Int16),
        flagged=automatic,
        everything=pl.when(kind == ledger.UNSUBSCRIBE).then(pl.col("word") == "unsubscribe"),
        detail=pl.coalesce("bounce", "kind"),
        bulk=pl.lit(None, pl.Boolean),
    )
    lines = made.select("line", *MAIL_EVENTS)
    whole = cleaned(lines.drop("line"))
    if whole.height == lines.height:
        return whole.with_columns(lines["line"])
    kept = lines.filter(pl.col("at").is_not_null() & pl.col("email").is_not_null())
    return cleaned(kept.drop("line")).with_columns(line=pl.lit(0, pl.UInt32))
