"""Which campaign an event is of, what that is called, and what kind of mail it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

import polars as pl

from services.campaigns.hashing import hashed
from services.campaigns.source import Source

IDENTITY = ("vendor_key", "campaign_label", "message_key")
_KINDS = (
    (
        "newsletter",
        r"news ?letters?|digest|round-?up|bulletin|(?:monthly|weekly|quarterly) (?:news|update|recap)"
        r"|\w+ in review",
    ),
    (
        "product_update",
        r"product updates?|release notes?|change ?log|what.?s new|new features?|releases?"
        r"|version \d|v\d+\.\d|now available|beta|deprecat\w+|sunset\w*|launch\w*|introducing",
    ),
    (
        "announcement",
        r"announc\w+|maintenance|downtime|outage|policy|terms of (?:service|use)|privacy (?:notice|update)"
        r"|pricing change|acqui\w+|welcome|important|notice|security (?:update|advisory)|holiday",
    ),
    (
        "marketing",
        r"webinar|invit\w+|offers?|discount|% off|sale|promo\w*|case stud\w+|e-?book|white ?paper|demo"
        r"|register|save the date|upgrade|black friday|survey|summit|conference",
    ),
)
"""In this order: a newsletter that announces a release is a newsletter."""
_WORDS = 12
_OTHER = "other mail"
_SINGLE = " (to single people)"
"""Behind what stands for mail that its vendor calls single: a tag or a week has both kinds side by side."""
_NATIVE = 180
_TURN = timedelta(hours=4)
"""Into Monday: when a week begins here. Hardly any mail is sent then; around midnight there is."""


def identified(
    events: pl.DataFrame,
    source: Source,
    zone: str = "UTC",
    places: Mapping[str, str] = MappingProxyType({}),
) -> pl.DataFrame:
    """With IDENTITY: `vendor_key`, `campaign_label` (what to call it) and `message_key`.

    Where the vendor names the campaign, that and the recipient are one mail. Elsewhere tag, name or
    subject and the week stand for it, and the vendor's id of the message for the mail: its events may
    say different things, see `rank`. What the vendor calls mail to single people is kept apart from the like
    to many. Weeks are those of `zone`; `places`: services.campaigns.accounts.
    """
    local = pl.col("at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    clock = local.dt.replace_time_zone(None) - _TURN
    monday = clock.dt.truncate("1w").dt.date().cast(pl.String)
    native = native_key().replace(dict(places))
    told = pl.coalesce("tags", "campaign_name", "subject", pl.lit(_OTHER))
    single = pl.col("bulk").eq(other=False).fill_null(value=False)
    stands = pl.when(single).then(told.str.slice(0, 140 - len(_SINGLE)) + _SINGLE).otherwise(told)
    quality = (
        pl.when(pl.col("tags").is_not_null())
        .then(pl.lit("1"))
        .when(pl.col("campaign_name").is_not_null())
        .then(pl.lit("2"))
        .when(pl.col("subject").is_not_null())
        .then(pl.lit("3"))
        .otherwise(pl.lit("4"))
    )
    derived = pl.format(
        "~{}:{}:{}:{}", quality, pl.lit(str(source.account)), stands.str.slice(0, 140), monday
    )
    label = pl.coalesce("campaign_name", "subject", "tags")
    found = events.with_columns(
        vendor_key=pl.coalesce(native, derived),
        campaign_label=pl.when(pl.col("campaign").is_not_null()).then(label).otherwise(stands),
    )
    message = (
        pl.when(pl.col("campaign").is_not_null())
        .then(pl.format("c|{}", "vendor_key"))
        .when(pl.col("message").is_not_null())
        .then(pl.format("m|{}", "message"))
        .otherwise(pl.format("k|{}", "vendor_key"))
    )
    keyed = found.with_columns(spelled=pl.format("{}|{}", pl.lit(source.vendor), message))
    return keyed.with_columns(hashed(keyed["spelled"]).alias("message_key")).drop("spelled")


def native_key() -> pl.Expr:
    """The `vendor_key` of what has a `campaign`: the vendor's own id."""
    return pl.col("campaign").str.replace(r"^(~|@\d+\|)", "=$1").str.slice(0, _NATIVE)


def of_account(account: int, key: str) -> str:
    """The `vendor_key` of a campaign of an account that is not its platform's first; 0: nobody knows which."""
    return f"@{account}|{key}"


def bare(vendor_key: str) -> str:
    """Without the account."""
    return re.sub(r"^@\d+\|", "", vendor_key)


def message_keys(vendor: str, vendor_keys: list[str]) -> list[int]:
    """The `message_key` of mails of campaigns that their vendor names."""
    return hashed(
        pl.Series([f"{vendor}|c|{key}" for key in vendor_keys], dtype=pl.String)
    ).to_list()


def rank(vendor_key: str) -> tuple[int, str, str]:
    """The lower one is what a mail is of when its events differ: the vendor's own id first, then what
    says most, then the earliest week, since nothing happens to a mail before it is sent."""
    if not vendor_key.startswith("~"):
        return 0, "", vendor_key
    return int(vendor_key[1]), vendor_key[-10:], vendor_key


def name_of(vendor_key: str, label: str | None, vendor_label: str) -> str:
    """What a campaign is called: as the vendor has it; else what stands for it, and its week."""
    if not vendor_key.startswith("~"):
        return (label or f"{vendor_label} campaign {bare(vendor_key)}")[:300]
    monday = date.fromisoformat(vendor_key[-10:])
    what = label or _OTHER
    if what in (_OTHER, _OTHER + _SINGLE):
        what = f"Other mail of {vendor_label}{what.removeprefix(_OTHER)}"
    return f"{what[:250]}, week of {monday.day} {monday:%B %Y}"


def kind_of(*words: str | None) -> str:
    """announcement, newsletter, marketing, product_update or other, by the words of name, subject, tags."""
    text = " ".join(" ".join(w.replace("_", " ").replace("-", " ").split()) for w in words if w)
    for kind, pattern in _KINDS:
        if re.search(rf"(?i)\b(?:{pattern})\b", text):
            return kind
    return "other"


def topics_of(*words: str | None) -> list[str]:
    """The tags, apart and in lower case, at most a dozen."""
    found = {part.strip().lower()[:60] for w in words if w for part in w.split(",")}
    return sorted(found - {""})[:_WORDS]
