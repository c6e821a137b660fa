"""Every mail template, found by looking: it renders, says the same twice, and leaves nothing open."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from integrations.templating.limited import fill_limited
from integrations.templating.markup import links
from integrations.templating.words import Words
from services import rendering
from services.rendering import versions
from services.rendering.catalogue import PARTS, file_words, folders
from services.rendering.checks import links_of_html
from services.rendering.layout import Rendered
from services.rendering.parts import names, parts, put_together
from services.rendering.preview import clean_body

KEYS = [info.key for info in rendering.catalogue()]


def filled(key: str) -> Rendered:
    return versions.try_out(key, file_words(key))


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_folder_is_whole(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(PARTS)
    told = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    assert set(told) == {"title", "about", "values"}
    assert told["title"].strip()
    assert told["about"].endswith(".")


@pytest.mark.parametrize("key", KEYS)
def test_words_pass_the_check_that_words_from_the_app_must_pass(key: str):
    made = filled(key)
    assert made.subject
    assert made.text.strip()
    assert "</html>" in made.html


@pytest.mark.parametrize("key", KEYS)
def test_sample_holds_what_the_words_ask_for_and_nothing_else(key: str):
    info = rendering.info(key)
    assert set(info.sample) == set(info.placeholders)


@pytest.mark.parametrize("key", KEYS)
def test_subject_fits_one_line(key: str):
    assert len(filled(key).subject) <= 78


@pytest.mark.parametrize("key", KEYS)
def test_nothing_stays_open(key: str):
    made = filled(key)
    assert rendering.open_placeholders(made.subject, made.text, made.html) == []
    assert "None" not in made.text


@pytest.mark.parametrize("key", KEYS)
def test_text_and_html_lead_to_the_same_places(key: str):
    made = filled(key)
    assert sorted(set(links(made.text))) == sorted(set(links_of_html(made.html)))


@pytest.mark.parametrize("key", KEYS)
def test_text_and_html_say_the_same_words(key: str):
    """Words of the HTML are all in the text; the text may spell out addresses besides."""
    made = filled(key)
    body = made.html.partition("<body>")[2]
    said = re.findall(r"\w+", unescape(re.sub(r"<[^<>]*>", " ", body)))
    assert sorted(set(said) - set(re.findall(r"\w+", made.text))) == []


@pytest.mark.parametrize("key", KEYS)
def test_html_is_simple_enough_for_every_mail_program(key: str):
    (made,) = fill_limited(put_together(file_words(key)), [rendering.info(key).sample])
    assert clean_body(made.html).count("<") == made.html.count("<")
    assert not re.search(r"<(table|img|style|script|form|button|div)\b|background", made.html)


@pytest.mark.parametrize("key", KEYS)
def test_html_in_every_value_stays_text(session: Session, key: str):
    info = rendering.info(key)
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    values = {
        name: evil if isinstance(value, str) and "://" not in value else value
        for name, value in info.sample.items()
    }
    made = rendering.render_version(session, key, 0, [values])[0]
    assert "<script" not in made.html
    assert "<img" not in made.html


def test_catalogue_knows_the_mails_of_the_spine():
    assert {"spine/personal", "spine/digest", "spine/test"} <= set(KEYS)


@pytest.mark.parametrize("key", ["spine/nothing", "_base/layout", "../../etc", "spine", ""])
def test_what_is_no_template_is_not_found(key: str):
    with pytest.raises(NotFound):
        file_words(key)
    with pytest.raises(NotFound):
        rendering.info(key)


def test_every_shared_part_is_there_twice_and_used():
    assert sorted(parts()) == sorted(f"{name}.{end}" for name in names() for end in ("html", "txt"))
    everything = "".join(file_words(key).text + file_words(key).html for key in KEYS)
    assert [name for name in names() if f'include "{name}"' not in everything] == []


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'nothing' %}", "{% include '../layout' %}", '{% include "/etc/passwd" %}',
        '{% include "signature.txt" %}', '{% include "" %}', '{% include "signature" %}' * 21,
    ],
)  # fmt: skip
def test_only_parts_of_the_product_are_put_in(source: str):
    with pytest.raises(BadInput):
        put_together(Words("x", source, "x"))


@pytest.mark.parametrize(
    "source",
    [
        "{% include first_name %}", "{% include ['signature'] %}", "{% import 'signature' as s %}",
        "{% extends 'signature' %}", "{% include 'signature' ignore missing %}",
        "{% inclu{% include 'signature' %}de 'x' %}",
    ],
)  # fmt: skip
def test_no_other_way_of_including_is_open(source: str):
    with pytest.raises(BadInput):
        fill_limited(
            put_together(Words("x", source, "x")), [{"first_name": "signature", "signature": ""}]
        )


def test_value_that_looks_like_an_include_stays_text():
    words = put_together(Words("x", "{{ a }}", "{{ a }}"))
    (made,) = fill_limited(words, [{"a": "{% include 'signature' %}{{ b }}"}])
    assert made.text.strip() == "{% include 'signature' %}{{ b }}"
