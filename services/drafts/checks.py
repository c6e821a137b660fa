"""What speaks against sending a draft: decided here from facts, without the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.errors import BadInput
from data.tables import Draft
from integrations.mime import checked_address
from services import rendering
from services.drafts.records import Block


@dataclass(frozen=True)
class Facts:
    """What is known about a draft's recipient and way out. Texts are sentences for the reader; empty or
    None means that nothing is wrong. `at` is when it would leave at the earliest."""

    at: datetime
    address: str | None
    suppressed: str | None = None
    bounced: str | None = None
    over_cap: str | None = None
    duplicate: str | None = None
    mailbox: str | None = None
    owner_gone: str | None = None
    file: str | None = None


def decide(draft: Draft, facts: Facts) -> list[Block]:
    """The blocks, those that must be put right first."""
    files = [Block("file", facts.file, hard=True)] if facts.file else []
    return [*_of_words(draft), *files, *_of_recipient(facts), *_of_sending(draft, facts)]


def _of_words(draft: Draft) -> list[Block]:
    blocks: list[Block] = []
    if not draft.subject.strip():
        blocks.append(Block("no_subject", "It has no subject. Write one.", hard=True))
    if not draft.text.strip():
        blocks.append(Block("no_text", "It says nothing yet. Write the text.", hard=True))
    left: Sequence[str] = rendering.open_placeholders(draft.subject, draft.text, draft.html)
    if left:
        shown = ", ".join(list(dict.fromkeys(left))[:5])
        words = f"These still have to be filled in: {shown}."
        blocks.append(Block("placeholder", words, hard=True))
    return blocks


def _of_recipient(facts: Facts) -> list[Block]:
    if facts.address is None:
        words = "No mail address is known for this person. Add one on the customer's page."
        return [Block("no_address", words, hard=True)]
    try:
        # What tells people apart is no promise that mail can carry it.
        checked_address(facts.address, "recipient's address")
    except BadInput as error:
        return [Block("no_address", error.message, hard=True)]
    if facts.bounced:
        return [Block("bounced", facts.bounced, hard=True)]
    if facts.suppressed:
        return [Block("suppressed", facts.suppressed, hard=True)]
    return []


def _of_sending(draft: Draft, facts: Facts) -> list[Block]:
    blocks: list[Block] = []
    if draft.expires_at and draft.expires_at <= facts.at:
        words = "It would come too late: what it is about is over by then. Send it earlier, or reject it."
        blocks.append(Block("too_late", words, hard=True))
    if draft.owner_id is None:
        words = "Nobody owns it, so there is nobody to send it as. Give it to somebody first."
        blocks.append(Block("no_owner", words, hard=True))
    if facts.owner_gone:
        blocks.append(Block("owner_gone", facts.owner_gone, hard=True))
    if facts.mailbox:
        blocks.append(Block("mailbox", facts.mailbox, hard=True))
    if facts.over_cap:
        blocks.append(Block("over_cap", facts.over_cap, hard=True))
    if facts.duplicate:
        blocks.append(Block("duplicate", facts.duplicate, hard=False))
    return blocks
