"""How a message leaves: one call to one provider, and what is known about it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from data.texts import one_line

OutcomeKind = Literal["sent", "refused_for_now", "refused_for_good", "unknown", "revoked"]
FoundKind = Literal["sent", "not_sent", "unclear"]

LONGEST_REPLY = 500
"""Characters: as much of a provider's answer as the queue keeps."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Outgoing:
    """One frozen message for one recipient.

    `message_id` is the header's value, with or without its angle brackets; its local part is also in our
    own header `X-CSCX-Message`. `sender` and `recipient` are bare addresses: the envelope's. `provider_draft_id` is what
    `prepare` returned, `wire_at` the moment written down before `send`. `in_time` is asked in the last moment
    before the message can no longer be held back: when it says no, its sender was held up for so long
    that others look after the message, and it must not leave.
    """

    raw: bytes
    message_id: str
    recipient: str
    sender: str
    provider_draft_id: str | None = None
    wire_at: datetime | None = None
    in_time: Callable[[], bool] = field(default=_always, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The local part of the Message-ID: what `X-CSCX-Message` carries."""
        return key_of(self.message_id)


@dataclass(frozen=True)
class Outcome:
    """What one call came to.

    sent: the provider has it, and says so. refused_for_now: it certainly does not have it, later may be
    better (`retry_after`: when it said how long). refused_for_good: certainly not, and never will.
    unknown: it may have it; only `look_up`, or a person, can tell. revoked: certainly not, and nothing
    leaves from this mailbox until its owner connects it again. `reply` is for people, and never unique.
    `nobody`: refused for good since nobody has the recipient's address, as a report of a bounce would say.
    `at_limit`: refused for now since the account has sent all it may, which says nothing of the message.
    """

    kind: OutcomeKind
    provider_id: str | None = None
    thread_id: str | None = None
    reply: str = ""
    retry_after: timedelta | None = None
    nobody: bool = False
    at_limit: bool = False


@dataclass(frozen=True)
class Found:
    """What the provider says when asked later. unclear: it could not say, or cannot know."""

    kind: FoundKind
    provider_id: str | None = None
    thread_id: str | None = None
    reply: str = ""


@dataclass(frozen=True)
class Orphan:
    """Something `prepare` or `send` left behind. `key` names the message, empty when that is unknown:
    then nothing can be waiting for it and it may go."""

    provider_draft_id: str
    key: str


HELD_UP = Outcome("refused_for_now", reply="The worker was held up before the call.")
"""What `send` says when `in_time` said no: nothing has left, and the provider was not asked."""


class NotPrepared(Exception):
    """`prepare` did not work. Nothing has left; `outcome` says what to do, and is never sent or unknown."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


class Sender(Protocol):
    """An account mail leaves from. Each method is at most one attempt: nothing is repeated inside."""

    drafts_first: bool
    """`prepare` makes something at the provider whose id must be written down before `send`."""
    settles: bool
    """`look_up` can tell sent from not sent; otherwise an unknown outcome is a person's to settle."""
    longest: timedelta
    """No call takes longer. A lease must outlast it."""

    def prepare(self, outgoing: Outgoing) -> str | None:
        """The provider's draft id, None where there are no drafts. Raises NotPrepared."""
        ...

    def send(self, outgoing: Outgoing) -> Outcome: ...

    def look_up(self, outgoing: Outgoing) -> Found:
        """Whether it went out. not_sent: sending the same Outgoing again cannot double it. Where it can, it
        also makes sure that a `send` still under way comes to nothing."""
        ...

    def discard(self, provider_draft_id: str) -> None:
        """Remove what `orphans` named. Gone already is fine; failing is left for the next round."""
        ...

    def orphans(self, before: datetime) -> Sequence[Orphan]:
        """What was left behind before that moment; the caller discards those that no row owns."""
        ...

    def check(self) -> str | None:
        """What is wrong with this account, in words for its owner; None when it would send."""
        ...


class Refusing:
    """Stands in for an account that cannot be used at all, and says why each time."""

    drafts_first = False
    settles = False
    longest = timedelta(seconds=1)

    def __init__(self, why: str) -> None:
        self._why = why

    def prepare(self, outgoing: Outgoing) -> str | None:  # noqa: ARG002
        raise NotPrepared(Outcome("revoked", reply=self._why))

    def send(self, outgoing: Outgoing) -> Outcome:  # noqa: ARG002
        return Outcome("revoked", reply=self._why)

    def look_up(self, outgoing: Outgoing) -> Found:  # noqa: ARG002
        return Found("unclear", reply=self._why)

    def discard(self, provider_draft_id: str) -> None:
        pass

    def orphans(self, before: datetime) -> Sequence[Orphan]:  # noqa: ARG002
        return ()

    def check(self) -> str | None:
        return self._why


def bare_id(message_id: str) -> str:
    """`o12.x7@mail.company.com` of `<o12.x7@mail.company.com>`."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def key_of(message_id: str) -> str:
    """`o12.x7` of `<o12.x7@mail.company.com>`."""
    return bare_id(message_id).rpartition("@")[0]


def reply_line(text: str | bytes) -> str:
    """A provider's answer on one printable line of at most LONGEST_REPLY characters."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = one_line(words)
    return line[:LONGEST_REPLY]
