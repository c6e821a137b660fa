"""Telling CSMs about signals: one by one while they are few, in one word when they are many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, Notification, RiskSignal, RiskSignalEvent, Task
from services.ids import public_id
from services.notifications import Action, notify
from services.scoring.risk.records import SOURCE
from services.scoring.risk.sentence import short_of

MOST_SINGLE = 5
"""More new signals of one CSM in one look than this are told in one notification."""
PIECE = 500
MANY = "risk:many:"


@dataclass(frozen=True)
class Opened:
    signals: list[RiskSignal]
    held_back: int


def tell_csms(session: Session, signals: Sequence[RiskSignal], now: datetime) -> None:
    """Notify each customer's CSM, once per signal and level. Customers without a CSM have nobody to tell."""
    names = _names(session, [signal.customer_id for signal in signals])
    by_csm: dict[int, list[RiskSignal]] = defaultdict(list)
    for signal in signals:
        csm = names[signal.customer_id][1]
        if csm is not None:
            by_csm[csm].append(signal)
    for csm, theirs in by_csm.items():
        if len(theirs) > MOST_SINGLE:
            _all_at_once(session, csm, theirs, names, now)
            continue
        for signal in theirs:
            _one(session, csm, signal, names[signal.customer_id][0], now)


def tell_in_hand(session: Session, signals: Sequence[RiskSignal], now: datetime) -> None:
    """Those who have taken signals in hand: what these rested on has been taken back."""
    for start in range(0, len(signals), PIECE):
        some = {signal.id: signal for signal in signals[start : start + PIECE]}
        names = _names(session, [signal.customer_id for signal in some.values()])
        moved = session.execute(
            select(RiskSignalEvent.signal_id, RiskSignalEvent.person_id)
            .where(
                RiskSignalEvent.signal_id.in_(list(some)),
                RiskSignalEvent.person_id.is_not(None),
                RiskSignalEvent.move != "opened",
            )
            .distinct()
        )
        planned = session.execute(
            select(Task.source_id, Task.owner_id)
            .where(Task.source == SOURCE, Task.source_id.in_(list(some)), Task.state == "open")
            .distinct()
        )
        for number, person in {(one, who) for one, who in (*moved, *planned) if one and who}:
            customer = some[number].customer_id
            notify(
                session,
                person,
                f"risk:{number}:withdrawn:{now:%Y%m%d}",
                "risk",
                f"{names[customer][0]} is not fading after all",
                "The file that the signal rested on was taken back, so it is closed. Outreach that nobody had "
                "approved has gone with it.",
                customer_id=customer,
                actions=(
                    Action("See the signal", "risk", (("signal", public_id("signal", number)),)),
                ),
                now=now,
            )


def key_of(signal_id: int, level: str) -> str:
    """Names the notification of one signal."""
    return f"risk:{signal_id}:{level}"


def keys_of_many(session: Session, gone: Sequence[RiskSignal]) -> list[str]:
    """The notifications of many signals at once that are about none any more, now that these have gone."""
    return keys_of_many_risen(session, {signal.opened_at for signal in gone})


def keys_of_many_risen(session: Session, moments: Collection[datetime]) -> list[str]:
    """The notifications of many signals at once, sent at these moments, that are about none any more."""
    keys: list[str] = []
    for at in moments:
        risen = select(RiskSignalEvent.signal_id).where(
            RiskSignalEvent.at == at, RiskSignalEvent.move == "escalated"
        )
        left = session.scalar(
            select(RiskSignal.id)
            .where(
                RiskSignal.state != "closed",
                (RiskSignal.opened_at == at)
                | (RiskSignal.id.in_(risen) & (RiskSignal.level == "alert")),
            )
            .limit(1)
        )
        told = select(Notification.dedup_key).where(
            Notification.kind == "risk",
            Notification.at == at,
            Notification.dedup_key.startswith(MANY, autoescape=True),
        )
        keys += [] if left is not None else session.scalars(told)
    return keys


def _one(session: Session, csm: int, signal: RiskSignal, name: str, now: datetime) -> None:
    number = public_id("signal", signal.id)
    notify(
        session,
        csm,
        key_of(signal.id, signal.level),
        "risk",
        f"{name} is fading from our events",
        f"{short_of(signal.facts)}. {signal.sentence}",
        customer_id=signal.customer_id,
        actions=(
            Action("See why and plan outreach", "risk", (("signal", number),)),
            Action("Open the customer", "customer",
                   (("id", public_id("customer", signal.customer_id)),)),
        ),
        urgent=signal.level == "alert",
        now=now,
    )  # fmt: skip


def _all_at_once(
    session: Session,
    csm: int,
    signals: Sequence[RiskSignal],
    names: dict[int, tuple[str, int | None]],
    now: datetime,
) -> None:
    worst = sorted(signals, key=lambda s: -float(s.facts["z"] or 0))
    some = ", ".join(names[signal.customer_id][0] for signal in worst[:MOST_SINGLE])
    notify(
        session,
        csm,
        f"{MANY}{min(s.id for s in signals)}:{len(signals)}",
        "risk",
        f"{len(signals)} of your customers are fading from our events",
        f"Farthest below what was to be expected: {some}.",
        actions=(Action("See them all", "risk"),),
        urgent=any(signal.level == "alert" for signal in signals),
        now=now,
    )


def _names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    """Name and CSM by customer."""
    found: dict[int, tuple[str, int | None]] = {}
    for start in range(0, len(ids), PIECE):
        rows = session.execute(
            select(Customer.id, Customer.name, Customer.csm_id).where(
                Customer.id.in_(ids[start : start + PIECE])
            )
        )
        found |= {number: (name, csm) for number, name, csm in rows}
    return found
