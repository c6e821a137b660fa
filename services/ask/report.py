"""The report after a file: what came, and what it says about customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.ask.answers import Answer, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.handlers.insight import candidates, declining, distribution, leaderboard
from services.ask.handlers.inviting import recommended
from services.ask.saying import joined, links, table
from services.plurals import plural
from services.uploads.summary import sentence

EXPORT = "Export report"
NEXT = (
    Choice("Create advocacy opportunities", "Create advocacy opportunities for top 3"),
    Choice("Send event invitations", "Send invitations for the next event"),
    Choice("Create risk signals", "Create risk signals"),
    Choice("Export report", EXPORT),
)


def report(desk: Desk, upload_id: int, name: str, summary: Mapping[str, Any]) -> Answer:
    head = Answer(
        (
            Text(f"{name} is imported: {sentence(dict(summary))}.", "good"),
            Text("Customers' health is up to date with the new scores.", "note"),
            *_set_aside(summary),
            *_supposed(summary),
            Text("Event summary", "heading"),
            table(("Event type", "Events", "Attendees", "Average"), _types(summary)),
            links(
                Link("upload", "The import, row by row", {"id": f"upl_{upload_id}"}),
                *_questions(summary),
            ),
        )
    )
    return told(desk, head)


def told(desk: Desk, head: Answer) -> Answer:
    """What is known of one's customers by now, below `head`, and what can be done about it."""
    parts = [leaderboard(desk, Intent("leaderboard")), candidates(desk, Intent("candidates")),
             declining(desk, Intent("declining")), *invitations(desk),
             distribution(desk, Intent("distribution"))]  # fmt: skip
    # "Them" are afterwards those who could be asked, or the best: not those at risk.
    first = joined(parts[:2]).spoken_of.customers
    buttons = Answer((Choices(NEXT, "Would you like me to:"),), spoken_of=SpokenOf(customers=first))
    return joined([head, *map(_without_buttons, parts), buttons])


def invitations(desk: Desk) -> list[Answer]:
    found = []
    for one in recommended(desk):
        if not one.rows:
            continue
        found.append(
            Answer(
                (
                    Text(f"Whom to invite: {one.event.label}", "heading"),
                    table(("Customer", "Reason", "Contact"), one.rows),
                    links(Link("invitations", "Open Invitations", {"id": one.event.key})),
                ),
                customers=one.numbers,
                spoken_of=SpokenOf(recommended={str(one.event.id): one.numbers}),
            )
        )
    return found


_ASIDE = {
    "review": "waiting for an answer in Match review",
    "unmatched": "of no customer that is known",
    "rejected": "that could not be used",
}


def _set_aside(summary: Mapping[str, Any]) -> tuple[Text, ...]:
    """What of the file counts for no customer."""
    told = [
        f"{plural(summary[verdict], 'row')} {why}"
        for verdict, why in _ASIDE.items()
        if summary.get(verdict)
    ]
    return (Text(f"Counted for nobody: {'; '.join(told)}.", "note"),) if told else ()


def _supposed(summary: Mapping[str, Any]) -> tuple[Text, ...]:
    """In which zone hours were read that name none, and how to say another."""
    supposed = summary.get("zone_assumed")
    if not supposed:
        return ()
    place = supposed[0].replace("_", " ")
    said = (
        f"Its hours name no zone; they are read as {place}. If they are of another, say “Undo”, "
        "upload the file on the Upload page and choose the zone there."
    )
    return (Text(said, "note"),)


def _questions(summary: Mapping[str, Any]) -> tuple[Link, ...]:
    return (Link("match_review", "Answer in Match review"),) if summary.get("review") else ()


def _types(summary: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (one["label"], one["events"], one["attendees"], one["average"])
        for one in summary.get("event_summary", [])
    ]


def _without_buttons(part: Answer) -> Answer:
    blocks = tuple(block for block in part.blocks if not isinstance(block, Choices))
    return Answer(blocks, part.customers, part.spoken_of, part.deeds)
