"""What a command of admin.py answers: words on a terminal, JSON for a program."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from data.errors import BadInput

Answer = Mapping[str, Any]
MOST_SHOWN = 50


class Parser(argparse.ArgumentParser):
    """Wrong usage as JSON too, where that was asked for; commands get parsers of this kind as well."""

    as_json = False

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        with cut_short():
            sys.stdout.flush()
        super().exit(status, message)

    def _print_message(self, message: str, file: Any = None) -> None:
        with cut_short():  # what is not buffered fails here already
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        if self.as_json:
            tell({"error": message})
            self.exit(2)
        super().error(message)


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


def columns(command: argparse.ArgumentParser) -> None:
    """`--map`, each to be read by `pair`."""
    column = "a column for a field, where the heading is not recognised; can be repeated"
    pairs: dict[str, Any] = {"action": "append", "default": [], "metavar": "FIELD=COLUMN"}
    command.add_argument("--map", **pairs, help=column)


def pair(text: str) -> tuple[str, str]:
    """Field and column; BadInput for any other form."""
    field, sign, column = text.partition("=")
    if not sign or not field.strip() or not column.strip():
        raise BadInput(f"--map takes FIELD=COLUMN, such as name=Company, not {text}.")
    return field.strip(), column.strip()
