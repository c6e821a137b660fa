"""What all mails share around their words: the HTML page, and the way out of the list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from data.errors import BadInput
from integrations.templating.markup import fragment
from integrations.templating.words import Filled
from services.rendering.catalogue import BASE, FOLDER
from services.rendering.preview import clean_body

END_OF_WORDS = "<!-- end of the words -->"
"""Where the layout ends its words; what is added to every mail stands here."""

LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class Rendered:
    """A mail's words. `html` is the whole page; `version` 0 are the product's own words."""

    subject: str
    text: str
    html: str
    version: int


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Our own files, each with the escaping its ending asks for."""
    return Environment(
        loader=FileSystemLoader(FOLDER / BASE),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        auto_reload=False,
    )


@lru_cache(maxsize=1)
def _page_parts() -> tuple[str, str, str]:
    """The layout around its title and its body: joined, it costs a twentieth of rendering it each time."""
    mark = "\x00"  # no file of ours has it
    around = _environment().get_template("layout.html").render(title=mark, body=Markup(mark))  # noqa: S704
    head, between, foot = around.split(mark)
    return head, between, foot


def page(body: str, title: str) -> str:
    """The whole HTML of a mail from a fragment that is safe already and its subject."""
    head, between, foot = _page_parts()
    return f"{head}{escape(title)}{between}{body}{foot}"


def whole(filled: Filled, version: int, *, clean: bool) -> Rendered:
    """Filled words inside the layout, their HTML cleaned when people typed it into the app.

    BadInput when the subject cannot be one.
    """
    if not 0 < len(filled.subject) <= LONGEST_SUBJECT:
        raise BadInput(f"The subject of the mail needs 1 to {LONGEST_SUBJECT} characters.")
    body = clean_body(filled.html) if clean else filled.html
    return Rendered(filled.subject, filled.text, page(body, filled.subject), version)


def from_text(text: str, *, title: str = "") -> str:
    """The whole HTML of a mail whose text a person has edited, so that the two never differ.

    Blank lines part paragraphs, `- ` begins a list item, links are bare `https://…` or `[label](https://…)`.
    """
    return page(fragment(text), title)


def with_unsubscribe(text: str, html: str, url: str) -> tuple[str, str]:
    """Text and HTML with the line that leads to `url` at their end; as they were when it is there."""
    if url in text or END_OF_WORDS not in html:
        return text, html
    line = _environment().get_template("unsubscribe.txt").render(url=url)
    block = _environment().get_template("unsubscribe.html").render(url=url)
    return f"{text.rstrip()}\n\n{line}\n", html.replace(END_OF_WORDS, f"{block}\n{END_OF_WORDS}", 1)
