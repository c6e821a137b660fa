"""Layouts known from documentation but not among the samples: small reports written out here."""

from __future__ import annotations

import polars as pl
import pytest

from tests.support.wallclock import at


def test_gotowebinar_with_session_details_reads_labels_over_values(parse):
    parsed = parse(
        'Generated,"Sep 23, 2026",,\n'
        "Webinar Name,Webinar ID,,\nClinic,123-456-789,,\n"
        "General Information,,,\n"
        'Actual Start Date/Time,Actual Duration (minutes),,\n"Sep 22, 2026 01:59 PM EDT",62,,\n'
        "Session Details,,,\n"
        "Attended,First Name,Last Name,Email Address,Time in Session\n"
        "Yes,Ada,Long,ada@a.example,1 hour 3 minutes,beyond\n"
        "Yes,Bo,Short,bo@b.example,26 minutes\n"
    )
    assert parsed.format == "gotowebinar"
    assert parsed.events.select("name", "source_event_id").row(0) == ("Clinic", "123456789")
    assert parsed.rows["minutes"].to_list() == [None, 26.0]
    assert parsed.rows["problem"].to_list() == [
        "This row has 6 cells where the heading has 5.",
        None,
    ]


def test_meeting_with_one_row_per_user_has_minutes_and_no_times(parse):
    parsed = parse(
        "Name (Original Name),User Email,Total Duration (Minutes),Guest\n"
        "Ada Long,ada@a.example,75,No\nBo (Bo Short),,40,Yes\n"
    )
    assert parsed.format == "zoom_meeting"
    assert parsed.rows.select("name", "minutes", "role").rows() == [
        ("Ada Long", 75.0, "staff"),
        ("Bo Short", 40.0, "attendee"),
    ]


def test_japanese_meeting_is_recognised(parse):
    parsed = parse(
        "名前 (元の名前),ユーザーメール,参加時刻,退出時刻,所要時間（分）,ゲスト\n"
        "田中 愛子,aiko@o.example,2021/04/01 09:00:00,2021/04/01 09:30:00,30,はい\n"
    )
    assert parsed.format == "zoom_meeting"
    assert parsed.rows.select("name", "joined_at", "minutes").row(0) == (
        "田中 愛子",
        at(2021, 4, 1, 9, 0),
        30.0,
    )


GERMAN = "Name (Originalname),E-Mail,Beitrittszeit,Verlassenszeit,Dauer (Minuten),Gast"


def test_translated_meeting_is_read_by_the_order_of_its_columns(parse):
    parsed = parse(
        "Thema,ID,Host,Dauer (Minuten),Startzeit,Endzeit,Teilnehmer\n"
        "QBR,971 5550 2002,Dana (dana@own.example),58,15.09.2026 10:00:00,15.09.2026 10:58:00,3\n\n"
        f"{GERMAN},Antwort,Im Warteraum\n"
        "Dana,dana@own.example,15.09.2026 10:00:00,15.09.2026 10:58:00,58,Nein,,Nein\n"
        "Ada Long,ada@a.example,15.09.2026 09:58:00,15.09.2026 10:01:00,3,Ja,,Ja\n"
        "x (Bo Short),,15.09.2026 10:01:00,15.09.2026 10:31:00,30,Ja,OK,Nein\n"
    )
    assert parsed.format == "zoom_meeting"
    assert parsed.events.select(
        "name", "source_event_id", "starts_at", "duration_minutes"
    ).rows() == [("QBR", "97155502002", at(2026, 9, 15, 10), 58.0)]
    assert parsed.rows.select("name", "role", "status", "minutes", "note").rows() == [
        ("Dana", "host", "attended", 58.0, None),
        ("Ada Long", "attendee", "registered", 0.0, "waiting room"),
        ("Bo Short", "attendee", "attended", 30.0, None),
    ]


def test_translated_meeting_without_its_block_has_its_day_first(parse):
    row = "Ada Long,ada@a.example,15.10.2026 10:00:00,15.10.2026 10:30:00,30,Ja\n"
    parsed = parse(f"{GERMAN}\n{row}")
    assert parsed.format == "zoom_meeting"
    assert parsed.rows["joined_at"].to_list() == [at(2026, 10, 15, 10)]


def test_name_with_a_bracket_in_its_heading_is_a_name(parse):
    parsed = parse("Name (Originalname),Status\nAda Long,Attended\n")
    assert parsed.rows["name"].to_list() == ["Ada Long"]


def test_poll_of_pairs_is_one_row_per_person(parse):
    parsed = parse(
        "Poll Report\nReport Generated:,2021-01-23 13:08:11\n"
        "Topic,Meeting ID,Actual Start Time,Actual Duration (minutes),\n"
        "Review,111 2222 3333,2021-01-23 12:00:00,60,\nPoll Details\n"
        "#,User Name,User Email,Submitted Date/Time,\n"
        '1,Ada,ada@a.example,"Jan 23, 2021 12:30:00",Like it?,Yes,Come again?,Maybe,\n'
        '2,Anonymous Attendee,,"Jan 23, 2021 12:31:00",Like it?,No,\n'
    )
    assert parsed.format == "zoom_poll"
    assert parsed.rows.select("detail", "polls").rows() == [
        ("Like it?: Yes; Come again?: Maybe", 2),
        ("Like it?: No", 1),
    ]
    assert parsed.events["polls_asked"][0] == 2
    assert "anonymously" in str(parsed.rows["problem"][1])


def test_poll_in_one_table_per_question_names_each_question(parse):
    header = "#,User Name,User Email,Submitted Date/Time,"
    parsed = parse(
        "Poll Report\nTopic,Webinar ID,Actual Start Time,# Poll\nReview,111,x,2\n"
        f'{header}"Like it, really?"\n1,Ada,ada@a.example,x,Yes\n'
        f"{header}Come again?\n1,Ada,ada@a.example,x,No\n2,Bo,bo@b.example,x,Yes\n"
    )
    assert parsed.rows["detail"].to_list() == [
        "Like it, really?: Yes",
        "Come again?: No",
        "Come again?: Yes",
    ]
    assert parsed.rows["line"].to_list() == [5, 7, 8]


TEAMS = (
    "1. Podsumowanie\nTytuł spotkania\tPrzegląd\nUczestnicy\t2\n"
    "Godzina rozpoczęcia\t14.11.2022, 09:30:00\nGodzina zakończenia\t14.11.2022, 10:30:00\n"
    "Czas trwania\t1 godz. 0 min 0 sek.\n\n2. Uczestnicy\n"
    "Imię\tPierwsze\tOstatnie\tCzas\tE-mail\tUPN\tRola\n"
    "Ada Long\t14.11.2022, 09:30:46\t14.11.2022, 10:30:00\t59 min 14 sek.\t\tada@a.example\tOrganizator\n"
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_translated_teams_report_is_read_by_the_order_of_its_columns(parse, encoding: str):
    parsed = parse(TEAMS, encoding=encoding)
    assert parsed.format == "teams"
    assert parsed.events.select("name", "duration_minutes").row(0) == ("Przegląd", 60.0)
    assert parsed.rows.select("name", "email", "joined_at", "left_at").row(0) == (
        "Ada Long",
        "ada@a.example",
        at(2022, 11, 14, 9, 30, 46),
        at(2022, 11, 14, 10, 30),
    )


def test_live_event_log_is_in_utc(parse):
    parsed = parse(
        "SessionId,ParticipantId,FullName,UserAgent,UtcEventTimestamp,Action,Role\n"
        "s,p1,Ada,x,2022-01-05 10:00:00,Joined,Attendee\n"
        "s,p2,Bo,x,2022-01-05 10:10:00,Joined,Attendee\n"
        "s,p1,Ada,x,2022-01-05 10:45:00,Left,Attendee\n"
    )
    assert parsed.format == "teams_log"
    assert parsed.rows["minutes"].to_list() == [45.0, 35.0, None]
    assert parsed.rows["zoned"].to_list() == [True, True, False]
    assert "never left" in str(parsed.rows["note"][1])


def test_guests_let_in_attended_and_the_others_did_not(parse):
    parsed = parse(
        "\ufeffapi_id,name,first_name,last_name,email,phone_number,created_at,approval_status,checked_in_at\n"
        "g1,,Ada,Long,ada@a.example,,2026-01-01T10:00:00.000Z,approved,2026-01-05T18:00:00.000Z\n"
        "g2,Bo Short,,,bo@b.example,,2026-01-01T10:00:00.000Z,approved,\n"
        "g3,Cy,,,cy@c.example,,2026-01-01T10:00:00.000Z,declined,\n"
    )
    assert parsed.format == "luma"
    assert parsed.rows.select("name", "status", "zoned").rows() == [
        ("Ada Long", "attended", True),
        ("Bo Short", "no_show", True),
        ("Cy", "declined", True),
    ]


def test_check_in_list_reads_times_of_arrival(parse):
    parsed = parse(
        "Order code;Attendee name;Product;Price;Checked in;Checked out;Automatically checked in;E-mail;Company\n"
        "AB1;Ada Long;Seat;0.00;2026-03-14 18:05;;No;ada@a.example;A Ltd\n"
        "AB2;Bo Short;Seat;0.00;;;No;bo@b.example;B Ltd\n"
    )
    assert parsed.format == "pretix"
    assert parsed.rows["status"].to_list() == ["attended", "no_show"]


def test_crm_footer_is_no_record(parse):
    parsed = parse(
        '"Account Name","Account ID","Account Owner","Industry"\n'
        '"A Ltd","0015g00000ABCD0","Dana","Software"\n'
        '"B Ltd","0015g00000ABCD1","Dana","Energy"\n\n'
        '"Grand Totals (2 records)"\n"Confidential Information - Do Not Distribute"\n'
        '"Generated By: Dana Ortiz 1/2/2026"\n"Lumen Ridge"\n',
        purpose="customers",
        encoding="cp1252",
    )
    assert parsed.format == "salesforce_accounts"
    assert parsed.rows.select("name", "csm_name").rows() == [("A Ltd", "Dana"), ("B Ltd", "Dana")]


def test_two_domain_columns_both_count(parse):
    parsed = parse(
        "customer_id,name,domain,alt_domains,aliases,segment,industry,region,csm,arr,created\n"
        "1,A Ltd,a.example,a2.example,AA,SMB,Energy,NA,csm1,17136,2024-11-16\n"
        "2,,b.example,,,,,,,,\n",
        purpose="customers",
    )
    assert parsed.mapping["domain"] == "domain + alt_domains"
    assert not parsed.needs_mapping
    assert parsed.rows["domain"].to_list() == ["a.example; a2.example", "b.example"]
    assert parsed.rows["problem"].to_list() == [None, "This row has no customer name."]
    assert parsed.rows.schema["line"] == pl.UInt32


def test_stakeholders_need_a_customer_column(parse):
    header = "contact_id,customer_id,first_name,last_name,email,title,champion,unsubscribed\n"
    row = "1,7,Ada,Long,ada@a.example,CFO,1,0\n"
    assert not parse(header + row, purpose="stakeholders").needs_mapping
    unplaced = parse("First name,Email\nAda,ada@a.example\n", purpose="stakeholders")
    assert unplaced.needs_mapping


def test_list_of_objects_is_read_as_a_table(parse):
    parsed = parse(
        '[{"Name":"Ada","Email":"ada@a.example","Status":true,"id":1234567890123456789}]'
    )
    assert parsed.format == "generic"
    assert parsed.rows.select("name", "status").row(0) == ("Ada", "attended")
    assert parsed.sample[0][3] == "1234567890123456789"
