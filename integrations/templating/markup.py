"""HTML made of plain text as people type it: paragraphs, `- ` lists, links. Everything else stays literal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import escape

_ADDRESS = (
    r"https?://[^\s<>\"'|\\^`{}\[\]()]+(?:\([^\s<>\"'|\\^`{}\[\]()]*\)[^\s<>\"'|\\^`{}\[\]()]*)*"
)
_LINK = re.compile(rf"\[([^\[\]\n]{{1,300}})\]\(({_ADDRESS})\)|({_ADDRESS})")
_ENDS_A_SENTENCE = ".,;:!?…*_"
_BLOCKS = re.compile(r"\n[ \t]*\n\s*")
_ITEM = re.compile(r"[ \t]*[-*•][ \t]+(?=\S)")
_CONTINUES = re.compile(r"[ \t]{2,}(?=\S)")


def fragment(text: str) -> str:
    """The HTML of a text, without a layout.

    Blank lines part paragraphs, lines that begin with `- ` (or `*`, `•`) make a list, other line ends stay.
    Links are `https://…` as they stand and `[label](https://…)`. No other text has a meaning.
    """
    blocks = _BLOCKS.split(text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return "\n".join(part for block in blocks for part in _parts(block))


def links(text: str) -> list[str]:
    """The addresses that `fragment` makes links of, in their order."""
    return [address for _, _, address in _found(text)]


def _parts(block: str) -> Iterator[str]:
    """A block's runs of plain lines and of list items, each as one element."""
    for is_list, lines in groupby(_lines(block), key=lambda line: line[0]):
        said = [_inline(line) for _, line in lines]
        if is_list:
            yield "<ul>" + "".join(f"<li>{item}</li>" for item in said) + "</ul>"
        elif any(said):
            yield "<p>" + "<br>".join(said) + "</p>"


def _lines(block: str) -> list[tuple[bool, str]]:
    """Each line with whether it is a list item; an indented line goes on with the item before it."""
    found: list[tuple[bool, str]] = []
    for line in block.split("\n"):
        item = _ITEM.match(line)
        if item:
            found.append((True, line[item.end() :].rstrip()))
        elif found and found[-1][0] and _CONTINUES.match(line):
            found[-1] = (True, f"{found[-1][1]}\n{line.strip()}")
        else:
            found.append((False, line.strip()))
    return found


def _inline(line: str) -> str:
    if "://" not in line:
        return _escaped(line)
    made, at = [], 0
    for match, label, address in _found(line):
        start = match.start()
        end = start + len(address) if match[3] else match.end()
        made.append(_escaped(line[at:start]))
        made.append(f'<a href="{_escaped(address)}">{_escaped(label)}</a>')
        at = end
    made.append(_escaped(line[at:]))
    return "".join(made)


def _escaped(text: str) -> str:
    return str(escape(text)).replace("\n", "<br>")


def _found(text: str) -> Iterator[tuple[re.Match[str], str, str]]:
    """Each link with its label and its address, less the sign that ends the sentence around a bare one."""
    for match in _LINK.finditer(text):
        address = match[2] or match[3].rstrip(_ENDS_A_SENTENCE)
        if len(address) > len("https://"):
            yield match, match[1] or address, address
