"""HTML from typed text: nothing is lost, nothing becomes markup that was not meant to."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.templating.markup import fragment, links

SIGNS = st.text(st.sampled_from("ab<>&\"'[](){}-*•:/. \n\t") | st.characters(codec="utf-8"))
PIECES = st.lists(
    st.sampled_from(
        [
            "https://a.example/x?b=1&c=2",
            "[read this](https://b.example/(y))",
            "- item",
            "\n\n",
            "\n",
            "  more",
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "http://",
        ]
    )
    | SIGNS,
    max_size=12,
)
TEXTS = PIECES.map(" ".join) | PIECES.map("\n".join)


def shown(html: str) -> str:
    """What a reader sees, without blanks: tags gone, references resolved."""
    return "".join(unescape(re.sub(r"<[^<>]*>", "", html)).split())


def hrefs(html: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<a href="([^"]*)"', html)]


@given(TEXTS)
def test_html_leads_where_the_text_leads(text: str):
    assert hrefs(fragment(text)) == links(text.replace("\r\n", "\n").replace("\r", "\n").strip())


@given(TEXTS)
def test_only_tags_of_ours_come_out(text: str):
    tags = set(re.findall(r"<(/?[^\s>]*)", fragment(text)))
    assert tags <= {"p", "/p", "br", "ul", "/ul", "li", "/li", "a", "/a"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n")))
def test_no_word_is_lost(text: str):
    without_marks = re.sub(r"(?m)^[ \t]*[-*•][ \t]+(?=\S)", "", text)
    if links(text):
        return
    assert shown(fragment(text)) in ("".join(text.split()), "".join(without_marks.split()))


@given(TEXTS)
def test_every_link_is_a_web_address(text: str):
    assert all(re.match(r"https?://[^\s\"<>]", address) for address in hrefs(fragment(text)))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\nTwo", "<p>One<br>Two</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("Two things:\n- a\n  and more\n- b", "<p>Two things:</p>\n<ul><li>a<br>and more</li><li>b</li></ul>"),
        ("2 - 1 = 1 * 1, #1 _x_", "<p>2 - 1 = 1 * 1, #1 _x_</p>"),
        ("See https://a.example/b.", '<p>See <a href="https://a.example/b">https://a.example/b</a>.</p>'),
        ("(https://a.example/b)", '<p>(<a href="https://a.example/b">https://a.example/b</a>)</p>'),
        ("https://a.example/b_(c)", '<p><a href="https://a.example/b_(c)">https://a.example/b_(c)</a></p>'),
        ("[label](https://a.example)", '<p><a href="https://a.example">label</a></p>'),
        ("[<b>](https://a.example/?a=1&b=2)", '<p><a href="https://a.example/?a=1&amp;b=2">&lt;b&gt;</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ('https://a.example/"onclick="x', '<p><a href="https://a.example/">https://a.example/</a>&#34;onclick=&#34;x</p>'),
        ("Ana <ana@example.com>", "<p>Ana &lt;ana@example.com&gt;</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_text_becomes(text: str, html: str):
    assert fragment(text) == html


def test_a_long_line_takes_no_long_time():
    """Linear: a pattern that goes back and forth would not come to an end here."""
    for hostile in ("[" * 50_000, "https://a(" * 20_000, "- " * 50_000, "[a](https://" * 20_000):
        assert fragment(hostile)
