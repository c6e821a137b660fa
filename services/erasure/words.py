"""Somebody's addresses and names found in texts, and put out of them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.erased import NAME

_NOT_IN_WORD_BEFORE, _NOT_IN_WORD_AFTER = r"(?<![\w.+-])", r"(?![\w-])"
_SHORTEST = 2


@dataclass(frozen=True)
class Scrubber:
    """`instead`: per spelling of an address (lower case) what replaces it. `names`: whole names.
    `parts`: first and last name, for texts that are known to be about this person."""

    instead: Mapping[str, str]
    names: frozenset[str]
    parts: frozenset[str]

    def text(self, value: str, *, close: bool = False) -> str:
        """The text without them; `close` takes the first name alone for this person too."""
        if self._addresses is not None:
            value = self._addresses.sub(lambda m: self.instead[_bare(m.group(0))], value)
        for pattern in (self._names, self._parts if close else None):
            if pattern is not None:
                value = pattern.sub(NAME, value)
        return value

    def value(self, value: Any, *, close: bool = False) -> Any:
        """As `text`, for what a JSON column holds."""
        if isinstance(value, str):
            return self.text(value, close=close)
        if isinstance(value, list):
            return [self.value(one, close=close) for one in value]
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v, close=close) for k, v in value.items()}
        return value

    def told(self, value: Any) -> Any:
        """As `value`, for what a vendor sent: an object with the address has the name next to it, in as
        many pieces as the vendor likes."""
        if isinstance(value, list):
            return [self.told(one) for one in value]
        if not isinstance(value, dict):
            return self.value(value)
        about = any(isinstance(v, str) and self.text(v) != v for v in value.values())
        return {
            self.text(str(k)): self.value(v, close=about) if isinstance(v, str) else self.told(v)
            for k, v in value.items()
        }

    def body(self, raw: bytes) -> bytes:
        """A delivery as it came, JSON or other text; the same bytes when it says nothing of them."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        try:
            before = json.loads(text)
        except ValueError:
            after_text = self.text(text, close=self.text(text) != text)
            return raw if after_text == text else after_text.encode()
        after = self.told(before)
        return raw if after == before else json.dumps(after).encode()

    @cached_property
    def needles(self) -> list[str]:
        """ASCII pieces, lower case, one of which stands in every text that says an address or a whole
        name, also where JSON spells its letters as codes: what a database can look for."""
        wanted = [*self.instead, *self.names]
        return sorted({piece for text in wanted for piece in _pieces(text)} - {""})

    @cached_property
    def _addresses(self) -> re.Pattern[str] | None:
        if not self.instead:
            return None
        pairs = (text.rsplit("@", 1) for text in sorted(self.instead, key=len, reverse=True))
        ways = (rf"{re.escape(local)}(?:\+[\w.+-]*)?@{re.escape(host)}" for local, host in pairs)
        return re.compile(
            f"{_NOT_IN_WORD_BEFORE}(?:{'|'.join(ways)}){_NOT_IN_WORD_AFTER}", re.IGNORECASE
        )

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        ways: list[str] = []
        for name in self.names:
            words = [re.escape(word) for word in name.split()]
            ways += [r"\s+".join(words), _turned(words)]
        return _any_of(ways)

    @cached_property
    def _parts(self) -> re.Pattern[str] | None:
        return _any_of([re.escape(part) for part in self.parts if len(part) >= _SHORTEST])


def _turned(words: list[str]) -> str:
    """Last name first, as lists have it."""
    return rf"{words[-1]},?\s+" + r"\s+".join(words[:-1])


def _any_of(ways: list[str]) -> re.Pattern[str] | None:
    if not ways:
        return None
    longest_first = sorted(set(ways), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)


def _bare(address: str) -> str:
    """As `instead` has it: lower case, and without the tag unless that is how it was found."""
    return re.sub(r"\+[^@]*@", "@", address.casefold())


def _pieces(text: str) -> list[str]:
    """The longest run of plain letters; of a name without any, the name and how JSON spells it."""
    runs = re.findall(r"[!-~]+", text.casefold().replace('"', " ").replace("\\", " "))
    return [max(runs, key=len)] if runs else [text, json.dumps(text)[1:-1]]
