"""What an answer is made of. Blocks are kept as JSON and drawn by the page; none of them holds Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

MOST_ROWS = 50


@dataclass(frozen=True)
class Text:
    """A paragraph; `tone` good and bad are drawn as messages, heading as a small title."""

    words: str
    tone: Literal["plain", "good", "bad", "note", "heading"] = "plain"


@dataclass(frozen=True)
class Table:
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    """Texts, numbers or None; at most MOST_ROWS."""


@dataclass(frozen=True)
class DraftShown:
    """A mail that waits for approval. Only its id is kept: the page shows it as it is when it is read."""

    draft_id: int


@dataclass(frozen=True)
class Link:
    screen: str
    label: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Links:
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Choice:
    """A button: `command` is what it says for the one who presses it, `label` how that reads."""

    label: str
    command: str


@dataclass(frozen=True)
class Choices:
    """Buttons; with `question` they answer one, and the first of a list of likely ones is the likeliest."""

    choices: tuple[Choice, ...]
    question: str = ""


@dataclass(frozen=True)
class File:
    """The tables of an answer as an Excel file, made when somebody takes it: those of the turn of that id, or
    of the answer that it stands in."""

    name: str
    turn: int | None = None


Block = Text | Table | DraftShown | Links | Choices | File


@dataclass(frozen=True)
class SpokenOf:
    """What later words can mean. Empty values leave what was spoken of before."""

    event_id: int | None = None
    customers: tuple[int, ...] = ()
    drafts: tuple[int, ...] = ()
    campaign_id: int | None = None
    ticket_id: int | None = None
    recommended: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    """By event (its id as text, as JSON has it) the customers that were shown as those to invite."""

    def then(self, later: SpokenOf) -> SpokenOf:
        return SpokenOf(
            later.event_id or self.event_id,
            later.customers or self.customers,
            later.drafts or self.drafts,
            later.campaign_id or self.campaign_id,
            later.ticket_id or self.ticket_id,
            {**self.recommended, **later.recommended},
        )


@dataclass(frozen=True)
class Answer:
    """`customers` are all whom the blocks name; `deeds` (kind of services.ask.taking_back, id) can be undone."""

    blocks: tuple[Block, ...]
    customers: tuple[int, ...] = ()
    spoken_of: SpokenOf = field(default_factory=SpokenOf)
    deeds: tuple[tuple[str, int], ...] = ()

    def then(self, later: Answer) -> Answer:
        return Answer(
            self.blocks + later.blocks,
            tuple(dict.fromkeys(self.customers + later.customers)),
            self.spoken_of.then(later.spoken_of),
            self.deeds + later.deeds,
        )


KINDS: dict[str, type[Any]] = {
    "text": Text,
    "table": Table,
    "draft": DraftShown,
    "links": Links,
    "choices": Choices,
    "file": File,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def packed(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [{"kind": _NAMES[type(block)], **asdict(block)} for block in blocks]


def unpacked(kept: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    """The blocks again; those of a kind that an older or newer version wrote are left out."""
    return tuple(_block(dict(one)) for one in kept if one.get("kind") in KINDS)


def _block(one: dict[str, Any]) -> Block:
    kind = one.pop("kind")
    if kind == "table":
        return Table(tuple(one["heads"]), tuple(tuple(row) for row in one["rows"]))
    if kind == "links":
        return Links(tuple(Link(**link) for link in one["links"]))
    if kind == "choices":
        return Choices(tuple(Choice(**choice) for choice in one["choices"]), one["question"])
    return KINDS[kind](**one)


def spoken_of(kept: Mapping[str, Any]) -> SpokenOf:
    return SpokenOf(
        kept.get("event_id"),
        tuple(kept.get("customers") or ()),
        tuple(kept.get("drafts") or ()),
        kept.get("campaign_id"),
        kept.get("ticket_id"),
        {event: tuple(some) for event, some in (kept.get("recommended") or {}).items()},
    )
