"""What the commands of the page Ask do with numbers, days, names and files."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from data.db import transaction
from data.tables import (
    Campaign,
    Customer,
    Draft,
    Invitation,
    Opportunity,
    Person,
    RiskSignal,
    Task,
)
from services import drafts, tasks
from services.ask.answers import Choices, DraftShown, File, Table
from services.ask.files import Attached
from services.ask.workbook import workbook
from services.clock import utc_now
from services.errors import NotFound
from services.scoring import advocacy
from tests.services.ask.talk import kinds, on_screen, words
from tests.services.invitations.world import summit
from tests.services.scoring.recorded import ANAS, EVERYBODYS

WEDNESDAY = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
"""Where Dana lives it is Thursday."""


def invited() -> int:
    with transaction(read_only=True) as session:
        return len(session.scalars(select(Invitation.id)).all())


def test_as_many_are_invited_as_were_asked_for_and_the_first_mails_are_read_here(many, ask):
    turn = ask("Invite the top 20 to the summit")
    assert "20 invitations drafted" in words(turn)
    assert "The first 10 mails are here, the other 10 are on the Drafts page." in words(turn)
    assert (len(kinds(turn, DraftShown)), invited()) == (10, 20)


def test_number_that_is_too_large_or_larger_than_what_there_is_is_said(many, ask):
    turn = ask("Invite the top 60 to the summit")
    assert "first 50 of 60" in words(turn)
    assert invited() == 50
    assert "You asked for 45: only" in words(ask("Invite the top forty-five to the summit"))
    assert "is no number of customers" in words(ask("Invite the top 0 to the summit"))


def test_those_just_shown_are_invited_first_and_the_list_goes_on_after_them(many, ask):
    shown = kinds(ask("Whom should I invite to the summit?"), Table)[0].rows
    turn = ask("Send invitations to the top eight for the summit")
    assert "8 invitations drafted" in words(turn)
    with transaction(read_only=True) as session:
        rows = select(Customer.name).join(Invitation, Invitation.customer_id == Customer.id)
        names = set(session.scalars(rows))
    assert {row[0] for row in shown} <= names


def test_whom_to_invite_says_the_contact(world, ask):
    table = kinds(ask("Whom should I invite to the summit?"), Table)[0]
    assert table.heads[:3] == ("Customer", "Reason", "Contact")
    assert "Maria Lopez" in {row[2] for row in table.rows}


@pytest.mark.parametrize(
    ("said", "title", "day"),
    [
        ("Remind me to call TechCorp on Friday", "Call TechCorp", 20),
        ("remind me tomorrow to call TechCorp", "Call TechCorp", 20),
        ("Tomorrow please remind me to call TechCorp", "Call TechCorp", 20),
        ("remind me in three days to call TechCorp", "Call TechCorp", 22),
        ("set a reminder for next Monday: call TechCorp", "Call TechCorp", 23),
        ("remind me to call TechCorp on 30 November about the renewal", "Call TechCorp about the renewal", 30),
        ("Remind me to call TechCorp", "Call TechCorp", 26),
    ],
)  # fmt: skip
def test_reminder_is_for_the_day_that_is_named_where_the_person_lives(
    world, ask, said: str, title: str, day: int
):
    with transaction() as session:
        session.get_one(Person, world.dana.person_id).time_zone = "Asia/Tokyo"
    turn = ask(said, now=WEDNESDAY)
    with transaction(read_only=True) as session:
        task = session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert task is not None
        assert (task.title, task.due_at) == (title, datetime(2026, 11, day, tzinfo=UTC))
        assert (task.whole_day, task.customer_id) == (True, world.techcorp)
    assert f"{day} Nov 2026" in words(turn)
    assert "Taken back: 1 task" in words(ask("undo"))


def test_hour_of_a_reminder_is_that_of_the_person(world, ask):
    with transaction() as session:
        session.get_one(Person, world.dana.person_id).time_zone = "Asia/Tokyo"
    assert "15:00 JST" in words(ask("Remind me tomorrow at 3pm to call TechFlow", now=WEDNESDAY))
    with transaction(read_only=True) as session:
        task = session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert task is not None
        assert task.due_at == datetime(2026, 11, 20, 6, tzinfo=UTC)
        assert (task.title, task.whole_day, task.customer_id) == ("Call TechFlow", False, world.techflow)  # fmt: skip


def test_day_that_is_not_clear_is_asked_back_and_sets_nothing(world, ask):
    def reminders() -> int:
        with transaction(read_only=True) as session:
            return len(session.scalars(select(Task.id).where(Task.source == "manual")).all())

    asked = kinds(ask("remind me on 4/12 to call TechCorp", now=WEDNESDAY), Choices)[0]
    assert [one.label for one in asked.choices] == ["4 Dec 2026", "12 Apr 2027"]
    assert "no such day" in words(ask("remind me on 31 February to call TechCorp"))
    assert "is over" in words(ask("remind me on 4 December 2020 to call TechCorp"))
    assert "Name a time to come" in words(ask("remind me today at 9 to call", now=WEDNESDAY))
    assert "repeat are added on the page Today" in words(ask("remind me every Friday to call"))
    assert reminders() == 0
    ask(asked.choices[0].command, now=WEDNESDAY)
    assert reminders() == 1


def test_reminder_is_about_the_customer_it_names_not_the_one_spoken_of(world, ask):
    ask("Show customer TechCorp")
    assert "It is about TechFlow" in words(ask("remind me to write to TechFlow tomorrow"))
    ask("Show customer TechCorp")
    assert "It is about TechCorp" in words(ask("remind me to write to them tomorrow"))


def test_the_newsletter_is_the_last_one(world, ask):
    now = utc_now()
    with transaction() as session:
        for months, name in enumerate(("October News", "September News", "August News"), 1):
            at = now - timedelta(days=30 * months)
            session.add(
                Campaign(
                    vendor="file", vendor_key=name, name=name, kind="newsletter", bulk=True, started_at=at,
                    last_event_at=at, created_at=at, mails=10, delivered=10,
                )
            )  # fmt: skip
        session.add(
            Campaign(
                vendor="file", vendor_key="x", name="New prices", kind="announcement", bulk=True,
                started_at=now, last_event_at=now, created_at=now, mails=3,
            )
        )  # fmt: skip
    assert "October News" in words(ask("How did the newsletter do?"))
    assert "August News" in words(ask("How did August News do?"))
    assert "August News" in words(ask("who engaged highly with the newsletter?"))
    assert "October News" in words(ask("How did the last newsletter do?"))
    assert "New prices" in words(ask("how did our announcement do"))


def test_each_of_two_events_is_invited_to_and_none_that_is_over_is_offered(world, ask):
    now = utc_now()
    with transaction() as session:
        for weeks, name in (
            (-9, "Spring User Group"),
            (-5, "Autumn User Group"),
            (9, "Data Webinar"),
        ):
            kind = "webinar" if "Webinar" in name else "user_group"
            summit(session, now + timedelta(weeks=weeks), world.dana, name=name, type=kind)
    over = ask("invite TechCorp to the user group and the webinar")
    assert "No event to come fits “the user group”" in words(over)
    assert (kinds(over, Choices), invited()) == ([], 0)
    both = words(ask("invite TechCorp to the summit and the webinar"))
    assert "Invitations to 2026 Customer Success Summit" in both
    assert "Invitations to Data Webinar" in both
    assert invited() == 2


def test_the_top_three_are_the_first_of_whatever_the_command_is_about(board):
    fading = kinds(board("Who is declining?"), Table)[0].rows
    assert len(fading) == 4
    top = kinds(board("show me the top three declining"), Table)[0].rows
    assert top == fading[:3]
    planned = words(board("re-engage the top two"))
    assert "mails drafted" in planned
    assert "You asked for 9: only 4 are at risk" in words(
        board("Re-engage the best nine customers")
    )
    leaders = [row[1] for row in kinds(board("top three customers"), Table)[0].rows]
    assert [table.rows[0][1] for table in kinds(board("how are the top three doing?"), Table)] == leaders  # fmt: skip
    assert "advocacy opportunit" in words(board("create advocacy opportunities for the top three"))


def test_outreach_taken_back_opens_the_signals_where_nothing_of_it_stands(board):
    board("re-engage the top two")
    with transaction() as session:
        kept, other = session.scalars(select(Task).order_by(Task.id))
        tasks.move(session, kept.id, "done", by=EVERYBODYS, now=utc_now())
        kept_at, freed = kept.customer_id, other.customer_id
    said = words(board("undo"))
    assert "Taken back: 2 drafts, 1 task." in said
    assert "Not taken back: 1 call: somebody has changed or decided on it since." in said
    with transaction(read_only=True) as session:
        of = select(RiskSignal.customer_id, RiskSignal.state)
        states = dict(session.execute(of.where(RiskSignal.customer_id.in_((kept_at, freed)))).all())
        assert states == {kept_at: "acknowledged", freed: "open"}
        assert session.get_one(Task, kept.id).state == "done"


@pytest.mark.parametrize(
    ("asked", "rest"),
    [("top 3 in Germany", "in Germany"), ("who is declining at TechCorp?", "at TechCorp"),
     ("Top 5 by ARR", "by ARR"), ("who is at risk in enterprise", "in enterprise"),
     ("Create risk signals for TechCorp", "for TechCorp"), ("who has not been touched in 60 days in healthcare", "healthcare")],
)  # fmt: skip
def test_a_list_that_is_not_narrowed_as_was_asked_says_so(board, asked: str, rest: str):
    assert f"I cannot narrow it to what is “{rest}”" in words(board(asked))


@pytest.mark.parametrize(
    "asked",
    [
        "top 3",
        "who is at risk of leaving",
        "top 5 of my customers",
        "which customers are at risk",
        "who is declining in my portfolio",
    ],
)
def test_a_list_of_all_that_was_asked_for_says_no_more(board, asked: str):
    assert "narrow" not in words(board(asked))


def test_undo_leaves_an_opportunity_that_a_colleague_has_worked_on(board):
    board("create advocacy opportunities for the top two")
    with transaction() as session:
        asked, other = session.scalars(select(Opportunity.id).order_by(Opportunity.id))
        advocacy.move(session, asked, "asked", by=ANAS, now=utc_now())
    said = words(board("undo"))
    assert "Taken back: 1 opportunity" in said
    assert "Not taken back: Somebody has changed this since" in said
    with transaction(read_only=True) as session:
        assert session.get_one(Opportunity, asked).stage == "asked"
        assert session.get_one(Opportunity, other).stage == "declined"


def test_outreach_that_others_decided_on_is_left_and_said(board):
    board("re-engage the top 1")
    with transaction() as session:
        draft, task = session.scalars(select(Draft)).one(), session.scalars(select(Task)).one()
        drafts.edit(
            session, draft.id, 1, subject="Mine", text=draft.text, by=EVERYBODYS, now=utc_now()
        )
        task.updated_at = utc_now() + timedelta(minutes=1)
    said = words(board("undo"))
    assert "Taken back:" not in said.replace("Not taken back:", "")
    assert "Not taken back: 1 mail: somebody has changed or decided on it since." in said
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft.state)).one() == "pending"
        assert session.scalars(select(Task.state)).one() == "open"


def test_a_long_board_is_shown_as_long_as_it_was_asked_for(board):
    assert len(kinds(board("top 30 customers"), Table)[0].rows) == 30
    assert "Of the 200 you asked for these are the first 50" in words(board("top 200 customers"))


def test_who_declines_is_told_in_events_now_before_and_missed(board):
    table = kinds(board("Who is declining?"), Table)[0]
    assert table.heads[:5] == ("Customer", "Score", "Current", "Previous", "Events missed")
    row = dict(zip(table.heads, table.rows[0], strict=True))
    assert row["Events missed"] == "The last 7"
    assert row["Current"].endswith(("event", "events"))
    with transaction() as session:
        for signal in session.scalars(select(RiskSignal)):
            signal.facts, signal.sentence = {}, "They answer mail less than before."
    row = dict(zip(table.heads, kinds(board("Who is declining?"), Table)[0].rows[0], strict=True))
    assert (row["Current"], row["Previous"], row["Events missed"]) == ("–", "–", "–")
    assert row["Why"] == "They answer mail less than before."


def test_report_is_exported_as_it_was_told_whatever_was_asked_since(board):
    first = board("Export report")
    (file,) = kinds(first, File)
    assert file.turn is None  # its own tables
    told = [block for block in first.blocks if isinstance(block, Table)]
    board("top three customers")
    (again,) = kinds(board("Export report"), File)
    assert again.turn == first.id
    with transaction(read_only=True) as session:
        book = load_workbook(io.BytesIO(workbook(session, EVERYBODYS, first.id)))
    assert len(book.sheetnames) == len(told) > 1
    sheet = book["Engagement leaderboard"]
    heads, *rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert (heads, rows) == (told[0].heads, [tuple(row) for row in told[0].rows])

    (last,) = kinds(board("export that table"), File)
    with transaction(read_only=True) as session:
        book = load_workbook(io.BytesIO(workbook(session, EVERYBODYS, last.turn or 0)))
    assert book.sheetnames == ["Engagement leaderboard"]
    assert book["Engagement leaderboard"].max_row == 4


def test_answer_about_customers_who_are_no_longer_ones_own_is_not_exported(world, ask):
    turn = ask("Invite TechCorp to the summit")
    with transaction() as session:
        session.get_one(Customer, world.techcorp).csm_id = world.erik.person_id
    with transaction(read_only=True) as session:
        for by in (world.dana, world.erik):
            with pytest.raises(NotFound, match="no longer there"):
                workbook(session, by, turn.id)


def attendance(path: Path, name: str = "talk.csv") -> Attached:
    held = f"{utc_now() - timedelta(days=9):%Y-%m-%d} 15:00"
    path.write_text(
        "Customer,Name,Email,Event,Event Type,Date,Status,Duration\n"
        f"TechCorp,Maria Lopez,maria@techcorp.example,Autumn Talk,Webinar,{held},Attended,45\n"
    )
    return Attached(path, name)


def test_what_is_asked_for_with_a_file_is_done_after_it(world, ask, tmp_path: Path):
    turn = ask("Invite TechCorp to the summit", attached=attendance(tmp_path / "file"))
    assert "talk.csv is imported" in words(turn)
    assert "1 invitation drafted" in words(turn)
    assert invited() == 1
    same = ask("score this and who came to the last webinar?", attached=attendance(tmp_path / "file"))  # fmt: skip
    assert "imported before" in words(same)
    assert "Autumn Talk" in words(same)


def test_what_was_not_understood_with_a_file_is_said(world, ask, tmp_path: Path):
    turn = ask("lorem ipsum dolor", attached=attendance(tmp_path / "file"))
    assert "talk.csv is imported" in words(turn)
    assert "Only the file was looked at: I did not understand “lorem ipsum dolor”" in words(turn)


def test_nothing_else_is_done_while_the_file_waits_for_an_answer(world, ask, tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("Colour,Taste\nred,sweet\n")
    turn = ask("Invite TechCorp to the summit", attached=Attached(path, "what.csv"))
    assert "Not done, since the file is not imported: “Invite TechCorp to the summit”" in words(turn)  # fmt: skip
    assert invited() == 0
    ask(kinds(turn, Choices)[-1].choices[0].command)
    assert invited() == 1


def test_several_customers_are_followed_up_in_one_sentence(world, ask):
    turn = ask("Follow up with TechFlow and TechCorp on their resolved tickets")
    assert len(kinds(turn, DraftShown)) == 1
    assert "TechCorp has no resolved ticket" in words(turn)


def test_kind_of_event_is_known_misspelled_and_one_that_is_called_so_is_only_one_of_many(
    world, ask
):
    now = utc_now()
    with transaction() as session:
        for weeks, name in (
            (2, "Analytics in Depth"),
            (9, "The Great Webinar"),
            (-3, "Old Confrence"),
        ):
            kind = "conference" if "Conf" in name else "webinar"
            summit(session, now + timedelta(weeks=weeks), world.dana, name=name, type=kind)
    assert "Invitations to Analytics in Depth" in words(ask("pls invite TechCorp to the webianr"))
    assert "2026 Customer Success Summit" in words(ask("whom shuold i invite to the confrence"))


def test_first_two_of_them_are_those_of_the_last_answer(many, ask):
    ask("Show customers TechFlow, TechCorp and More 7")
    turn = ask("Invite the first two of them to the summit")
    assert "2 invitations drafted" in words(turn)
    with transaction(read_only=True) as session:
        assert set(session.scalars(select(Invitation.customer_id))) == {many.techflow, many.techcorp}  # fmt: skip


def test_send_asks_which_where_one_command_drafted_for_two_events(world, ask):
    now = utc_now()
    with transaction() as session:
        summit(session, now + timedelta(weeks=9), world.dana, name="Data Webinar", type="webinar")
    turn = ask("invite TechCorp to the summit and the webinar")
    asked = kinds(ask("Send", shown=on_screen(turn, world.dana)), Choices)[0]
    assert "Which one? 2 mails" in asked.question
