"""What speaks against sending an outreach mail: its signal is closed, or it names what is not so any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, RiskSignal
from services.drafts import Block, add_check
from services.scoring.risk.occasion import spoken_of
from services.scoring.risk.records import CHECK_IN, SOURCE

FACTS_CHANGED = "facts_changed"
"""The block of a draft that can be made anew."""


@add_check
def outreach_blocks(
    session: Session, some: Sequence[Draft], now: datetime
) -> Mapping[int, Sequence[Block]]:
    """Its signal must stand, and the event it speaks of be the one they were last seen at."""
    mine = [one for one in some if one.kind == CHECK_IN and one.source == SOURCE and one.source_id]
    if not mine:
        return {}
    rows = session.execute(
        select(RiskSignal, Customer)
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .where(RiskSignal.id.in_({one.source_id for one in mine}))
    ).all()
    signals = {signal.id: signal for signal, _ in rows}
    customers = list({customer.id: customer for _, customer in rows}.values())
    known = spoken_of(session, list(signals.values()), customers, now.date())
    found: dict[int, Sequence[Block]] = {}
    for one in mine:
        signal = signals.get(one.source_id or 0)
        if signal is None or signal.state == "closed":
            words = "The risk signal that it answers is closed. Reject it, or reopen the signal."
            found[one.id] = [Block("signal_closed", words, hard=True)]
        elif _is_stale(one, known[signal.id].opening):
            now_is = known[signal.id].opening
            words = f"Its first sentence is not so any more. By now it is: “{now_is}” Make it anew."
            found[one.id] = [Block(FACTS_CHANGED, words, hard=True)]
    return found


def _is_stale(draft: Draft, opening: str) -> bool:
    """Whoever has written another first sentence answers for it."""
    said = str((draft.values or {}).get("opening") or "")
    return bool(said) and said != opening and " ".join(said.split()) in " ".join(draft.text.split())
