"""The mails that wait for one's approval, and whether one has left. None is approved unread, however it is asked for."""

from __future__ import annotations

from services import drafts
from services.ask.answers import Answer, Block, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.saying import answered, links, moment, table
from services.drafts import DraftRow, DraftView, Filters
from services.drafts.moves import STATE_WORDS
from services.errors import NotFound
from services.plurals import plural
from services.touches.planned import ON_ITS_WAY

MOST, SHOWN = 50, 3
"""Named, and shown to read."""
MINE = Filters(states=("pending",), mine=True)
PAGE = links(Link("drafts", "Open Drafts"), Link("send_queue", "Send queue"))
UNREAD = (
    "Nothing was approved: a mail leaves only after you have read it. Press Send below each of these once you have, or "
    "open Drafts, where all that you have looked at can be approved together."
)


def waiting(desk: Desk, intent: Intent) -> Answer:
    total = drafts.total(desk.session, desk.by, MINE)
    if not total:
        others = drafts.total(desk.session, desk.by, Filters(states=("pending",)))
        more = f" {plural(others, 'mail')} of colleagues can be seen on Drafts." if others else ""
        said = "No mail waits for your approval. What is approved already leaves by itself."
        return answered(said + more, PAGE)
    rows = _in_order(desk, drafts.listing(desk.session, desk.by, MINE, limit=MOST).rows)
    shown = tuple(row.id for row in rows[:SHOWN])
    blocks: list[Block] = [Text(UNREAD, "note")] if "all" in intent.slots else []
    waits = "waits" if total == 1 else "wait"
    blocks.append(
        Text(f"{plural(total, 'mail')} {waits} for your approval.{_first(total, len(rows))}")
    )
    told = [(row.subject, row.recipient, row.customer, "Yes" if row.seen else "") for row in rows]
    blocks.append(table(("Subject", "To", "Customer", "Read"), told))
    if total > len(shown):
        blocks.append(Text(f"The first {len(shown)} to read here:"))
    return Answer(
        (*blocks, *map(DraftShown, shown), PAGE),
        customers=tuple(dict.fromkeys(row.customer_id for row in rows)),
        spoken_of=SpokenOf(drafts=shown),
    )


def sent(desk: Desk, _intent: Intent) -> Answer:
    """How far the mails are that were spoken of."""
    found: list[DraftView] = []
    for number in desk.spoken_of.drafts[:MOST]:
        try:
            found.append(drafts.view(desk.session, desk.by, number, desk.now))
        except NotFound:
            continue
    if not found:
        said = "No mail was spoken of here lately. What has left, and what waits to, is in the Send queue."
        return answered(said, PAGE, tone="note")
    told = tuple(Text(f"“{one.subject}” to {one.recipient} {_how_far(desk, one)}") for one in found)
    return Answer(
        (*told, PAGE),
        customers=tuple(dict.fromkeys(one.customer_id for one in found)),
        spoken_of=SpokenOf(drafts=tuple(one.id for one in found)),
    )


def _how_far(desk: Desk, one: DraftView) -> str:
    on = one.sending
    if on and on.sent_at:
        return f"was sent: {moment(on.sent_at, desk.zone)}."
    if on and on.state in ON_ITS_WAY:
        return f"is approved and leaves at {moment(on.due_at, desk.zone)}."
    if one.state == "pending":
        return "waits for your approval. It has not been sent."
    if one.state == "approved":
        return "is approved and has not left. The Send queue says why."
    return f"has not been sent: it is {STATE_WORDS[one.state]}."


def _in_order(desk: Desk, rows: tuple[DraftRow, ...]) -> list[DraftRow]:
    """Those just spoken of first."""
    return sorted(rows, key=lambda row: row.id not in desk.spoken_of.drafts)


def _first(total: int, listed: int) -> str:
    return f" The first {listed}:" if total > listed else ""
