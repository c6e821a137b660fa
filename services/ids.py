"""Record ids as people and programs see them: `cus_42` says what 42 is."""

from __future__ import annotations

import re

from data.errors import NotFound

PREFIXES = {
    "customer": "cus",
    "stakeholder": "sth",
    "event": "evt",
    "upload": "upl",
    "participant": "par",
    "person": "per",
    "weight_set": "wgt",
    "match_answer": "ans",
    "api_token": "tok",
    "draft": "drf",
    "outbox": "out",
    "mailbox": "mbx",
    "task": "tsk",
    "notification": "ntf",
    "suppression": "sup",
    "inbound_mail": "inb",
    "signal": "sig",
    "opportunity": "opp",
    "integration": "int",
    "hook_delivery": "hkd",
    "campaign": "cmp",
    "delegation": "dlg",
    "ticket": "tkt",
}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
_SHAPE = re.compile(r"([a-z]{3})_([1-9][0-9]{0,17})", re.ASCII)


def public_id(kind: str, number: int) -> str:
    """`public_id("customer", 42)` is `cus_42`."""
    return f"{PREFIXES[kind]}_{number}"


def read_id(kind: str, text: str) -> int:
    """The number in a public id; NotFound when it is malformed or names another kind of record."""
    example = f"{PREFIXES[kind]}_42"
    words = kind.replace("_", " ")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise NotFound(f"This is not the id of {_one(words)}. One looks like {example}.")
    prefix, digits = shape.groups()
    if prefix != PREFIXES[kind]:
        other = _KINDS.get(prefix, "something else").replace("_", " ")
        said = f"This is the id of {_one(other)}, not of {_one(words)}."
        raise NotFound(f"{said} One looks like {example}.")
    return int(digits)


def _one(noun: str) -> str:
    return noun if noun == "something else" else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
