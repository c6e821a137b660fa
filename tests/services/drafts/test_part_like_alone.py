"""What a feature does about a mail that it made is the same whether that goes by itself or within a merged one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import (
    Attendance,
    DataVersion,
    Draft,
    FollowUp,
    Invitation,
    RiskSignal,
    Task,
    TicketFollowUp,
    TimelineEntry,
)
from data.versions import current
from services import drafts, responses
from services.access import Viewer
from services.attendance.follow_up import letting_go
from services.attendance.follow_up.drafting import withdraw_stale
from services.attendance.follow_up.run import follow_up
from services.invitations.inviting import invite_many
from services.invitations.reaching import reached
from services.mailboxes import mailbox_for
from services.scoring import risk
from services.scoring.risk import answers
from services.scoring.risk.records import SOURCE as RISK
from services.tickets.clusters import put_together
from services.tickets.follow_up import command
from services.tickets.one_ticket import get_ticket
from tests.services.attendance.world import WEEK, event, seat, with_goals, within
from tests.services.drafts.world import make, open_it, queued
from tests.services.invitations.world import summit
from tests.support import desk
from tests.support.desk import SOLVED
from tests.support.portfolio import Portfolio, portfolio
from tests.support.shared_mails import DUE, LATER, run, states

pytestmark = pytest.mark.one_database
HOUR = timedelta(hours=1)
HOW = ("opened", "edited", "queued", "failed", "sent", "done")
"""How far the mail has got; `done`: some time after it was sent, when its parts are closed."""


@dataclass
class Way:
    """One of the two ways, and how far."""

    session: Session
    merged: bool
    how: str

    def go(self, part: Draft, by: Viewer, now: datetime) -> Draft:
        """The draft in whose mail `part` goes out, that far."""
        session, mail = self.session, part
        if self.merged:
            other = drafts.NewDraft(
                dedup_key="other", kind="note", topic=part.topic, customer_id=part.customer_id,
                stakeholder_id=part.stakeholder_id, source="lesson", source_id=4, subject="Other",
                text=f"{part.text.split(chr(10))[0]}\n\nI will send you the slides within 3 days.",
            )  # fmt: skip
            number = drafts.create(session, other, now=now)
            assert number
            made = drafts.merge(session, part.id, part.revision, other_id=number, by=by, now=now)
            mail = session.get_one(Draft, made)
        open_it(session, mail, by, now)
        if self.how == "opened":
            return mail
        if self.how == "edited":
            words = {"subject": mail.subject, "text": f"{mail.text}\n\nPS: See you."}
            drafts.edit(session, mail.id, mail.revision, by=by, now=now, **words)
            return mail
        soft = [block.code for block in drafts.preflight(session, mail, now) if not block.hard]
        drafts.approve(session, mail.id, mail.revision, by=by, now=now, accepted=soft)
        if self.how != "queued":
            row = queued(session, mail.id)[-1]
            row.state = "failed" if self.how == "failed" else "sent"
            row.sent_at = None if self.how == "failed" else now
            session.flush()
        if self.how == "done":
            drafts.tend(session, now=now)
            session.flush()
        return mail

    def left(self, mail: Draft) -> tuple[Any, ...]:
        """Where the mail stands after all."""
        self.session.flush()
        self.session.refresh(mail)
        return mail.state, [row.state for row in queued(self.session, mail.id)]


def refused(act: Callable[[], object]) -> str:
    try:
        act()
    except InvalidMove as error:
        return error.message
    return ""


def followed(way: Way, now: datetime) -> tuple[Portfolio, int, Draft]:
    session = way.session
    known = portfolio(session, now)
    with_goals(session, known)
    held = event(session, now - WEEK / 7)
    seat(session, held, known.techcorp, known.maria, minutes=58, questions=3)
    follow_up(within(session), [held], lambda: now)
    return known, held, session.scalars(select(Draft)).one()


def deeds_changed(way: Way, now: datetime, *, keep: bool) -> tuple[Any, ...]:
    known, held, part = followed(way, now)
    mail = way.go(part, known.dana, now)
    seen = way.session.scalars(select(Attendance)).one()
    seen.minutes, seen.questions = 5, 0
    way.session.flush()
    return withdraw_stale(way.session, held, now, keep_approved=keep), way.left(mail)


def was_not_there(way: Way, now: datetime, *, keep: bool) -> tuple[Any, ...]:
    known, held, part = followed(way, now)
    mail = way.go(part, known.dana, now)
    way.session.delete(way.session.scalars(select(Attendance)).one())
    way.session.flush()
    return withdraw_stale(way.session, held, now, keep_approved=keep), way.left(mail)


def let_go(way: Way, now: datetime) -> tuple[Any, ...]:
    known, _, part = followed(way, now)
    mail = way.go(part, known.dana, now)
    one = way.session.scalars(select(FollowUp)).one()
    letting_go.waive(way.session, one.id, "Spoke on the phone", by=known.dana, now=now)
    return way.left(mail)


def listed(way: Way, now: datetime) -> tuple[Any, ...]:
    """On the screens of drafts, once it is approved."""
    known, _, part = followed(way, now)
    way.go(part, known.dana, now)
    if way.how in ("opened", "edited"):
        return ()
    session, by = way.session, known.dana
    pages = {
        state: [
            (row.state, row.sending)
            for row in drafts.listing(session, by, drafts.Filters(states=(state,))).rows
            if row.id == part.id
        ]
        for state in ("approved", "held", "cancelled")
    }
    shown = drafts.view(session, by, part.id, now)
    sending = shown.sending and shown.sending.state
    return pages, shown.state, sending, bool(responses.of_draft(session, by, part.id))


def signal(way: Way, now: datetime) -> tuple[Portfolio, RiskSignal, Draft]:
    known = portfolio(way.session, now)
    one = RiskSignal(
        customer_id=known.techcorp, kind="fading", level="alert", state="open", opened_at=now,
        seen_at=now, as_of=now.date(), facts={}, sentence="They fade.",
    )  # fmt: skip
    way.session.add(one)
    way.session.flush()
    part = make(way.session, known, now, source=RISK, source_id=one.id, kind="check_in")
    return known, one, part


def import_undone(way: Way, now: datetime) -> tuple[Any, ...]:
    known, one, part = signal(way, now)
    mail = way.go(part, known.dana, now)
    advice = risk.get_signal(way.session, known.dana, one.id, now).advice
    gone = risk.withdraw(way.session, [one.id], now)
    return advice, gone, one.state, way.left(mail)


def recovered(way: Way, now: datetime) -> tuple[Any, ...]:
    known, one, part = signal(way, now)
    mail = way.go(part, known.dana, now)
    answers.end(way.session, one, "They came back.", now)
    return way.left(mail)


def registered_first(way: Way, now: datetime) -> tuple[Any, ...]:
    """On a platform, before anybody looked whether the invitation had left."""
    session, known = way.session, portfolio(way.session, now)
    held = summit(session, now + 40 * WEEK / 7, known.dana)
    made = invite_many(session, held, [known.techcorp], by=known.dana, now=now)
    mail = way.go(session.get_one(Draft, made.draft_ids[0]), known.dana, now)
    one = session.get_one(Invitation, made.invitation_ids[0])
    one.state, one.answered_at = "registered", None
    session.flush()
    return session.scalars(select(Invitation.id).where(reached())).all() != [], way.left(mail)


def solved(way: Way) -> tuple[Viewer, int, Draft, Draft]:
    session = way.session
    one, opened = desk.customer(session), SOLVED - timedelta(days=20)
    number = desk.ticket(session, now=LATER, opened=opened, escalated_to="engineering", reopens=2)
    run(session, LATER)
    run(session, DUE)
    part, by = session.scalars(select(Draft)).one(), desk.csm_of(session, one)
    mailbox_for(session, by.person_id)
    return by, number.id, part, way.go(part, by, DUE)


def another(session: Session) -> int:
    return desk.ticket(
        session, "TF-9", now=DUE, opened=SOLVED - timedelta(days=15), subject="Payroll",
        solved=DUE - timedelta(days=1), area="Payroll", escalated_to="engineering", reopens=2,
    ).id  # fmt: skip


def another_ticket(way: Way, _: datetime) -> tuple[Any, ...]:
    mail = solved(way)[-1]
    another(way.session)
    for hours in (1, 31, 61):
        run(way.session, DUE + hours * HOUR)
    return states(way.session), way.left(mail)


def together(way: Way, _: datetime) -> tuple[Any, ...]:
    by, number, _part, mail = solved(way)
    other = another(way.session)
    said = refused(lambda: put_together(way.session, by, number, other, now=DUE + HOUR))
    return said, way.left(mail)


def asked_again(way: Way, _: datetime) -> tuple[Any, ...]:
    by, number, part, mail = solved(way)
    asked = refused(
        lambda: command.follow_up(
            way.session, by, number, now=DUE + HOUR, stakeholder_id=part.stakeholder_id
        )
    )
    return asked, states(way.session), way.left(mail)


def opened_again(way: Way, _: datetime) -> tuple[Any, ...]:
    session = way.session
    by, number, _part, mail = solved(way)
    shown = get_ticket(session, by, number, DUE + HOUR)
    was = shown.follow_up.state if shown.follow_up else "", shown.hindrances
    desk.reopen(session, desk.NUMBER, DUE + HOUR)
    run(session, DUE + 2 * HOUR)
    one = session.scalars(select(TicketFollowUp)).one()
    told = session.scalars(select(TimelineEntry.title)).all()
    tasks = session.scalars(select(Task.title)).all()
    return was, one.state, one.sent_at, told, tasks, way.left(mail)


def deeds_changed_kept(way: Way, now: datetime) -> tuple[Any, ...]:
    return deeds_changed(way, now, keep=True)


def deeds_changed_withdrawn(way: Way, now: datetime) -> tuple[Any, ...]:
    return deeds_changed(way, now, keep=False)


def not_there_kept(way: Way, now: datetime) -> tuple[Any, ...]:
    return was_not_there(way, now, keep=True)


def not_there_withdrawn(way: Way, now: datetime) -> tuple[Any, ...]:
    return was_not_there(way, now, keep=False)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    "told",
    [
        deeds_changed_kept, deeds_changed_withdrawn, not_there_kept, not_there_withdrawn, let_go,
        listed, import_undone, recovered, registered_first, another_ticket, together,
        asked_again, opened_again,
    ],
)  # fmt: skip
def test_part_fares_like_a_mail_that_goes_alone(
    session: Session, now: datetime, told: Callable[[Way, datetime], tuple[Any, ...]], how: str
):
    found = []
    for merged in (False, True):
        kept = session.begin_nested()
        found.append(told(Way(session, merged, how), now))
        reached = current(session)
        kept.rollback()
        session.expire_all()
        for name, value in reached.items():  # what is cached by a counter is not of this world
            session.merge(DataVersion(name=name, value=value))
    assert found[1] == found[0]
