"""A verdict that overlooks nothing: each wrong, done by hand, is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from data.tables import OutboxMail
from services.clock import utc_now
from tests.soak.judging import CAP, TOLD_LATE, Ledger, Suppressed, Verdict, judge_rows, key_of

NOW = utc_now()
A_MINUTE_AGO = NOW - timedelta(minutes=1)


class World:
    """All sent as they should be; `single` belongs to who gets one mail, `surplus` waits for the cap."""

    def __init__(self, rows: list[OutboxMail]) -> None:
        mails = Counter(row.stakeholder_id for row in rows)
        sent: Counter[int | None] = Counter()
        for row in rows:
            sent[row.stakeholder_id] += 1
            row.state, row.wire_at, row.due_at = "sent", A_MINUTE_AGO, A_MINUTE_AGO
            if sent[row.stakeholder_id] > CAP:
                row.state, row.due_at = "queued", NOW + timedelta(days=7)
        self.single = next(row for row in rows if mails[row.stakeholder_id] == 1)
        self.surplus = next(row for row in rows if row.state == "queued")
        keys = [key_of(row) for row in rows if row.state == "sent"]
        texts = {key_of(row): {row.approved_hash} for row in rows if row.state == "sent"}
        self.ledger = Ledger(Counter(keys), texts, dict.fromkeys(keys, A_MINUTE_AGO))
        self.told: list[Suppressed] = []

    def silence(self, at: timedelta) -> None:
        assert self.single.stakeholder_id is not None
        self.told.append(Suppressed(self.single.stakeholder_id, A_MINUTE_AGO + at))

    def never(self, state: str, due_at: timedelta = timedelta()) -> None:
        """The single mail is not out, and the queue says so."""
        self.single.state, self.single.due_at = state, NOW + due_at
        self.single.wire_at = None
        for known in (self.ledger.copies, self.ledger.texts, self.ledger.taken_at):
            known.pop(key_of(self.single))


def _blocked_though_suppressed(world: World) -> None:
    world.never("blocked")
    world.silence(timedelta())


def _doubled(world: World) -> None:
    world.ledger.copies[key_of(world.single)] = 2


def _taken_late(world: World) -> None:
    world.silence(timedelta(seconds=1))
    late = A_MINUTE_AGO + TOLD_LATE + timedelta(seconds=2)
    world.ledger.taken_at[key_of(world.single)] = late


def _surplus_sent(world: World) -> None:
    world.surplus.state, world.surplus.due_at = "sent", A_MINUTE_AGO
    world.ledger.copies[key_of(world.surplus)] = 1


def _other_text(world: World) -> None:
    world.ledger.texts[key_of(world.single)] = {"another"}


CASES: dict[str, tuple[Callable[[World], None], dict[str, int]]] = {
    "all as it should be": (lambda world: None, {}),
    "blocked for who was suppressed": (_blocked_though_suppressed, {}),
    "blocked for nobody's sake": (lambda world: world.never("blocked"), {"lost": 1}),
    "put off, though the only one": (
        lambda world: world.never("queued", timedelta(days=7)),
        {"lost": 1},
    ),
    "given up": (lambda world: world.never("failed"), {"stuck": 1}),
    "cancelled": (lambda world: world.never("cancelled"), {"stuck": 1}),
    "never taken up": (lambda world: world.never("queued"), {"stuck": 1}),
    "marked as sent": (lambda world: world.never("sent"), {"lost": 1}),
    "twice": (_doubled, {"doubled": 1}),
    "passed the gate after": (
        lambda world: world.silence(timedelta(seconds=-1)),
        {"after_suppression": 1},
    ),
    "passed before": (lambda world: world.silence(timedelta(seconds=1)), {}),
    "taken long after": (_taken_late, {"after_suppression": 1}),
    "one more than the cap": (_surplus_sent, {"over_cap": 1}),
    "another text": (_other_text, {"wrong_text": 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_every_wrong_is_named(case: str):
    change, wrong = CASES[case]
    rows = [
        OutboxMail(
            id=n, stakeholder_id=who, message_id=f"m{n}@x", approved_hash=f"h{n}", attempts=0
        )
        for n, who in enumerate((1, 1, 1, 2, 3, 4), start=1)
    ]
    world = World(rows)
    change(world)
    assert judge_rows(rows, world.ledger, world.told, Verdict()).wrong == wrong
