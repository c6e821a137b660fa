"""What a command of admin.py answers: words on a terminal, JSON for a program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Answer = Mapping[str, Any]
MOST_SHOWN = 50


def tell(answer: Answer, show: Callable[[Answer], None] | None = None) -> None:
    with cut_short():
        if show is None:
            print(json.dumps(answer, default=str, ensure_ascii=False))
        else:
            show(answer)
        sys.stdout.flush()


@contextmanager
def cut_short() -> Iterator[None]:
    """Whoever reads along, such as `head`, may have seen enough."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end


def show(answer: Answer) -> None:
    for name, value in answer.items():
        if isinstance(value, list):
            _rows(name, value)
        elif not isinstance(value, Mapping):
            print(f"{name.replace('_', ' ')}: {value}")


def _rows(name: str, rows: list[Any]) -> None:
    if not rows:
        return
    print(f"{name}:")
    for row in rows[:MOST_SHOWN]:
        words = row.values() if isinstance(row, Mapping) else [row]
        print("  " + "  ".join(str(word) for word in words if word is not None))
    if len(rows) > MOST_SHOWN:
        print(f"  ... and {len(rows) - MOST_SHOWN} more; --json lists them")


def show_checks(answer: Answer) -> None:
    for check in answer["checks"]:
        print(f"{check['state']:<8} {check['name']}: {check['said']}")
