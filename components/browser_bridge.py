"""What only the browser can do: keep words still in their field, take Enter for a date, keep a choice, go back.

A frame without a size, with a script of our own from `browser_side/`; it works on the page around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from streamlit.components.v1 import declare_component  # noqa: TID251 - our own files, no text

FRONTEND = Path(__file__).resolve().parent / "browser_side"
YEAR = 365 * 24 * 3600


_one_at_a_time = Lock()


def _bridge() -> Any:
    with _one_at_a_time:  # two at once, and Streamlit does not find out whose component it is
        return _declared()


@lru_cache(maxsize=1)
def _declared() -> Any:
    # Not on import: that may happen before there is a run, and Streamlit would not serve its files then.
    return declare_component("bridge", path=FRONTEND)


def keep_typed(
    name: str, fields: Mapping[str, str], settled: Sequence[Mapping[str, str]]
) -> dict[str, str] | None:
    """Keep what is typed into `fields` (name -> widget key) in this browser until it is among `settled`.

    Gives the words by field that an earlier visit has left behind. `name` says whose words about what
    they are.
    """
    words = _bridge()(
        task="keep_typed",
        name=name,
        fields=dict(fields),
        settled=[dict(one) for one in settled],
        key=f"bridge.typed.{name}",
        default=None,
        tab_index=-1,
    )
    if not isinstance(words, dict):
        return None
    # It comes from the browser: only what was asked for, as text.
    found = {field: str(words.get(field) or "") for field in fields}
    return None if any(_same(found, one) for one in settled) else found


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return {k: v.strip() for k, v in one.items()} == {k: v.strip() for k, v in other.items()}


def enter_counts(field: str) -> None:
    """Enter in the date field of this widget key does what leaving it does."""
    _bridge()(task="enter_counts", field=field, key=f"bridge.enter.{field}", tab_index=-1)


def cookie(name: str, value: str) -> None:
    """Nothing secret: a choice that outlives the tab, for a year."""
    settings = {"name": name, "value": value, "seconds": YEAR}
    _bridge()(task="cookie", **settings, key=f"bridge.cookie.{name}", tab_index=-1)


def one_entry_a_press() -> None:
    """Back leads to what was there before the last press, with its filters; for every page."""
    _bridge()(task="one_entry", key="bridge.one_entry", tab_index=-1)
