"""Help, exports and reminders."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from services import tasks
from services.ask.answers import Answer, Choice, Choices, Link, Table, Text
from services.ask.book import Desk
from services.ask.commands import COMMANDS
from services.ask.grammar import Intent
from services.ask.saying import answered, day, links
from services.plurals import plural
from services.tasks import NewTask

WEEK = 7
NO_FILE = "Attach the attendance file to the message (the plus sign), and say “Score engagement from this event data”."


def help_(_desk: Desk, _intent: Intent) -> Answer:
    rows = tuple((one.title, one.examples[0]) for one in COMMANDS if one.kind != "help")
    tried = ("Show the engagement leaderboard", "Who is declining?", "Whom should I invite to the webinar?")  # fmt: skip
    return Answer(
        (
            Text("This is what can be asked here, in these or similar words. Slips of the finger are no matter."),
            Table(("What it does", "For example"), rows),
            Choices(tuple(Choice(one, one) for one in tried)),
        )
    )  # fmt: skip


def no_file(_desk: Desk, _intent: Intent) -> Answer:
    return answered(NO_FILE, links(Link("upload", "Or use the Upload page")))


def export(_desk: Desk, _intent: Intent) -> Answer:
    said = "Each page has its own download as Excel and CSV, with all rows:"
    return answered(
        said,
        links(
            Link("engagement", "Leaderboard"), Link("advocacy", "Advocacy"), Link("risk", "Risk"),
            Link("invitations", "Invitations"), Link("campaigns", "Campaigns"),
        ),
    )  # fmt: skip


def remind(desk: Desk, intent: Intent) -> Answer:
    what = intent.slots.get("what", "") or "Follow up"
    days = max(intent.number("days", WEEK), 0)
    on = (desk.now + timedelta(days=days)).date()
    last = desk.spoken_of.customers
    mine = {one.id for one in desk.customers}
    customer = last[0] if len(last) == 1 and last[0] in mine else None
    due = datetime.combine(on, time(), UTC)
    title = f"{what[0].upper()}{what[1:200]}"
    new = NewTask("", title, due, desk.by.person_id, customer)
    made = tasks.add_own(desk.session, new, by=desk.by, now=desk.now)
    return answered(
        f"Reminder set for {day(on)}, in {plural(days, 'day')}: {title}.",
        links(Link("today", "Open Today")), tone="good",
        customers=(customer,) if customer else (), deeds=(("task", made),),
    )  # fmt: skip
