"""Tables that say who came in a column of an unknown name, or not at all."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [
        ("Prénom;Nom;Adresse e-mail;Événement;Date;Présence", "Oui", "Non"),
        ("Nombre;Apellidos;Correo electrónico;Evento;Fecha;Asistió", "Sí", "No"),
        ("Vorname;Name;E-Mail;Veranstaltung;Datum;Anwesend", "Ja", "Nein"),
        ("Nome;Sobrenome;E-mail;Evento;Date;Compareceu", "Sim", "Não"),
        ("First name;Last name;Email;Event;Date;Attended (Y/N)", "Y", "N"),
    ],
)
def test_who_came_and_both_halves_of_a_name_in_other_languages(parse, header, yes, no):
    parsed = parse(
        f"{header}\nAda;Long;ada@a.example;Salon;13/10/2026;{yes}\n"
        f"Bo;Short;bo@a.example;Salon;13/10/2026;{no}\n"
    )
    assert parsed.rows.select("name", "status").rows() == [
        ("Ada Long", "attended"),
        ("Bo Short", "no_show"),
    ]
    assert (parsed.needs_mapping, parsed.warnings) == (False, ())


def test_first_name_beside_a_whole_name_leaves_it_whole(parse):
    parsed = parse("Name,First name,Email\nAda Long,Ada,ada@a.example\n")
    assert parsed.rows["name"].to_list() == ["Ada Long"]


@pytest.mark.parametrize(
    "cells",
    [("yes", "no"), ("Ja", "Nein"), ("x", ""), ("P", "A"), ("Attended", "Registered")],
)
def test_unused_column_that_may_say_who_came_is_asked_about(parse, cells: tuple[str, str]):
    text = "Email,Event,Date,Lunch?\n" + "".join(
        f"a{n}@a.example,E,2026-05-05,{cell}\n" for n, cell in enumerate(cells)
    )
    parsed = parse(text)
    assert parsed.needs_mapping
    assert parsed.warnings == (
        "The column “Lunch?” may say who came. Take it for Status if it does, then go on.",
    )
    columns = {"email": "Email", "event": "Event", "date": "Date"}
    assert not parse(text, mapping=columns).needs_mapping
    told = parse(text, mapping=columns | {"status": "Lunch?"})
    assert told.warnings == ()
    assert told.rows["status"].to_list()[0] == "attended"


@pytest.mark.parametrize(
    "column", ["Newsletter", "Marketing consent", "Opted in", "VIP", "First time?"]
)
def test_yes_and_no_of_something_else_is_not_asked_about(parse, column: str):
    parsed = parse(
        f"Email,Event,Date,{column}\na@a.example,E,2026-05-05,yes\nb@a.example,E,2026-05-05,no\n"
    )
    assert not parsed.needs_mapping
    assert parsed.warnings == (
        "No column says who came, so everybody in this file counts as attended. Columns not used: "
        f"“{column}”.",
    )


def test_minutes_say_who_came(parse):
    parsed = parse("Email,Event,Minutes,Lunch\na@a.example,E,12,yes\nb@a.example,E,,no\n")
    assert (parsed.needs_mapping, parsed.warnings) == (False, ())


def test_list_of_registrations_without_a_status_says_what_is_made_of_it(parse):
    parsed = parse("Email,Event,Registration Date\na@a.example,E,2026-05-05\n")
    assert parsed.warnings == (
        "No column says who came, so everybody in this file counts as attended.",
    )


def test_plain_list_of_those_who_came_is_read_without_a_word(parse):
    parsed = parse("Email,Event,Date\na@a.example,E,2026-05-05\n")
    assert (parsed.needs_mapping, parsed.warnings) == (False, ())


@pytest.mark.parametrize(
    ("heading", "listed", "told"),
    [
        ("Status,Attended", ("Approved", "Approved", "Approved"), ("Yes", "No", "")),
        ("Attendance,Attended", ("Confirmed", "Confirmed", "Waitlisted"), ("Yes", "No", "")),
        ("Status,Participated", ("Confirmed", "Confirmed", "Confirmed"), ("Yes", "No", "")),
        ("Registration status,Attendance state", ("REGISTERED",) * 3, ("ATTENDED", "NO_SHOW", "")),
        ("Status,Joined", ("Approved", "Approved", "Approved"), ("Yes", "No", "")),
    ],
)
def test_column_that_tells_who_came_goes_before_that_of_registrations(parse, heading, listed, told):
    rows = "".join(
        f"a{n}@a.example,E,2026-05-05,{one},{two}\n"
        for n, (one, two) in enumerate(zip(listed, told, strict=True))
    )
    parsed = parse(f"Email,Event,Date,{heading}\n{rows}")
    assert parsed.rows["status"].to_list() == ["attended", "no_show", "registered"]
    assert parsed.mapping["status"] == heading.split(",")[1]
    assert (parsed.needs_mapping, parsed.warnings) == (False, ())


def test_who_cancelled_by_one_column_is_no_no_show_by_the_other(parse):
    parsed = parse(
        "Email,Event,Date,Status,Participated\na@a.example,E,2026-05-05,Confirmed,Yes\n"
        "b@a.example,E,2026-05-05,Cancelled,No\nc@a.example,E,2026-05-05,Cancelled,Yes\n"
    )
    assert parsed.rows["status"].to_list() == ["attended", "cancelled", "attended"]


def test_word_that_is_not_known_is_not_hidden_by_a_cancellation(parse):
    parsed = parse(
        "Email,Event,Date,Status,Participated\na@a.example,E,2026-05-05,Confirmed,Yes\n"
        "b@a.example,E,2026-05-05,Cancelled,By phone\n"
    )
    assert parsed.rows["status"].to_list() == ["attended", "unknown"]


def test_column_of_registrations_alone_asks_for_one_that_may_say_who_came(parse):
    rows = "a@a.example,E,2026-05-05,Approved,yes\nb@a.example,E,2026-05-05,Approved,no\n"
    parsed = parse(f"Email,Event,Date,Status,Lunch?\n{rows}")
    assert parsed.needs_mapping
    assert parsed.warnings == (
        "The column “Lunch?” may say who came. Take it for Status if it does, then go on.",
    )
    assert not parse(f"Email,Event,Date,Status,Newsletter\n{rows}").needs_mapping


@pytest.mark.parametrize("cells", [("Yes", "No", ""), ("Y", "N", "-")])
def test_yes_and_no_in_place_of_times_say_who_came(parse, cells: tuple[str, ...]):
    rows = "".join(f"a{n}@a.example,E,2026-05-05,{cell}\n" for n, cell in enumerate(cells))
    parsed = parse(f"Email,Event,Date,Joined\n{rows}")
    assert parsed.rows["status"].to_list() == ["attended", "no_show", "registered"]
    assert parsed.mapping["status"] == "Joined"


@pytest.mark.parametrize(
    ("heading", "cells", "expected"),
    [
        ("No-Show", ("Yes", "No"), ["no_show", "attended"]),
        ("Absent", ("x", ""), ["no_show", "attended"]),
        ("Missed?", ("TRUE", "FALSE"), ["no_show", "attended"]),
        ("Cancelled", ("yes", "no"), ["cancelled", "attended"]),
        ("No-show or attended", ("No show", "Attended"), ["no_show", "attended"]),
        ("Attended / no-show", ("Yes", "No"), ["attended", "no_show"]),
    ],
)
def test_column_of_those_who_did_not_come_is_never_read_the_other_way_round(
    parse, heading: str, cells: tuple[str, ...], expected: list[str]
):
    text = f"Email,Event,Date,{heading}\n" + "".join(
        f"a{n}@a.example,E,2026-05-05,{cell}\n" for n, cell in enumerate(cells)
    )
    assert parse(text).needs_mapping
    columns = {"email": "Email", "event": "Event", "date": "Date", "status": heading}
    assert parse(text, mapping=columns).rows["status"].to_list() == expected


@pytest.mark.parametrize(
    ("heading", "came", "stayed_away"),
    [
        ("Attendance", "87 %", "0%"),
        ("Attendance (%)", "0,5 %", "0 %"),
        ("Attendance percentage", "0.87", "0"),
        ("Participation", "%100", "%0"),
        ("Anwesenheit", "12,5%", "0,0 %"),
    ],
)
def test_share_of_the_time_in_a_column_of_attendance_says_who_came(
    parse, heading: str, came: str, stayed_away: str
):
    rows = f"a@a.example;E;2026-05-05;{came}\nb@a.example;E;2026-05-05;{stayed_away}\n"
    parsed = parse(f"Email;Event;Date;{heading}\n{rows}")
    assert parsed.rows["status"].to_list() == ["attended", "no_show"]
    assert (parsed.status_words, parsed.warnings) == ((), ())


def test_share_goes_before_a_column_of_registrations(parse):
    rows = "a@a.example,E,2026-05-05,Approved,87 %\nb@a.example,E,2026-05-05,Approved,\n"
    parsed = parse(f"Email,Event,Date,Status,Attendance\n{rows}")
    assert parsed.mapping["status"] == "Attendance"
    assert parsed.rows["status"].to_list() == ["attended", "registered"]


def test_share_of_something_else_is_asked_about(parse):
    parsed = parse("Email,Event,Date,Status\na@a.example,E,2026-05-05,87 %\n")
    assert parsed.rows["status"].to_list() == ["unknown"]
    assert parsed.status_words == (("87 %", 1, None),)


def test_participant_with_yes_and_no_is_no_name(parse):
    header = "Participant,Nom d'utilisateur (nom original),Prénom,Nom,E-mail,Heure d'inscription"
    parsed = parse(
        f"{header}\nOui,Ada Long,Ada,Long,ada@a.example,2026-05-01\n"
        "Non,Bo Short,Bo,Short,bo@b.example,2026-05-02\n"
    )
    assert parsed.rows.select("name", "status").rows() == [
        ("Ada Long", "attended"),
        ("Bo Short", "no_show"),
    ]
    assert parsed.warnings == ()


def test_participant_with_names_is_one(parse):
    parsed = parse("Participant,E-mail\nAda,ada@a.example\nNon,bo@b.example\n")
    assert parsed.rows["name"].to_list() == ["Ada", "Non"]
