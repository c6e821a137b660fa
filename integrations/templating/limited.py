"""Words typed into the app are filled in a child process under limits: a crafted one costs an error, no more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.errors import BadInput
from integrations.templating.words import LONGEST_OUTPUT, Filled, Words

TOO_MUCH = (
    "These words need too much time or memory to fill, so nobody can use them. Write them in simpler "
    "steps, without loops inside loops."
)
BATCH = 1000
"""Mails per child: bounds what a child may write and the parent must hold."""
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = [sys.executable, "-m", "integrations.templating.child"]


def fill_limited(words: Words, values: Sequence[Mapping[str, Any]]) -> list[Filled]:
    """As filling compiled words, one Filled per values, in a child process.

    One mail has a second of processor time, 256 MB and 200,000 characters; a thousand have four seconds.
    Raises BadInput as there, and also when the child was killed or gave up.
    """
    found: list[Filled] = []
    for start in range(0, len(values), BATCH):
        found.extend(_batch(words, values[start : start + BATCH]))
    return found


def _batch(words: Words, values: Sequence[Mapping[str, Any]]) -> list[Filled]:
    seconds = 1 + len(values) // 300
    task = {
        "words": asdict(words),
        "seconds": seconds,
        "output": 4 * LONGEST_OUTPUT + 20_000 * len(values),
    }
    sent = "\n".join(json.dumps(part) for part in (task, *values)) + "\n"
    try:
        answered = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            _COMMAND,
            cwd=_ROOT,
            env={},  # no secret of the app's is within its reach
            input=sent.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=5 + 4 * seconds,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(TOO_MUCH) from None
    return _read(answered.stdout, len(values))


def _read(output: bytes, expected: int) -> list[Filled]:
    """Written last: without "done" the child did not get to its end."""
    lines = output.decode().splitlines()
    if not lines or lines.pop() != '"done"':
        raise BadInput(TOO_MUCH)
    told = [json.loads(line) for line in lines]
    if told and isinstance(told[-1], dict):
        raise BadInput(str(told[-1]["refused"]))
    if len(told) != expected:
        raise BadInput(TOO_MUCH)
    return [Filled(*each) for each in told]
