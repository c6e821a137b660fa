"""Words with values: what they may ask for, and what must never come of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from data.errors import BadInput
from integrations.templating.words import Filled, Words, compiled, placeholders

WORDS = Words(
    "For {{ name }}", "Hi {{ name }},\n{{ note }}", "<p>Hi {{ name }},</p>{{ note|rich }}"
)
VALUES: dict[str, Any] = {"name": "Maria", "note": "See https://a.example"}


def fill(words: Words, **values: Any) -> Filled:
    return compiled(words)(VALUES | values)


class Secretive:
    """An object that must never reach a template; if it does, nothing of it may be called."""

    def __init__(self) -> None:
        self.deleted = False

    def delete(self) -> str:
        self.deleted = True
        return "DELETED"


def test_values_stand_in_their_places():
    made = fill(WORDS)
    assert made.subject == "For Maria"
    assert made.text == "Hi Maria,\nSee https://a.example\n"
    assert made.html == (
        '<p>Hi Maria,</p><p>See <a href="https://a.example">https://a.example</a></p>'
    )


def test_html_in_a_name_is_shown_not_obeyed():
    made = fill(WORDS, name='<img src=x onerror="alert(1)">')
    assert "<img" not in made.html
    assert "&lt;img" in made.html
    assert made.text.startswith('Hi <img src=x onerror="alert(1)">,')


def test_a_template_in_a_name_is_not_filled():
    assert fill(WORDS, name="{{ note }}").subject == "For {{ note }}"


def test_hidden_characters_and_line_ends_stay_out_of_the_subject():
    made = fill(WORDS, name="Ma\u202eria\r\nBcc: all@example.com\x00")
    assert made.subject == "For Maria Bcc: all@example.com"


@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_a_missing_value_is_named(part: str):
    words = replace(WORDS, **{part: "{{ offer }}"})
    with pytest.raises(BadInput, match="offer is missing"):
        fill(words)


@pytest.mark.parametrize("part", ["subject", "text", "html"])
@pytest.mark.parametrize(
    "asked",
    [
        "{{ offer }}", "{{ offer|e }}", "{{ offer|upper }}", "{{ offer|lower|trim }}", "{{ offer|rich }}",
        "{{ offer|truncate(9) }}", "{{ several|join(' ') }}", "{{ deep.offer }}",
        "{% for one in several %}{{ one }}{% endfor %}", "{{ offer if name else name }}",
    ],
)  # fmt: skip
def test_a_value_that_is_null_says_nothing(part: str, asked: str):
    words = replace(WORDS, **{part: f"[{asked}]"})
    made = fill(words, offer=None, several=[None, None], deep={"offer": None})
    assert getattr(made, part).strip() in ("[]", "[ ]")


def test_words_can_still_ask_whether_a_value_is_null():
    words = replace(
        WORDS, text="{% if offer is none %}none{% endif %}{% if not offer %}!{% endif %}"
    )
    assert fill(words, offer=None).text == "none!\n"


def test_a_missing_part_of_a_value_is_named():
    words = replace(WORDS, text="{% for line in lines %}{{ line.url }}{% endfor %}")
    with pytest.raises(BadInput, match="url is missing"):
        fill(words, lines=[{"text": "a"}])


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", "/relative", " x"]
)
def test_a_link_that_is_no_web_address_is_refused(address: str):
    words = replace(WORDS, html='<p><a class="b" href="{{ url }}">x</a></p>')
    with pytest.raises(BadInput, match="https://"):
        fill(words, url=address)


def test_an_address_that_speaks_of_links_is_no_bad_link():
    words = replace(WORDS, html='<a href="{{ url }}">{{ url }}</a> src=1 href=2')
    url = "https://a.example/?src=mail&href=x"
    assert fill(words, url=url).html.count("https://a.example/?src=mail") == 2


ATTACKS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "{{ name.__class__.__base__ }}",
    "{{ name['__class__'] }}",
    "{{ name[attribute] }}",
    "{{ name['upper'] }}",
    "{{ things.items }}",
    "{{ thing.deleted }}",
    "{{ name|attr('__class__') }}",
    "{{ '%s'|format(name) }}",
    "{{ '{0.__class__}'.format(name) }}",
    "{{ namespace(a=1).a }}",
    "{{ range(10) }}",
    "{{ name.upper() }}",
    "{{ thing.delete() }}",
    "{{ thing['delete']() }}",
    "{{ 'a' * 10**10 }}",
    "{{ name ~ name }}",
    "{{ [name] * 3 }}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% set name = 'x' %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call name() %}{% endcall %}",
    "{% block a %}{% endblock %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{{ name|safe }}",
    "{{ name|map('upper') }}",
    "{{ name|pprint }}",
    "{{ _hidden }}",
    "{{ loop.index }}",
    "{% for a in name recursive %}{{ loop(a) }}{% endfor %}",
    "{% debug %}",
    "{{ name",
    "{% if name %}",
    "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_attack_is_refused(attack: str, part: str):
    thing = Secretive()
    with pytest.raises(BadInput):
        fill(replace(WORDS, **{part: attack}), thing=thing, things={}, attribute="__class__")
    assert not thing.deleted


def test_output_without_end_is_cut_off():
    words = replace(WORDS, text="{% for a in xs %}{% for b in xs %}{{ a }}{% endfor %}{% endfor %}")
    with pytest.raises(BadInput, match="200,000"):
        fill(words, xs=["x" * 10] * 200)


def test_placeholders_are_what_the_words_ask_for():
    words = Words(
        "{{ a }}", "{% for b in c %}{{ b.d }}{% endfor %}", "{% if e %}{{ a }}{% endif %}"
    )
    assert placeholders(words) == {"a", "c", "e"}
