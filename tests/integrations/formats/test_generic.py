"""Plain tables of any make: headings, delimiters, dates, events, and rows that do not fit."""

from __future__ import annotations

import json

import pytest

from integrations.formats import FileRefused
from integrations.formats.remarks import NO_DAY
from tests.support.wallclock import at


def big(header: str, rows: list[str], times: int = 40_000) -> str:
    """Long enough for the columnar reader."""
    filler = "Ada Long,ada@a.example,Clinic,2026-01-05 10:00:00,Yes\n"
    return header + "\n" + filler * times + "\n".join(rows) + "\n"


HEADER = "Name,Email,Event,Date,Status"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_make_no_difference(parse, delimiter: str, ending: str):
    lines = [
        HEADER,
        "Ada,ada@a.example,Clinic,2026-01-05 10:00:00,Yes",
        "Bo,bo@b.example,Clinic,,No",
    ]
    parsed = parse(ending.join(line.replace(",", delimiter) for line in lines))
    assert parsed.rows.select("line", "name", "email", "status").rows() == [
        (2, "Ada", "ada@a.example", "attended"),
        (3, "Bo", "bo@b.example", "no_show"),
    ]


def test_header_is_found_below_twenty_lines_of_remarks(parse):
    remarks = "".join(f"Remark {n}\n" for n in range(20))
    parsed = parse(f"{remarks}\n{HEADER}\nAda,ada@a.example,Clinic,2026-01-05,Yes\n")
    assert parsed.columns == tuple(HEADER.split(","))
    assert parsed.rows["line"].to_list() == [23]


def test_table_without_headings_asks_for_a_mapping(parse):
    parsed = parse("Ada,ada@a.example,2026-01-05\nBo,bo@b.example,2026-01-06\n")
    assert parsed.needs_mapping
    assert parsed.columns == ("Column 1", "Column 2", "Column 3")
    assert parsed.records == 2
    told = parse(
        "Ada,ada@a.example,2026-01-05\nBo,bo@b.example,2026-01-06\n",
        mapping={"email": "Column 2", "name": "Column 1", "date": "Column 3"},
    )
    assert told.rows["email"].to_list() == ["ada@a.example", "bo@b.example"]
    assert not told.needs_mapping


@pytest.mark.parametrize("moment", ["2026-11-03 09:00", "2026-11-03T09:00:00Z", "3 Nov 2026 09:00"])
def test_row_with_a_word_that_is_also_a_heading_is_no_heading(parse, moment: str):
    rows = f"Ada,News,Opened,2026-11-02,/a\n,News,Clicked,{moment},/b\nBo,News,Sent,{moment},/c\n"
    parsed = parse(f"Quien,Donde,Que,Cuando,Pagina\n{rows}", purpose="mail")
    assert parsed.columns == ("Quien", "Donde", "Que", "Cuando", "Pagina")


@pytest.mark.parametrize(
    "header", ["Email,2026-10-01,2026-10-08", "Email,1,2,3", "Title of it\nEmail,1,2,3"]
)
def test_heading_with_days_or_numbers_beside_a_known_one_is_a_heading(parse, header: str):
    last = header.splitlines()[-1]
    parsed = parse(f"{header}\nada@a.example{',yes' * last.count(',')}\n")
    assert parsed.columns == tuple(last.split(","))


def test_unknown_headings_ask_and_remember_by_layout(parse):
    parsed = parse("Quien,Donde\nAda,Lima\n")
    again = parse(" QUIEN ,donde\nBo,Rom\n")
    assert parsed.needs_mapping
    assert parsed.layout_key == again.layout_key
    assert parsed.sample == (("Ada", "Lima"),)


@pytest.mark.parametrize(("second", "told"), [("bo@b.example", True), ("", False)])
def test_second_column_of_a_heading_is_not_left_out_unsaid(parse, second: str, *, told: bool):
    first = "Ada,ada@a.example,ada@home.example,Clinic,2026-01-05,Yes"
    rows = f"{first}\nBo,,{second},Clinic,2026-01-05,Yes\n"
    parsed = parse(f"Name,Email,Email,Event,Date,Status\n{rows}")
    assert parsed.rows["email"].to_list() == ["ada@a.example", None]
    assert any("Several columns are called “Email”" in one for one in parsed.warnings) is told


def test_mapping_overrules_the_headings(parse):
    parsed = parse(
        "Name,Alt Name,Email\nAda,Ada Long,ada@a.example\n",
        mapping={"name": "Alt Name", "email": "Email", "title": ""},
    )
    assert parsed.rows["name"].to_list() == ["Ada Long"]
    assert parsed.mapping == {"name": "Alt Name", "email": "Email"}


@pytest.mark.parametrize("purpose", ["attendance", "customers", "stakeholders", "mail", "tickets"])
@pytest.mark.parametrize("columns", ["Titel", "Name + Titel"])
def test_mapping_to_a_column_that_is_not_there_is_refused(parse, purpose: str, columns: str):
    field = {"customers": "segment", "mail": "campaign_name", "tickets": "subject"}.get(
        purpose, "title"
    )
    told = "The file has no column “Titel”. Map to the columns that it has: Name, Email."
    with pytest.raises(FileRefused, match=f"^{told}$"):
        parse("Name,Email\nAda,ada@a.example\n", mapping={field: columns}, purpose=purpose)


@pytest.mark.parametrize(
    "make", [lambda h, r: h + "\n" + "\n".join(r) + "\n", big], ids=["small", "big"]
)
def test_ragged_rows_are_rows_with_a_problem(parse, make):
    rows = [
        "Bo,bo@b.example,Clinic,2026-01-05 10:00:00,Yes,,,",
        "Cy,cy@c.example",
        "",
        "Di,di@d.example,Clinic,2026-01-05 10:00:00,Yes,too,much",
        " , ,,,",
        '"Ed, Jr",ed@e.example,"The ""Clinic""",2026-01-05 10:00:00,Yes',
    ]
    parsed = parse(make(HEADER, rows))
    last = parsed.rows.tail(4)
    assert last["name"].to_list() == ["Bo", None, None, "Ed, Jr"]
    assert last["problem"].to_list() == [
        None,
        "This row has 2 cells where the heading has 5.",
        "This row has 7 cells where the heading has 5.",
        None,
    ]
    assert json.loads(str(last["raw"][1])) == ["Cy", "cy@c.example"]
    assert parsed.blank == 2
    assert parsed.rows["line"].is_sorted()
    assert parsed.rows["line"][-1] == parsed.records + parsed.blank + 1


@pytest.mark.parametrize(
    "make", [lambda h, r: h + "\n" + "\n".join(r) + "\n", big], ids=["small", "big"]
)
def test_broken_quotation_mark_spoils_its_own_row_only(parse, make):
    parsed = parse(make(HEADER, ['"Bo"x,bo@b.example,Clinic,,Yes', "Cy,cy@c.example,Clinic,,Yes"]))
    assert parsed.rows["problem"].to_list()[-2:] == [
        "A quotation mark in this row is out of place.",
        None,
    ]


@pytest.mark.parametrize(
    "make", [lambda h, r: h + "\n" + "\n".join(r) + "\n", big], ids=["small", "big"]
)
def test_quotation_mark_never_closed_refuses_the_file(parse, make):
    with pytest.raises(FileRefused, match="never closed"):
        parse(make(HEADER, ['"Bo,bo@b.example,Clinic,,Yes', "Cy,cy@c.example,Clinic,,Yes"]))


def test_big_table_with_cells_over_several_lines_loses_nothing(parse):
    parsed = parse(big(HEADER, ['"Bo\nB",bo@b.example,Clinic,,Yes', "Cy,cy@c.example,Clinic,,Yes"]))
    assert parsed.records == 40_002
    assert parsed.rows["line"].to_list()[-2:] == [40_002, 40_003]


def test_both_readers_agree(parse):
    rows = [
        f"P{n},p{n}@a.example,Event {n % 7},2026-01-0{n % 9 + 1} 10:0{n % 10}:00,No"
        for n in range(30)
    ]
    small = parse(HEADER + "\n" + "\n".join(rows))
    large = parse(big(HEADER, rows)).rows.tail(30)
    columns = ["name", "email", "status", "joined_at", "minutes", "note", "problem"]
    assert small.rows.select(columns).equals(large.select(columns))


@pytest.mark.parametrize(
    ("dates", "day_first", "ambiguous"),
    [
        (["13/04/2026", "03/04/2026"], True, False),
        (["04/13/2026", "03/04/2026"], False, False),
        (["03/04/2026", "05/06/2026"], True, True),
        (["03/04/2026 1:00 PM", "05/06/2026 2:00 PM"], False, True),
        (["04/04/2026", "05/05/2026"], True, False),
        (["2026-04-03", "3 Apr 2026"], None, False),
        (["03.04.2026", "2026-04-03"], None, False),
    ],
)
def test_day_order_is_decided_once_from_evidence(parse, dates, day_first, ambiguous):
    parsed = parse("Email,Date\n" + "".join(f"a{n}@a.example,{d}\n" for n, d in enumerate(dates)))
    assert (parsed.day_first, parsed.dates_ambiguous) == (day_first, ambiguous)


def test_caller_settles_the_day_order(parse):
    text = "Email,Event,Date\na@a.example,Clinic,03/04/2026\n"
    assert parse(text, day_first=True).events["starts_at"][0] == at(2026, 4, 3)
    assert parse(text, day_first=False).events["starts_at"][0] == at(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "now",
        "today",
        "-1",
        "1e400",
        "46000",
        "30/30/2026",
        "2026-02-30",
        "١٢/٠٣/٢٠٢٦ ١٠:٠٠",
        "2026-03-01 １0:00",
    ],
)
def test_what_is_no_date_is_never_made_one(parse, text: str):
    parsed = parse(f"Email,Event,Join Time\na@a.example,Clinic,{text}\n")
    assert parsed.rows["joined_at"].to_list() == [None]
    assert parsed.events["starts_at"].to_list() == [None]
    assert "could not be read" in str(parsed.rows["note"][0])


@pytest.mark.parametrize("heading", ["Date", "Event Date"])
@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "now",
        "today",
        "-1",
        "2026-13-45",
        "1989-12-31",
        "1970-01-01",
        "2126-06-05",
        "١٢/٠٣/٢٠٢٦",
    ],
)
def test_row_whose_date_cannot_be_read_is_rejected(parse, heading: str, text: str):
    parsed = parse(
        f"Email,Event,{heading}\na@a.example,Clinic,2026-05-05\nb@b.example,Clinic,{text}\n"
    )
    assert parsed.records == parsed.rows.height == 2
    assert parsed.rows["problem"].to_list() == [
        None,
        f"The date “{text}” "
        + (
            "is none on which an event can be: correct it."
            if text.count("-") == 2
            else "cannot be read: write it as 2026-05-05."
        ),
    ]
    assert json.loads(str(parsed.rows["raw"][1])) == ["b@b.example", "Clinic", text]
    assert parsed.events["starts_at"].to_list() == [at(2026, 5, 5)]


def test_row_with_a_blank_date_is_kept(parse):
    parsed = parse(
        "Email,Event,Date\na@a.example,Clinic,2026-05-05\nb@b.example,Clinic,\n"
        "c@c.example,Clinic,n/a\n"
    )
    assert parsed.rows["problem"].to_list() == [None, None, None]
    assert parsed.rows["event_ref"].n_unique() == 1


def test_unread_date_is_found_in_a_big_table(parse):
    parsed = parse(big(HEADER, ["Bo,bo@b.example,Clinic,garbage,Yes"]))
    assert parsed.records == parsed.rows.height == 40_001
    bad = parsed.rows.filter(parsed.rows["problem"].is_not_null())
    assert bad["email"].to_list() == ["bo@b.example"]
    assert "garbage" in str(bad["raw"][0])


def test_event_names_are_folded_and_start_on_the_day_most_rows_say(parse):
    parsed = parse(
        HEADER + "\n"
        "A,a@a.example,Clinic,2026-01-05 10:07:11,Yes\n"
        "B,b@a.example, CLINIC,2026-01-05 10:00:02,Yes\n"
        "C,c@a.example,Clinic  ,2026-01-05 11:00:00,Yes\n"
        "D,d@a.example,Clinic,2026-01-06 09:00:00,Yes\n"
        "E,e@a.example,Other  Clinic,2026-02-05 10:00:00,Yes\n"
    )
    assert parsed.events.select("name", "starts_at").rows() == [
        ("Clinic", at(2026, 1, 5, 10, 0, 2)),
        ("Other Clinic", at(2026, 2, 5, 10, 0)),
    ]
    assert parsed.rows["event_ref"].to_list() == [0, 0, 0, 0, 1]


def test_days_far_apart_are_several_events_of_one_name(parse):
    days = ["2026-01-05", "2026-01-06", "2026-02-02", "2026-03-02", ""]
    parsed = parse(
        "Email,Event,Date\n"
        + "".join(f"a{n}@a.example,User Group,{d}\n" for n, d in enumerate(days))
    )
    assert parsed.events["starts_at"].dt.month().to_list() == [1, 2, 3]
    assert parsed.rows["event_ref"].to_list() == [0, 0, 1, 2, None]
    assert parsed.rows["problem"].to_list() == [None, None, None, None, NO_DAY]


def test_file_without_an_event_column_has_one_nameless_event(parse):
    parsed = parse("Email,Join Time,Leave Time\na@a.example,2026-01-05 10:00,2026-01-05 10:45\n")
    assert parsed.events.select("event_ref", "name", "starts_at").rows() == [
        (0, "", at(2026, 1, 5, 10, 0))
    ]
    assert parsed.rows.select("status", "minutes").row(0) == ("attended", 45.0)


def test_zone_in_a_heading_moves_times_to_utc(parse):
    parsed = parse("Email,Join Time (America/New_York)\na@a.example,2026-07-05 10:00:00\n")
    assert parsed.rows.select("joined_at", "zoned").row(0) == (at(2026, 7, 5, 14, 0), True)
    unknown = parse("Email,Join Time (Middle/Earth)\na@a.example,2026-07-05 10:00:00\n")
    assert unknown.rows["zoned"].to_list() == [False]


def test_row_of_an_unknown_status_counts_by_its_time_or_not_at_all(parse):
    parsed = parse(
        "Email,Status,Duration\na@a.example,Sort of,12\nb@a.example,,12\nc@a.example,,0\n"
        "d@a.example,Sort of,\ne@a.example,Perhaps,0\nf@a.example,Sort of,0\n"
    )
    assert parsed.rows["status"].to_list()[:4] == ["attended", "attended", None, "unknown"]
    assert parsed.rows["note"].to_list()[:3] == [
        "the status “Sort of” is not known: the time there counts",
        None,
        None,
    ]
    assert parsed.rows["problem"].to_list()[3:] == [
        f"The status “{word}” is not known: write attended, no-show, registered or cancelled."
        for word in ("Sort of", "Perhaps", "Sort of")
    ]
    assert parsed.warnings == (
        "Not known in the column of statuses: “Sort of” (3), “Perhaps” (1). 3 rows are rejected for it: say "
        "what it means, or write attended, no-show, registered or cancelled instead; 1 row counts as attended by the time it states.",
    )


@pytest.mark.parametrize(
    ("heading", "words"),
    [("Status", "Teilgenommen|Nicht erschienen|Zugeschaltet"), ("Attendance", "P|A|E")],
)
def test_words_of_another_language_are_known_or_rejected_and_never_guessed(parse, heading, words):
    came, missed, other = words.split("|")
    parsed = parse(
        f"Email,Event,Date,{heading}\na@a.example,E,2026-05-05 10:00,{came}\n"
        f"b@a.example,E,2026-05-05 10:00,{missed}\nc@a.example,E,2026-05-05 10:00,{other}\n"
        "d@a.example,E,2026-05-05 10:00,\n"
    )
    assert parsed.rows["status"].to_list() == ["attended", "no_show", "unknown", "registered"]
    assert parsed.rows["problem"].is_not_null().to_list() == [False, False, True, False]


def test_leaving_before_joining_is_noted_and_counts_nothing(parse):
    parsed = parse(
        "Email,Join Time,Leave Time,Duration\na@a.example,2026-01-05 10:00,2026-01-05 09:00,-60\n"
    )
    assert parsed.rows.select("left_at", "minutes").row(0) == (None, None)
    assert "leaves before joining" in str(parsed.rows["note"][0])


def test_names_that_look_like_nothing_are_names(parse):
    parsed = parse(
        "Name,Company,Email\nNA,None,n@a.example\nNull,nan,m@a.example\n,00123,o@a.example\n"
    )
    assert parsed.rows["name"].to_list() == ["NA", "Null", None]
    assert parsed.rows["company"].to_list() == ["None", "nan", "00123"]


def test_row_without_anybody_is_rejected_with_its_cells(parse):
    parsed = parse('Name,Email,Event\n,,"Clinic, ""A"""\nAda,not an address,Clinic\n')
    assert parsed.rows["problem"].to_list() == [
        "This row has neither a name nor an email address.",
        None,
    ]
    assert json.loads(str(parsed.rows["raw"][0])) == ["", "", 'Clinic, "A"']
    assert parsed.rows["note"][1] == "the email address cannot be used"


def test_guarded_cells_are_unwrapped(parse):
    parsed = parse('Name,Email,Duration\n"=""Ada""","=""ada@a.example""","=""45"""\n')
    assert parsed.rows.select("name", "email", "minutes").row(0) == ("Ada", "ada@a.example", 45.0)


def test_repeated_and_blank_headings_each_name_a_column(parse):
    parsed = parse("Email,Label,Label,,Label (2)\na@a.example,1,2,3,4\n")
    assert parsed.columns == ("Email", "Label", "Label (2)", "Column 4", "Label (2) (2)")


DOCEBO = "Course Name,Full Name,Email,Enrollment Status,Course Completion Date"


def test_completions_of_a_learning_system_are_told_by_their_day(parse):
    file = parse(
        f"{DOCEBO}\n"
        "API basics,Ada Long,ada@a.example,Completed,2026-10-02 09:30:00\n"
        "API basics,Bo Short,bo@b.example,In progress,\n"
        "API basics,Cy Old,cy@c.example,Subscribed,\n"
    )
    rows = file.rows.sort("line")
    assert rows["completed"].to_list() == [True, False, False]
    assert rows["status"].to_list()[:2] == ["attended", "registered"]


@pytest.mark.parametrize(
    ("said", "completed"),
    [
        ("Yes", True),
        ("no", False),
        ("In Progress", False),
        ("Finished", True),
        ("", None),
        ("?", None),
    ],
)
def test_completion_is_told_in_words_too(parse, said: str, completed: bool | None):
    file = parse(f"Course,Name,Email,Date,Completed\nAPI,Ada,ada@a.example,2026-10-02,{said}\n")
    assert file.rows["completed"].to_list() == [completed]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["45:30", "12:30", "1:02:30", "7", "="], [45.5, 12.5, 62.5, 7.0, None]),
        (["1:30", "12:30", "0:45:30", "7", "="], [90.0, 750.0, 45.5, 7.0, None]),
        (["26 hours", "1:30", "1500", "7", "="], [1560.0, 90.0, 1500.0, 7.0, None]),
    ],
)
def test_two_parts_are_minutes_and_seconds_where_they_cannot_be_hours(parse, cells, expected):
    rows = "".join(f"a{n}@a.example,{cell}\n" for n, cell in enumerate(cells))
    assert parse(f"Email,Duration\n{rows}").rows["minutes"].to_list() == expected


@pytest.mark.parametrize(
    "header",
    [
        "Voornaam;Achternaam;E-mailadres;Evenement;Datum;Aanwezig",
        "Imię;Nazwisko;Adres e-mail;Wydarzenie;Data;Obecność",
        "Nome;Cognome;Indirizzo e-mail;Evento;Data;Presenza",
        "Nome;Sobrenome;Endereço de e-mail;Evento;Data;Presença",
        "Vorname;Nachname;E-Mailadresse;Veranstaltung;Datum;Teilnahme",
        "Förnamn;Efternamn;E-postadress;Evenemang;Datum;Närvaro",
    ],
)
def test_addresses_days_and_events_are_found_by_the_headings_of_other_languages(parse, header: str):
    row = "Ada;Long;ada@a.example;Clinic;14.03.2026;Attended"
    parsed = parse(f"{header}\n{row}\n")
    assert parsed.rows.select("name", "email", "status").row(0) == (
        "Ada Long",
        "ada@a.example",
        "attended",
    )
    assert parsed.events.select("name", "starts_at").row(0) == ("Clinic", at(2026, 3, 14))


@pytest.mark.parametrize(
    "heading",
    [
        "Duración (minutos)", "Durée (minutes)", "Durée en minutes", "Dauer (Min.)", "Zeit in Sitzung (Minuten)",
        "Duração", "Durata (minuti)", "Duur (minuten)", "Czas trwania", "Varighed",
    ],
)  # fmt: skip
def test_minutes_are_found_by_the_headings_of_other_languages(parse, heading: str):
    parsed = parse(f"E-mail;Datum;{heading}\nada@a.example;14.03.2026;45,5\n")
    assert parsed.rows.select("minutes", "status").row(0) == (45.5, "attended")
    assert parsed.warnings == ()
