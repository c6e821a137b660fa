"""Tickets that are followed up, customers who fade and are written to, and those who could speak for us."""

from __future__ import annotations

from services import drafts
from services.ask.answers import Answer, Block, Choice, Choices, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.names import Named, find, find_all
from services.ask.saying import (
    Unclear,
    all_meant,
    answered,
    customer_link,
    day,
    links,
    meant,
    table,
)
from services.ids import public_id
from services.plurals import plural
from services.scoring import advocacy, risk
from services.tickets.follow_up.command import follow_up
from services.tickets.one_ticket import get_ticket
from services.tickets.records import LEVEL_WORDS, OVER, SEVERITY_WORDS, TicketRow, TicketView

TOP = 3


def ticket(desk: Desk, intent: Intent) -> Answer:
    number = intent.slots.get("ticket", "").strip("#.")
    typed = intent.slots.get("who", "")
    customer = None
    if typed and typed.casefold() not in ("them", "it"):
        again = f"ticket {number}" if number else "their ticket"
        match = find(typed, desk.customers)
        customer = meant(match, "customer", lambda key: f"Follow up with {key} on {again}")
    if number:
        row = _numbered(desk, number, customer)
    elif customer:
        row = _solved(desk, customer, intent.slots.get("topic", ""))
    else:
        raise Unclear(answered("On which ticket? Say its number or the customer.", links(Link("tickets", "Open Tickets"))))  # fmt: skip
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


def _numbered(desk: Desk, number: str, customer: Named | None) -> TicketRow:
    """The ticket of this number, or one that may be meant. A customer that is named has to be its own."""
    known = desk.tickets(search=number) or desk.tickets()
    named = [
        Named(one.id, one.number, one.number, one.customer or one.subject[:60], (one.number,))
        for one in known
    ]
    exact = [one for one in named if one.name.casefold() == number.casefold()]
    of_theirs = [one for one in known if customer and one.customer_id == customer.id]
    if len(exact) > 1 and customer:
        exact = [one for one in exact if one.id in {row.id for row in of_theirs}]
    found = exact[0] if len(exact) == 1 else None
    if found is None:
        match = find(number, [Named(o.id, o.key, o.name, o.hint) for o in named])
        near = tuple([match.one] if match.one else match.several)
        asked = type(match)(number, several=near)
        meant(asked, "ticket", lambda key: f"Follow up on ticket {key}")
    row = next(one for one in known if found and one.id == found.id)
    if customer and row.customer_id != customer.id:
        said = f"Ticket {row.number} is not of {customer.name}, but of {row.customer or 'nobody we know'}."
        choice = Choices((Choice(f"Follow up on {row.number}", f"Follow up on ticket {row.number}"),))  # fmt: skip
        raise Unclear(answered(said, choice, tone="note", customers=(row.customer_id or customer.id, customer.id)))  # fmt: skip
    return row


def _solved(desk: Desk, customer: Named, topic: str) -> TicketRow:
    """The last solved ticket of the customer, or the one whose subject or area is nearest to the topic."""
    rows = [one for one in desk.tickets(customer_id=customer.id) if one.state in OVER]
    page = links(Link("tickets", "Their tickets", {"customer": customer.key}))
    if not rows:
        said = f"{customer.name} has no resolved ticket."
        raise Unclear(answered(said, page, tone="note", customers=(customer.id,)))
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
    question = f"Which resolved ticket of {customer.name} do you mean by “{topic}”?"
    raise Unclear(Answer((Choices(choices, question), page), customers=(customer.id,)))


def reengage(desk: Desk, intent: Intent) -> Answer:
    match = find_all(intent.slots["who"], desk.customers)
    chosen = all_meant(match, lambda keys: f"Re-engage {keys}")
    signals: list[int] = []
    left: list[Block] = []
    for one in chosen:
        open_ones = [
            s for s in risk.signals_of(desk.session, desk.by, one.id, desk.now)
            if s.state in ("open", "acknowledged")
        ]  # fmt: skip
        signals += [s.id for s in open_ones[:1]]
        if not open_ones:
            left.append(Text(f"{one.name} has no open risk signal, so there is no outreach to plan.", "note"))  # fmt: skip
    numbers = tuple(one.id for one in chosen)
    more = [Choice(f"Follow up with {one.name} on their ticket", f"Follow up with {one.key} on their ticket") for one in chosen if left]  # fmt: skip
    page = links(Link("risk", "Open Risk"), *[customer_link(one.id, one.name) for one in chosen[:3]])  # fmt: skip
    if not signals:
        return Answer((*left, Choices(tuple(more[:3])), page), customers=numbers)
    made = risk.plan_outreach(desk.session, tuple(signals), by=desk.by, now=desk.now)
    said = (
        f"{plural(len(made.drafts), 'mail')} drafted and {plural(len(made.tasks), 'call')} planned."
    )
    blocks: list[Block] = [Text(said, "good"), *left]
    blocks += [Text(f"{name} has nobody to write to; the call is planned.", "note") for name in made.unreachable]  # fmt: skip
    if made.before:
        blocks.append(Text(f"{plural(made.before, 'customer')} had outreach already.", "note"))
    blocks += [DraftShown(number) for number in made.drafts]
    return Answer(
        (*blocks, page),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers, drafts=made.drafts),
        deeds=(
            *[("draft", number) for number in made.drafts],
            *[("task", number) for number in made.tasks],
        ),
    )


def create_advocacy(desk: Desk, intent: Intent) -> Answer:
    who = intent.slots.get("who", "")
    if who and who.casefold() not in ("them", "these", "those", "these customers"):
        found = find_all(who, desk.customers)
        chosen = all_meant(found, lambda keys: f"Create advocacy opportunities for {keys}")
        numbers = tuple(one.id for one in chosen)
        made = advocacy.create(desk.session, numbers, by=desk.by, now=desk.now)
    else:
        top = min(max(intent.number("top", TOP), 1), 10)
        made = advocacy.create_top(desk.session, top, by=desk.by, now=desk.now)
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
            Text(f"{plural(len(made), 'advocacy opportunity', 'advocacy opportunities')} created, each with a first task.", "good"),
            table(("Customer", "Score", "Type", "Champion", "Notes", "Task"), told),
            links(*opened, Link("advocacy", "Open Advocacy")),
        ),
        customers=tuple(one.customer_id for one in rows),
        spoken_of=SpokenOf(customers=tuple(one.customer_id for one in rows)),
        deeds=tuple(("opportunity", number) for number in made),
    )  # fmt: skip
