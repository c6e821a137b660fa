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
_NAME = (
    r"(?:(?:first|last|full|given|family|customer|company|contact|account|event|product|user|client)[ _-]?)?name"
    r"|vorname|nachname|pr[ée]nom|nom|nombre|apellidos?|nome|cognome|voornaam|achternaam"
    r"|company|customer|recipient|sender|salutation|anrede|firma|empresa|entreprise"
)
_FIELD = (
    r"(?:insert|add|enter|your|their|my|ihre?|deine?|votre)\b[^\[\]<>]{0,50}"
    r"|[^\[\]<>]{0,40}\b(?:name|here|url|link|date|time|placeholder|number|e-?mail|phone|signature)"
    r"|(?:company|customer|account|event|product|topic|title|role|sender|recipient|greeting)"
    rf"|{_NAME}|datum|uhrzeit|fecha|lien|enlace"
    r"|[A-Za-z]+(?:_[A-Za-z]+)+|[Xx]{2,}|…|\.{3}"
)
_NOTHING = r"(?:None|null|nan|NaN|undefined)"
_NOBODY = (
    rf"[ \t]{{0,20}}(?:(?:{_NOTHING}|unknown|\{{\}}|\[\]|<>)[ \t]{{0,20}})?,(?=[ \t]{{0,20}}$)"
)
_GREETING = (
    r"Hi|Hello|Dear|Hey|Sehr geehrte[rs]?(?: Frau| Herr)?|Liebe(?:[rs]|[(/*:_]{1,2}r\)?)?|Ch(?:er|ère)|Estimad[oa]"
    r"|Gentile|Geachte"
)
_TITLE = r"(?:[ \t](?:Mrs?|Ms|Mx|Miss|Dr|Prof|Herrn?|Frau)\.?)?"
_COMPANY = (
    r" (?:Corp|Inc|Ltd|LLC|LLP|PLC|GmbH|AG|SE|SA|SAS|BV|AB|AS|Oy|SpA|Co|Company|Group|Holding)\b"
)
_OPEN = re.compile(
    r"\{\{[^{}]{0,80}\}\}"  # {{ first_name }}
    r"|\{\{[ \t]{0,4}[A-Za-z_][\w.]{0,40}"  # {{ first_name
    r"|\{%[^{}\n]{0,80}%\}"
    r"|<%[^<>%\n]{0,80}%>"
    r"|\$\{[A-Za-z_][\w .]{0,40}\}|\{[A-Za-z_][\w .]{1,40}\}"  # ${name}, {name}; {x} is a set
    r"|\{![$A-Za-z_][\w.$]{0,60}\}"  # {!Contact.FirstName}
    r"|(?<![\w^\\)\]}])\{\d\}"  # {0}
    rf"|(?<![\w$=/&?.])\$(?i:{_NAME})\b"
    r"|<<[^<>\n]{1,60}>>"
    rf"|<(?i:{_NAME}|link|url|date|datum|(?:insert|your)\b[^<>@:/]{{0,40}})>"
    r"|\*\|[A-Za-z_:]{1,40}\|\*"  # as Mailchimp writes them
    rf"|&lt;(?i:{_NAME})&gt;|«[ \xa0]?(?i:{_NAME}|[a-z]{{1,20}}_[a-z]{{1,20}})[ \xa0]?»"
    r"|%[A-Z][A-Z_]{2,40}%|%%[A-Za-z_ ]{1,40}%%|%[a-z]{1,20}(?:[._][a-z]{1,20}){1,4}%(?!\w)"
    r"|(?<![\w/#])#[A-Z][A-Z_]{2,40}#(?![\w#])"
    rf"|(?<!\w)__(?i:{_NAME}|date|link)__(?!\w)"
    r"|@@[A-Za-z_][\w.]{0,40}@@"
    r"|\[\[[^\W\d][\w .]{0,40}\]\](?!\()"
    rf"|\[(?i:{_FIELD})\](?!\()"
    rf"|\((?i:insert|enter|add|fill in) (?i:(?:the|a|your|their) )?(?i:{_NAME}|date|time|link|url|place|topic)\)"
    r"|\b(?:TODO|TBD|TBC|TBA|FIXME)\b|\[object Object\]"
    rf"|(?<![\w-])X{{3,}}(?![\w-])(?! ?[\dX])(?!{_COMPANY})"
    r"|\b[Ll]orem ipsum\b"
    rf"|^(?:{_GREETING}){_TITLE}{_NOBODY}"
    rf"|^(?:{_GREETING}|Hallo|Guten Tag|Bonjour|Hola|Ciao)[ \t]{{1,20}}{_NOTHING}(?=[ \t]{{0,20}}(?:[!.:;]|$))"
    # Without a name these are a greeting by themselves.
    rf"|^(?:Hallo|Guten Tag|Guten Morgen|Bonjour|Hola|Ciao|Buongiorno)[ \t]{_NOBODY}",
    re.MULTILINE,
)


def open_placeholders(*texts: str) -> list[str]:
    """Places in texts or HTML that somebody still has to fill, as they stand there; each once, in order.

    `{{…}}`, `[First name]`, `<Name>`, `$first_name`, the marks of other mail tools, TODO and TBD, lorem ipsum, and
    a greeting of nobody (`Hi ,`). `[1]`, `[label](https://…)`, a `[Webinar]` in a title and `<b>` are none.
    """
    found: dict[str, None] = {}
    for text in texts:
        read = unescape(without_tags(text)) if "</" in text else text
        for match in _OPEN.finditer(read):
            found[" ".join(match[0].split())] = None
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
