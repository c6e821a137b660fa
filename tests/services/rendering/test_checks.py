"""Places that were left open, and what only looks like one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.templating.words import tidy
from services.rendering import from_text, open_placeholders
from services.rendering.checks import without_tags

OPEN = [
    "Hi {{ first_name }},",
    "{% if offer %}",
    "Dear {first_name},",
    "Dear ${name},",
    "Hi [First name],",
    "[first_name]",
    "[FIRST_NAME]",
    "[your name]",
    "[Insert the link to the recording]",
    "[Event name]",
    "[company]",
    "[link]",
    "[Customer]",
    "see [...]",
    "on [date]",
    "<<name>>",
    "*|FNAME|*",
    "%FIRSTNAME%",
    "%%name%%",
    "TODO say why",
    "at TBD",
    "XXX",
    "Lorem ipsum dolor",
    "Hi ,\nthanks",
    "Hello None,\nthanks",
    "Dear nan,",
    "Hi {{ first_name, thanks",
    "Hi {{ first\nname }}, thanks",
    "Hi [First\nname], thanks",
    "Hi $first_name, thanks",
    "Hello $name!",
    "Hi [[first]], thanks",
    "Dear <Name>, thanks",
    "Dear <first_name>, thanks",
    "on <date>",
    "Dear <your name>, thanks",
    "Hi {0}, thanks",
    "Hi {},\nthanks",
    "Dear #NAME#, thanks",
    "Dear __NAME__, thanks",
    "Dear __First_Name__, thanks",
    "Dear @@x@@, thanks",
    "at XXXX.",
    "Hallo [Vorname], danke",
    "Bonjour [Prénom], merci",
    "Hallo [Ihr Vorname], danke",
    "Hallo ,\ndanke",
    "Hallo {},\ndanke",
    "Sehr geehrte ,\ndanke",
    "Sehr geehrter Herr ,\ndanke",
    "Cher ,\nmerci",
    "Hi null\nthanks",
    "Hello undefined!",
    "Hello [object Object]",
    "Hi &lt;Name&gt;, thanks",
    "%recipient.name%",
    "%first_name%",
    "<%= name %>",
    "{!Contact.FirstName}",
    "Hallo «Vorname», danke",
    "Dear Mr. ,\nthanks",
    "Sehr geehrter Herr Dr. ,\ndanke",
    "Liebe(r) ,\ndanke",
    "on (insert date)",
    "see (add the link)",
    "at TBA",
]
FINE = [
    "Hi Maria,",
    "As in [1] and [2024]",
    "[the recording](https://video.example.com/1)",
    "[your name](https://a.example)",
    "[Webinar] Scaling for teams",
    "[EXTERNAL] Your questions",
    "todo es posible",
    "size XXXL",
    "a < b << c",
    "100% of A, 50% of B",
    "f(x) = {1, 2, 3}",
    "{ }",
    "Hi, Maria",
    "the list [a, b]",
    "Dear Customer Success team,",
    "p { margin: 0 }",
    "Hallo,\ndanke",
    "Bonjour,\nmerci",
    "Guten Tag,\ndanke",
    "Hallo Maria,\ndanke",
    "Sehr geehrte Frau Lopez,\ndanke",
    "Sehr geehrte Damen und Herren,\ndanke",
    "Liebe Maria,\ndanke",
    "Maria Lopez <maria@techcorp.example>",
    "see <https://docs.example.com/name>",
    "I <3 it, a<b and c>d",
    "is x <b> or <i>?",
    "GET /users/<user_id>/orders",
    "it costs $100, or US$name it",
    "https://a.example/?q=$name&r=1",
    "the answer is {} for nobody",
    "x^{2} and \\d{3} and a{2}",
    "the sets {1, 2} and {3, 4}",
    "[[1]] and [[2, 3], [4, 5]]",
    "ticket #4711 and #4712#",
    "#SAAS#CRM and #AI #ML",
    "__init__ and __IMPORTANT__ and snake_case_word",
    "@@ -1,3 +1,4 @@",
    "me@@you",
    "card XXXX-XXXX-XXXX-4242 or XXXX XXXX XXXX 4242",
    "size XXXL or XXL",
    "[Anlage] und [siehe unten]",
    "[Data] for the board",
    "the nom de plume, the name, the date",
    "the {x} set",
    "XXX Corp.",
    "Hi Null,",
    "Hi undefined behaviour fans,",
    "le «Webinar»",
    "Dear Mr. Smith,",
    "Liebe(r) Maria,\ndanke",
    "(insert the card)",
    "https://a.example/?q=%e2%80%9a_b%20c",
]


@pytest.mark.parametrize("text", OPEN)
def test_open_place_is_found(text: str):
    assert len(open_placeholders(text)) == 1


@pytest.mark.parametrize("text", OPEN)
def test_open_place_is_found_in_html_made_of_the_text(text: str):
    assert open_placeholders(text, from_text(text)) == open_placeholders(text)


@pytest.mark.parametrize("text", FINE)
def test_ordinary_words_are_no_open_place(text: str):
    assert open_placeholders(text, from_text(text)) == []


def test_each_is_told_once_in_the_order_of_reading():
    assert open_placeholders("TODO [link] TODO", "{{ a }} [link]") == ["TODO", "[link]", "{{ a }}"]


def test_a_long_text_takes_no_long_time():
    for hostile in (
        "[" * 100_000,
        "{{" * 50_000,
        "<" * 100_000,
        "[a " * 40_000,
        "</" + "<a" * 50_000,
        "<name " * 20_000,
        "<insert " + "<insert " * 12_000,
        "$first_" * 15_000,
        "__NAME_" * 15_000,
        "#ABC" * 25_000,
        "@@a " * 25_000,
        "[[a" * 30_000,
        "X" * 100_000 + "L",
        "%a_a" * 25_000,
        "%" + "a." * 50_000,
        "<%" * 50_000,
        "{!a." * 25_000,
        "«a_" * 33_000,
        "(insert the " * 8_000,
        "Dear Mr. " * 11_000,
        "&lt;name" * 12_000,
        "XXX-" * 25_000,
        "Sehr geehrte" + " " * 100_000,
        "\nHallo" + " " * 30 + "\nHallo" * 10_000,
    ):
        assert open_placeholders(hostile) == []


TAGS = re.compile(r"<style.*?</style>|<!--.*?-->|</?[a-zA-Z!][^<>]*>", re.DOTALL | re.IGNORECASE)
"""What is taken out, spelled out: right, and too slow for a text of many beginnings."""
PIECES = [
    "<style>",
    "<STYLE a='b'",
    "</style>",
    "<!--",
    "-->",
    "--",
    "<!",
    "<",
    ">",
    "</",
    "<p>",
    "</p>",
    "a",
    "\n",
    "ſ",
    "<ſtyle",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_tags_comments_and_styles_are_taken_out(html: str):
    assert without_tags(html) == TAGS.sub("\n", html)


@pytest.mark.parametrize(
    "beginning", ["<!--", "<style>", "<a ", "</", "Hi" + " " * 5_000 + "\n", "[" * 50 + "\n"]
)
def test_a_long_text_of_beginnings_keeps_nobody_waiting(beginning: str):
    """Each of these took minutes, during which no other page was drawn."""
    text = "</ " + beginning * (200_000 // len(beginning)) + " TODO"
    assert open_placeholders(text)[-1] == "TODO"
    assert tidy("a" + " " * 150_000 + "b") == "a" + " " * 150_000 + "b\n"
