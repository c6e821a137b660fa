"""Tickets: listed, shown and followed up."""

from __future__ import annotations

from dataclasses import replace

from services import drafts
from services.ask.answers import Answer, Block, Choice, Choices, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.names import Named, find
from services.ask.orders import leaders
from services.ask.saying import Unclear, answered, day_of, links, meant, table, together
from services.ask.who import THEM, choose
from services.errors import AppError
from services.ids import public_id
from services.plurals import plural
from services.tickets import listing
from services.tickets.follow_up.command import follow_up
from services.tickets.one_ticket import get_ticket
from services.tickets.records import (
    LEVEL_WORDS,
    OVER,
    SEVERITY_WORDS,
    STATE_WORDS,
    Filters,
    TicketRow,
    TicketView,
)

MOST, OFFERED = 10, 3
PAGE = Link("tickets", "Open Tickets")
STATES = {
    "open": "unsolved", "unsolved": "unsolved", "unresolved": "unsolved", "solved": "over", "resolved": "over",
    "closed": "over", "pending": "pending", "new": "new",
}  # fmt: skip
"""What people call them, and what services.tickets does."""
TO_APPROVE = ("ticket with a follow-up to approve", "tickets with a follow-up to approve")
HEADS = ("Ticket", "Customer", "Issue", "State", "Severity", "Last change")


def ticket(desk: Desk, intent: Intent) -> Answer:
    """The ticket of a number, or the last solved one of each customer that is named."""
    number = intent.slots.get("ticket", "").strip("#.")
    topic = intent.slots.get("topic", "")
    again = f"ticket {number}" if number else f"their {topic} ticket" if topic else "their ticket"
    who = intent.slots.get("who", "")
    customers, notes = tuple[int, ...](), tuple[Text, ...]()
    if topic and not who:  # "the TechFlow API ticket"
        who, topic = _split(desk, topic)
    if who and not (number and who.casefold() in (*THEM, "it")):
        chosen = choose(desk, who, lambda keys: f"Follow up with {keys} on {again}", leaders(desk))
        customers, notes = chosen.ids, chosen.notes
    elif not number:
        customers = _spoken_of(desk)
    if number:
        return _followed_up(desk, _numbered(desk, number, customers[0] if customers else None))
    if not customers:
        raise Unclear(answered("On which ticket? Say its number or the customer.", links(Link("tickets", "Open Tickets"))))  # fmt: skip
    each = [_of_one(desk, one, topic, alone=len(customers) == 1) for one in customers]
    return together([Answer(notes), *each])


def _split(desk: Desk, topic: str) -> tuple[str, str]:
    """The customer that is named in front of what the ticket is about, and the rest."""
    words = topic.split()
    for count in range(len(words), 0, -1):
        if find(" ".join(words[:count]), desk.customers).one:
            return " ".join(words[:count]), " ".join(words[count:])
    return "", topic


def _spoken_of(desk: Desk) -> tuple[int, ...]:
    """The only customer of the last answer."""
    just = tuple(dict.fromkeys(desk.just_named))
    return just if len(just) == 1 and just[0] in desk.names else ()


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
            table(("Ticket", row.number), _facts(found, desk.zone)),
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


def _facts(found: TicketView, zone: str) -> list[tuple[str, str]]:
    row, health = found.row, found.health
    lasted = (row.solved_at - row.opened_at).days if row.solved_at else None
    told = [
        ("Issue", row.subject),
        ("State", STATE_WORDS.get(row.state, "")),
        ("Severity", SEVERITY_WORDS.get(row.severity or "", "")),
        ("Opened", day_of(row.opened_at, zone)),
        ("Resolved", f"{day_of(row.solved_at, zone)}, after {plural(lasted, 'day')}" if row.solved_at and lasted is not None else ""),
        ("Resolution", found.resolution or ""),
        ("Health score", f"dropped {plural(health.before - health.lowest, 'point')} during it" if health.before and health.lowest and health.lowest < health.before else ""),
        ("People involved", str(row.people) if row.people > 1 else ""),
        ("Escalated to", row.escalated_to or ""),
        ("Follow-up", LEVEL_WORDS.get(row.level or "", "")),
    ]  # fmt: skip
    return [(name, value) for name, value in told if value]


def _numbered(
    desk: Desk, number: str, customer: int | None, verb: str = "Follow up on ticket"
) -> TicketRow:
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
        meant(asked, "ticket", lambda key: f"{verb} {key}")
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


def tickets(desk: Desk, intent: Intent) -> Answer:
    """The last changed ones, of all one's customers or of those that are named."""
    said = intent.slots.get("state", "").casefold()
    need = "need" in intent.slots
    wanted = Filters(state=STATES.get(said), follow_up="drafted" if need else None)
    nouns = TO_APPROVE if need else (f"{said} ticket".strip(), f"{said} tickets".strip())
    who = intent.slots.get("who", "")
    if not who:
        return _listed(desk, wanted, nouns)
    again = f"Show {nouns[1]} of"
    chosen = choose(desk, who, lambda keys: f"{again} {keys}", leaders(desk), looking=True)
    each = [_listed(desk, replace(wanted, customer_id=one), nouns) for one in chosen.ids]
    return together([Answer(chosen.notes), *each, chosen.unknown])


def _listed(desk: Desk, wanted: Filters, nouns: tuple[str, str]) -> Answer:
    page = listing.listing(desk.session, desk.by, desk.now, filters=wanted, limit=MOST)
    number = wanted.customer_id
    whose = f" of {desk.names[number]}" if number else ""
    their = Link("tickets", "Their tickets", {"customer": public_id("customer", number or 0)})
    way = links(their if number else PAGE)
    spoken = SpokenOf(customers=(number,) if number else ())
    if not page.rows:
        return answered(
            f"There is no {nouns[0]}{whose}.", way, customers=spoken.customers, spoken_of=spoken
        )
    rows = [
        (one.number, one.customer or "–", one.subject, STATE_WORDS.get(one.state, ""),
         SEVERITY_WORDS.get(one.severity or "", ""), day_of(one.updated_at, desk.zone))
        for one in page.rows
    ]  # fmt: skip
    more = f"; the {len(rows)} that changed last:" if page.total > len(rows) else ":"
    offered = [one.number for one in page.rows if one.state in OVER][:OFFERED]
    return Answer(
        (
            Text(f"{plural(page.total, *nouns)}{whose}{more}"), table(HEADS, rows), way,
            *([Choices(tuple(Choice(f"Follow up on {one}", f"Follow up on ticket {one}") for one in offered))] if offered else []),
        ),
        customers=tuple(dict.fromkeys(one.customer_id for one in page.rows if one.customer_id)),
        spoken_of=spoken,
    )  # fmt: skip


def one_ticket(desk: Desk, intent: Intent) -> Answer:
    """What it is about, and its mail where one waits."""
    row = _numbered(desk, intent.slots["ticket"].strip("#."), None, "Show ticket")
    found = get_ticket(desk.session, desk.by, row.id, desk.now)
    whose = (row.customer_id,) if row.customer_id else ()
    mail = found.follow_up if found.follow_up and found.follow_up.state == "drafted" else None
    blocks: list[Block] = [
        Text(f"Ticket {row.number} of {row.customer or 'nobody we know'}", "heading"),
        table(("Ticket", row.number), _facts(found, desk.zone)),
    ]
    if mail and mail.draft_id:
        blocks += [Text("Its follow-up waits for approval:"), DraftShown(mail.draft_id)]
    elif row.state in OVER:
        again = f"Follow up on ticket {row.number}"
        blocks.append(Choices((Choice(f"Follow up on {row.number}", again),)))
    else:
        blocks.append(Text("It is not resolved yet: once it is, it can be followed up."))
    blocks.append(links(Link("one_ticket", f"Open {row.number}", {"id": public_id("ticket", row.id)}), PAGE))  # fmt: skip
    drafted = (mail.draft_id,) if mail and mail.draft_id else ()
    spoken = SpokenOf(customers=whose, ticket_id=row.id, drafts=drafted)
    return Answer(tuple(blocks), customers=whose, spoken_of=spoken)
