"""The new words of a mail: without what it quotes, and as text where it came as HTML.

Written here because the libraries that know more languages search a whole mail with patterns that a
hostile one keeps busy for minutes; these look at each line once.
"""

from __future__ import annotations

import html
import re
from itertools import takewhile

LONGEST = 20_000
_MOST_LINES = 2_000
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,200}>")
_TAG = re.compile(r"<[^<>]*(?:>|$)")
_QUOTES = ("<blockquote", 'class="gmail_quote', 'id="divrplyfwdmsg', 'id="appendonsend')
"""How mail programs begin what they quote."""
_RULES = re.compile(r"^(?:-{2,}\s?[^\W\d_][^-\n]{2,40}\s?-{2,}|_{10,}|-{10,}|>{3,}\s.*|-- ?)$")
_FIELD = re.compile(r"^[*>\s]{0,4}([^\W\d_][^\W\d_ ]{0,20}(?: [^\W\d_]{1,12})?)\s?[:：]\s?\S")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}")


def from_html(markup: str) -> str:
    """The text of a mail's HTML up to its first quoted block, without scripts and styles.

    For reading and searching only: whoever shows it still shows it as text.
    """
    text = markup[: LONGEST * 20]
    small = text.lower()
    ends = [place for place in map(small.find, _QUOTES) if place >= 0]
    text = text[: min(ends, default=len(text))]
    for name in ("script", "style", "title"):
        text = _without(text, name)
    return html.unescape(_TAG.sub("", _BREAKS.sub("\n", text))).replace("\u00a0", " ")


def _without(text: str, name: str) -> str:
    """Each element of this name left out; one that does not end takes the rest with it."""
    small, kept, place = text.lower(), [], 0
    while (start := small.find(f"<{name}", place)) >= 0:
        kept.append(text[place:start])
        end = small.find(f"</{name}", start)
        place = len(text) if end < 0 else end
    return "".join([*kept, text[place:]])


def new_words(text: str) -> str:
    """Up to the first line that begins a quoted mail; lines that are quoted in between are left out.

    A reply written between the lines of the quoted mail keeps what is new in it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")[: LONGEST * 5].split("\n")[:_MOST_LINES]
    kept: list[str] = []
    for place, line in enumerate(lines):
        stripped = line.strip()
        if _RULES.match(stripped) or _is_head(lines, place):
            break
        if stripped.startswith(">"):
            _drop_attribution(kept)
            continue
        kept.append(line.rstrip())
    _drop_attribution(kept, only_at_end=True)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()[:LONGEST]


def _is_head(lines: list[str], place: int) -> bool:
    """From:, Sent:, To:, Subject: in any language: three such lines with an address, or four with a date."""
    block = [line.strip()[:300] for line in lines[place : place + 4]]
    fields = len(list(takewhile(_FIELD.match, block)))
    if fields < 3:
        return False
    return "@" in "".join(block[:3]) or (fields == 4 and any(map(_DATE.search, block)))


def _drop_attribution(kept: list[str], *, only_at_end: bool = False) -> None:
    """`On Monday, Dana wrote:`, over one to three lines, in front of a quotation."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not kept[end - 1].rstrip().endswith((":", "：")):
        return
    for start in range(end - 1, max(end - 4, -1), -1):
        said = " ".join(kept[start:end])
        if len(said) > 400 or not kept[start].strip():
            break
        if _DATE.search(said) and ("@" in said or not only_at_end):
            del kept[start:]
            return
    if "@" in kept[end - 1]:
        del kept[end - 1 :]
