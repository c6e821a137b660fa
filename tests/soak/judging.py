"""The verdict on a soak: the queue held against what the provider says it took."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import OutboxMail
from services.clock import utc_now

CAP = 2
TOLD_LATE = timedelta(seconds=5.5)
"""How long after somebody was suppressed a provider may still take what had passed the gate before: one
call (1 s), by a worker that slept in its middle (2.4 s), on a machine that has much else to do."""
ENDS = ("sent", "blocked", "review")


@dataclass
class Ledger:
    """What the provider says it took: key to how often, which texts, and when last (where it tells)."""

    copies: Counter[str]
    texts: dict[str, set[str]]
    taken_at: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass
class Verdict:
    """Everything but `left_to_people`, `sent`, `kills`, `sleeps` has to be zero."""

    sent: int = 0
    lost: list[int] = field(default_factory=list[int])
    doubled: list[str] = field(default_factory=list[str])
    wrong_text: list[str] = field(default_factory=list[str])
    after_suppression: list[int] = field(default_factory=list[int])
    over_cap: list[int] = field(default_factory=list[int])
    stuck: list[str] = field(default_factory=list[str])
    """Each with its state and why."""
    left_to_people: int = 0
    kills: int = 0
    sleeps: int = 0
    seconds: float = 0.0

    @property
    def lists(self) -> dict[str, Sequence[object]]:
        names = ("lost", "doubled", "wrong_text", "after_suppression", "over_cap", "stuck")
        return {name: getattr(self, name) for name in names}

    @property
    def wrong(self) -> dict[str, int]:
        return {name: len(found) for name, found in self.lists.items() if found}

    def words(self) -> str:
        return (
            f"{self.sent} sent, {self.kills} SIGKILLs, {self.sleeps} SIGSTOPs, {self.seconds:.0f} s: "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, wrong text {len(self.wrong_text)}, "
            f"after suppression {len(self.after_suppression)}, over cap {len(self.over_cap)}, "
            f"stuck {len(self.stuck)}, left to people {self.left_to_people}"
        )


@dataclass(frozen=True)
class Suppressed:
    """That nobody may write to this person, committed at `at`."""

    stakeholder_id: int
    at: datetime


def judge(
    engine: Engine, ledger: Ledger, told: list[Suppressed], verdict: Verdict, *, caps: int = CAP
) -> Verdict:
    """Hold the queue against the provider's ledger: what it has not, must have a reason not to be there."""
    with transaction(engine, read_only=True) as session:
        return judge_rows(list(session.scalars(select(OutboxMail))), ledger, told, verdict, caps)


def judge_rows(
    rows: Sequence[OutboxMail],
    ledger: Ledger,
    told: Sequence[Suppressed],
    verdict: Verdict,
    caps: int = CAP,
) -> Verdict:
    silent = {one.stakeholder_id: one.at for one in told}
    for row in rows:
        _judge_row(row, ledger, silent, verdict)
    _judge_who_waits(rows, silent, verdict, caps)
    verdict.wrong_text += sorted(set(ledger.copies) - {key_of(row) for row in rows})
    contacts = Counter(row.stakeholder_id for row in rows if ledger.copies[key_of(row)])
    verdict.over_cap += [person or 0 for person, times in contacts.items() if times > caps]
    return verdict


def key_of(row: OutboxMail) -> str:
    return row.message_id.partition("@")[0]


def _judge_row(
    row: OutboxMail, ledger: Ledger, silent: dict[int, datetime], verdict: Verdict
) -> None:
    key, person = key_of(row), row.stakeholder_id or 0
    copies = ledger.copies[key]
    verdict.sent += copies > 0
    verdict.left_to_people += row.state == "review"
    if copies > 1:
        verdict.doubled.append(key)
    # Marked as sent and not, out and nobody knows, or held back from somebody who may be written to.
    held_back = row.state == "blocked" and person not in silent
    unknown = copies and row.state not in ("sent", "review")
    if (row.state == "sent" and not copies) or unknown or held_back:
        verdict.lost.append(row.id)
    if ledger.texts.get(key, set()) - {row.approved_hash}:
        verdict.wrong_text.append(key)
    if copies and person in silent and _too_late(row, ledger.taken_at.get(key), silent[person]):
        verdict.after_suppression.append(row.id)
    if row.state not in ENDS and not _waits_for_the_cap(row):
        verdict.stuck.append(f"{row.id} {row.state} after {row.attempts}: {row.reason}")


def _too_late(row: OutboxMail, taken: datetime | None, silent: datetime) -> bool:
    """By our own mark of when it passed the gate, and by when the provider says it took it."""
    passed = row.wire_at is not None and row.wire_at > silent
    return passed or (taken is not None and taken > silent + TOLD_LATE)


def _judge_who_waits(
    rows: Sequence[OutboxMail], silent: dict[int, datetime], verdict: Verdict, caps: int
) -> None:
    """Only what is more than the cap may be put off, and only for those who get more than that."""
    mails = Counter(row.stakeholder_id or 0 for row in rows)
    waiting = Counter(row.stakeholder_id or 0 for row in rows if _waits_for_the_cap(row))
    too_many = {
        person
        for person, times in waiting.items()
        if times > max(mails[person] - caps, 0) and person not in silent
    }
    verdict.lost += [
        row.id for row in rows if row.stakeholder_id in too_many and _waits_for_the_cap(row)
    ]


def _waits_for_the_cap(row: OutboxMail) -> bool:
    return row.state == "queued" and row.due_at > utc_now() + timedelta(days=6)


def eml_ledger(folder: Path) -> Ledger:
    """The folder itself: a file for each message, named after it."""

    texts: dict[str, set[str]] = {}
    copies: Counter[str] = Counter()
    taken_at: dict[str, datetime] = {}
    for file in folder.glob("*.eml"):
        raw = file.read_bytes()
        key = next(
            line.partition(b":")[2].strip().decode()
            for line in raw.splitlines()
            if line.startswith(b"X-CSCX-Message:")
        )
        copies[key] += 1
        texts.setdefault(key, set()).add(hashlib.sha256(raw).hexdigest())
        taken_at[key] = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Ledger(copies, texts, taken_at)


def list_ledger(
    entries: list[tuple[str, str]], taken_at: dict[str, datetime] | None = None
) -> Ledger:
    texts: dict[str, set[str]] = {}
    for key, sha in entries:
        texts.setdefault(key, set()).add(sha)
    return Ledger(Counter(key for key, _ in entries), texts, taken_at or {})
