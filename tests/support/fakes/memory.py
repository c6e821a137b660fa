"""Providers within the test's own process, with a fault for each call on demand."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from integrations.senders import Found, NotPrepared, Orphan, Outcome, Outgoing

Fault = Literal[
    "none",
    "refused",  # put off, not taken
    "hard",  # refused for good
    "nobody",  # the same, since nobody has the address
    "limit",  # the account has sent all it may
    "lost",  # not taken, and the answer never came
    "taken",  # taken, and the answer never came
    "revoked",
]
_REFUSED = ("refused", "hard", "nobody", "limit", "revoked")
FAULTS: tuple[Fault, ...] = ("none", "refused", "hard", "lost", "taken", "revoked")


@dataclass
class Provider:
    """`kind` is drafts (as Gmail), files (as .eml) or plain (as SMTP)."""

    kind: Literal["drafts", "files", "plain"]
    faults: list[Fault] = field(default_factory=list)
    ledger: list[tuple[str, str]] = field(default_factory=list)
    """(message key, SHA-256 of the bytes), one for each delivery."""
    drafts: dict[str, str] = field(default_factory=dict)
    """Draft id to message key."""
    longest: timedelta = timedelta(seconds=20)
    drafts_first: bool = field(init=False)
    settles: bool = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.drafts_first = self.kind == "drafts"
        self.settles = self.kind != "plain"

    def copies(self) -> Counter[str]:
        """How often each message was delivered."""
        return Counter(key for key, _ in self.ledger)

    def texts(self) -> dict[str, str]:
        return dict(self.ledger)

    def _fault(self) -> Fault:
        return self.faults.pop(0) if self.faults else "none"

    def prepare(self, outgoing: Outgoing) -> str | None:
        fault = self._fault()
        if fault in _REFUSED:
            raise NotPrepared(_refusal(fault))
        if fault == "lost":
            raise NotPrepared(Outcome("refused_for_now", reply="no answer"))
        number = f"draft{next(self._numbers)}"
        self.drafts[number] = outgoing.key
        if fault == "taken":
            raise NotPrepared(Outcome("refused_for_now", reply="no answer"))
        return number

    def send(self, outgoing: Outgoing) -> Outcome:
        fault = self._fault()
        if fault in _REFUSED:
            return _refusal(fault)
        if fault == "lost":
            return Outcome("unknown")
        if not self._takes(outgoing):
            return Outcome("unknown", reply="404")
        number = f"m{next(self._numbers)}" if self.kind == "drafts" else None
        self.ledger.append((outgoing.key, hashlib.sha256(outgoing.raw).hexdigest()))
        return Outcome("unknown") if fault == "taken" else Outcome("sent", provider_id=number)

    def _takes(self, outgoing: Outgoing) -> bool:
        if self.kind == "drafts":
            return self.drafts.pop(str(outgoing.provider_draft_id), None) is not None
        return self.kind == "plain" or outgoing.key not in self.copies()

    def look_up(self, outgoing: Outgoing) -> Found:
        if outgoing.provider_draft_id in self.drafts:
            return Found("not_sent")
        if outgoing.key in self.copies():
            return Found("sent")
        return Found("not_sent" if self.kind == "files" else "unclear")

    def discard(self, provider_draft_id: str) -> None:
        self.drafts.pop(provider_draft_id, None)

    def orphans(self, before: datetime) -> Sequence[Orphan]:
        return [Orphan(number, key) for number, key in self.drafts.items()]

    def check(self) -> str | None:
        return None


def _refusal(fault: Fault) -> Outcome:
    if fault == "revoked":
        return Outcome("revoked", reply="Connect it again.")
    if fault in ("hard", "nobody"):
        return Outcome("refused_for_good", reply="550 no such user", nobody=fault == "nobody")
    if fault == "limit":
        return Outcome("refused_for_now", reply="429 enough", at_limit=True)
    return Outcome("refused_for_now", reply="451 later", retry_after=timedelta(seconds=5))
