"""The only use of session state. It holds ids and choices, never rows or frames; keys are `page.name`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

FlashKind = Literal["done", "error", "note"]
_FLASH = "layout.flash"
_DEMO_PERSON = "layout.demo_person"


@dataclass(frozen=True)
class Flash:
    text: str
    kind: FlashKind


def key(page: str, name: str) -> str:
    """The key of a widget or value: `key("upload", "zone")`."""
    return f"{page}.{name}"


def get(page: str, name: str, default: Any = None) -> Any:
    return st.session_state.get(key(page, name), default)


def put(page: str, name: str, value: Any) -> None:
    """Not for the key of a widget that was drawn in this run: Streamlit refuses that."""
    st.session_state[key(page, name)] = value


def drop(page: str, name: str) -> None:
    st.session_state.pop(key(page, name), None)


def take(page: str, name: str) -> Any:
    """The value, once: it is forgotten as it is read."""
    return st.session_state.pop(key(page, name), None)


def flash(text: str, *, kind: FlashKind = "done") -> None:
    """A message for the top of the next page drawn, this one or another."""
    st.session_state.setdefault(_FLASH, []).append(Flash(text, kind))


def take_flashes() -> list[Flash]:
    return st.session_state.pop(_FLASH, [])


def demo_person() -> int | None:
    """The person chosen in the demo's switcher."""
    return st.session_state.get(_DEMO_PERSON)


DEMO_PERSON_KEY = _DEMO_PERSON
