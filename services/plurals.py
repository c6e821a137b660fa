"""Counts as people read them. Pure."""

from __future__ import annotations


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 customer`, `1,204 customers`; `many` for nouns that take no s."""
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"


def counted(count: str, words: str) -> str:
    """`1 event held`, `2 events held`: the first of `words` is a plural, and of one thing it is none."""
    if count != "1":
        return f"{count} {words}"
    noun, _, rest = words.partition(" ")
    one = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"1 {one} {rest}".rstrip()
