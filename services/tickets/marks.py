"""What calls for the highest level by itself: an outage, loss of data, a matter of security. Pure.

The desk's own kind and tags say it for sure, where one of them says nothing else: `security-team`, `outage-comms`
or a part of the product called Security name a topic, and no incident. Words only suggest it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_GAP = r"[ _:/-]?"
_FIELDS = {
    "outage": re.compile(
        rf"(?i)(?:(?:major|full|partial|complete|total|service|system|platform|site|network|api|production|regional){_GAP})*outage"
        rf"|(?:unplanned{_GAP})?downtime|(?:service|site|system|platform){_GAP}(?:down|interruption|disruption)"
        rf"|sev{_GAP}[01]|p0|major{_GAP}incident|outage{_GAP}incident|incident{_GAP}outage"
    ),
    "data_loss": re.compile(
        rf"(?i)data{_GAP}(?:loss|lost|corruption)(?:{_GAP}incident)?|lost{_GAP}data|incident{_GAP}data{_GAP}loss"
    ),
    "security": re.compile(
        rf"(?i)(?:security|privacy|data){_GAP}(?:incident|breach|leak)|breach|incident{_GAP}security"
        rf"|account{_GAP}compromised?|hacked"
    ),
}
_SYSTEM = re.compile(r"^\s*\[[^\]]{1,20}\]")
"""What some desks put before the kinds they come with."""
_WORDS = {
    "outage": re.compile(
        r"(?i)\b(?:(?:complete|total|major|full|system|service|production)(?:[ -]?wide)? outage|outage"
        r"|(?:whole|entire|complete|all of (?:the|our)) (?:system|platform|site|service|product|production|company)"
        r" (?:is|was|went|has been|have been|are|were) (?:down|offline|unavailable)"
        r"|(?:system|platform|site|service|everything|production|prod|dashboard|api) (?:is|was|went|has been)"
        r" (?:completely |totally |all )?(?:down|offline|unavailable)"
        r"|nobody (?:here )?(?:can|could|was able to) (?:log ?in|sign in|work|access)"
        r"|no ?one (?:here )?(?:can|could|was able to) (?:log ?in|sign in|work|access)"
        r"|(?:could|can)(?:not|n['’]t) work (?:at all|for))\b"
    ),
    "data_loss": re.compile(
        r"(?i)\b(?:(?:data|records?|files?|reports?|entries|history|contacts|documents?)(?: \w+){0,3}"
        r" (?:is|are|was|were|has been|have been|got|went) (?:lost|gone|missing|deleted|wiped|erased|corrupted|overwritten)"
        r"|(?:lost|losing|deleted|wiped|erased|overwrote|corrupted)(?: \w+){0,3} (?:data|records|files|entries|history|documents)"
        r"|data (?:loss|corruption))\b"
    ),
    "security": re.compile(
        r"(?i)\b(?:security (?:breach|incident|hole|issue|flaw|vulnerability)|data (?:breach|leak)|(?:was|were|been|got) hacked"
        r"|unauthori[sz]ed (?:access|login|user|person)|leaked|compromised|exposed (?:to )?(?:other|another|the public|customers?)"
        r"|(?:see|saw|seeing|access|view)(?: \w+){0,3} (?:another|other|someone else['’]s|a different) (?:customer|company|tenant|account|organi[sz]ation)(?:['’]s|s['’]?)? (?:data|records|files|account|information))\b"
    ),
}
_NOT = re.compile(
    r"(?i)\b(?:no|not|n['’]t|never|without|isn['’]t|wasn['’]t|hasn['’]t|haven['’]t|nothing|if|unless|in case|avoid|prevent|fear|worried"
    r"|planned|scheduled|risk of|could|might)(?:\s+\w+){0,3}\s*$"
)
_BEFORE = 60


def marked(fields: Iterable[str | None]) -> frozenset[str]:
    """What the desk's own fields say: each a kind or a tag."""
    told = [_SYSTEM.sub("", one).strip() for one in fields if one]
    return frozenset(
        mark for mark, pattern in _FIELDS.items() if any(pattern.fullmatch(one) for one in told)
    )


def worded(texts: Iterable[str]) -> frozenset[str]:
    """What the customer's own words suggest; denials, fears and plans say nothing."""
    said = list(texts)
    return frozenset(
        mark for mark, pattern in _WORDS.items() if any(_says(pattern, text) for text in said)
    )


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return any(
        not _NOT.search(text[max(hit.start() - _BEFORE, 0) : hit.start()])
        for hit in pattern.finditer(text)
    )


MAY_SAY = r"(?i)outage|\bdown\b|offline|unavailable|nobody|no ?one|work at all|work for|lost|losing|loss|gone|missing|delet|wiped|erased|corrupt|overwr|security|breach|hacked|unauthori|leak|compromised|exposed|other|another|someone else|different"
"""A quick look for a text that `worded` may find something in."""
