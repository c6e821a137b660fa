"""Conversations of the page Ask, with the services they call, on a database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import InvalidMove
from data.tables import (
    Approval,
    AskTurn,
    Customer,
    Draft,
    Invitation,
    OutboxMail,
    Person,
    Stakeholder,
    Task,
    Upload,
)
from services import drafts, tasks
from services.access import Viewer
from services.ask import history
from services.ask.answers import Choices, DraftShown, Links, Table, Text
from services.ask.files import Attached
from services.clock import utc_now
from services.erasure.erasing import erase
from services.ids import public_id
from services.invitations.catalogue import SessionPlan
from services.scoring import risk
from services.scoring.board import recompute
from tests.services.ask.talk import kinds, on_screen, say_to, words
from tests.services.invitations.world import summit
from tests.services.scoring.fading import fading_world, record_fading
from tests.services.scoring.recorded import ANAS, BENS


def test_invitation_is_drafted_read_sent_and_taken_back(world: SimpleNamespace, ask):
    turn = ask("inivte TechCorp to the Custmer Success Summit")
    assert "1 invitation drafted" in words(turn)
    shown = on_screen(turn, world.dana)
    assert len(shown) == 1

    unseen = ask("Send")
    assert "No mail is shown here" in words(unseen)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Approval)).all() == []

    sent = ask("Send", shown=shown)
    said = words(sent)
    if "something speaks against it" in said:  # such as no mailbox to send from
        (choice,) = kinds(sent, Choices)
        sent = ask(choice.choices[0].command, shown=shown)
    assert "waits in the Send queue" in words(sent)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Approval)).one().revision == next(iter(shown.values()))[0]
        assert len(session.scalars(select(OutboxMail)).all()) == 1

    assert "Taken back: 1 approval" in words(ask("Undo"))
    assert "Taken back: 1 invitation" in words(ask("undo"))
    assert "nothing to take back" in words(ask("undo"))
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft.state)).one() == "cancelled"
        assert session.scalars(select(Invitation.state)).one() == "withdrawn"


@pytest.mark.parametrize("state", ["sent", "registered"])
def test_invitation_that_has_left_is_not_taken_back(world: SimpleNamespace, ask, state: str):
    shown = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    sent = ask("Send", shown=shown)
    for offered in kinds(sent, Choices)[0].choices:
        if offered.command.endswith("anyway"):
            ask(offered.command, shown=shown)
    with transaction() as session:
        session.scalars(select(OutboxMail)).one().state = "sent"
        session.scalars(select(Invitation)).one().state = state
    assert "Not taken back" in words(ask("undo"))
    again = words(ask("undo"))
    assert "Not taken back" in again
    assert "Taken back" not in again.replace("Not taken back", "")
    with transaction(read_only=True) as session:
        assert session.scalars(select(Invitation.state)).one() == state


def test_button_under_a_mail_takes_back_that_mail_whatever_was_sent_since(
    world: SimpleNamespace, ask
):
    presses: list[str] = []
    for customer in ("TechCorp", "Techflow"):
        shown = on_screen(ask(f"Invite {customer} to the summit"), world.dana)
        sent = ask("Send", shown=shown)
        if "something speaks against it" in words(sent):
            sent = ask(kinds(sent, Choices)[0].choices[0].command, shown=shown)
        presses += [one.command for block in kinds(sent, Choices) for one in block.choices]
    first, _second = presses
    assert "Taken back: 1 approval" in words(ask(first))
    assert "taken back already" in words(ask(first))
    with transaction(read_only=True) as session:
        states = session.execute(select(Draft.state).order_by(Draft.id)).scalars().all()
    assert states == ["pending", "approved"]
    assert "Taken back: 1 approval" in words(ask("Undo"))


def test_look_for_risk_is_not_taken_back_and_nothing_before_it_in_its_place(
    world: SimpleNamespace, ask, monkeypatch: pytest.MonkeyPatch
):
    ask("Invite TechCorp to the summit")
    found = risk.Detected(as_of=utc_now().date(), opened=1)
    monkeypatch.setattr(risk, "detect", lambda *_, **__: found)
    ask("Create risk signals")
    said = words(ask("Undo"))
    assert "a look is not taken back" in said
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft.state)).one() == "pending"


def test_draft_that_was_changed_after_it_was_read_is_not_sent(world: SimpleNamespace, ask):
    turn = ask("Invite TechCorp to the summit")
    shown = on_screen(turn, world.dana)
    (number,) = shown
    with transaction() as session:
        drafts.edit(
            session, number, shown[number].revision, subject="Other", text="Other words, not read.",
            by=world.dana, now=utc_now(),
        )  # fmt: skip
    said = words(ask("Send", shown=shown))
    assert "changed since" in said or "speaks against" in said
    with transaction(read_only=True) as session:
        assert session.scalars(select(Approval)).all() == []


def test_second_invitation_of_the_same_customer_is_told_in_one_sense(ask):
    ask("Invite TechCorp to the summit")
    told = words(ask("Invite TechCorp to the summit"))
    assert "No new invitation for TechCorp: Invited already." in told


def test_draft_that_would_go_to_another_than_was_shown_is_not_sent(world: SimpleNamespace, ask):
    turn = ask("Invite TechCorp to the summit")
    shown = on_screen(turn, world.dana)
    (number,) = shown
    with transaction() as session:
        to = session.get_one(Stakeholder, session.get_one(Draft, number).stakeholder_id)
        to.last_name = "Another"
    said = words(ask("Send", shown=shown))
    if "speaks against" in said:
        said = words(ask(f"Send {public_id('draft', number)} anyway", shown=shown))
    assert "A name or an address" in said
    with transaction(read_only=True) as session:
        assert session.scalars(select(Approval)).all() == []


def test_why_a_session_was_picked_is_told_to_the_csm_about_them_and_to_the_guest_about_you(
    world: SimpleNamespace, ask
):
    with transaction() as session:
        session.get_one(Customer, world.techcorp).goals = ["Automate renewals"]
        planned = SessionPlan("Automate renewals in a week")
        summit(session, utc_now() + timedelta(days=30), world.dana, name="Data Day", sessions=(planned,))  # fmt: skip
    turn = ask("Invite TechCorp to the Data Day")
    assert "fits their goal “Automate renewals”" in words(turn)
    assert "your goal" not in words(turn)
    (shown,) = kinds(turn, DraftShown)
    with transaction(read_only=True) as session:
        text = session.get_one(Draft, shown.draft_id).text
    assert "fits your goal “Automate renewals”" in text


def test_several_are_invited_and_ambiguous_names_are_asked_back(world: SimpleNamespace, ask):
    turn = ask("Send event invite to TechCorp, TechFlow")
    assert len(kinds(turn, DraftShown)) == 2
    assert (
        "Which one?" in kinds(ask("Send", shown=on_screen(turn, world.dana)), Choices)[0].question
    )

    asked = kinds(ask("Show customer Tech"), Choices)[0]
    assert {one.label for one in asked.choices} == {"TechCorp", "TechFlow"}
    assert "TechCorp" in words(ask(asked.choices[0].command)) + words(ask(asked.choices[1].command))


def test_names_of_another_portfolio_are_never_offered(world: SimpleNamespace, ask):
    for typed in ("Invite DataPro to the summit", "How is DataPr doing", "Show customer Datapro Inc",
                  f"Show customer cus_{world.datapro}", "Re-engage Data Pro"):  # fmt: skip
        turn = ask(typed)
        said = [repr(block) for block in turn.blocks]
        assert not any("DataPro" in one and "I know no" not in one for one in said), typed
        assert f"cus_{world.datapro}" not in "".join(one for one in said if "Choice(" in one)
    assert "DataPro" in words(ask("Show customer DataPro", by=world.erik))


def test_ticket_is_followed_up_by_its_number_its_topic_or_its_customer(world: SimpleNamespace, ask):
    first = ask("Follow up with TechFlow on ticket TF-2024-0847")
    assert "Follow-up for TechFlow" in words(first)
    facts = dict(kinds(first, Table)[0].rows)
    assert facts["Issue"] == "API rate limiting causing sync failures"
    (shown,) = kinds(first, DraftShown)
    for typed in (
        "Follow up with TechFlow on their resolved API ticket",
        "Re-engage Techflw after support ticket",
        "follow up on ticket tf-2024-0847",
    ):
        again = ask(typed)
        assert kinds(again, DraftShown) == [shown], typed
        assert "already" in words(again)
    other = ask("Follow up with TechCorp on ticket TF-2024-0847")
    assert "not of TechCorp, but of TechFlow" in words(other)
    sent = ask(f"Send drf_{shown.draft_id} anyway", shown=on_screen(first, world.dana))
    assert "Reminder set once it has left: Check your API metrics in 7 days." in words(sent)

    reminder = ask("Remind me to check API metrics in 7 days")
    assert "Reminder set" in words(reminder)
    ask("undo")
    with transaction(read_only=True) as session:
        assert session.scalars(select(Task.state).where(Task.title == "Check API metrics")).one() == "cancelled"  # fmt: skip


def test_answers_are_blanked_when_their_customer_goes_to_somebody_else(world: SimpleNamespace, ask):
    ask("Invite TechCorp to the summit")
    with transaction() as session:
        session.get_one(Customer, world.techcorp).csm_id = world.erik.person_id
    with transaction(read_only=True) as session:
        (turn,) = history.turns(session, world.dana).turns
    assert (turn.said, turn.blocks) == ("…", (Text(history.NO_LONGER_YOURS, "note"),))


def test_conversation_is_one_s_own_and_can_be_cleared(world: SimpleNamespace, ask):
    ask("help")
    ask("help", by=world.erik)
    with transaction() as session:
        assert len(history.turns(session, world.ada).turns) == 0
        history.clear(session, by=world.dana, now=utc_now())
        assert len(history.turns(session, world.dana).turns) == 0
        assert len(history.turns(session, world.erik).turns) == 1
        assert history.tidy(session, now=utc_now()) == 0
        assert history.tidy(session, now=utc_now() + history.UNDO_FOR) == 1
        assert history.tidy(session, now=utc_now() + timedelta(days=history.KEPT_DAYS + 1)) == 1


def test_cleared_conversation_comes_back_before_what_was_said_since(world: SimpleNamespace, ask):
    ask("help")
    ask("help", by=world.erik)
    with transaction() as session:
        at = history.clear(session, by=world.dana, now=utc_now())
    assert "nothing to take back" in words(ask("undo"))
    with transaction() as session:
        with pytest.raises(InvalidMove):
            history.bring_back(session, at, by=world.erik)
        history.bring_back(session, at, by=world.dana)
        assert [one.said for one in history.turns(session, world.dana).turns] == ["help", "undo"]
        again = history.clear(session, by=world.dana, now=utc_now())
        with pytest.raises(InvalidMove, match="cleared already"):
            history.clear(session, by=world.dana, now=utc_now())
        history.tidy(session, now=again + history.UNDO_FOR)
        with pytest.raises(InvalidMove, match="gone for good"):
            history.bring_back(session, again, by=world.dana)


def test_every_answer_is_kept_and_every_kind_is_answered(world: SimpleNamespace, ask):
    for typed in (
        "help", "leaderboard", "who is declining", "create risk signals", "advocacy candidates",
        "show the distribution", "which events are upcoming", "whom should I invite to the summit",
        "create advocacy opportunities for top 3 and send invitations for the summit",
        "how did the newsletter do", "campaigns", "who engaged highly", "who came to the last webinar",
        "draft follow-ups for the last webinar", "export report", "edit", "re-engage TechCorp",
        "score engagement from this event data", "why is TechCorp declining", "asdf qwer", "x" * 10_000,
        "invite {0.__class__} to the summit", "'; drop table customer; --", "invite them to the summit",
    ):  # fmt: skip
        turn = ask(typed)
        assert turn.blocks, typed
    with transaction(read_only=True) as session:
        assert session.scalars(select(AskTurn.said)).first() == "help"
        assert session.scalars(select(Person)).first() is not None
    assert kinds(ask("help"), Links) == []


def test_contact_who_is_erased_is_gone_from_conversations(world: SimpleNamespace, ask):
    ask("Remind me to call Maria Lopez, maria@techcorp.example, in 3 days")
    ask("undo")
    with transaction() as session:
        erase(session, world.maria, "Maria Lopez", by=world.ada, now=utc_now())
    with transaction(read_only=True) as session:
        kept = [repr(vars(row)) for row in session.scalars(select(AskTurn))]
    assert len(kept) == 2
    assert not any("Lopez" in one or "maria@" in one for one in kept)


def test_file_is_scored_at_once_unless_something_about_it_is_in_doubt(
    world: SimpleNamespace, ask, tmp_path: Path
):
    path = tmp_path / "file"
    path.write_text("Colour,Taste\nred,sweet\n")
    doubt = ask("score this", attached=Attached(path, "what.csv"))
    assert "not imported yet" in words(doubt)
    assert kinds(doubt, Links)[0].links[0].screen == "upload"

    held = f"{utc_now() - timedelta(days=9):%Y-%m-%d} 15:00"
    path.write_text(
        "Customer,Name,Email,Event,Event Type,Date,Status,Duration\n"
        f"TechCorp,Maria Lopez,maria@techcorp.example,Autumn Talk,Webinar,{held},Attended,45\n"
        f"Nobody Ltd,Bo Berg,bo@nobody.example,Autumn Talk,Webinar,{held},Attended,45\n"
    )
    done = ask("Score engagement from this event data", attached=Attached(path, "talk.csv"))
    assert "talk.csv is imported: 2 attendance records" in words(done)
    assert "Counted for nobody: 1 row" in words(done)
    assert "imported before" in words(ask("score it", attached=Attached(path, "talk.csv")))
    came = kinds(ask("who came to the last webinar?"), Table)[0].rows
    assert came[0][:2] == ("TechCorp", "Maria Lopez")

    assert "is over" in words(ask("Invite TechCorp to the last webinar"))

    drafted = ask("draft follow-ups for it")
    (mail,) = kinds(drafted, DraftShown)
    assert "Taken back: 1 draft" in words(ask("undo"))
    assert "The import of talk.csv is taken back" in words(ask("undo"))
    with transaction(read_only=True) as session:
        assert session.get_one(Draft, mail.draft_id).state == "cancelled"
        assert session.scalars(select(Upload.state).where(Upload.file_name == "talk.csv")).first() == "undone"  # fmt: skip


def edited(session: Session, number: int, by: Viewer) -> None:
    draft = session.get_one(Draft, number)
    how = {"revision": draft.revision, "subject": "Mine", "text": draft.text}
    drafts.edit(session, number, **how, by=by, now=utc_now())


def test_undo_leaves_an_invitation_that_a_colleague_has_worked_on(world: SimpleNamespace, ask):
    (number,) = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    with transaction() as session:
        edited(session, number, world.ada)
    assert "Not taken back: Somebody has changed this since" in words(ask("undo"))
    with transaction(read_only=True) as session:
        assert session.get_one(Draft, number).state == "pending"
        assert session.scalars(select(Invitation.state)).one() == "drafted"


@pytest.mark.parametrize("by_oneself", [True, False])
def test_undo_leaves_a_mail_that_a_colleague_has_worked_on(
    world: SimpleNamespace, ask, by_oneself: bool
):
    turn = ask("Follow up with TechFlow on ticket TF-2024-0847")
    (number,) = on_screen(turn, world.dana)
    with transaction() as session:
        drafts.note_read(session, number, 1, by=world.ada, now=utc_now())
        edited(session, number, world.dana if by_oneself else world.ada)
    said = words(ask("undo"))
    assert ("Taken back: 1 draft" in said) is by_oneself
    assert ("Somebody has changed this since" in said) is not by_oneself
    with transaction(read_only=True) as session:
        state = session.get_one(Draft, number).state
    assert state == ("cancelled" if by_oneself else "pending")


def test_undo_leaves_an_approval_that_a_colleague_has_given_since(world: SimpleNamespace, ask):
    shown = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    (number,) = shown
    sent = ask("Send", shown=shown)
    if "something speaks against it" in words(sent):
        ask(kinds(sent, Choices)[0].choices[0].command, shown=shown)
    with transaction() as session:
        revision = session.get_one(Draft, number).revision
        revision = drafts.undo_approval(session, number, revision, by=world.ada, now=utc_now())
        soft = [block.code for block in drafts.view(session, world.ada, number, utc_now()).blocks]
        drafts.approve(session, number, revision, by=world.ada, now=utc_now(), accepted=soft)
    assert "Not taken back: Somebody has changed this since" in words(ask("undo"))
    with transaction(read_only=True) as session:
        assert session.get_one(Draft, number).state == "approved"


def test_undo_leaves_a_reminder_that_a_colleague_has_taken_over(world: SimpleNamespace, ask):
    ask("Remind me to call TechCorp in 3 days")
    with transaction() as session:
        task = session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert task is not None
        tasks.reassign(session, task.id, world.erik.person_id, by=world.ada, now=utc_now())
    assert "Not taken back: Somebody has changed this since" in words(ask("undo"))
    with transaction(read_only=True) as session:
        assert session.get_one(Task, task.id).state == "open"


def test_year_and_month_of_an_event_say_which_is_meant(world: SimpleNamespace, ask):
    starts = utc_now() + timedelta(days=20)
    with transaction() as session:
        user_group = summit(session, starts, world.dana, name="Our Circle", type="user_group")
    for typed in (f"the {starts:%Y} user group", f"the user group in {starts:%B}"):
        assert "Our Circle" in words(ask(f"Invite TechCorp to {typed}")), typed
        ask("undo")
    (choice,) = kinds(ask("Invite TechCorp to the user group in 2099"), Choices)[0].choices
    assert choice.command.endswith(public_id("event", user_group))
    other = f"{starts + timedelta(days=60):%B}"
    for typed in ("Our Circle 2099", f"Our Circle in {other}", "the 2031 Our Circle"):
        turn = ask(f"Invite TechCorp to {typed}")
        assert not kinds(turn, DraftShown), typed
        assert kinds(turn, Choices)[0].choices == (choice,), typed
    assert kinds(ask(f"Invite TechCorp to Our Circle in {starts:%B %Y}"), DraftShown)
    ask("undo")
    assert kinds(ask("Invite TechCorp to the 2026 Customer Success Summit"), DraftShown)
    ask("undo")
    with transaction() as session:
        summit(session, starts, world.dana, name="Autumn Circle", type="user_group")
    both = kinds(ask(f"Invite TechCorp to the {starts:%Y} user group"), Choices)[0].choices
    assert len(both) == 2


def test_undo_of_outreach_leaves_the_customer_that_was_given_away_alone(app_database):
    now = utc_now()
    with transaction() as session:
        record_fading(session, fading_world(now.date(), customers=60, fading=(1, 2, 3, 4)))
        session.execute(update(Customer).values(csm_id=ANAS.person_id))
    with transaction() as session:
        recompute(session, now=now)
        risk.detect(session, now=now)
    say_to(ANAS, "re-engage the top two", now)
    with transaction() as session:
        given = session.scalars(select(Task.customer_id).order_by(Task.id)).first()
        for table in (Task, Draft):
            mine = update(table).where(table.customer_id == given)
            session.execute(mine.values(owner_id=BENS.person_id))
        session.execute(update(Customer).where(Customer.id == given).values(csm_id=BENS.person_id))
    assert "Taken back" in words(say_to(ANAS, "undo", now))
    with transaction(read_only=True) as session:
        left = session.execute(select(Task.customer_id, Task.state)).all()
        assert {state for one, state in left if one == given} == {"open"}
        assert {state for one, state in left if one != given} == {"cancelled"}
