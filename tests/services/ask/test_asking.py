"""What the page Ask answers to questions, to names alone, to manners, and to what it must not do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from data.db import transaction
from data.tables import (
    Approval,
    AskTurn,
    Draft,
    Invitation,
    OutboxMail,
    Person,
    Stakeholder,
    Task,
)
from services import tasks, touches
from services.ask.answers import Choices, DraftShown, Links, Table
from services.ask.commands import ACTING
from services.ask.grammar import parse
from services.clock import utc_now
from services.tasks import NewTask
from tests.services.ask.talk import kinds, on_screen, words
from tests.services.ask.test_commands import attendance
from tests.services.invitations.world import summit
from tests.support import desk

TEN = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
"""A Wednesday."""


def count(table: type) -> int:
    with transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def tables(turn) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for table in kinds(turn, Table) for row in table.rows]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("remind me at 3pm to call TechCorp", TEN.replace(hour=15)),
        ("remind me to call TechCorp at 9", TEN.replace(hour=9) + timedelta(days=1)),
        ("remind me in 2 hours to call TechCorp", TEN.replace(hour=12)),
        ("remind me tonight to call TechCorp", TEN.replace(hour=20)),
        ("remind me to call TechCorp tomorrow morning", TEN.replace(hour=9) + timedelta(days=1)),
        ("tonight at 8 remind me to call TechCorp", TEN.replace(hour=20)),
    ],
)
def test_hour_that_is_named_is_when_a_reminder_is_due_and_no_part_of_its_title(
    world, ask, said: str, due: datetime
):
    with transaction() as session:
        session.get_one(Person, world.dana.person_id).time_zone = "UTC"
    assert "Reminder set" in words(ask(said, now=TEN))
    with transaction(read_only=True) as session:
        task = session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert task is not None
        assert (task.title, task.due_at, task.whole_day) == ("Call TechCorp", due, False)
        assert task.customer_id == world.techcorp


def test_hour_of_today_that_is_over_is_not_set(world, ask):
    with transaction() as session:
        session.get_one(Person, world.dana.person_id).time_zone = "UTC"
    assert "is over" in words(ask("remind me this morning to call TechCorp", now=TEN))


def test_name_alone_shows_the_customer_and_one_that_begins_so_is_asked_back(world, ask):
    for said in ("TechCorp", "techcorp?", "techcrop", "Tech Corp"):
        assert words(ask(said)) == words(ask("Show customer TechCorp")), said
    asked = kinds(ask("Tech"), Choices)[0]
    assert {one.label for one in asked.choices} == {"TechCorp", "TechFlow"}
    assert "did not understand" in words(ask("DataPro"))  # a colleague's


def test_sentence_that_is_not_understood_offers_what_can_be_done_about_whom_it_names(world, ask):
    turn = ask("Lade TechCorp bitte ein")
    said = words(turn)
    assert "did not understand" in said
    assert "About TechCorp I can:" in said
    commands = [one.command for one in kinds(turn, Choices)[0].choices]
    assert all("did not understand" not in words(ask(one)) for one in commands)
    assert count(OutboxMail) == 0

    refused = kinds(ask("do not ever write to TechCorp"), Choices)[0]
    assert [one.command.split()[0] for one in refused.choices] == ["Show", "Show"]


def test_all_that_waits_is_shown_and_none_of_it_is_approved(world, ask):
    ask("Invite TechCorp and TechFlow to the summit")
    for said in ("send all", "approve everything", "send them all", "yes", "go ahead"):
        turn = ask(said, shown=on_screen(ask("What waits for my approval?"), world.dana))
        assert count(Approval) == 0, said
    turn = ask("send all")
    assert "Nothing was approved" in words(turn)
    assert "2 mails wait for your approval" in words(turn)
    assert len(kinds(turn, DraftShown)) == 2
    assert {row[2] for row in tables(turn)} == {"TechCorp", "TechFlow"}
    assert "No mail waits" in words(ask("what needs my approval", by=world.erik))


BY_THE_WAY = (
    "Export report and send it",
    "Show the leaderboard and send it",
    "Remind me to call TechCorp tomorrow and send it",
    "Draft follow-ups for the last webinar and send",
    "not now, send",
    "approval",
    "approves",
    "spend it",
    "Senf",
    "send thanks",
    "Would you approve this?",
    "will you send it?",
    "Send it？",
    "Send it؟",
    "Send❓",
)


@pytest.mark.parametrize("said", BY_THE_WAY)
def test_mail_that_was_read_is_not_sent_by_the_way(world, ask, said):
    shown = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    ask(said, shown=shown)
    assert count(Approval) == 0
    assert count(OutboxMail) == 0


def test_whether_a_mail_is_to_go_is_asked_where_it_may_be_meant_otherwise(world, ask):
    made = ask("Invite TechCorp to the summit")
    shown = on_screen(made, world.dana)
    asked = ask("sned it", shown=shown)
    assert "Nothing was sent." in repr(kinds(asked, Choices))
    (offered,) = kinds(asked, Choices)[0].choices
    ask(offered.command, shown=shown)
    assert count(Approval) == 1


@pytest.mark.parametrize(
    "said",
    [
        "check TechFlow for issues",
        "contact at TechFlow for the ticket",
        "Followed up with TechFlow on their ticket",
        "follow-ups for TF-2024-0847",
        "follow-ups for TechFlow's tickets",
        "mail from TechFlow about their ticket",
        "Re-engaged TechCorp",
    ],
)
def test_looking_and_reporting_write_nothing(world, ask, said):
    ask(said)
    assert count(Draft) == 0


@pytest.mark.parametrize(
    "said",
    ["don't follow up with TechFlow on their ticket", "please do not invite TechFlow to the summit",
     "never re-engage TechFlow", "not now, send"],
)  # fmt: skip
def test_what_is_not_to_be_done_is_not_and_it_is_said(world, ask, said):
    shown = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    turn = ask(said, shown=shown)
    assert "Nothing was done, as you say not to" in words(turn)
    assert "I know no" not in words(turn)
    looks = [one.command for some in kinds(turn, Choices) for one in some.choices]
    assert not [one for one in looks if parse(one).intents[0].kind in ACTING]
    assert (count(Draft), count(Approval)) == (1, 0)


def test_what_must_not_be_forgotten_is_a_reminder(ask):
    assert "Reminder set" in words(ask("don't let me forget to call TechCorp tomorrow"))


def test_whether_a_mail_has_left_is_told_of_those_spoken_of(world, ask):
    assert "No mail was spoken of" in words(ask("has it been sent?"))
    shown = on_screen(ask("Invite TechCorp to the summit"), world.dana)
    for said in ("has it been sent", "when will you send it", "did the invitation go out yet?"):
        assert "waits for your approval. It has not been sent." in words(ask(said, shown=shown))
    assert count(Approval) == 0
    ask("send", shown=shown)
    assert "is approved and leaves at" in words(ask("when will it be sent?"))
    with transaction() as session:
        row = session.scalars(select(OutboxMail)).one()
        row.state, row.sent_at = "sent", utc_now()
    assert "was sent: " in words(ask("was it sent?"))


def test_list_of_tasks_is_shown_and_a_reminder_of_nothing_is_not_set(world, ask):
    ask("Show customer TechCorp")
    assert "Nothing is due today" in words(ask("create task list"))
    assert "Say what of, and when" in words(ask("add a reminder?"))
    for said in ("to-do: nothing", "add a reminder: none", "remind me of nothing"):
        assert "No reminder was set" in words(ask(said)), said
    assert count(Task) == 0


def test_ticket_is_shown_by_its_number_with_the_mail_that_waits(world, ask):
    first = ask("TF-2024-0847")
    assert ("Issue", "API rate limiting causing sync failures") in tables(first)
    assert kinds(first, DraftShown) == []
    made = kinds(ask("follow up on TF-2024-0847"), DraftShown)
    assert kinds(ask("what's the status of tf-2024-0847?"), DraftShown) == made
    assert kinds(ask("follow up TechFlow API ticket"), DraftShown) == made
    assert "I know no ticket" in words(ask("TF-999"))
    assert "I know no ticket" in words(ask("TF-2024-0847", by=world.erik))


def test_tickets_are_listed_by_customer_and_state(world, ask):
    with transaction() as session:
        desk.ticket(session, "TF-9", now=utc_now(), solved=None, subject="Login fails")
    assert {row[0] for row in tables(ask("show me TechFlow's tickets"))} == {"TF-2024-0847", "TF-9"}
    assert [row[0] for row in tables(ask("which tickets are open?"))] == ["TF-9"]
    assert [row[0] for row in tables(ask("how many resolved tickets do we have"))] == ["TF-2024-0847"]  # fmt: skip
    assert "There is no ticket of TechCorp" in words(ask("TechCorp tickets"))
    assert tables(ask("show tickets", by=world.erik)) == []


def test_event_tells_when_it_is_who_is_registered_who_came_and_who_did_not(world, ask, tmp_path):
    assert "2026 Customer Success Summit is on" in words(ask("when's the summit?"))
    ask("Invite TechCorp to the summit")
    turn = ask("who is invited to the summit?")
    assert ("Drafted", "1") in tables(turn)
    assert "Nobody of your customers is registered yet" in words(turn)

    path = tmp_path / "file"
    came = attendance(path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1].replace("Attended,45", "No show,0")
                    .replace("TechCorp,Maria Lopez,maria@techcorp", "TechFlow,David Kim,david@techflow") + "\n")  # fmt: skip
    ask("score this", attached=came)
    assert "1 person of 1 customer came:" in words(ask("how many people came to the last webinar?"))
    assert "1 person of 1 customer did not come:" in words(ask("who missed the last webinar?"))
    assert "Autumn Talk" in words(ask("how did the last webinar go?"))
    assert "Nobody of TechFlow came" in words(ask("did TechFlow come to the last webinar?"))
    assert len(tables(ask("did TechCorp come to it?"))) == 1


def test_what_is_to_do_today_is_told_with_the_tasks_and_the_mails(world, ask):
    assert "Nothing is due today" in words(ask("what should I do today?", by=world.erik))
    ask("remind me today to call TechCorp")
    ask("Invite TechCorp to the summit")
    turn = ask("what's due today")
    assert ("Call TechCorp", "TechCorp") in {row[:2] for row in tables(turn)}
    assert "1 mail waits for your approval" in words(turn)
    with transaction() as session:
        for number in range(60):
            new = NewTask(f"due:{number}", f"Do {number}", utc_now(), world.dana.person_id)
            tasks.add(session, new, now=utc_now())
    assert "61 tasks due; the first 10:" in words(ask("what's due today"))


def test_task_is_told_for_the_day_of_whoever_asks(world, ask):
    morning = datetime(2026, 11, 17, 20, tzinfo=UTC)
    with transaction() as session:
        session.get_one(Person, world.dana.person_id).time_zone = "Pacific/Auckland"
        due = morning + timedelta(hours=1)
        new = NewTask("due", "Plan", due, world.dana.person_id, whole_day=False)
        tasks.add(session, new, now=morning)
    assert ("Plan", "–", "18 Nov 2026") in tables(ask("my tasks", now=morning))


def test_days_of_tickets_are_told_on_the_clock_of_whoever_asks(ask):
    late = {"zone": "Pacific/Honolulu"}
    assert ("Opened", "22 Jan 2026") in tables(ask("TF-2024-0847", **late))
    listed = tables(ask("show me TechFlow's tickets", zone="Pacific/Pago_Pago"))
    assert [row[-1] for row in listed] == ["26 Jan 2026"]


def test_those_at_risk_are_meant_by_what_they_have_in_common(board):
    worst = [row[0] for row in tables(board("Who is declining?"))]
    turn = board("how are the top two declining customers doing?")
    assert [row[1] for row in tables(turn)] == worst[:2]
    assert "drafted and" in words(board("re-engage the at-risk customers"))
    assert "4 customers at risk" in words(board("how many customers are at risk?"))


def test_everybody_is_taken_where_they_are_few_and_the_first_of_many_are_offered(many, ask):
    turn = ask("invite all my customers to the summit")
    assert "At most 50 customers" in words(turn)
    assert count(Invitation) == 0
    ask(kinds(turn, Choices)[0].choices[0].command)
    assert count(Invitation) == 50


def test_all_of_few_customers_are_taken(world, ask):
    ask("invite all my customers to the summit")
    assert count(Invitation) == 2


def test_number_that_is_none_is_refused_with_the_way_on(world, ask):
    for said in ("Top 0", "top -3 customers", "Top 2.5", "re-engage the top zero"):
        assert "Say a whole one from 1 on" in words(ask(said)), said
    assert count(Draft) == 0


def test_manners_are_returned_and_do_nothing(world, ask):
    ask("Invite TechCorp to the summit")
    before = count(Draft)
    assert "Hello" in words(ask("hi"))
    assert "welcome" in words(ask("Thanks!"))
    for said in ("yes", "no", "ok", "cancel"):
        assert "Nothing was done" in words(ask(said)), said
    assert (count(Draft), count(Approval)) == (before, 0)
    assert count(AskTurn) == 7


def test_customer_is_known_by_the_possessive_and_the_short_forms(world, ask):
    shown = words(ask("Show customer TechCorp"))
    for said in ("what is TechCorp's score", "TechCorp score", "how's techcorp's engagement?", "what about TechCorp",
                 "is TechCorp at risk?", "TechCorp details", "status of TechCorp"):  # fmt: skip
        assert words(ask(said)) == shown, said


def test_every_question_leads_to_its_page(world, ask):
    for said, screen in (("show my drafts", "drafts"), ("TF-2024-0847", "one_ticket"), ("open tickets", "tickets"),
                         ("who is registered for the summit", "invitations"), ("my tasks", "today")):  # fmt: skip
        found = {link.screen for block in kinds(ask(said), Links) for link in block.links}
        assert screen in found, said


def test_thanks_to_those_who_came_are_drafted_and_not_sent(world, ask, tmp_path):
    with transaction() as session:
        summit(session, utc_now() + timedelta(weeks=9), world.dana, name="Data Webinar", type="webinar")  # fmt: skip
    ask("score this", attached=attendance(tmp_path / "file"))
    turn = ask("thank everyone who came to the last webinar")
    assert len(kinds(turn, DraftShown)) == 1
    assert (count(Approval), count(OutboxMail)) == (0, 0)


def test_list_with_a_name_that_is_not_known_is_answered_for_the_others(world, ask):
    for said in (
        "Show TechCorp, Nonesuch and TechFlow",
        "How are TechCorp, Nonesuch and TechFlow doing?",
    ):
        told = words(ask(said))
        assert "I know no customer called “Nonesuch”" in told, said
        assert "Open TechCorp" in told
        assert "Open TechFlow" in told
    told = words(ask("Show tickets of TechFlow and Nonesuch"))
    assert "I know no customer called “Nonesuch”" in told
    assert "TF-2024-0847" in told
    assert words(ask("Show Nonesuch and Nobody at all")).count("I know no customer") == 1


def test_nothing_is_done_for_a_list_with_a_name_that_is_not_known_but_the_others_are_offered(
    world, ask
):
    turn = ask("Invite TechCorp, Nonesuch and TechFlow to the summit")
    assert "I know no customer called “Nonesuch”" in words(turn)
    assert count(Invitation) == 0
    ((only,),) = [one.choices for one in kinds(turn, Choices)]
    assert only.label == "Only TechCorp, TechFlow"
    ask(only.command)
    assert count(Invitation) == 2


@pytest.mark.parametrize("said", [
    "what about Maria Lopez?", "Show María López", "maria lopez", "Who is Maria Lopez?", "How is Maria Lopez doing?",
])  # fmt: skip
def test_contact_is_known_by_name_and_leads_to_the_customer(world, ask, said: str):
    told = words(ask(said))
    assert "Maria Lopez is a contact of TechCorp." in told
    assert "Open TechCorp" in told


def test_contact_of_a_colleague_is_not_known(world, ask):
    for said in ("what about Ines Weber?", "Ines Weber", "who is Ines Weber"):
        assert "DataPro" not in words(ask(said))
    assert "is a contact of DataPro" in words(ask("Ines Weber", by=world.erik))


def test_contact_whose_name_two_have_is_asked_about(world, ask):
    with transaction() as session:
        now = utc_now()
        session.add(Stakeholder(customer_id=world.techflow, first_name="Maria", last_name="Lopez",
                                title="CFO", created_at=now, updated_at=now))  # fmt: skip
    ask("Show TechFlow")
    turn = ask("What about Maria Lopez?")
    assert "Maria Lopez, CFO, is a contact of TechFlow." in words(turn)
    (asked,) = kinds(turn, Choices)
    assert [one.label for one in asked.choices] == ["Show TechCorp", "Show TechFlow"]
    assert "TechCorp has no open risk signal" in words(ask("Re-engage them"))


@pytest.mark.parametrize("said", [
    "Invite TechCorp to the summit?", "Re-engage TechCorp?", "Follow up with TechFlow on their ticket?",
    "Draft follow-ups?", "Create risk signals?", "Remind me to call TechCorp on Friday ?", "“Invite TechCorp?”",
    "Create advocacy opportunities for TechCorp?", "Undo?", "Invite TechCorp to the summit？", "Re-engage TechCorp؟",
    "Re-engage TechCorp? 🤔", "Draft follow-ups? :)", "Undo?…", "Undo❓", "Re-engage TechCorp? ok", "Invite TechCorp？ hm",
    "Invite TechCorp? I want to think", "Invite TechCorp to the Customer Success Summit? ok",
])  # fmt: skip
def test_what_is_only_asked_is_not_done_but_offered(world, ask, said: str):
    ask("Remind me to call TechFlow tomorrow")
    tables = (Draft, Invitation, Task, Approval)
    before = [count(table) for table in tables]
    turn = ask(said)
    assert [count(table) for table in tables] == before
    (offered,) = kinds(turn, Choices)
    assert offered.question == "Nothing was done yet. Shall I?"
    (intent,) = parse(offered.choices[0].command).intents
    assert intent.kind == parse(said).intents[0].kind
    assert "Shall I?" not in words(ask(offered.choices[0].command))


@pytest.mark.parametrize("mark", ["?", "？", " ?,"])
def test_what_is_asked_on_the_way_to_something_else_is_not_done(world, ask, mark: str):
    turn = ask(f"Invite TechCorp to the summit{mark} and who is declining")
    assert count(Invitation) == 0
    assert "Nothing was done yet. Shall I?" in words(turn)
    ask(kinds(turn, Choices)[0].choices[0].command)
    assert count(Invitation) == 1


@pytest.mark.parametrize("said", [
    "Could you invite TechCorp to the summit?", "Can you please invite TechCorp to the summit?",
    "Would you invite TechCorp to the summit, please?", "Could you invite TechCorp to the summit? Thank you so much!",
])  # fmt: skip
def test_wish_that_is_put_politely_is_done(world, ask, said: str):
    ask(said)
    assert count(Invitation) == 1


@pytest.mark.parametrize("said", ["follow-ups?", "any follow ups", "show followups"])
def test_follow_ups_are_the_mails_that_wait(world, ask, said: str):
    ask("Follow up with TechFlow on ticket TF-2024-0847")
    before = count(Draft)
    assert "1 mail waits for your approval." in words(ask(said))
    assert count(Draft) == before


@pytest.mark.parametrize("hour", ["25:00", "24:30", "9:75"])
def test_reminder_at_an_hour_that_no_clock_has_is_asked_about(world, ask, hour: str):
    assert f"There is no such time as {hour}." in words(
        ask(f"Remind me tomorrow at {hour} to call TechCorp")
    )
    assert count(Task) == 0


@pytest.mark.parametrize(
    ("who", "left_out"),
    [("TechCorp but not DataPro", "but not DataPro"), ("all but TechCorp", "but TechCorp"),
     ("all my customers except TechCorp", "except TechCorp"),
     ("everybody without TechCorp", "without TechCorp"), ("top 3 minus TechCorp", "minus TechCorp")],
)  # fmt: skip
def test_nobody_is_taken_out_of_a_list_by_mistake(world, ask, who: str, left_out: str):
    turn = ask(f"Invite {who} to the summit")
    assert f"I cannot leave anybody out of a list: “{left_out}”." in words(turn)
    assert not kinds(turn, Choices)
    assert count(Draft) == 0


def test_whom_nobody_was_in_contact_with_is_told_with_the_last_contact(world, ask):
    with transaction() as session:
        touches.add(session, world.techcorp, None, "call", "Hello", TEN - timedelta(days=75),
                    by=world.dana, now=TEN)  # fmt: skip
        touches.add(session, world.datapro, None, "call", "Hello", TEN, by=world.erik, now=TEN)
    for said in ("Who has not been touched in 60 days?", "who haven't we spoken to for two months",
                 "customers without contact in 60 days"):  # fmt: skip
        turn = ask(said, now=TEN)
        assert tables(turn) == [("TechFlow", "Never", "None"), ("TechCorp", "4 Sep 2026", "75")], (
            said
        )
        assert "2 customers without any in the last 60 days" in words(turn)
    assert tables(ask("Who has not been contacted in 80 days?", now=TEN)) == [
        ("TechFlow", "Never", "None")
    ]
    assert "30 days" in words(ask("who has not been contacted lately", now=TEN))
    told = ask("Who has not been touched in 60 days?", by=world.erik, now=TEN)
    assert "with each of your customers in the last 60 days" in words(told)


@pytest.mark.parametrize(("said", "past", "of"), [
    ("remind me yesterday", "Yesterday", "Follow up"),
    ("remind me yesterday to call TechCorp", "Yesterday", "Call TechCorp"),
    ("remind me to call TechCorp last Friday", "Last Friday", "Call TechCorp"),
    ("Remind me 2 days ago to call TechCorp", "2 days ago", "Call TechCorp"),
])  # fmt: skip
def test_reminder_for_a_day_that_is_over_is_asked_about(world, ask, said: str, past: str, of: str):
    turn = ask(said, now=TEN)
    assert count(Task) == 0
    (asked,) = kinds(turn, Choices)
    assert asked.question.startswith(f"{past} is over.")
    assert [one.label for one in asked.choices] == ["Tomorrow", "In a week"]
    ask(asked.choices[0].command, now=TEN)
    with transaction(read_only=True) as session:
        made = session.scalars(select(Task)).one()
        assert (made.title, made.due_at.date()) == (of, TEN.date() + timedelta(days=1))


@pytest.mark.parametrize("said", [
    "remind me to ask TechCorp about yesterday's outage", "remind me to read what TechCorp sent us last week",
    "remind me tomorrow to ask how TechCorp did last week", "remind me to ask what happened yesterday",
])  # fmt: skip
def test_past_day_that_is_spoken_about_is_part_of_the_reminder(world, ask, said: str):
    assert "Reminder set" in words(ask(said, now=TEN))
