"""Something is said, something is done, and both are kept. Each command in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from data.db import Transact
from services.access import Viewer
from services.ask import files, history, mentions, screens, taking_back
from services.ask.answers import Answer, Choice, Choices, SpokenOf, Text
from services.ask.book import Desk, OnScreen
from services.ask.commands import ACTING
from services.ask.files import Attached
from services.ask.grammar import Intent, Parsed, only_asked, parse
from services.ask.handlers import (
    agenda,
    exporting,
    held,
    insight,
    invited,
    inviting,
    mails,
    outreach,
    plain,
    quiet,
    reminding,
    tickets,
    waiting,
)
from services.ask.saying import Unclear, answered, links_of, of_all
from services.ask.words import LONGEST
from services.attendance.follow_up import create_now
from services.errors import AppError
from services.ids import read_id
from services.session import transaction
from services.uploads import undo as uploads

Handler = Callable[[Desk, Intent], Answer]
HANDLERS: dict[str, Handler] = {
    "help": plain.help_,
    "manners": plain.manners,
    plain.ASKED: plain.asked,
    "send": mails.send,
    mails.ASK_FIRST: mails.ask_first,
    "waiting": waiting.waiting,
    "sent": waiting.sent,
    "edit": mails.edit,
    "create_advocacy": outreach.create_advocacy,
    "detect": insight.detect,
    "ticket": tickets.ticket,
    "one_ticket": tickets.one_ticket,
    "tickets": tickets.tickets,
    "reengage": outreach.reengage,
    "whom": inviting.whom,
    "invite": inviting.invite,
    "invited": invited.invited,
    "attendees": held.attendees,
    "missed": held.missed,
    "engaged": mails.engaged,
    "untouched": quiet.untouched,
    "why": insight.why,
    "campaign": mails.campaign,
    "declining": insight.declining,
    "candidates": insight.candidates,
    "distribution": insight.distribution,
    "coming": insight.coming,
    "today": agenda.today,
    "leaderboard": insight.leaderboard,
    "file": plain.no_file,
    "export": exporting.export,
    "remind": reminding.remind,
    "customer": insight.customer,
}
APART = ("undo", "event_follow_up")
"""Kinds that take transactions of their own: see `_apart`."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What came from the page. `label` is what a button read, in the place of its command. `shown` are the
    drafts on the screen. `zone` is the reader's."""

    text: str
    label: str = ""
    shown: Mapping[int, OnScreen] = field(default_factory=dict[int, OnScreen])
    zone: str = "UTC"
    attached: Attached | None = None


def say(said: Said, *, by: Viewer, now: datetime, transact: Transact = transaction) -> int:
    """Do what is asked for and keep the turn; its id. What is refused is said in the answer, not raised."""
    parsed = parse(said.text, attached=said.attached is not None)
    answer, spoken = Answer(()), SpokenOf()
    intents = [_as_meant(one, place, said.text) for place, one in enumerate(parsed.intents)]
    for place, intent in enumerate(intents):
        done = True
        try:
            found = _carried_out(said, intent, spoken, by, now, transact)
        except AppError as error:
            log.info("refused ask=%s reason=%s", intent.kind, type(error).__name__)
            found, done = answered(error.message, *links_of(intent.kind), tone="bad"), False
        except Unclear as unclear:
            found, done = unclear.answer, False
        else:
            log.info("done ask=%s", intent.kind)
        answer = answer.then(found)
        spoken = spoken.then(found.spoken_of)
        if intent.kind == "file" and not done:  # what else was asked for may rest on it
            answer = answer.then(_left_undone(intents[place + 1 :]))
            break
    if not parsed.intents or parsed.nearest or parsed.too_long:
        answer = answer.then(_otherwise(said, parsed, by, now, transact))
    with transact() as session:
        name = f" [{said.attached.name}]" if said.attached else ""
        return history.keep(session, f"{said.label or said.text}{name}", answer, by=by, now=now)


def _as_meant(intent: Intent, place: int, typed: str) -> Intent:
    """Nothing is sent by the way: "send" counts where it is said alone, or first, and in plain words. Nor is
    anything done that is merely asked."""
    if intent.kind == "send":
        plainly = not place and mails.said_plainly(intent, typed)
        return intent if plainly else replace(intent, kind=mails.ASK_FIRST)
    acts = (
        intent.kind in ACTING
        and intent.kind != "edit"
        and (intent.kind != "remind" or intent.slots)
    )
    return replace(intent, kind=plain.ASKED) if acts and only_asked(intent, typed) else intent


def _carried_out(
    said: Said, intent: Intent, spoken: SpokenOf, by: Viewer, now: datetime, transact: Transact
) -> Answer:
    if intent.kind == "file" and said.attached:
        return _scored(said, by, now, transact)
    if intent.kind == "undo":
        if "draft" in intent.slots:
            return _stopped(read_id("draft", intent.slots["draft"]), by, now, transact)
        return _undone(by, now, transact)
    if intent.kind == "event_follow_up":
        return _followed_up(said, intent, spoken, by, now, transact)
    with transact() as session:
        found = HANDLERS[intent.kind](_desk(session, said, spoken, by, now), intent)
        return of_all(intent.slots.get("rest", "")).then(found)


def _desk(session: Session, said: Said, spoken: SpokenOf, by: Viewer, now: datetime) -> Desk:
    before = history.last_spoken_of(session, by)
    just = spoken.customers or history.last_named(session, by)
    return Desk(session, by, now, before.then(spoken), said.shown, said.zone, just)


def _scored(said: Said, by: Viewer, now: datetime, transact: Transact) -> Answer:
    assert said.attached is not None
    number, before = files.score(said.attached, by=by, now=now)
    if before is not None:
        return before
    with transact() as session:
        return files.told(_desk(session, said, SpokenOf(), by, now), number)


def _followed_up(
    said: Said, intent: Intent, spoken: SpokenOf, by: Viewer, now: datetime, transact: Transact
) -> Answer:
    with transact() as session:
        desk = _desk(session, said, spoken, by, now)
        event = held.past(desk, intent, lambda key: f"Draft follow-ups for {key}")
        before = held.waiting_before(session, event.id)
    create_now(event.id, by=by, now=now, transact=transact)
    with transact() as session:
        return held.followed_up(session, event, before, by=by, now=now)


def _undone(by: Viewer, now: datetime, transact: Transact) -> Answer:
    """The last turn that did something; what cannot be taken back any more is said once, and left."""
    with transact() as session:
        turn = history.to_undo(session, by)
        imported = (
            [number for kind, number in turn.deeds if kind == taking_back.UPLOAD] if turn else []
        )
    answer = Answer(())
    for number in imported:
        answer = answer.then(_import_undone(number, by, now, transact))
    with transact() as session:
        turn = history.to_undo(session, by)
        if turn is None:
            return answered("There is nothing to take back.")
        turn.undone_at = now
        answer = Answer((Text(f"To take back: “{turn.said[:120]}”"),)).then(answer)
        deeds = [(kind, number) for kind, number in turn.deeds if kind in taking_back.KNOWN]
        return (
            answer.then(taking_back.take_back(session, deeds, by=by, now=now)) if deeds else answer
        )


def _import_undone(number: int, by: Viewer, now: datetime, transact: Transact) -> Answer:
    try:
        uploads.undo(number, by=by, now=now)
    except AppError as error:  # such as one that was taken back on its page
        return taking_back.kept_import(number, error.message)
    with transact() as session:
        return taking_back.undone_import(session, number, by=by)


def _stopped(number: int, by: Viewer, now: datetime, transact: Transact) -> Answer:
    """The approval of one mail, whatever was done since: the button stands under that mail."""
    deed = ("approval", number)
    with transact() as session:
        turn = history.that_did(session, deed, by)
        if turn is None:
            return answered(
                "This mail was not approved here, or its approval is taken back already."
            )
        turn.deeds = [one for one in turn.deeds if tuple(one) != deed]
        turn.undone_at = None if turn.deeds else now
        return taking_back.take_back(session, [deed], by=by, now=now)


def _left_undone(intents: Sequence[Intent]) -> Answer:
    if not intents:
        return Answer(())
    told = ", ".join(f"“{one.said}”" for one in intents)
    again = Choices(tuple(Choice(one.said, one.said) for one in intents), "Do it all the same?")
    return answered(f"Not done, since the file is not imported: {told}.", again, tone="note")


def _otherwise(said: Said, parsed: Parsed, by: Viewer, now: datetime, transact: Transact) -> Answer:
    """Of a name alone what it names; else that it was not understood, with what can be done about those it names."""
    if parsed.too_long:
        return _not_understood(said, parsed)
    with transact() as session:
        desk = _desk(session, said, SpokenOf(), by, now)
        readings = () if parsed.intents else (mentions.named, screens.named, mentions.person)
        if found := next(filter(None, (read(desk, said.text) for read in readings)), None):
            return found
        about = mentions.spoken_of(desk, said.text, only_look=parsed.refused)
    return _not_understood(said, parsed, about)


def _not_understood(said: Said, parsed: Parsed, about: Answer | None = None) -> Answer:
    if parsed.too_long:
        told = f"What you wrote is too long to be understood. Say it in at most {LONGEST:,} characters."
        return answered(told, tone="note")
    words = " ".join(said.text.split())[:120]
    told = f"I did not understand “{words}”."
    if parsed.forbids:
        told = f"Nothing was done, as you say not to: “{words}”."
    if parsed.intents:
        told = f"Only the file was looked at: I did not understand “{words}”."
    if about:
        return Answer((Text(told, "note"),)).then(about)
    offered = dict.fromkeys((*parsed.nearest, "Help"))
    choices = Choices(tuple(Choice(one, one) for one in offered))
    return Answer((Text(f"{told} The nearest I can do:", "note"), choices))
