"""Customers who fade and are written to, and those who could speak for us."""

from __future__ import annotations

from services.ask.answers import Answer, Block, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.counting import USUAL
from services.ask.grammar import Intent
from services.ask.orders import fading, willing
from services.ask.saying import Unclear, answered, customer_link, links, mails, table
from services.ask.who import choose
from services.ids import public_id
from services.plurals import plural
from services.scoring import advocacy, risk


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
            *[("outreach_mail", number) for number in made.drafts],
            *[("outreach_call", number) for number in made.tasks],
            *[("outreach_signal", number) for number in made.signals],
        ),
    )


def create_advocacy(desk: Desk, intent: Intent) -> Answer:
    who = intent.slots.get("who", "") or f"the top {USUAL}"
    again = "Create advocacy opportunities for"
    chosen = choose(desk, who, lambda keys: f"{again} {keys}", willing(desk))  # fmt: skip
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
