"""What goes into drafts and comes out of them, as plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from integrations.mime import Attachment

WAITING = ("pending", "second_look")
"""What somebody has to decide."""
OPEN = (*WAITING, "held")
SEVERITY_RANK = {"low": 0, "normal": 1, "high": 2, "critical": 3}
LONGEST_SUBJECT = 200
LONGEST_TEXT = 50_000
LONGEST_WHY = 500
MOST_ATTACHMENTS_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class NewDraft:
    """A mail to propose. Either `template` with its `values` (JSON-safe), or `subject` and `text`.

    `dedup_key` names the occasion: one draft for each, however often it is asked for. `evidence` is a
    list of `{claim, fact, screen, query}`. Without `owner_id` the customer's CSM owns it. `may_hold`:
    whether it waits its turn while another mail to the same person is on its way.
    """

    dedup_key: str
    kind: str
    topic: str
    customer_id: int
    stakeholder_id: int
    source: str
    source_id: int | None = None
    template: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    subject: str = ""
    text: str = ""
    evidence: Sequence[Mapping[str, Any]] = ()
    attachments: Sequence[Attachment] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    severity: str = "normal"
    owner_id: int | None = None
    mailbox_id: int | None = None
    may_hold: bool = True


@dataclass(frozen=True)
class Block:
    """Something that speaks against sending. Hard ones must be put right; the others can be accepted,
    by their `code`, when approving. `words` say what to do."""

    code: str
    words: str
    hard: bool


@dataclass(frozen=True)
class Move:
    """A line of a draft's history."""

    at: datetime
    who: str | None
    move: str
    to_state: str
    revision: int
    why: str | None


@dataclass(frozen=True)
class Sending:
    """How far an approved draft has got: its row in the send queue. `due_at` is when it will leave, after
    the recipient's quiet hours."""

    outbox_id: int
    state: str
    due_at: datetime
    sent_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class AttachmentInfo:
    id: int
    name: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Named:
    """A draft to lead to."""

    id: int
    subject: str


@dataclass(frozen=True)
class DraftView:
    """Everything about one draft. `text` and `html` are the words that can be edited, `sent_text` and
    `sent_html` the same with what every mail ends with, as the recipient reads it. `blocks` are worked out as of the reading; `actions` are the names of
    the moves that the reader may make now. `second_look`: why two people must approve it, if so. `seen`:
    the reader has opened this revision before, written to and from the same. `way` stands for name and address of recipient and
    sender: to be given back when approving."""

    id: int
    revision: int
    state: str
    why: str | None
    kind: str
    topic: str
    severity: str
    subject: str
    text: str
    html: str
    sent_text: str
    sent_html: str
    template: str | None
    template_subject: str | None
    template_text: str | None
    customer_id: int
    customer: str
    arr: Decimal | None
    stakeholder_id: int
    recipient: str
    address: str | None
    zone: str
    owner_id: int | None
    owner: str | None
    sender: str | None
    source: str
    source_id: int | None
    not_before: datetime | None
    opens_at: datetime | None
    """Where quiet hours or a weekend put off what is approved now: when they are over."""
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    evidence: tuple[Mapping[str, Any], ...]
    attachments: tuple[AttachmentInfo, ...]
    blocks: tuple[Block, ...]
    second_look: str | None
    approved_by: tuple[str, ...]
    undo_until: datetime | None
    sending: Sending | None
    history: tuple[Move, ...]
    actions: tuple[str, ...]
    seen: bool
    way: str
    merged_into: Named | None
    """The draft that it goes out in."""
    parts: tuple[Named, ...]
    """The drafts that it was made of."""
    mergeable: tuple[Named, ...]
    """Those that the reader can make one mail with it."""


@dataclass(frozen=True)
class Filters:
    """What the list shows; empty means all. `mine`: only drafts whose owner is the reader."""

    states: tuple[str, ...] = WAITING
    kind: str | None = None
    customer_id: int | None = None
    severity: str | None = None
    owner_id: int | None = None
    mine: bool = False
    search: str = ""


@dataclass(frozen=True)
class DraftRow:
    """A line of the list. `seen`: the reader has opened this revision."""

    id: int
    revision: int
    state: str
    kind: str
    severity: str
    subject: str
    customer_id: int
    customer: str
    recipient: str
    owner: str | None
    not_before: datetime | None
    expires_at: datetime | None
    created_at: datetime
    seen: bool
    sending: str | None


@dataclass(frozen=True)
class DraftPage:
    """`after` is where the next page begins (None: this is the last), for `listing(after=…)`."""

    rows: tuple[DraftRow, ...]
    after: str | None


@dataclass(frozen=True)
class Outcome:
    """What approving came to: `approved` (it is in the send queue and leaves at `due_at`) or `second_look`.
    `quiet`: it would leave earlier but for the recipient's quiet hours."""

    draft_id: int
    state: str
    subject: str
    due_at: datetime | None = None
    quiet: bool = False


@dataclass(frozen=True)
class ManyOutcomes:
    """`left` is (draft id, why it was not approved)."""

    approved: tuple[int, ...] = ()
    second_look: tuple[int, ...] = ()
    left: tuple[tuple[int, str], ...] = ()
