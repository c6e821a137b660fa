"""HTML made safe to show, and safe to send when it was typed into the app."""

from __future__ import annotations

import re

import nh3

_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p",
    "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
    "u", "ul",
}  # fmt: skip
_STYLED = {
    "div",
    "p",
    "span",
    "td",
    "th",
    "table",
    "a",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "blockquote",
}
_ATTRIBUTES = {tag: {"style", "dir"} for tag in _STYLED}
_ATTRIBUTES["a"] = {"style", "href", "title"}
_ATTRIBUTES["td"] = _ATTRIBUTES["th"] = {"style", "dir", "colspan", "rowspan"}
_STYLES = {
    "border", "border-bottom", "border-radius", "border-top", "color", "background-color",
    "display", "font-family", "font-size", "font-style", "font-weight", "line-height", "list-style-type",
    "margin", "margin-bottom", "margin-top", "max-width", "overflow-wrap", "padding", "padding-bottom",
    "padding-left", "padding-right", "padding-top", "text-align", "text-decoration", "white-space",
}  # fmt: skip
# Negative margins would draw outside the box, huge ones over the page; `url()` would fetch.
_ESCAPES = re.compile(
    r"-\s*\d|-\s*\.\d|url|expression|var|calc|\\|\d{4}|\d(?:vh|vw)|display\s*:\s*none",
    re.IGNORECASE,
)
_UNSEEN = {
    "script",
    "style",
    "title",
    "head",
    "iframe",
    "object",
    "noscript",
    "template",
    "svg",
    "math",
}


def safe_preview(html: str) -> str:
    """The mail's HTML for showing inside a page: no scripts, forms, images, ids, classes or fixed places,
    nothing that is fetched; links open elsewhere."""
    return _clean(html, {"target": "_blank"})


def clean_body(fragment: str) -> str:
    """A fragment from words typed into the app, as it may be sent."""
    return _clean(fragment, {})


def _clean(html: str, on_links: dict[str, str]) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_UNSEEN,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer" if on_links else None,
        set_tag_attribute_values={"a": on_links} if on_links else None,
        strip_comments=True,
    ).strip()


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style" and _ESCAPES.search(value):
        return None
    return value
