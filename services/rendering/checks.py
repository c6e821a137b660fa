"""What must not go out: places left open in a text, and links that text and HTML do not share."""

from __future__ import annotations

import re
from html import unescape

from integrations.templating.markup import links

_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_BEGINS = re.compile(r"<(?:(style)|!--)", re.IGNORECASE)
_STYLE_ENDS = re.compile(r"</style>", re.IGNORECASE)
_COMMENT_ENDS = re.compile(r"-->")
_HREF = re.compile(r"""<a\b[^<>]*?\shref\s*=\s*["'](https?://[^"'<>]*)["']""", re.IGNORECASE)
_FIELD = (
    r"(?:insert|add|enter|your|their|my)\b[^\[\]\n<>]{0,50}"
    r"|[^\[\]\n<>]{0,40}\b(?:name|here|url|link|date|time|placeholder|number|e-?mail|phone|signature)"
    r"|(?:company|customer|account|event|product|topic|title|role|sender|recipient|greeting)"
    r"|[A-Za-z]+(?:_[A-Za-z]+)+|[Xx]{2,}|…|\.{3}"
)
_OPEN = re.compile(
    r"\{\{[^{}\n]{0,80}\}\}"  # {{ first_name }}
    r"|\{%[^{}\n]{0,80}%\}"
    r"|\$?\{[A-Za-z_][\w .]{0,40}\}"  # {name}, ${name}
    r"|<<[^<>\n]{1,60}>>"
    r"|\*\|[A-Za-z_:]{1,40}\|\*"  # as Mailchimp writes them
    r"|%[A-Z][A-Z_]{2,40}%|%%[A-Za-z_ ]{1,40}%%"
    rf"|\[(?i:{_FIELD})\](?!\()"
    r"|\b(?:TODO|TBD|TBC|FIXME|XXX)\b"
    r"|\b[Ll]orem ipsum\b"
    r"|^(?:Hi|Hello|Dear|Hey)[ \t]{0,20}(?:None|null|nan|undefined|unknown)?[ \t]{0,20},(?=[ \t]{0,20}$)",
    re.MULTILINE,
)


def open_placeholders(*texts: str) -> list[str]:
    """Places in texts or HTML that somebody still has to fill, as they stand there; each once, in order.

    `{{…}}`, `[First name]`, `<<…>>`, the marks of other mail tools, TODO and TBD, lorem ipsum, and a
    greeting of nobody (`Hi ,`). `[1]`, `[label](https://…)` and a `[Webinar]` in a title are none.
    """
    found: dict[str, None] = {}
    for text in texts:
        read = unescape(without_tags(text)) if "</" in text else text
        for match in _OPEN.finditer(read):
            found[match[0].strip()] = None
    return list(found)


def without_tags(html: str) -> str:
    """Each tag, comment and style sheet as a line's end. A comment or style sheet without an end is the tag that
    it looks like.

    By hand, since it must not take longer than the text is long: one expression for all of it looks for the end of
    each beginning anew, and 200,000 characters of beginnings would keep the whole app waiting for minutes.
    """
    kept: list[str] = []
    at, endless = 0, set[re.Pattern[str]]()
    while (start := html.find("<", at)) >= 0:
        kept.append(html[at:start])
        at = _end(html, start, endless)
        kept.append("\n" if at > start + 1 else "<")
    kept.append(html[at:])
    return "".join(kept)


def _end(html: str, start: int, endless: set[re.Pattern[str]]) -> int:
    """Where the tag that begins here is over; just behind the `<` when it is none. `endless`: the ends that are
    known not to come any more."""
    if begun := _BEGINS.match(html, start):
        ends = _STYLE_ENDS if begun[1] else _COMMENT_ENDS
        over = None if ends in endless else ends.search(html, begun.end())
        if over:
            return over.end()
        endless.add(ends)
    tag = _TAG.match(html, start)
    return tag.end() if tag else start + 1


def links_of_html(html: str) -> list[str]:
    """The web addresses that an HTML body links to, in their order."""
    return [unescape(address) for address in _HREF.findall(html)]


def links_differ(text: str, html: str) -> list[str]:
    """Web addresses that only one of text and HTML leads to; empty when both say the same."""
    return sorted(set(links(text)) ^ set(links_of_html(html)))
