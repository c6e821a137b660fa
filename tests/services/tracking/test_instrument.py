"""What tracking makes of a mail's HTML and text."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import MailLink
from services import tracking
from services.tracking import UNSUBSCRIBE_MARK, Uninstrumented
from services.tracking.instrument import MOST_LINKS
from services.web_addresses import is_web_address

BASE = "https://app.example"
_HREF = re.compile(r'href="([^"]*)"')


def _links(session: Session) -> list[MailLink]:
    return list(session.scalars(select(MailLink).order_by(MailLink.position)))


def _instrument(session: Session, html: str, text: str = "") -> tracking.Instrumented:
    return tracking.instrument(
        session, html=html, text=text, message_id="m1@x.example", base_url=f"{BASE}/"
    )


def test_link_leads_through_a_token_and_its_target_is_kept(session: Session):
    made = _instrument(session, '<p><a class="b" href="https://x.example/?a=1&amp;b=2">Go</a></p>')
    link, hidden = _links(session)
    assert (link.url, link.position, link.hidden) == ("https://x.example/?a=1&b=2", 1, False)
    assert hidden.hidden
    assert f'<a class="b" href="{BASE}/t/c/{link.token}">Go</a>' in made.html
    assert "x.example" not in made.html


def test_single_quotes_no_quotes_and_capitals_are_links_too(session: Session):
    _instrument(session, "<A HREF='https://a.example/'>a</A> <a\nhref=https://b.example/>b</a>")
    assert [row.url for row in _links(session) if not row.hidden] == [
        "https://a.example/",
        "https://b.example/",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "mailto:ana@x.example",
        "tel:+431",
        "#top",
        "javascript:alert(1)",
        "/relative",
        "https://",
        "https://x.example/a b",
        "https://x.example/\r\nSet-Cookie: a=1",
        "https://x.example\\@evil.example/",
        "https://x.example/" + "a" * 2_000,
    ],
)
def test_what_is_no_web_address_stays_as_it_is(session: Session, url: str):
    html = f'<a href="{escape(url)}">x</a>'
    assert html in _instrument(session, html).html
    assert [row for row in _links(session) if not row.hidden] == []


def test_pixel_and_hidden_link_stand_before_the_end_of_the_body(session: Session):
    made = _instrument(session, "<html><body><p>Hello</p></body></html>")
    assert made.html.endswith("</body></html>")
    assert f'src="{BASE}/t/o/{made.tracking}.gif"' in made.html
    hidden = _links(session)[0]
    assert f'href="{BASE}/t/c/{hidden.token}" style="display:none"' in made.html


def test_text_keeps_its_links(session: Session):
    assert _instrument(session, "", "See https://x.example/").text == "See https://x.example/"


def test_the_mark_becomes_this_mails_own_unsubscribe_link_and_is_not_followed(session: Session):
    made = _instrument(
        session, f'<a href="{UNSUBSCRIBE_MARK}">Unsubscribe</a>', f"Unsubscribe: {UNSUBSCRIBE_MARK}"
    )
    assert made.unsubscribe_url == f"{BASE}/u/{made.unsubscribe}"
    assert f'<a href="{made.unsubscribe_url}">' in made.html
    assert made.text == f"Unsubscribe: {made.unsubscribe_url}"
    assert [row.hidden for row in _links(session)] == [True]


def test_no_address_of_ours_names_the_recipient_or_the_target(session: Session):
    made = _instrument(session, '<a href="https://x.example/?who=ana@x.example">x</a>')
    assert "ana" not in made.html
    assert "x.example" not in made.html


def test_only_so_many_links_are_followed(session: Session):
    html = "".join(f'<a href="https://x.example/{n}">x</a>' for n in range(300))
    made = _instrument(session, html)
    assert made.html.count("/t/c/") == MOST_LINKS + 1
    assert 'href="https://x.example/299"' in made.html


def test_many_mails_share_no_token(session: Session):
    mails = [
        Uninstrumented('<a href="https://x.example/">x</a>', "", f"m{n}@x.example")
        for n in range(50)
    ]
    done = tracking.instrument_many(session, mails, base_url=BASE)
    tokens = [row.token for row in _links(session)]
    tokens += [token for one in done for token in (one.tracking, one.unsubscribe)]
    assert len(set(tokens)) == len(tokens) == 200
    assert {row.message_id for row in _links(session)} == {mail.message_id for mail in mails}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_an_address_that_is_followed_breaks_no_header_and_no_attribute(path: str):
    url = f"https://x.example/{path}"
    if is_web_address(url):
        assert not re.search(r"[\x00-\x20\x7f\\]", url)
        shown = _HREF.findall(f'<a href="{escape(url)}">')
        assert [unescape(one) for one in shown] == [unescape(escape(url))]
