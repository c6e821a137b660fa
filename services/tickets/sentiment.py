"""The tone of a customer's own words in a ticket: three levels, and the words that they rest on.

VADER's lexicon (Hutto and Gilbert 2014), without what is everyday language of computers, and phrases that
tell more than single words do. English only: anything else is unknown, which is not the same as calm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from services.tickets.language import is_english
from services.tickets.own_words import own_words

CALM, NEGATIVE, ANGRY = 0, 1, 2
WORDS = {CALM: "calm", NEGATIVE: "negative", ANGRY: "angry"}
UNKNOWN = "unknown"
BAD_TONE = -0.4
"""VADER's compound, -1 to 1, from which a message without any of the phrases is negative."""
ANGRY_FROM, NEGATIVE_FROM = 0.75, 0.35
"""Of the mean over messages of 0, 1 and 2."""
LAST, WEIGHT_OF_LAST = 2, 2
"""The last two messages weigh double: how it ended is what they remember."""
_MOST = 200
_TECHNICAL = (
    "kill killed killing kills abort aborted aborting aborts fatal error errors fail failed failing fails"
    " failure failures crash crashed crashes crashing dead deadlock die died dies hang hung broken break breaks"
    " problem problems problematic issue trouble troubles wrong bug missing stop stopped stops stuck block"
    " blocked blocking blocks critical alert alerts warning warnings warn attack attacks reject rejected rejects"
    " rejecting deny denied denies invalid drop dropped drops dump lost loss lose limited limitation severe"
    " emergency urgent panic orphan orphaned violation violations conflict conflicts conflicting interrupt"
    " interrupted interruption delay delayed delays cut cancel cancelled canceled low lack lacks unable no"
    " exposed vulnerability vulnerable threat threats suspicious risk risks zombie master slave terminate"
    " terminated shut execution execute isolated demand destroy destroyed degraded poison trap starved weak"
    " negative battle fire fired hell shoot debt ignore"
)
_NOT = re.compile(
    r"(?i)\b(?:not|no longer|never|isn['’]t|wasn['’]t|aren['’]t|nothing)(?:\s+\w+){0,2}\s*$"
)


def _phrases(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"(?i)\b(?:" + "|".join(patterns) + r")\b")


_ANGRY = _phrases(
    r"(?:another|a different|a new|other) (?:vendor|supplier|provider|vendors|suppliers|providers)(?! (?:for|of|in) (?!us\b|our\b))",
    r"(?:mov(?:e|ing)|switch(?:ing)?|migrat(?:e|ing)) (?:away from you|to (?:a|your) competitors?)",
    r"(?:we|i)(?:['’]re| are|['’]m| am|['’]ll| will) (?:now )?(?:be )?(?:mov(?:e|ing)|switch(?:ing)?|migrat(?:e|ing))"
    r"(?: over| away)? to (?-i:[A-Z])\w+(?= (?:because|due to|after|over) (?:of )?(?:this|that|it|your?)\b)",
    r"(?:you(?:['’]ve| have)? (?:just )?lost|lost) (?:us|me) as a customer",
    r"(?:cancel(?:l?ing)?|terminat(?:e|ing)|end(?:ing)?) (?:our|the|my|this) (?:contract|subscription|agreement)"
    r"(?! (?:to|for|of) (?:the|your|this|a|all)?\s*(?:\w+ )?(?:newsletters?|notifications?|e-?mails?|mailing|digests?|alerts?|updates?|reports?))",
    r"(?:we|i)(?:\W+(?!could\b|can\b|able\b)\w+){0,4}?\W+(?:not|never|won['’]t|don['’]t)"
    r"(?:\W+(?:going|be|to|want|wish|plan|planning|intend)){0,3}\W+renew(?:ing)?"
    r"(?! (?:the |a |an |our |my |its |this |that |any )?(?:\w+ ){0,2}"
    r"(?:certificates?|certs?|tokens?|keys?|sessions?|passwords?|leases?|domains?|secrets?|cookies?)\b)",
    r"no reason to renew|not renewing (?:our|the|this|my) (?:contract|subscription|agreement|licen[cs]es?)",
    r"(?:looking (?:at|for|into)|evaluating|considering) (?:(?:some|other|possible|your) )?(?:alternatives|competitors)"
    r"(?! to (?!you\b|your\b|this (?:product|tool|platform|service)\b))",
    r"(?:our|my) (?:lawyers?|legal team|legal department)|legal action|breach of contract",
    r"our money back|(?:demand|want|expect|insist on|owe us) (?:a |our |the )?(?:full )?refund",
    r"unacceptable|(?:not|isn['’]t|wasn['’]t|hardly|never|in no way) acceptable|ridiculous|outrageous|disgraceful|appalling|furious|livid|disgusted|pathetic|infuriating",
    r"fed up|sick (?:and tired )?of|had enough|last straw|is a joke|what a joke",
    r"worst (?:support|service|experience|company)|useless|incompetent|incompetence",
    r"waste of (?:our |my )?(?:time|money)",
    r"los(?:t|ing) (?:all |any |our )?(?:trust|confidence|faith|patience)",
)
_BAD = _phrases(
    r"no (?:response|reply|answer|update|reaction)|nobody (?:has )?(?:ever )?(?:responded|replied|answered|cares?)",
    r"(?:second|third|fourth|fifth|\d(?:nd|rd|th)) time|how many (?:more )?times|over and over",
    r"still (?:waiting|not (?:working|fixed|resolved|solved)|nothing|broken)|been waiting",
    r"keeps happening|yet another|(?:once )?again and again",
    r"frustrat(?:ed|ing|ion)|disappoint(?:ed|ing|ment)|annoy(?:ed|ing)|unhappy|upset|dissatisfied",
    r"escalate this|(?:speak|talk) (?:to|with) (?:a|your) (?:manager|supervisor)",
    r"not good enough|being ignored|ignored (?:us|me|our|my)|(?:nobody|no one) (?:is )?(?:helps|helping)",
    r"(?:hours|days|weeks) (?:of nothing|without (?:a |an |any )?(?:answer|reply|response|word))",
)


@dataclass(frozen=True)
class Tone:
    """`level` is unknown, calm, negative or angry; `phrases` are the customer's, as they wrote them."""

    level: str
    phrases: tuple[str, ...]


def tone(customer: Sequence[str], agents: Sequence[str] = ()) -> Tone:
    """The tone of a ticket: of what its customer's people wrote, oldest first.

    `agents` are the messages of our side, of which nothing is ever counted.
    """
    found = [one for text in customer[-_MOST:] if (one := _judged(own_words(text, agents)))]
    if not found:
        return Tone(UNKNOWN, ())
    first_of_last = len(found) - LAST
    weights = [WEIGHT_OF_LAST if place >= first_of_last else 1 for place in range(len(found))]
    mean = sum(w * grade for w, (grade, _) in zip(weights, found, strict=True)) / sum(weights)
    grade = ANGRY if mean >= ANGRY_FROM and _peak(found) == ANGRY else CALM
    if grade == CALM and mean >= NEGATIVE_FROM:
        grade = NEGATIVE
    told = dict.fromkeys(phrase for _, phrases in reversed(found) for phrase in phrases)
    return Tone(WORDS[grade], tuple(told)[:5] if grade else ())


def _peak(found: Sequence[tuple[int, list[str]]]) -> int:
    return max(grade for grade, _ in found)


def _judged(text: str) -> tuple[int, list[str]] | None:
    """A grade of one message with its phrases; None where it cannot be judged."""
    if not is_english(text):
        return None
    angry, bad = _said(_ANGRY, text), _said(_BAD, text)
    if angry:
        return ANGRY, [*angry, *bad]
    if bad:
        return NEGATIVE, bad
    return (NEGATIVE if _compound(text) <= BAD_TONE else CALM), []


def _said(pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        " ".join(match.group().split())
        for match in pattern.finditer(text)
        if not _NOT.search(text[max(match.start() - 60, 0) : match.start()])
    ]


def _compound(text: str) -> float:
    """Of a long text its end: what is said last, and a bound on the work."""
    return float(_analyser().polarity_scores(text[-5_000:])["compound"])


@lru_cache(maxsize=1)
def _analyser() -> Any:
    made = SentimentIntensityAnalyzer()
    for word in _TECHNICAL.split():
        made.lexicon.pop(word, None)
    return made
