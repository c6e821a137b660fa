"""Whom a question of the match review, or an answer to it, is about, in words."""

from __future__ import annotations

PART = "|"
"""Between domain and company in the key of a question about a part of a domain's people."""
ASKED = {
    "domain": "Who are the people at {}?",
    "name": "Which customer is “{}”?",
    "email": "Who does {} work for?",
}


def asked(kind: str, key: str) -> str:
    """The question."""
    return f"Who are the {about(key)}?" if PART in key else ASKED[kind].format(key)


def about(key: str) -> str:
    """`dataflow.io`, `people at dataflow.io who write “umbra retail”`, or `other people at dataflow.io`."""
    domain, part, company = key.partition(PART)
    if not part:
        return key
    return f"people at {domain} who write “{company}”" if company else f"other people at {domain}"


def be(key: str) -> str:
    """The verb that follows `about`."""
    return "are" if PART in key else "is"


def capital(words: str, key: str) -> str:
    """At the start of a sentence; a domain stays as it is spelled."""
    return words[:1].upper() + words[1:] if PART in key else words
