"""The same thing in the words of many: other order, polite, short, plural, possessive, misspelled."""

from __future__ import annotations

import pytest

from services.ask.counting import count, top
from services.ask.grammar import parse
from services.errors import BadInput

TF = "TF-2024-0847"
LAST = {"event": "the last webinar"}
SAID = [
    ("who are my top 5 customers", "leaderboard", {"top": "5"}),
    ("top twenty-five", "leaderboard", {"top": "twenty-five"}),
    ("show me the best hundred customers", "leaderboard", {"top": "hundred"}),
    ("how many customers do I have?", "leaderboard", {}),
    ("list my customers", "leaderboard", {}),
    ("how many customers are at risk?", "declining", {}),
    ("any customers at risk?", "declining", {}),
    ("at-risk customers", "declining", {}),
    ("which of my customers are slipping?", "declining", {}),
    ("who has stopped coming?", "declining", {}),
    ("who hasn't attended lately", "declining", {}),
    ("how many advocates do we have", "candidates", {}),
    ("who should I ask for a case study?", "candidates", {}),
    ("make TechCorp an advocate", "create_advocacy", {"who": "TechCorp"}),
    ("what is TechCorp's score", "customer", {"who": "TechCorp"}),
    ("Tech Corp score", "customer", {"who": "Tech Corp"}),
    ("How's TechCorp's engagement?", "customer", {"who": "TechCorp"}),
    ("what about OldCorp", "customer", {"who": "OldCorp"}),
    ("what's the engagement score for TechCorp", "why", {"who": "TechCorp"}),
    ("is TechCorp at risk?", "why", {"who": "TechCorp"}),
    ("why did BetaInc drop?", "why", {"who": "BetaInc"}),
    ("for the summit invite DataFlow", "invite", {"who": "DataFlow", "event": "the summit"}),
    ("could you please send DataFlow an invitation to the summit", "invite",
     {"who": "DataFlow", "event": "the summit"}),
    ("I would like to invite DataFlow's champion to the webinar", "invite",
     {"who": "DataFlow", "event": "the webinar"}),
    ("Would you kindly invite A & B to the summit asap, thx", "invite", {"who": "A & B", "event": "the summit"}),
    ("inv DataFlow to summit", "invite", {"who": "DataFlow", "event": "summit"}),
    ("when is the next webinar?", "coming", {"event": "next webinar"}),
    ("how many events are coming up?", "coming", {}),
    ("who is invited to the summit?", "invited", {"event": "the summit"}),
    ("who has registered for the summit", "invited", {"event": "the summit"}),
    (f"follow up on {TF}", "ticket", {"ticket": TF}),
    (f"f/u with TechFlow re ticket {TF}", "ticket", {"who": "TechFlow", "ticket": TF}),
    (f"write to TechFlow about ticket {TF}", "ticket", {"who": "TechFlow", "ticket": TF}),
    ("check in with TechFlow about their ticket", "ticket", {"who": "TechFlow"}),
    ("check on TechFlow's resolved API issue", "ticket", {"who": "TechFlow", "topic": "API"}),
    (TF, "one_ticket", {"ticket": TF}),
    (f"what's the status of {TF}?", "one_ticket", {"ticket": TF}),
    ("TechFlow tickets", "tickets", {"who": "TechFlow"}),
    ("show me TechFlow's open tickets", "tickets", {"who": "TechFlow", "state": "open"}),
    ("how many open tickets do we have", "tickets", {"state": "open"}),
    ("which tickets need a follow-up?", "tickets", {"need": "follow-up"}),
    ("thank everyone who came to the last webinar", "event_follow_up", LAST),
    ("send thank you mails to the attendees of the last webinar", "event_follow_up", LAST),
    ("how many people came to the last webinar?", "attendees", LAST),
    ("did TechCorp come to the last webinar?", "attendees", {"who": "TechCorp", **LAST}),
    ("who missed the last webinar", "missed", LAST),
    ("who didn't show up to the last webinar", "missed", LAST),
    ("newsletter results", "campaign", {"campaign": "newsletter"}),
    ("how many people clicked in the newsletter", "campaign", {"campaign": "the newsletter"}),
    ("open rate of the newsletter", "campaign", {"campaign": "the newsletter"}),
    ("show the last campaign", "campaign", {"campaign": "last campaign"}),
    ("Hello there!", "manners", {"hello": "Hello there"}),
    ("thank you so much", "manners", {"thanks": "thank you so much"}),
    ("yes", "manners", {"yes": "yes"}),
    ("never mind", "manners", {"no": "never mind"}),
    ("send all", "waiting", {"all": "send all"}),
    ("approve everything", "waiting", {"all": "approve everything"}),
    ("send them all", "waiting", {"all": "send them all"}),
    ("what's waiting for me?", "waiting", {}),
    ("show my drafts", "waiting", {}),
    ("what should I do today?", "today", {}),
    ("my tasks", "today", {}),
    ("who should I call next?", "today", {}),
    ("reminder: call TechCorp at noon on Friday", "remind", {"what": "call TechCorp at noon on Friday"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "slots"), SAID)
def test_what_people_type_is_understood(typed: str, kind: str, slots: dict[str, str]):
    (intent,) = parse(typed).intents
    assert (intent.kind, dict(intent.slots)) == (kind, slots)


@pytest.mark.parametrize(
    "typed",
    ["send all", "send them", "send them all now", "approve everything", "approve all drafts", "send all of them", "send both",
     "yes", "ok", "do it", "go ahead", "send the approved ones", "approve all my drafts please", "can I send it?", "should I send this", "send again",
     "do not send it", "don't send"],
)  # fmt: skip
def test_nothing_that_names_no_single_mail_is_a_command_to_send(typed: str):
    assert {one.kind for one in parse(typed).intents} <= {"waiting", "manners"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [("the top twenty-five", 25), ("best thirty customers", 30), ("top ninety nine", 99), ("first hundred", 100),
     ("top dozen", 12), ("the top seven of them", 7)],
)  # fmt: skip
def test_numbers_above_twenty_are_known_by_their_words(said: str, meant: int):
    assert top(said) == meant


@pytest.mark.parametrize("said", ["0", "zero", "-3", "2.5"])
def test_number_that_is_none_of_customers_is_refused(said: str):
    with pytest.raises(BadInput, match="no number of customers"):
        count(said)
    with pytest.raises(BadInput, match="from 1 on"):
        parse(f"Top {said}").intents[0].number("top", 5)
