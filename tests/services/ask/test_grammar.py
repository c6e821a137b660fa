"""What people type, and what is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ask.commands import COMMANDS
from services.ask.counting import top
from services.ask.grammar import parse
from services.ask.words import LONGEST

TOLD = [
    ("Score engagement from this event data", "file", {}),
    ("Invite DataFlow to the Customer Success Summit", "invite",
     {"who": "DataFlow", "event": "the Customer Success Summit"}),
    ("Send event invite to Acme, DataPro and CloudMax", "invite", {"who": "Acme, DataPro and CloudMax"}),
    ("SEND EVENT INVITE TO dataflow", "invite", {"who": "dataflow"}),
    ("Send invites to DataFlow for the webinar", "invite", {"who": "DataFlow", "event": "the webinar"}),
    ("send invitations for the webinar", "invite", {"event": "the webinar"}),
    ("send invitations to the webinar", "invite", {"event": "the webinar"}),
    ("inivte DataFlow to teh Custmer Sucess Sumit", "invite",
     {"who": "DataFlow", "event": "teh Custmer Sucess Sumit"}),
    ("invite „Müller & Söhne“ to «Data Day»", "invite", {"who": "Müller & Söhne", "event": "Data Day"}),
    ("Invite Smith and Sons to the webinar", "invite", {"who": "Smith and Sons", "event": "the webinar"}),
    ("Please invite A and B to the summit, thanks", "invite", {"who": "A and B", "event": "the summit"}),
    ("Follow up with TechFlow on ticket TF-2024-0847", "ticket",
     {"who": "TechFlow", "ticket": "TF-2024-0847"}),
    ("follow-up with TechFlow on tiket #TF-2024-0847", "ticket",
     {"who": "TechFlow", "ticket": "TF-2024-0847"}),
    ("Follow up with TechFlow on their resolved API ticket", "ticket", {"who": "TechFlow", "topic": "API"}),
    ("Re-engage TechFlow after support ticket", "ticket", {"who": "TechFlow"}),
    ("Re-engage OldCorp", "reengage", {"who": "OldCorp"}),
    ("Create advocacy opportunities for top 3", "create_advocacy", {"who": "top 3"}),
    ("create advocacy oportunities for TechCorp and DataPro", "create_advocacy",
     {"who": "TechCorp and DataPro"}),
    ("Create risk signals", "detect", {}),
    ("Export report", "export", {}),
    ("leaderbord", "leaderboard", {}),
    ("top 5 customers", "leaderboard", {"top": "5"}),
    ("whos declinning", "declining", {}),
    ("Which customers are declining?", "declining", {}),
    ("Why is OldCorp declining?", "why", {"who": "OldCorp"}),
    ("advocacy candidates", "candidates", {}),
    ("Whom should I invite to the webinar?", "whom", {"event": "the webinar"}),
    ("How did the May newsletter do?", "campaign", {"campaign": "the May newsletter"}),
    ("who engaged highly with the newsletter?", "engaged", {"campaign": "the newsletter"}),
    ("who engaged highly", "engaged", {}),
    ("Who came to the last webinar?", "attendees", {"event": "the last webinar"}),
    ("draft follow-ups for the last webinar", "event_follow_up", {"event": "last webinar"}),
    ("Remind me to check API metrics in 7 days", "remind", {"what": "to check API metrics in 7 days"}),
    ("Tomorrow, please remind me to call A", "remind", {"when": "Tomorrow, please", "what": "to call A"}),
    ("set a new reminder for Friday: call A", "remind", {"what": "for Friday: call A"}),
    ("invite the top three to the webinar", "invite", {"who": "the top three", "event": "the webinar"}),
    ("re-engage the top three", "reengage", {"who": "the top three"}),
    ("show the top five", "leaderboard", {"top": "five"}),
    ("show me the 3 best advocacy candidates", "candidates", {"top": "3"}),
    ("who could be an advocate", "candidates", {}),
    ("dont let me forget to call A tomorrow", "remind", {"what": "to call A tomorrow"}),
    ("whats the score of TechFlow", "why", {"who": "TechFlow"}),
    ("give me this as excel please", "export", {}),
    ("top three at risk", "declining", {"top": "three"}),
    ("top five for the webinar", "whom", {"top": "five", "event": "the webinar"}),
    ("Send", "send", {}),
    ("sned", "send", {}),
    ("Send drf_12 anyway", "send", {"draft": "drf_12", "anyway": "anyway"}),
    ("Edit", "edit", {}),
    ("undo", "undo", {}),
    ("take it back", "undo", {}),
    ("", "help", {}),
    ("  \n ", "help", {}),
    ("what can you do?", "help", {}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "slots"), TOLD)
def test_command_is_understood(typed: str, kind: str, slots: dict[str, str]):
    (intent,) = parse(typed).intents
    assert (intent.kind, dict(intent.slots)) == (kind, slots)


def test_two_commands_in_one_sentence_are_both_understood():
    typed = "Create advocacy opportunities for top 3 and send invitations for the webinar"
    first, second = parse(typed).intents
    assert (first.kind, first.slots["who"]) == ("create_advocacy", "top 3")
    assert (second.kind, second.slots["event"]) == ("invite", "the webinar")
    start, end = second.spans["event"]
    assert typed[start:end] == "the webinar"


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [("remind me on Friday to call A and invite them to the webinar", ["remind"]),
     ("remind me on Friday to follow up with A on their ticket, and re-engage B", ["remind"]),
     ("remind me tomorrow to read it and send it and show the leaderboard", ["remind", "leaderboard"]),
     ("remind me to call A and remind me on Monday to call B", ["remind", "remind"]),
     ("remind me on Friday to call A, then invite A to the webinar", ["remind", "invite"])],
)  # fmt: skip
def test_what_is_to_be_done_another_day_is_not_done_at_once(typed: str, kinds: list[str]):
    assert [one.kind for one in parse(typed).intents] == kinds


def test_mail_to_approve_and_send_is_one():
    assert [one.kind for one in parse("approve it and send").intents] == ["send"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.kind)
def test_examples_of_the_help_are_understood_as_what_they_are(command):
    for example in command.examples:
        assert [one.kind for one in parse(example).intents] == [command.kind]


@pytest.mark.parametrize(
    "typed", ["?!", "asdf qwer", "'; drop table customer; --", "<script>alert(1)</script>", "{0.__class__}"]
)  # fmt: skip
def test_what_is_not_understood_names_the_nearest_commands(typed: str):
    found = parse(typed)
    assert found.intents == ()
    assert len(found.nearest) == 3


@pytest.mark.parametrize(
    ("typed", "kinds", "nearest"),
    [("", ["file"], 0), ("score this", ["file"], 0), ("Score", ["file"], 0), ("invite A to B", ["file", "invite"], 0),
     ("score engagement from this data and invite A to B", ["file", "invite"], 0), ("asdf qwer", ["file"], 3)],
)  # fmt: skip
def test_file_is_scored_and_what_is_said_with_it_done_after(
    typed: str, kinds: list[str], nearest: int
):
    found = parse(typed, attached=True)
    assert [one.kind for one in found.intents] == kinds
    assert len(found.nearest) == nearest


@pytest.mark.parametrize(
    ("said", "count"),
    [("the top three", 3), ("best 5 customers", 5), ("first two", 2), ("top-10", 10), ("top customers", 3),
     ("the first two of them", 2), ("the 3 best customers", 3), ("TechCorp", None), ("Top Gear Ltd", None), ("best", None)],
)  # fmt: skip
def test_the_top_of_a_list_is_a_number(said: str, count: int | None):
    assert top(said) == count


def test_ten_thousand_characters_are_too_long():
    found = parse("invite " * 1_500)
    assert found.too_long
    assert found.intents == ()


WORDS = st.sampled_from(
    [
        "invite",
        "send",
        "to",
        "for",
        "and",
        ",",
        "the",
        "top",
        "3",
        "follow",
        "up",
        "with",
        "on",
        "ticket",
        "who",
        "how",
        "did",
        "do",
        "create",
        "TechCorp",
        ";",
        "?",
        "é",
        "„",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)))
def test_anything_can_be_typed(typed: str):
    found = parse(typed)
    assert len(typed) <= LONGEST
    for intent in found.intents:
        for name, (start, end) in intent.spans.items():
            assert intent.slots[name] in typed[start:end]
