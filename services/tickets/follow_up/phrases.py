"""Words about a ticket that fit into a sentence to the customer. Pure; whatever comes in is only quoted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from services.tickets.causes import terms
from services.tickets.language import is_foreign

LONGEST_TOPIC, LONGEST_RESOLUTION = 60, 300
_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|fw|fwd|aw|wg|bug|request|question|issue|problem|incident|[a-z]{2,10}-\d+)\s*:|\s*\[[^\]]{0,40}\]|\s*(?:urgent|asap|help)\b[\s:!,-]*)+"
)
_CUT = re.compile(
    r"(?i)\s*(?:[:;,(!?.|]|\s[-–—]\s|\b(?:causing|causes|caused|leading to|resulting in|when|after|since|because|while|"
    r"which|that|every time|whenever|but|due to)\b).*$"
)
_NAMED = re.compile(
    r"(?i)\b(?:issues?|problems?|errors?|bugs?|outages?|failures?|incidents?|questions?|requests?|troubles?)$"
)
_NAMED_FIRST = re.compile(
    r"(?i)^(?:issues?|problems?|errors?|bugs?|outages?|failures?|incidents?|questions?|requests?|troubles?)"
    r"\s+(?:about|with|regarding|concerning|around|on|in|of|from|for|to|at|during|\w+ing)\b"
)
_QUESTION = re.compile(
    r"(?i)^\s*(?:how|what|where|when|why|which|who|can|could|is|are|does|do)\b(?!['’])|\?\s*$"
)
_ASKED = re.compile(r"(?i)\s*question\s*:")
_WISH = re.compile(r"(?i)\s*request\s*:")
_SAYING_WORDS = (
    "i we you he she they it us me him them my our your their this that there nobody nothing"
    " everything everyone everybody someone somebody anyone no is are was were be been being am has"
    " have had do does did can cannot could will would should must may not never please"
)
_SAYING = frozenset(_SAYING_WORDS.split())
"""Words that nouns alone do without: with one of them it is a sentence."""
_TELLING_WORDS = (
    "fails failed stops stopped crashes crashed shows showed breaks broke broken hangs hung loses"
    " lost keeps kept returns returned takes took works worked disappears disappeared appears"
    " appeared deleted charged needs need wants want cuts misses missed gets got goes went gives gave"
    " says said wrong missing down slow empty gone stuck late unavailable offline incorrect blank"
    " unable differ differs"
)
_TELLING = frozenset(_TELLING_WORDS.split())
"""The same where they do not stand in front: `failed payments` are a thing, `payments failed` says something."""
_ASKING_WORDS = (
    "help add change reset delete remove increase update enable disable switch create set give make"
    " fix stop send need want unable"
)
_ASKING = frozenset(_ASKING_WORDS.split())
"""The same where they do stand in front."""
_DETERMINER = re.compile(r"(?i)^(?:the|our|my|your|a|an)\s+")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_GUIDE = re.compile(
    r"(?i)\b((?:[a-z][\w-]* )?(?:guide|playbook|tutorial|checklist|walkthrough|workaround|article|documentation|script))\b"
)
_NO_NOUNS = "the a an our your this that new provided and with for to of"
_NOT_THE = frozenset(_NO_NOUNS.split())
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d\s()./-]{5,}\d(?![\w-])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def topic_of(subject: str) -> str:
    """`API rate limiting causing sync failures` is about `API rate limiting`."""
    plain = " ".join(_PREFIX.sub("", subject).split())
    short = _CUT.sub("", plain).strip(" .-–—") or plain
    return _cut_at_word(short, LONGEST_TOPIC)


def matter_of(subject: str, kind: str | None) -> str:
    """As it stands after “your”: `API rate limiting issue`, `question about exports`; a sentence is quoted, as
    `request about “We were charged twice”`, and `request` stands where the subject says nothing."""
    if (
        _QUESTION.search(subject)
        or _ASKED.match(subject)
        or (kind or "").casefold() in ("question", "how-to", "how to")
    ):
        return "question"
    topic = topic_of(subject)
    if topic.startswith("(") or not terms(topic):
        return "request"
    said = _DETERMINER.sub("", topic)
    if _is_sentence(said) or _WISH.match(subject):
        plain = " ".join(_PREFIX.sub("", subject).split()).strip(" .!-–—")
        quoted = re.sub(r"[“”„\"]", "’", plain)
        return f"request about “{_cut_at_word(quoted, LONGEST_TOPIC)}”"
    first, _, rest = said.partition(" ")
    plain = first.isalpha() and first[1:].islower()
    said = f"{first.lower()} {rest}".strip() if plain else said
    return said if _NAMED.search(said) or _NAMED_FIRST.search(said) else f"{said} issue"


def _is_sentence(topic: str) -> bool:
    """Whether it says something rather than name it; what is not English is taken for it, too."""
    words = _TOKEN.findall(topic.lower() if topic.isupper() else topic)
    # Capitals throughout are a name: US, IT.
    plain = [word.casefold() for word in words if len(word) == 1 or not word.isupper()]
    if not topic.isascii() or any(n in _SAYING or "n't" in n or "n’t" in n for n in plain):
        return True
    told = any(word in _TELLING for word in plain[1:])
    # Danish has this word, too.
    other = is_foreign(" ".join(word for word in topic.split() if word.casefold() != "for"))
    return told or (bool(plain) and plain[0] in _ASKING) or other


def has_phone(text: str) -> bool:
    """Whether it gives a number that can be called."""
    return _PHONE.search(text) is not None


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
