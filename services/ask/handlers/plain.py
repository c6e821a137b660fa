"""Help, manners, and what to do with a file."""

from __future__ import annotations

from services.ask.answers import Answer, Choice, Choices, Link, Table, Text
from services.ask.book import Desk
from services.ask.commands import COMMANDS
from services.ask.grammar import Intent
from services.ask.saying import answered, links

NO_FILE = "Attach the attendance file to the message (the plus sign), and say “Score engagement from this event data”."

ASKED = "asked"
"""Stands for a command that does something where it was put as a question."""
HEADS = ("What it does", "For example")


def help_(_desk: Desk, _intent: Intent) -> Answer:
    rows = tuple(
        (one.title, one.examples[0]) for one in COMMANDS if one.examples and one.kind != "help"
    )
    return Answer(
        (
            Text("This is what can be asked here, in these or similar words. Slips of the finger are no matter."),
            Table(HEADS, rows),
            _tries("Show the engagement leaderboard", "Who is declining?", "Whom should I invite to the webinar?"),
        )
    )  # fmt: skip


def manners(_desk: Desk, intent: Intent) -> Answer:
    """Nothing is done for a yes or a no: what it answers is said in whole, or pressed."""
    if "hello" in intent.slots:
        return answered(
            "Hello. What shall it be?",
            _tries("What should I do today?", "Who is declining?", "Help"),
        )
    if "thanks" in intent.slots:
        return answered("You are welcome.")
    if "no" in intent.slots:
        return answered("Nothing was done. What was done before is taken back by “Undo”.")
    return answered("Press the button that you mean, or say it whole, such as “Send” for the mail that is shown. Nothing was done.")  # fmt: skip


def asked(_desk: Desk, intent: Intent) -> Answer:
    """Of what would be done and was only asked: the button says it."""
    return Answer((Choices((Choice(intent.said, intent.said),), "Nothing was done yet. Shall I?"),))


def _tries(*commands: str) -> Choices:
    return Choices(tuple(Choice(one, one) for one in commands))


def no_file(_desk: Desk, _intent: Intent) -> Answer:
    return answered(NO_FILE, links(Link("upload", "Or use the Upload page")))
