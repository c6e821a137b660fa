"""Words for a status that are not known: which are asked about, and what an answer does."""

from __future__ import annotations


def table(*cells: str, heading: str = "Status") -> str:
    rows = (f"a{n}@a.example,E,2026-09-10,{cell}" for n, cell in enumerate(cells))
    return "\n".join([f"Email,Event,Date,{heading}", *rows]) + "\n"


def test_words_are_asked_about_once_however_they_are_spelled(parse):
    told = parse(table("Dialled in", "dialled-in", "Dialled in", "Perhaps", "Attended", ""))
    assert told.status_words == (("Dialled in", 3, None), ("Perhaps", 1, None))
    assert parse(table("Attended", "No show")).status_words == ()


def test_answer_counts_and_can_be_seen_again(parse):
    text = table("Dialled in", "dialled-in", "Perhaps", "Attended")
    told = parse(text, statuses={"DIALLED IN": "attended", "Perhaps": "no_show"})
    assert told.rows["status"].to_list() == ["attended", "attended", "no_show", "attended"]
    assert told.rows["problem"].null_count() == 4
    assert told.rows["note"].null_count() == 4
    assert told.warnings == ()
    assert told.status_words == (("Dialled in", 2, "attended"), ("Perhaps", 1, "no_show"))


def test_word_of_which_nothing_was_said_is_rejected_and_named(parse):
    told = parse(table("Dialled in", "Perhaps"), statuses={"Dialled in": "attended", "Perhaps": ""})
    assert told.rows["status"].to_list() == ["attended", "unknown"]
    assert told.status_words == (("Perhaps", 1, None), ("Dialled in", 1, "attended"))
    assert "“Perhaps” (1)" in told.warnings[0]
    assert "Dialled in" not in told.warnings[0]


def test_answer_weighs_as_a_known_word_does(parse):
    text = table("List B,45", "List B,", heading="Status,Duration")
    told = parse(text, statuses={"List B": "registered"})
    assert told.rows["status"].to_list() == ["attended", "registered"]


def test_known_words_are_not_said_otherwise(parse):
    told = parse(table("Attended", "No show"), statuses={"Attended": "no_show"})
    assert told.rows["status"].to_list() == ["attended", "no_show"]


def test_report_of_a_platform_is_asked_about_too(parse):
    report = (
        "Attendee Report\nTopic,Webinar ID,Actual Start Time,Actual Duration (minutes)\n"
        'Release,845 2210 9137,"Sep 17, 2026 10:00:00",60\nAttendee Details\n'
        "Attended,User Name,Email,Registration Time,Approval Status,Join Time,Leave Time,"
        "Time in Session (minutes)\n"
        'Partly so,Maria,maria@a.example,"Sep 01, 2026 10:00:00",approved,--,--,--\n'
    )
    told = parse(report)
    assert (told.format, told.status_words) == ("zoom_webinar", (("Partly so", 1, None),))
    told = parse(report, statuses={"Partly so": "attended"})
    assert (told.format, told.rows["status"].to_list()) == ("zoom_webinar", ["attended"])


def test_column_that_holds_no_statuses_asks_about_few_of_its_words(parse):
    told = parse(table(*(f"Remark {n}" for n in range(50)), "x" * 200))
    assert len(told.status_words) == 20


def test_more_words_than_are_asked_about_at_once_are_asked_about_one_after_the_other(parse):
    text = table(*(f"Word {n}" for n in range(45) for _ in range(2)), "Seldom")
    answers: dict[str, str] = {}
    for _ in range(3):
        told = parse(text, statuses=answers)
        answers |= dict.fromkeys(
            (word for word, _, said in told.status_words if not said), "attended"
        )
    assert len(answers) == 46
    assert parse(text, statuses=answers).rows["problem"].null_count() == 91
