"""Who is invited to an event and who is registered."""

from __future__ import annotations

import polars as pl

from services.ask.answers import Answer, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.saying import links, table
from services.ask.which import either
from services.invitations.funnel import funnel, registrations
from services.plurals import plural

MOST = 10


def invited(desk: Desk, intent: Intent) -> Answer:
    event = either(desk, intent.slots["event"], lambda key: f"Who is registered for {key}")
    found = funnel(desk.session, desk.by, event.id, desk.now)
    seats = f"; {plural(found.free, 'seat')} free" if found.free is not None else ""
    rows = registrations(desk.session, desk.by, event.id)
    ours = rows.filter(pl.col("customer_id").is_not_null() & (pl.col("state") == "registered"))
    shown = ours.head(MOST)
    said = f"{plural(ours.height, 'person', 'people')} of your customers registered"
    columns = ("person", "customer", "source")
    people = (
        (Text(f"{said}{f'; the last {MOST}:' if ours.height > MOST else ':'}"),
         table(("Person", "Customer", "Came by"), shown.select(columns).iter_rows()))
        if ours.height else (Text("Nobody of your customers is registered yet."),)
    )  # fmt: skip
    numbers = tuple(shown["customer_id"].unique(maintain_order=True))
    more = () if event.over else (Choices((Choice("Whom else to invite?", f"Whom should I invite to {event.key}"),)),)  # fmt: skip
    return Answer(
        (
            Text(event.label, "heading"),
            Text(f"{plural(found.registered, 'person', 'people')} registered in all{seats}. Of your customers' invitations:"),
            table(("", "Invitations"), (*found.stages, ("Declined", found.declined))),
            *people,
            links(Link("invitations", "Open Invitations", {"id": event.key}), Link("event", "Open the event", {"id": event.key})),
            *more,
        ),
        customers=numbers,
        spoken_of=SpokenOf(event_id=event.id, customers=numbers),
    )  # fmt: skip
