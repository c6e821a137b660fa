"""Tickets that are followed up, customers who fade and are written to, and those who could speak for us."""

from __future__ import annotations

from functools import partial

from services import drafts
from services.ask.answers import Answer, Block, Choice, Choices, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.counting import USUAL
from services.ask.grammar import Intent
from services.ask.handlers.insight import fading, leaders
from services.ask.names import Named, find
from services.ask.saying import (
    Unclear,
    answered,
    customer_link,
    day,
    links,
    mails,
    meant,
    table,
    together,
)
from services.ask.who import THEM, Order, choose
from services.errors import AppError
from services.ids import public_id
from services.plurals import plural
from services.scoring import advocacy, risk
from services.tickets.follow_up.command import follow_up
from services.tickets.one_ticket import get_ticket
from services.tickets.records import LEVEL_WORDS, OVER, SEVERITY_WORDS, TicketRow, TicketView


def ticket(desk: Desk, intent: Intent) -> Answer:
    """The ticket of a number, or the last solved one of each customer that is named."""
    number = intent.slots.get("ticket", "").strip("#.")
    topic = intent.slots.get("topic", "")
    again = f"ticket {number}" if number else f"their {topic} ticket" if topic else "their ticket"
    who = intent.slots.get("who", "")
    customers, notes = tuple[int, ...](), tuple[Text, ...]()
    if who and not (number and who.casefold() in (*THEM, "it")):
        chosen = choose(desk, who, lambda keys: f"Follow up with {keys} on {again}", leaders(desk))
        customers, notes = chosen.ids, chosen.notes
    if number:
        return _followed_up(desk, _numbered(desk, number, customers[0] if customers else None))
    if not customers:
        raise Unclear(answered("On which ticket? Say its number or the customer.", links(Link("tickets", "Open Tickets"))))  # fmt: skip
    each = [_of_one(desk, one, topic, alone=len(customers) == 1) for one in customers]
    return together([Answer(notes), *each])


def _of_one(desk: Desk, customer_id: int, topic: str, *, alone: bool) -> Answer:
    """Where several are named, one that cannot be followed up does not keep the others from it."""
    try:
        with desk.session.begin_nested():
            return _followed_up(desk, _solved(desk, customer_id, topic))
    except Unclear as unclear:
        return unclear.answer
    except AppError as error:
        if alone:
            raise
        said = f"{desk.names[customer_id]}: {error.message}"
        return answered(said, tone="bad", customers=(customer_id,))


def _followed_up(desk: Desk, row: TicketRow) -> Answer:
    made = follow_up(desk.session, desk.by, row.id, now=desk.now)
    draft = drafts.view(desk.session, desk.by, made, desk.now)
    found = get_ticket(desk.session, desk.by, row.id, desk.now)
    name = row.customer or "the customer"
    fresh = draft.created_at == desk.now
    said = "Here is the mail:" if fresh else "There is a mail about it already:"
    remind = f"Remind me to look after ticket {row.number} in 7 days"
    return Answer(
        (
            Text(f"Follow-up for {name}", "heading"),
            table(("Ticket", row.number), _facts(found)),
            Text(said),
            DraftShown(made),
            Choices((Choice("Add follow-up reminder", remind),)),
            links(Link("one_ticket", f"Open {row.number}", {"id": public_id("ticket", row.id)}), Link("drafts", "All drafts")),
        ),
        customers=(row.customer_id,) if row.customer_id else (),
        spoken_of=SpokenOf(
            drafts=(made,), ticket_id=row.id, customers=(row.customer_id,) if row.customer_id else ()
        ),
        deeds=(("draft", made),) if fresh else (),
    )  # fmt: skip


def _facts(found: TicketView) -> list[tuple[str, str]]:
    row, health = found.row, found.health
    lasted = (row.solved_at - row.opened_at).days if row.solved_at else None
    told = [
        ("Issue", row.subject),
        ("Severity", SEVERITY_WORDS.get(row.severity or "", "")),
        ("Opened", day(row.opened_at.date())),
        ("Resolved", f"{day(row.solved_at.date())}, after {plural(lasted, 'day')}" if row.solved_at and lasted is not None else ""),
        ("Resolution", found.resolution or ""),
        ("Health score", f"dropped {plural(health.before - health.lowest, 'point')} during it" if health.before and health.lowest and health.lowest < health.before else ""),
        ("People involved", str(row.people) if row.people > 1 else ""),
        ("Escalated to", row.escalated_to or ""),
        ("Follow-up", LEVEL_WORDS.get(row.level or "", "")),
    ]  # fmt: skip
    return [(name, value) for name, value in told if value]


def _numbered(desk: Desk, number: str, customer: int | None) -> TicketRow:
    """The ticket of this number, or one that may be meant. A customer that is named has to be its own."""
    known = desk.tickets(search=number) or desk.tickets()
    named = [
        Named(one.id, one.number, one.number, one.customer or one.subject[:60], (one.number,))
        for one in known
    ]
    exact = [one for one in named if one.name.casefold() == number.casefold()]
    if len(exact) > 1 and customer:
        theirs = {one.id for one in known if one.customer_id == customer}
        exact = [one for one in exact if one.id in theirs]
    found = exact[0] if len(exact) == 1 else None
    if found is None:
        match = find(number, [Named(o.id, o.key, o.name, o.hint) for o in named])
        near = tuple([match.one] if match.one else match.several)
        asked = type(match)(number, several=near)
        meant(asked, "ticket", lambda key: f"Follow up on ticket {key}")
    row = next(one for one in known if found and one.id == found.id)
    if customer and row.customer_id != customer:
        said = f"Ticket {row.number} is not of {desk.names[customer]}, but of {row.customer or 'nobody we know'}."
        choice = Choices((Choice(f"Follow up on {row.number}", f"Follow up on ticket {row.number}"),))  # fmt: skip
        raise Unclear(answered(said, choice, tone="note", customers=(row.customer_id or customer, customer)))  # fmt: skip
    return row


def _solved(desk: Desk, customer_id: int, topic: str) -> TicketRow:
    """The last solved ticket of the customer, or the one whose subject or area is nearest to the topic."""
    name, key = desk.names[customer_id], public_id("customer", customer_id)
    rows = [one for one in desk.tickets(customer_id=customer_id) if one.state in OVER]
    page = links(Link("tickets", "Their tickets", {"customer": key}))
    if not rows:
        said = f"{name} has no resolved ticket."
        raise Unclear(answered(said, page, tone="note", customers=(customer_id,)))
    rows.sort(key=lambda one: (one.solved_at or one.updated_at, one.id), reverse=True)
    if not topic:
        return rows[0]
    words = {word for word in topic.casefold().split() if word not in ("the", "their")}
    fitting = [
        one
        for one in rows
        if words & set(f"{one.subject} {one.area or ''}".casefold().replace(",", " ").split())
    ]
    if len(fitting) == 1:
        return fitting[0]
    offered = (fitting or rows)[:5]
    choices = tuple(
        Choice(f"{one.number}: {one.subject[:80]}", f"Follow up on ticket {one.number}")
        for one in offered
    )
    question = f"Which resolved ticket of {name} do you mean by “{topic}”?"
    raise Unclear(Answer((Choices(choices, question), page), customers=(customer_id,)))


def reengage(desk: Desk, intent: Intent) -> Answer:
    chosen = choose(desk, intent.slots["who"], lambda keys: f"Re-engage {keys}", fading(desk))
    if not chosen.ids:
        raise Unclear(answered("No customer of yours is at risk.", links(Link("risk", "Open Risk"))))  # fmt: skip
    signals: list[int] = []
    calm: list[int] = []
    for one in chosen.ids:
        found = risk.signals_of(desk.session, desk.by, one, desk.now)
        opened = [signal.id for signal in found if signal.state in risk.OPEN_STATES]
        signals += opened[:1]
        calm += [] if opened else [one]
    left = [Text(f"{desk.names[one]} has no open risk signal, so there is no outreach to plan.", "note") for one in calm]  # fmt: skip
    more = [
        Choice(f"Follow up with {desk.names[one]} on their ticket",
               f"Follow up with {public_id('customer', one)} on their ticket")
        for one in calm[:3]
    ]  # fmt: skip
    page = links(Link("risk", "Open Risk"), *[customer_link(one, desk.names[one]) for one in chosen.ids[:3]])  # fmt: skip
    if not signals:
        return Answer((*left, Choices(tuple(more)), page), customers=chosen.ids)
    made = risk.plan_outreach(desk.session, tuple(signals), by=desk.by, now=desk.now)
    said = (
        f"{plural(len(made.drafts), 'mail')} drafted and {plural(len(made.tasks), 'call')} planned."
    )
    blocks: list[Block] = [*chosen.notes, Text(said, "good"), *left]
    blocks += [Text(f"{name} has nobody to write to; the call is planned.", "note") for name in made.unreachable]  # fmt: skip
    if made.before:
        blocks.append(Text(f"{plural(made.before, 'customer')} had outreach already.", "note"))
    blocks += mails(made.drafts)
    return Answer(
        (*blocks, page),
        customers=chosen.ids,
        spoken_of=SpokenOf(customers=chosen.ids, drafts=made.drafts),
        deeds=(
            *[("draft", number) for number in made.drafts],
            *[("task", number) for number in made.tasks],
        ),
    )


def create_advocacy(desk: Desk, intent: Intent) -> Answer:
    who = intent.slots.get("who", "") or f"the top {USUAL}"
    again = "Create advocacy opportunities for"
    chosen = choose(desk, who, lambda keys: f"{again} {keys}", Order(partial(_willing, desk), "free to be asked"))  # fmt: skip
    if not chosen.ids:
        said = (
            "Nobody can be asked at present. The page says under “Not now” what speaks against it."
        )
        raise Unclear(answered(said, links(Link("advocacy", "Open Advocacy")), tone="note"))
    made = advocacy.create(desk.session, chosen.ids, by=desk.by, now=desk.now)
    desk.session.flush()
    rows = [advocacy.get_opportunity(desk.session, desk.by, number) for number in made]
    told = [
        (one.customer, one.score, " + ".join(advocacy.TYPES[kind] for kind in one.types),
         one.champion or "–", one.notes, one.task or "–")
        for one in rows
    ]  # fmt: skip
    opened = [
        Link("advocacy", one.customer, {"opportunity": public_id("opportunity", one.id)})
        for one in rows[:5]
    ]
    return Answer(
        (
            *chosen.notes,
            Text(f"{plural(len(made), 'advocacy opportunity', 'advocacy opportunities')} created, each with a first task.", "good"),
            table(("Customer", "Score", "Type", "Champion", "Notes", "Task"), told),
            links(*opened, Link("advocacy", "Open Advocacy")),
        ),
        customers=tuple(one.customer_id for one in rows),
        spoken_of=SpokenOf(customers=tuple(one.customer_id for one in rows)),
        deeds=tuple(("opportunity", number) for number in made),
    )  # fmt: skip


def _willing(desk: Desk, count: int) -> list[int]:
    """The best candidates."""
    found = advocacy.candidates(desk.session, desk.by, desk.now)
    return [one.customer_id for one in found.rows[:count]]
