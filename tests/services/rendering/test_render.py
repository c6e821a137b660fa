"""Values into words, for one and for many."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from services import rendering

PERSONAL = "spine/personal"
VALUES = dict(rendering.info(PERSONAL).sample)


def test_a_mail_has_its_words_and_the_version_they_are_of(session: Session):
    made = rendering.render(session, PERSONAL, VALUES)
    assert made.subject == "Your questions from Tuesday"
    assert made.text.startswith("Hi Maria,\n\nThank you")
    assert made.text.endswith("Customer Success Manager\n+1 555 0134\n")
    assert "<title>Your questions from Tuesday</title>" in made.html
    assert made.version == 0


def test_without_a_signature_the_name_is_the_end(session: Session):
    made = rendering.render(session, PERSONAL, VALUES | {"signature": ""})
    assert made.text.endswith("Best regards,\nAna Souza\n")


def test_a_missing_value_is_named(session: Session):
    values = {name: value for name, value in VALUES.items() if name != "first_name"}
    with pytest.raises(BadInput, match="first_name is missing"):
        rendering.render(session, PERSONAL, values)


def test_a_template_that_is_not_there_is_not_found(session: Session):
    with pytest.raises(NotFound):
        rendering.render(session, "spine/nothing", {})


@pytest.mark.parametrize("subject", ["", " \n ", "x" * 301])
def test_a_subject_that_cannot_be_one_is_refused(session: Session, subject: str):
    with pytest.raises(BadInput, match="subject"):
        rendering.render(session, PERSONAL, VALUES | {"subject": subject})


def test_many_are_each_as_one(session: Session):
    values = [VALUES | {"first_name": name} for name in ("Maria", "Jörg", "<b>Eve</b>")]
    many = rendering.render_many(session, PERSONAL, values)
    assert many == [rendering.render(session, PERSONAL, each) for each in values]
    assert rendering.render_many(session, PERSONAL, []) == []


def test_html_of_edited_text_has_the_layout_and_the_links():
    html = rendering.from_text("Hi <Maria>,\n\nsee https://a.example/b.", title="A & B")
    assert "<title>A &amp; B</title>" in html
    assert "<p>Hi &lt;Maria&gt;,</p>" in html
    assert '<a href="https://a.example/b">' in html


def test_way_out_stands_at_the_end_of_both_bodies_once():
    text, html = "Hi\n", rendering.from_text("Hi")
    url = "https://engage.example.com/u/abc?a=1&b=2"
    text, html = rendering.with_unsubscribe(text, html, url)
    again = rendering.with_unsubscribe(text, html, url)
    assert again == (text, html)
    assert text.startswith("Hi\n\n--\n")
    assert text.count(url) == 1
    assert unescape(html).count(url) == 1
    assert rendering.links_differ(text, html) == []


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_text_and_its_html_never_lead_to_different_places(text: str):
    assert rendering.links_differ(text, rendering.from_text(text)) == []
