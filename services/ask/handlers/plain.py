"""Help, and what to do with a file."""

from __future__ import annotations

from services.ask.answers import Answer, Choice, Choices, Link, Table, Text
from services.ask.book import Desk
from services.ask.commands import COMMANDS
from services.ask.grammar import Intent
from services.ask.saying import answered, links

NO_FILE = "Attach the attendance file to the message (the plus sign), and say “Score engagement from this event data”."

HEADS = ("What it does", "For example")


def help_(_desk: Desk, _intent: Intent) -> Answer:
    rows = tuple((one.title, one.examples[0]) for one in COMMANDS if one.kind != "help")
    tried = ("Show the engagement leaderboard", "Who is declining?", "Whom should I invite to the webinar?")  # fmt: skip
    return Answer(
        (
            Text("This is what can be asked here, in these or similar words. Slips of the finger are no matter."),
            Table(HEADS, rows),
            Choices(tuple(Choice(one, one) for one in tried)),
        )
    )  # fmt: skip


def no_file(_desk: Desk, _intent: Intent) -> Answer:
    return answered(NO_FILE, links(Link("upload", "Or use the Upload page")))
