"""Which column of a log of mail says what happened, told by its words: its heading may be any. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.formats.headings import normalise
from integrations.formats.mail_exports import SAYS, TOTALS
from integrations.formats.tables import Table

EVENTS = frozenset(
    [
        "sent", "send", "processed", "accepted", "queued", "delivered", "delivery", "deferred", "open", "opened",
        "opens", "view", "viewed", "read", "click", "clicked", "clicks", "reply", "replied", "forward", "forwarded",
        "bounce", "hard bounce", "soft bounce", "dropped", "rejected", "failed", "unsubscribe", "spam report",
        "spamreport", "complaint",
    ]
)  # fmt: skip
"""Said of a mail."""
EITHER = frozenset(
    [
        "unsubscribed", "bounced", "complained", "spam", "opted out", "marked as spam", "hard bounced",
        "soft bounced", "group unsubscribe", "group resubscribe", "resubscribed",
    ]
)  # fmt: skip
"""Said of a mail, or of a person's place on a list."""
CONTACTS = frozenset(
    [
        "active", "inactive", "subscribed", "non subscribed", "not subscribed", "nonsubscribed", "subscriber",
        "cleaned", "pending", "confirmed", "unconfirmed", "enabled", "disabled", "blocklisted", "blacklisted",
        "suppressed", "archived", "transactional", "opted in", "valid", "invalid", "verified", "customer",
        "prospect", "lead", "member", "contact",
    ]
)  # fmt: skip
"""Said of a person only."""
_CLICKED = frozenset(["click", "clicked", "clicks"])
_FILLING = frozenset(["email", "mail", "message", "link", "the", "was", "has", "been"])
_MOST = 200
"""Different texts beyond which a column tells something else in each row."""


@dataclass(frozen=True)
class Told:
    """`event`: the column that says what happened, None without. `unclear`: one may, and a person has to say."""

    event: str | None
    unclear: bool = False


def is_log(form: str, mapping: Mapping[str, str]) -> bool:
    """Whether rows tell of one thing each, at a time and of a link, in a layout that does not say which."""
    theirs = form.endswith("_events") and form != "mail_events"
    return not theirs and {"at", "url"} <= set(mapping) and not {*TOTALS[:2]} & set(mapping)


def told(table: Table, mapping: Mapping[str, str]) -> Told:
    """By the words in the column that is called so or like one of SAYS, else in any that no field takes."""
    taken = {column for field, column in mapping.items() if field != "event"}
    sorts = {name: _sort(table, name) for name in table.header if name not in taken}
    called = [name for name in sorts if name == mapping.get("event")]
    called += [name for name in sorts if normalise(name) in SAYS and name not in called]
    sure = [name for name in called if sorts[name] in ("event", "mixed")]
    if sure:
        return Told(sure[0])
    sure = [name for name, sort in sorts.items() if sort == "event"]
    if len(sure) == 1:
        return Told(sure[0])
    if sure or "mixed" in sorts.values():
        return Told(None, unclear=True)
    # Words that nobody knows, where what happened should stand: its rows are refused and shown.
    return Told(next((name for name in called if sorts[name] == "other"), None))


def _sort(table: Table, column: str) -> str:
    """event, contact, mixed (some words of mail among others, or one alone that is no click), other; nothing for a
    column without words."""
    cells = table.column(column).drop_nulls().unique()
    words = {bare(text) for text in cells.head(_MOST + 1)} - {""}
    if not words or len(words) > _MOST:
        return "other" if words else ""
    of_mail, of_either = words & EVENTS, words & EITHER
    if not of_mail and words & CONTACTS:
        return "contact"
    if not of_mail:
        return "mixed" if of_either else "other"
    several = len(of_mail | of_either) > 1 or of_mail <= _CLICKED
    return "event" if words <= EVENTS | EITHER and several else "mixed"


def bare(text: str) -> str:
    """The words of an event without what only fills: `Email was opened` is `opened`."""
    said = normalise(text)
    kept = " ".join(word for word in said.split() if word not in _FILLING)
    return kept if kept in EVENTS | EITHER else said
