"""What must not go out: places left open in a text, and links that text and HTML do not share."""

from __future__ import annotations

import re
from html import unescape

from integrations.templating.markup import links

_TAGS = re.compile(r"<style.*?</style>|<!--.*?-->|</?[a-zA-Z!][^<>]*>", re.DOTALL | re.IGNORECASE)
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
    r"|^(?:Hi|Hello|Dear|Hey)[ \t]*(?:None|null|nan|undefined|unknown)?[ \t]*,(?=\s*$)",
    re.MULTILINE,
)


def open_placeholders(*texts: str) -> list[str]:
    """Places in texts or HTML that somebody still has to fill, as they stand there; each once, in order.

    `{{…}}`, `[First name]`, `<<…>>`, the marks of other mail tools, TODO and TBD, lorem ipsum, and a
    greeting of nobody (`Hi ,`). `[1]`, `[label](https://…)` and a `[Webinar]` in a title are none.
    """
    found: dict[str, None] = {}
    for text in texts:
        read = unescape(_TAGS.sub("\n", text)) if "</" in text else text
        for match in _OPEN.finditer(read):
            found[match[0].strip()] = None
    return list(found)


def links_of_html(html: str) -> list[str]:
    """The web addresses that an HTML body links to, in their order."""
    return [unescape(address) for address in _HREF.findall(html)]


def links_differ(text: str, html: str) -> list[str]:
    """Web addresses that only one of text and HTML leads to; empty when both say the same."""
    return sorted(set(links(text)) ^ set(links_of_html(html)))
