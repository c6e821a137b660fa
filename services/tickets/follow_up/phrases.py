"""Words about a ticket that fit into a sentence to the customer. Pure; whatever comes in is only quoted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

LONGEST_TOPIC, LONGEST_RESOLUTION = 60, 300
_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|fw|fwd|aw|wg)\s*:|\s*\[[^\]]{0,40}\]|\s*(?:urgent|asap|help)\b[\s:!,-]*)+"
)
_CUT = re.compile(
    r"(?i)\s*(?:[:;,(!?.|]|\s[-–—]\s|\b(?:causing|causes|caused|leading to|resulting in|when|after|since|because|while|"
    r"which|that|every time|whenever|but|due to)\b).*$"
)
_NAMED = re.compile(
    r"(?i)\b(?:issues?|problems?|errors?|bugs?|outages?|failures?|incidents?|questions?|requests?|troubles?)$"
)
_QUESTION = re.compile(
    r"(?i)^\s*(?:how|what|where|when|why|which|who|can|could|is|are|does|do)\b|\?\s*$"
)
_GUIDE = re.compile(
    r"(?i)\b((?:[a-z][\w-]* )?(?:guide|playbook|tutorial|checklist|walkthrough|workaround|article|documentation|script))\b"
)
_NO_NOUNS = "the a an our your this that new provided and with for to of"
_NOT_THE = frozenset(_NO_NOUNS.split())
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def topic_of(subject: str) -> str:
    """`API rate limiting causing sync failures` is about `API rate limiting`."""
    plain = " ".join(_PREFIX.sub("", subject).split())
    short = _CUT.sub("", plain).strip(" .-–—") or plain
    return _cut_at_word(short, LONGEST_TOPIC)


def matter_of(subject: str, kind: str | None) -> str:
    """As it stands after “your”: `API rate limiting issue`, `question about exports`; `request` where the
    subject says nothing."""
    if _QUESTION.search(subject) or (kind or "").casefold() in ("question", "how-to", "how to"):
        return "question"
    topic = topic_of(subject)
    if not topic or topic.startswith("("):
        return "request"
    first, _, rest = topic.partition(" ")
    plain = first.isalpha() and first[1:].islower()
    said = f"{first.lower()} {rest}".strip() if plain else topic
    said = re.sub(r"(?i)^(?:the|our|my|your|a|an)\s+", "", said)
    return said if _NAMED.search(said) else f"{said} issue"


def resolution_of(text: str | None) -> str:
    """Its first sentences, up to LONGEST_RESOLUTION characters; empty where the desk tells none."""
    plain = " ".join((text or "").split())
    said = ""
    for sentence in _SENTENCE.split(plain):
        if len(said) + len(sentence) + 1 > LONGEST_RESOLUTION:
            break
        said = f"{said} {sentence}".strip()
    return said or _cut_at_word(plain, LONGEST_RESOLUTION)


def aid_of(resolution: str) -> str | None:
    """What was given to the customer to help themselves: `optimization guide`."""
    found = _GUIDE.search(resolution)
    if found is None:
        return None
    words = found.group(1).lower().split()
    return " ".join(word for word in words if word not in _NOT_THE) or None


def span_of(hours: float, solved_at: datetime, now: datetime) -> str:
    """How long it was, as one says it: `the past few days were`."""
    if hours < 12:
        return "those hours were"
    if hours < 36:
        return "that day was"
    if hours < 24 * 10:
        lately = now - solved_at < timedelta(days=4)
        return "the past few days were" if lately else "those days were"
    return "those weeks were"


def day_of(at: datetime) -> str:
    return f"{at.day} {at:%B}"


def lasted(hours: float) -> str:
    if hours < 1:
        return "under an hour"
    if hours < 48:
        whole = int(hours)
        return f"{whole} hour{'' if whole == 1 else 's'}"
    return f"{int(hours / 24)} days"


def _cut_at_word(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
