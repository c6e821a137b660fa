from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.outbox.gate import Facts, decide
from services.outbox.holds import AGAIN
from services.outbox.rates import Full

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
CLEAR = Facts(
    now=NOW,
    right_text=True,
    approved=True,
    theirs=True,
    expires_at=None,
    suppressed=None,
    paused=None,
    full=None,
    over_cap=None,
    free_at=NOW,
    open_at=NOW,
)


@pytest.mark.parametrize(
    ("found", "kind", "until"),
    [
        ({}, "go", None),
        ({"right_text": False}, "block", None),
        ({"approved": False}, "block", None),
        ({"theirs": False}, "block", None),
        ({"expires_at": NOW}, "block", None),
        ({"suppressed": "They unsubscribed."}, "block", None),
        ({"second_missing": "Two must."}, "recall", None),
        ({"second_missing": "Two must.", "open_at": LATER}, "recall", None),
        ({"second_missing": "Two must.", "suppressed": "They unsubscribed."}, "block", None),
        ({"over_cap": "Twice already.", "free_at": LATER}, "wait", LATER),
        ({"open_at": LATER}, "wait", LATER),
        ({"held": "Ticket 9 is open."}, "wait", NOW + AGAIN),
        ({"held": "Ticket 9 is open.", "expires_at": NOW + AGAIN}, "block", None),
        ({"full": Full(LATER, "30 a minute.")}, "wait", LATER),
        ({"open_at": LATER, "expires_at": LATER}, "block", None),
        ({"open_at": LATER, "expires_at": LATER + timedelta(1)}, "wait", LATER),
    ],
)
def test_gate_decides(found: dict[str, Any], kind: str, until: datetime | None):
    decision = decide(replace(CLEAR, **found))
    assert (decision.kind, decision.until) == (kind, until)
    assert bool(decision.why) == (kind != "go")


def test_what_must_never_go_is_blocked_even_while_everything_waits():
    facts = replace(CLEAR, suppressed="No.", paused="Paused.", open_at=LATER)
    assert decide(facts).kind == "block"


@pytest.mark.parametrize("found", [{"paused": "Paused."}, {"full": Full(LATER, "Enough.")}])
def test_whole_mailbox_rests_when_it_is_paused_or_full(found: dict[str, Any]):
    assert decide(replace(CLEAR, **found)).rests
