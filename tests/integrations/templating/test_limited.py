"""Words from the app are filled out of reach: whatever they do, the app gets an answer or an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from data.errors import BadInput
from integrations.templating import limited
from integrations.templating.limited import fill_limited
from integrations.templating.words import Words, compiled
from tests.support.rules import ROOT

WORDS = Words("For {{ name }}", "Hi {{ name }}", "<p>Hi {{ name }}</p>")
CPU_BOMB = "{% for a in s %}" * 6 + "{% endfor %}" * 6
MEMORY_BOMB = "{{ s|join(s)|join(s) }}"
OUTPUT_BOMB = "{% for a in s %}{% for b in s %}{{ s }}{% endfor %}{% endfor %}"


def test_as_in_this_process():
    values = [{"name": f"Ana <{n}> \u00e9\u2028"} for n in range(5)]
    here = compiled(WORDS)
    assert fill_limited(WORDS, values) == [here(each) for each in values]


def test_more_than_one_batch_keeps_its_order(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limited, "BATCH", 2)
    made = fill_limited(WORDS, [{"name": str(n)} for n in range(5)])
    assert [each.subject for each in made] == [f"For {n}" for n in range(5)]


def test_nobody_to_write_to_starts_no_child():
    assert fill_limited(WORDS, []) == []


@pytest.mark.parametrize("bomb", [CPU_BOMB, MEMORY_BOMB, OUTPUT_BOMB])
def test_bomb_costs_an_error_and_no_more(bomb: str):
    with pytest.raises(BadInput, match=r"too much time or memory|longer than"):
        fill_limited(replace(WORDS, text=bomb), [{"name": "x", "s": "ab" * 500}])


def test_what_is_wrong_with_the_words_is_said():
    with pytest.raises(BadInput, match="offer is missing"):
        fill_limited(replace(WORDS, subject="{{ offer }}"), [{"name": "x"}])
    with pytest.raises(BadInput, match="include"):
        fill_limited(replace(WORDS, html="{% include 'x' %}"), [{"name": "x"}])
    with pytest.raises(BadInput, match="nope"):
        fill_limited(replace(WORDS, html="{{ name|nope('a') }}"), [{"name": "x"}])


PROBE = """
import os, resource, sys
from integrations.templating import child
child.warm_up()
child.limit(1)
names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE")
print([resource.getrlimit(getattr(resource, name)) for name in names])
try:
    open("/etc/passwd")
except OSError as refused:
    print(type(refused).__name__)
try:
    bytearray(300 << 20)
except MemoryError:
    print("no memory")
"""


def test_child_can_open_nothing_and_take_no_more_than_its_share():
    told = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.stdout.splitlines() == [
        str([(256 << 20, 256 << 20), (1, 1), (0, 0), (0, 0), (0, 0)]),
        "OSError",
        "no memory",
    ]


def test_child_has_no_secret_of_the_app(monkeypatch: pytest.MonkeyPatch):
    given: dict[str, object] = {}
    real = subprocess.run

    def spied(*args, **kwargs):
        given.update(kwargs)
        return real(*args, **kwargs)

    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/x")
    monkeypatch.setattr(limited.subprocess, "run", spied)
    fill_limited(WORDS, [{"name": "x"}])
    assert given["env"] == {}
    assert "DATABASE_URL" in os.environ


@pytest.mark.parametrize(
    "output", [b"", b'["a", "b", "c"]\n', b'"done"\n', b'["a","b","c"]\n' * 2 + b'"done"\n']
)
def test_answer_that_is_not_whole_is_none(output: bytes):
    with pytest.raises(BadInput, match="too much"):
        limited._read(output, 1)


def test_task_is_one_line_of_the_language_both_speak():
    assert json.loads(json.dumps(asdict(WORDS))) == asdict(WORDS)
