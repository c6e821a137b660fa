"""What is to do today: whom to turn to, tasks that are due, mails that wait."""

from __future__ import annotations

from services.ask.answers import Answer, Block, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.saying import answered, day, links, money, table
from services.plurals import plural
from services.tasks import TaskRow, day_of
from services.today import inbox

MOST = 10
PAGE = links(Link("today", "Open Today"))


def today(desk: Desk, _intent: Intent) -> Answer:
    found = inbox(desk.session, desk.by, desk.now)
    blocks: list[Block] = []
    if found.best:
        told = [(one.customer, money(one.arr, one.currency), one.why) for one in found.best]
        blocks += [
            Text("Whom to turn to first", "heading"),
            table(("Customer", "ARR", "Why"), told),
        ]
    if found.tasks:
        due = [
            (one.title, desk.names.get(one.customer_id or 0, "–"), _due(one, found.zone))
            for one in found.tasks[:MOST]
        ]
        more = f"; the first {MOST}:" if found.tasks_count > MOST else ":"
        said = f"{plural(found.tasks_count, 'task')} due{more}"
        blocks += [Text("Tasks", "heading"), Text(said), table(("Task", "Customer", "Due"), due)]
    if found.drafts_count:
        waits = "waits" if found.drafts_count == 1 else "wait"
        blocks.append(Text(f"{plural(found.drafts_count, 'mail')} {waits} for your approval."))
        blocks.append(Choices((Choice("Show the mails that wait", "What waits for my approval?"),)))
    if not blocks:
        return answered("Nothing is due today, and no mail waits for you.", PAGE)
    best = tuple(one.customer_id for one in found.best)
    tasks = [one.customer_id for one in found.tasks[:MOST] if one.customer_id in desk.names]
    named = tuple(dict.fromkeys((*best, *(one for one in tasks if one))))
    return Answer((*blocks, PAGE), customers=named, spoken_of=SpokenOf(customers=best))


def _due(one: TaskRow, zone: str) -> str:
    return "Late" if one.late else day(day_of(one.due_at, zone, whole_day=one.whole_day))
